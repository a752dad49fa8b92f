"""Who may do what with shipping. Each answers (allowed, reason); the reason is for the person who asked."""

from typing import Any

from django.utils.translation import gettext as _

from marketplace.accounts.selectors import is_operator


def can_set_rates(*, user: Any) -> tuple[bool, str]:
    """Whether `user` may change zones, couriers' rates and shops' pickup points: operators only."""
    if is_operator(user):
        return True, ""
    return False, _("Only operators change shipping rates. Ask one of them.")
