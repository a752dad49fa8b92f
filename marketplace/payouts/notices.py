"""What owners are told about their money: in the site and by mail."""

from typing import Any

from django.urls import reverse

from marketplace.core.money import format_rupiah
from marketplace.notifications.services import notify
from marketplace.payouts.models import Payout
from umkm.vendors.models import Vendor, VendorMember


def tell_owners(*, vendor: Vendor, kind: str, context: dict[str, Any], key: str) -> None:
    """Write to every owner of the shop, with the way to its money."""
    owners = VendorMember.objects.filter(vendor=vendor, is_active=True, role=VendorMember.Role.OWNER)
    for member in owners.select_related("user"):
        notify(
            kind=kind,
            user=member.user,
            url=reverse("portal:money", kwargs={"vendor_slug": vendor.slug}),
            context=context,
            key=f"{key}:{member.user_id}",
        )


def tell_of_payout(*, payout: Payout, kind: str) -> None:
    """A payout was sent, arrived or came back."""
    tell_owners(
        vendor=payout.vendor,
        kind=kind,
        context={
            "shop": payout.vendor.name,
            "number": payout.number,
            "amount": format_rupiah(payout.amount),
            "account": str(payout.account) if payout.account else "Stripe",
            "reason": payout.return_reason,
        },
        key=f"{kind}:{payout.pk}",
    )
