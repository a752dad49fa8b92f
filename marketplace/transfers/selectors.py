"""Questions about transfers."""

from django.db.models import Prefetch, QuerySet

from marketplace.orders.models import Order, OrderLine
from marketplace.transfers.models import TransferProof, TransferRequest
from umkm.vendors.models import Vendor

Status = TransferRequest.Status


def transfers_of(*, order: Order) -> list[TransferRequest]:
    """What the buyer of this order owes whom, with the proofs; two queries."""
    rows = TransferRequest.objects.filter(suborder__order=order).select_related("suborder__vendor", "suborder__order")
    return list(rows.prefetch_related("proofs").order_by("suborder_id"))


def waiting_for_shop(*, vendor: Vendor) -> "QuerySet[TransferRequest]":
    """Transfers to this shop that are open, those with a proof to check first, the longest waiting on top."""
    rows = TransferRequest.objects.filter(suborder__vendor=vendor, status__in=TransferRequest.LIVE)
    lines = Prefetch("suborder__lines", queryset=OrderLine.objects.order_by("pk"))
    # "checking" sorts before "waiting".
    return (
        rows.select_related("suborder__order", "suborder__vendor")
        .prefetch_related("proofs", lines)
        .order_by("status", "due_at")
    )


def proofs_to_check(*, vendor: Vendor) -> int:
    """How many proofs this shop has to answer."""
    return TransferRequest.objects.filter(suborder__vendor=vendor, status=Status.CHECKING).count()


def with_operators() -> "QuerySet[TransferRequest]":
    """Transfers that a shop did not answer in time, the longest waiting first."""
    rows = TransferRequest.objects.filter(status=Status.CHECKING, escalated_at__isnull=False)
    return (
        rows.select_related("suborder__order", "suborder__vendor").prefetch_related("proofs").order_by("escalated_at")
    )


def proof_for_order(*, order: Order, pk: int) -> TransferProof | None:
    """A proof of this order, for its buyer."""
    return TransferProof.objects.filter(request__suborder__order=order, pk=pk).first()


def proof_for_vendor(*, vendor: Vendor, pk: int) -> TransferProof | None:
    """A proof sent to this shop."""
    return TransferProof.objects.filter(request__suborder__vendor=vendor, pk=pk).first()
