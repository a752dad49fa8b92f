"""Who may do what with the site's vouchers, and why not. A shop's are its owner's, in the portal."""

from typing import Any

from django.utils.translation import gettext as _

from marketplace.accounts.selectors import is_operator


def may_run_vouchers(*, user: Any) -> tuple[bool, str]:
    """Whether this person gives out vouchers that the site bears."""
    if is_operator(user):
        return True, ""
    return False, _("Only operators give out the site's vouchers.")
