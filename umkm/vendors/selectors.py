"""Questions about businesses."""

from typing import Any

from umkm.vendors.models import Vendor, VendorMember


def memberships_of(user: Any) -> "list[VendorMember]":
    """The businesses that `user` may act for, with the business loaded, by name."""
    if not user.is_authenticated:
        return []
    return list(
        VendorMember.objects.filter(user=user, is_active=True)
        .select_related("vendor__village")
        .order_by("vendor__name")
    )


def is_member(*, user: Any, vendor: Vendor) -> bool:
    """Whether `user` may act for `vendor`."""
    return bool(
        user.is_authenticated and VendorMember.objects.filter(user=user, vendor=vendor, is_active=True).exists()
    )
