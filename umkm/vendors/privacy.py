"""A person's businesses as a holding (marketplace.accounts.privacy)."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.accounts.models import User
from marketplace.accounts.privacy import Blocker, Holding
from umkm.vendors.models import Vendor, VendorIdentity, VendorInvitation, VendorMember, VendorTurnover
from umkm.vendors.services import close_ownerless


def _owned(user: User) -> "list[Vendor]":
    owned = VendorMember.objects.filter(user=user, role=VendorMember.Role.OWNER, is_active=True)
    return list(Vendor.objects.filter(pk__in=owned.values("vendor")).select_related("agency").order_by("pk"))


def export(user: User) -> list[dict[str, Any]]:
    """Every business that the person works in; of their own the identity and the sales that stand behind it."""
    owned = {vendor.pk for vendor in _owned(user)}
    rows = []
    for member in VendorMember.objects.filter(user=user).select_related("vendor").order_by("pk"):
        vendor = member.vendor
        row: dict[str, Any] = {"business": vendor.name, "role": member.role, "active": member.is_active}
        if vendor.pk in owned:
            identity = VendorIdentity.objects.filter(vendor=vendor).first()
            row |= {
                "address": vendor.address,
                "nib": vendor.nib,
                "story": vendor.story,
                "owner_name": identity.owner_name if identity else "",
                "nik": (identity.nik if identity else None) or "",
                "npwp": (identity.npwp if identity else None) or "",
                "phone": (identity.phone if identity else None) or "",
                "yearly_sales": dict(VendorTurnover.objects.filter(vendor=vendor).values_list("year", "amount")),
            }
        rows.append(row)
    return rows


def blockers(user: User) -> list[Blocker]:
    """An open shop needs its owner."""
    return [Blocker(_close_first(vendor), "/portal/", _("Your shop")) for vendor in _owned(user) if vendor.is_open]


def _close_first(vendor: Vendor) -> str:
    words = {"shop": vendor.name, "agency": vendor.agency.name, "contact": vendor.agency.email or vendor.agency.phone}
    if words["contact"]:
        return _("Your shop %(shop)s is open. Ask %(agency)s to close it: %(contact)s.") % words
    return _("Your shop %(shop)s is open. Ask %(agency)s to close it.") % words


def erase(user: User) -> None:
    """Leave every team. Shops that nobody else owns are closed for good, and forget who stood behind them."""
    owned = _owned(user)
    VendorMember.objects.filter(user=user).update(is_active=False)
    VendorInvitation.objects.filter(email__iexact=user.email).delete()
    for vendor in owned:
        close_ownerless(vendor_id=vendor.pk)


BUSINESSES = Holding(
    key="businesses",
    label=gettext_lazy("Your businesses: identity, address, NIB, yearly sales, where you work"),
    kept_after=gettext_lazy("The name of the business and its NIB, as the agency's record."),
    export=export,
    erase=erase,
    blockers=blockers,
    order=20,
)
