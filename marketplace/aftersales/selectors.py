"""Questions about requests. A shop's are asked through the shop, a buyer's through the order."""

from typing import Any

from django.db.models import Case, Count, F, IntegerField, Min, Prefetch, Q, QuerySet, Value, When

from marketplace.aftersales.models import RefundRequest, RequestLine
from marketplace.orders.models import Order
from umkm.vendors.models import Vendor

Status = RefundRequest.Status
SHOPS_TURN = (Status.ASKED, Status.SENT_BACK)


def _with_everything(requests: "QuerySet[RefundRequest]") -> "QuerySet[RefundRequest]":
    lines = RequestLine.objects.select_related("line").order_by("pk")
    return requests.select_related("suborder__order", "suborder__vendor").prefetch_related(
        Prefetch("lines", queryset=lines), "photos", "events"
    )


def requests_of_order(*, order: Order) -> "list[RefundRequest]":
    """An order's requests, newest first; one query."""
    found = RefundRequest.objects.filter(suborder__order=order).order_by("-created_at", "-pk")
    return list(found)


def request_of_order(*, order: Order, pk: int) -> RefundRequest | None:
    """One request about this order, with everything its page shows."""
    return _with_everything(RefundRequest.objects.filter(suborder__order=order, pk=pk)).first()


def requests_of_vendor(*, vendor: Vendor, only_open: bool = True) -> "QuerySet[RefundRequest]":
    """A shop's requests: the open ones by what is due first, or all, newest first."""
    requests = RefundRequest.objects.filter(suborder__vendor=vendor).select_related("suborder__order")
    if not only_open:
        return requests.order_by("-created_at", "-pk")
    turn = Case(When(_shops_turn(), then=Value(0)), default=Value(1), output_field=IntegerField())
    return requests.filter(status__in=RefundRequest.OPEN).order_by(turn, F("due_at").asc(nulls_last=True), "pk")


def _shops_turn() -> Q:
    return Q(status__in=SHOPS_TURN) | Q(status=Status.REFUNDING, due_at__isnull=False)


def waiting_for_shop(*, vendor: Vendor) -> dict[str, Any]:
    """How many requests wait for this shop (`count`), and when the first of them is due (`due`)."""
    waiting = RefundRequest.objects.filter(_shops_turn(), suborder__vendor=vendor)
    return waiting.aggregate(count=Count("pk"), due=Min("due_at"))


def request_of_vendor(*, vendor: Vendor, pk: int) -> RefundRequest | None:
    """One request to this shop; another shop's does not exist here."""
    return _with_everything(RefundRequest.objects.filter(suborder__vendor=vendor, pk=pk)).first()


def open_request_of_part(*, suborder_id: int) -> RefundRequest | None:
    """The request about this part that is not decided to the end yet."""
    return RefundRequest.objects.filter(suborder_id=suborder_id, status__in=RefundRequest.OPEN).first()


def escalated_requests() -> "QuerySet[RefundRequest]":
    """What waits for the operators, oldest first."""
    requests = RefundRequest.objects.filter(status=Status.ESCALATED)
    return requests.select_related("suborder__order", "suborder__vendor").order_by("created_at", "pk")


def running_requests() -> "QuerySet[RefundRequest]":
    """What shops and buyers are still settling themselves, by what is due first."""
    requests = RefundRequest.objects.filter(status__in=RefundRequest.OPEN).exclude(status=Status.ESCALATED)
    requests = requests.select_related("suborder__order", "suborder__vendor")
    return requests.order_by(F("due_at").asc(nulls_last=True), "pk")


def request_for_operator(*, pk: int) -> RefundRequest | None:
    """One request with everything an operator decides by."""
    return _with_everything(RefundRequest.objects.filter(pk=pk)).first()
