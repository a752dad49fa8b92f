"""Who may do what with a business. Each answers (allowed, reason); the reason is for the person who asked."""

from typing import Any

from django.utils.translation import gettext as _

from marketplace.accounts.selectors import is_operator, officer_of
from umkm.vendors.models import Vendor, VendorMember


def can_manage(*, user: Any, vendor: Vendor) -> tuple[bool, str]:
    """Whether `user` may change what the shop says of itself: its owner and its staff."""
    if VendorMember.objects.filter(vendor=vendor, user_id=user.pk, is_active=True).exists():
        return True, ""
    return False, _("Only the shop's owner and staff may do this.")


def can_manage_team(*, user: Any, vendor: Vendor) -> tuple[bool, str]:
    """Whether `user` may say who works in the shop: only its owner."""
    owners = VendorMember.objects.filter(vendor=vendor, role=VendorMember.Role.OWNER, is_active=True)
    if owners.filter(user_id=user.pk).exists():
        return True, ""
    return False, _("Only the shop's owner may do this. Ask them.")


def can_supervise(*, user: Any, vendor: Vendor) -> tuple[bool, str]:
    """Whether `user` may close or reopen the shop: an officer of its agency or an operator, nobody of the shop."""
    if VendorMember.objects.filter(vendor=vendor, user_id=user.pk).exists():
        return False, _("You belong to this business. Another officer decides.")
    officer = officer_of(user)
    if (officer is not None and officer.agency_id == vendor.agency_id) or is_operator(user):
        return True, ""
    return False, _("Only an officer of the agency in whose region the shop lies may do this.")


def can_restore(*, user: Any, vendor: Vendor) -> tuple[bool, str]:
    """Whether `user` may open a shop again that was closed for good: an operator who does not belong to it."""
    if VendorMember.objects.filter(vendor=vendor, user_id=user.pk).exists():
        return False, _("You belong to this business. Another operator decides.")
    if is_operator(user):
        return True, ""
    return False, _("Only an operator opens a shop again that was closed for good. Ask one of them.")
