"""Who may see and repeat the work in the background. Each answers (allowed, reason)."""

from typing import Any

from django.utils.translation import gettext as _


def may_repeat(*, user: Any) -> tuple[bool, str]:
    """Whether `user` may look after the outbox: whoever has the right to change its messages, as operators do."""
    if user.has_perm("outbox.change_outboxmessage"):
        return True, ""
    return False, _("Only operators look after the work in the background.")
