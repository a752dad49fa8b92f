"""Questions about orders. A vendor's are asked through the vendor, a buyer's by the order's address or the account."""

from collections.abc import Iterable, Mapping

from django.db.models import Count, Prefetch, QuerySet, Sum

from marketplace.accounts.models import User
from marketplace.orders.models import Order, OrderLine, SubOrder
from umkm.vendors.models import Vendor


def order_at(*, number: str, token: str) -> Order | None:
    """The order at this address with everything its page shows, in four queries. A wrong token is as good as none."""
    parts = (
        SubOrder.objects.select_related("vendor__village__parent")
        .prefetch_related(_lines_with_pictures(), "events")
        .order_by("pk")
    )
    return (
        Order.objects.filter(number=number, token=token).prefetch_related(Prefetch("suborders", queryset=parts)).first()
    )


def _lines_with_pictures() -> Prefetch:
    return Prefetch("lines", queryset=OrderLine.objects.select_related("product__listing").order_by("pk"))


def orders_of(*, buyer: User) -> "QuerySet[Order]":
    """A person's orders, newest first, with their parts, shops and lines."""
    parts = SubOrder.objects.select_related("vendor").prefetch_related("lines").order_by("pk")
    return Order.objects.filter(buyer=buyer).prefetch_related(Prefetch("suborders", queryset=parts))


def order_for_link(*, number: str, email: str) -> Order | None:
    """The order that somebody who knows its number and mail address may get a link to, by that mail."""
    return Order.objects.filter(number=number.strip().upper(), email__iexact=email.strip()).first()


# --- a vendor's --------------------------------------------------------------------------------------------------
# What a vendor never needs to see: orders that nobody has paid or confirmed.
UNSEEN = (SubOrder.Status.PENDING,)


def suborders_of(*, vendor: Vendor, status: str = "") -> "QuerySet[SubOrder]":
    """A vendor's parts of orders, with what its list shows: in two queries, however many there are.

    Arguments:
        status: one status, or `open` for everything that is still to be done, or empty for all. Those to be done come
            oldest first, all others newest first.
    """
    parts = (
        SubOrder.objects.filter(vendor=vendor)
        .exclude(status__in=UNSEEN)
        .select_related("order")
        .prefetch_related(Prefetch("lines", queryset=OrderLine.objects.order_by("pk")))
    )
    if status == "open":
        return parts.filter(status__in=SubOrder.OPEN_STATUSES).order_by("confirmed_at", "pk")
    if status in SubOrder.OPEN_STATUSES:
        return parts.filter(status=status).order_by("confirmed_at", "pk")
    if status:
        parts = parts.filter(status=status)
    return parts.order_by("-created_at", "-pk")


def suborder_counts(*, vendor: Vendor) -> Mapping[str, int]:
    """How many parts a vendor has in each status it sees; one query."""
    rows = (
        SubOrder.objects.filter(vendor=vendor)
        .exclude(status__in=UNSEEN)
        .order_by()
        .values("status")
        .annotate(count=Count("pk"))
        .values_list("status", "count")
    )
    return dict(rows)


def suborder_of(*, vendor: Vendor, pk: int) -> SubOrder | None:
    """One part of this vendor with its lines and steps; another vendor's part does not exist here."""
    return (
        SubOrder.objects.filter(vendor=vendor, pk=pk)
        .exclude(status__in=UNSEEN)
        .select_related("order__region", "vendor__village__parent")
        .prefetch_related(_lines_with_pictures(), "events")
        .first()
    )


def sold_quantities(*, product_ids: Iterable[int]) -> dict[int, int]:
    """How many pieces of each product were sold and not cancelled or returned."""
    rows = (
        OrderLine.objects.filter(product_id__in=product_ids, suborder__status__in=SubOrder.SOLD_STATUSES)
        .order_by()
        .values("product_id")
        .annotate(total=Sum("quantity"))
        .values_list("product_id", "total")
    )
    found = dict(rows)
    return {product_id: found.get(product_id, 0) for product_id in product_ids}
