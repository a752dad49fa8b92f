"""What is kept of a buyer with transfers, as part of their orders (marketplace.accounts.privacy)."""

from typing import Any

from django.utils.translation import gettext_lazy

from marketplace.accounts.models import User
from marketplace.accounts.privacy import Holding
from marketplace.orders.privacy import orders_about
from marketplace.transfers.models import TransferProof


def export(user: User) -> list[dict[str, Any]]:
    """Each proof that the person sent: for what, when, and the answer."""
    proofs = TransferProof.objects.filter(request__suborder__order__in=orders_about(user))
    return [
        {
            "order": proof.request.suborder.order.number,
            "shop": proof.request.suborder.vendor.name,
            "amount": proof.request.amount,
            "sent": proof.sent_at.isoformat(),
            "from": proof.sender_name,
            "answer": proof.answer,
            "reason": proof.reason,
        }
        for proof in proofs.select_related("request__suborder__order", "request__suborder__vendor")
    ]


def erase(user: User) -> None:
    """The pictures and names go; that something was paid stays with the order."""
    for proof in TransferProof.objects.filter(request__suborder__order__in=orders_about(user)):
        if proof.file:
            proof.file.delete(save=False)
        TransferProof.objects.filter(pk=proof.pk).update(file="", sender_name="")


TRANSFERS = Holding(
    key="transfers",
    label=gettext_lazy("Proofs of transfers that you sent to shops"),
    kept_after=gettext_lazy("Which sum was paid and when it was confirmed, without the picture and the name on it."),
    export=export,
    erase=erase,
    # After the orders in the page, so erased before they lose their buyer.
    order=41,
)
