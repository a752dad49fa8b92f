"""What "sales" are: one meaning for the tax office, the shop's own pages and the officers' figures.

A part counts in the month in which it was confirmed (paid, or taken on for cash), unless it was called off. It counts
with what the shop is owed for it before commission: the goods less a voucher that the shop bears (one that the site
bears it is paid as if there were none), and the delivery unless the site sends. What went back to the buyer is taken
off in the same month, with the site's share of its voucher. So what remains, less the commission that the site keeps,
is what the ledger says about the part.
"""

from django.db.models import Case, ExpressionWrapper, F, Q, QuerySet, Value, When
from django.db.models.fields import BigIntegerField

from marketplace.orders.models import SubOrder
from marketplace.orders.services import CASH_METHODS

_SITE_SENDS = Q(shipping_quote__paid_to="site")


def turned_over(parts: QuerySet[SubOrder]) -> QuerySet[SubOrder]:
    """Those of these parts that count as sales, with `turnover`, `went_back` and `remaining` in rupiah."""
    # What a buyer with cash refused at the door was never paid. What was paid before counts, and its refund too.
    came_back = Q(status=SubOrder.Status.RETURNED) & (
        Q(delivered_at__isnull=False) | ~Q(order__payment_method__in=CASH_METHODS)
    )
    counted = parts.filter(
        Q(status__in=SubOrder.SOLD_STATUSES) | came_back,
        confirmed_at__isnull=False,
    )
    return counted.annotate(turnover=_rupiah(_sold()), went_back=_rupiah(_went_back())).annotate(
        remaining=_rupiah(F("turnover") - F("went_back"))
    )


def _sold() -> Case:
    own_goods = F("items_total") - F("discount_total") + F("site_discount")
    return Case(When(_SITE_SENDS, then=own_goods), default=own_goods + F("shipping_total"))


def _went_back() -> Case:
    goods_back = F("refunded_total") - F("refunded_shipping")
    paid = F("items_total") - F("discount_total")
    # As the ledger rounds it: of the site's voucher stays what belongs to the goods that stay.
    voucher_back = Case(
        When(Q(site_discount=0) | Q(items_total=F("discount_total")), then=Value(0)),
        default=F("site_discount") - F("site_discount") * (paid - goods_back) / paid,
    )
    return Case(
        When(_SITE_SENDS, then=goods_back + voucher_back),
        default=F("refunded_total") + voucher_back,
    )


def _rupiah(expression: object) -> ExpressionWrapper:
    return ExpressionWrapper(expression, output_field=BigIntegerField())
