"""Who keeps the words and the pins of the search, and why not."""

from typing import Any

from django.utils.translation import gettext as _


def may_keep_words(*, user: Any) -> tuple[bool, str]:
    """Whether this person edits synonyms and words with a rule, and so may try what they do."""
    if user.has_perm("search.change_synonymgroup"):
        return True, ""
    return False, _("Only officers, editors and operators look after the words of the search.")
