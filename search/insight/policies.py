"""Who may see what is searched for."""

from typing import Any

from django.utils.translation import gettext as _


def may_see_searches(*, user: Any) -> tuple[bool, str]:
    """Whoever keeps the search words: officers, editors and operators."""
    if user.has_perm("search.view_synonymgroup"):
        return True, ""
    return False, _("What people search for is for officers, editors and operators.")
