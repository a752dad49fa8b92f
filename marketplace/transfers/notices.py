"""Who is told what about transfers: in the site and by mail."""

from django.urls import reverse

from marketplace.accounts.models import User
from marketplace.core.money import format_rupiah
from marketplace.notifications.services import notify
from marketplace.transfers.models import TransferRequest
from umkm.vendors.models import Vendor, VendorMember


def tell_shop_of_proof(*, transfer: TransferRequest) -> None:
    """A buyer says that the money is on its way."""
    _tell_shop(transfer, "transfer_proof_sent")


def remind_shop(*, transfer: TransferRequest) -> None:
    """Half of the time to answer is over."""
    _tell_shop(transfer, "transfer_reminder")


def tell_buyer(*, transfer: TransferRequest, kind: str, reason: str = "") -> None:
    """The shop answered, or the time is nearly over."""
    part = transfer.suborder
    order = part.order
    notify(
        kind=kind,
        user=order.buyer,
        email=order.email,
        language=order.language,
        url=reverse("transfers:detail", kwargs={"number": order.number, "token": order.token}),
        context={
            "number": order.number,
            "shop": part.vendor.name,
            "amount": format_rupiah(transfer.amount),
            "reason": reason,
        },
        key=f"{kind}:{transfer.pk}:{transfer.proofs.count()}",
    )


def tell_owners_account_changed(*, vendor: Vendor, actor: User) -> None:
    """Where the money goes was changed: its owners hear of it, so that nobody changes it behind their back."""
    for member in VendorMember.objects.filter(
        vendor=vendor, is_active=True, role=VendorMember.Role.OWNER
    ).select_related("user"):
        notify(
            kind="transfer_account_changed",
            user=member.user,
            url=reverse("portal:payment-methods", kwargs={"vendor_slug": vendor.slug}),
            context={"shop": vendor.name, "person": actor.name or actor.email},
        )


def _tell_shop(transfer: TransferRequest, kind: str) -> None:
    part = transfer.suborder
    url = reverse("portal:transfers", kwargs={"vendor_slug": part.vendor.slug})
    for member in VendorMember.objects.filter(vendor=part.vendor, is_active=True).select_related("user"):
        notify(
            kind=kind,
            user=member.user,
            url=url,
            context={"number": part.order.number, "shop": part.vendor.name, "amount": format_rupiah(transfer.amount)},
            key=f"{kind}:{transfer.pk}:{transfer.proofs.count()}:{member.user_id}",
        )
