"""One meaning of sales: the monthly gross, the officers' figures and the ledger agree, whatever went back."""

import pytest
from django.utils import timezone

from marketplace.ledger.models import Account
from marketplace.ledger.selectors import balance
from marketplace.orders.models import SubOrder
from marketplace.orders.turnover import turned_over
from marketplace.payments import refund_plans
from marketplace.payments.models import Refund
from marketplace.payments.services import refund_parts
from marketplace.payouts.selectors import monthly_gross, months_of
from tests.checkout.conftest import basket, shops, variants  # noqa: F401  fixtures
from tests.checkout.test_place_order import order
from tests.factories.orders import make_shop
from tests.factories.payouts import sold, sold_for_cash
from tests.factories.vouchers import make_voucher
from tests.promotions.test_orders import pay
from tests.verification.conftest import appointed
from umkm.monitoring import selectors
from umkm.monitoring.scope import Scope
from umkm.vendors.models import Vendor

pytestmark = pytest.mark.django_db


def give_back(part: SubOrder, plan: object) -> None:
    refund_parts(
        order_id=part.order_id, plan=plan, reason=Refund.Reason.REQUEST, origin=f"test:{Refund.objects.count()}"
    )


def owed(vendor: Vendor) -> int:
    return -balance(account=Account.VENDOR_PAYABLE, vendor_id=vendor.pk)


@pytest.mark.parametrize("is_site", [True, False])
@pytest.mark.parametrize("steps", [[], ["piece"], ["piece", "amount"], ["delivery", "piece"], ["whole"]])
def test_what_remains_less_the_commission_is_what_the_ledger_owes(basket, shops, settings, steps, is_site):  # noqa: F811
    settings.COMMISSION_BASIS_POINTS = 333
    fields = {} if is_site else {"vendor": shops["keramik"]}
    make_voucher(percent=33, **fields)
    placed = order(basket, shops, voucher_code="KOPI10")
    pay(placed)
    plans = {
        "whole": refund_plans.whole,
        "piece": lambda parts: refund_plans.of_lines(parts[1], {parts[1].lines.all()[0].pk: 1}),
        "amount": lambda parts: refund_plans.of_amount(parts, 77_777),
        "delivery": lambda parts: refund_plans.of_lines(parts[1], {}, with_shipping=True),
    }
    for step in steps:
        give_back(placed.suborders.first(), plans[step])
    for row in monthly_gross(vendors=Vendor.objects.all(), month=timezone.localdate()):
        assert row.remaining - row.commission == owed(row.vendor), row


def test_delivery_that_the_site_sends_is_not_the_shops_turnover(db):
    vendor = make_shop("Sanan")
    part = sold(vendor, price=100_000)
    SubOrder.objects.filter(pk=part.pk).update(shipping_quote=part.shipping_quote | {"paid_to": "site"})
    (row,) = monthly_gross(vendors=Vendor.objects.filter(pk=vendor.pk), month=timezone.localdate())
    assert (row.gross, row.refunded, row.remaining) == (100_000, 0, 100_000)


def test_the_officers_figures_are_the_monthly_gross_less_what_went_back(db):
    ratna = appointed("Ratna Dewi")
    vendor, other = make_shop("Sanan"), make_shop("Dinoyo")
    kept, partly, whole = (sold(vendor, price=price) for price in (100_000, 60_000, 30_000))
    give_back(partly, lambda parts: refund_plans.of_amount(parts, 12_345))
    give_back(whole, refund_plans.whole)
    sold_for_cash(other, price=45_000)
    called_off = sold(other, price=20_000, delivered_days_ago=None)
    SubOrder.objects.filter(pk=called_off.pk).update(status=SubOrder.Status.CANCELLED)
    month = timezone.localdate()
    rows = monthly_gross(vendors=Vendor.objects.all(), month=month)
    assert {row.vendor.name: row.remaining for row in rows} == {"Sanan": 110_000 + 57_655, "Dinoyo": 55_000}
    scope = Scope(ratna)
    shown = selectors.sales_by_month(scope)[-1]
    assert shown.sales == sum(row.remaining for row in rows)
    assert shown.orders == sum(row.orders for row in rows)
    assert sum(place.sales for place in selectors.vendors_by_district(scope)) == shown.sales
    assert sum(place.sales for place in selectors.vendors_by_subsector(scope)) == shown.sales
    assert sum(week.sales for week in selectors.weeks(scope)) == shown.sales
    assert sum(part.remaining for part in scope.sales()) == shown.sales
    (year,) = months_of(vendor=vendor, year=month.year)
    assert year.remaining == 167_655
    kept.refresh_from_db()
    assert kept.refunded_total == 0


def test_cash_that_was_refused_at_the_door_is_no_sale(db):
    vendor = make_shop("Sanan")
    part = sold_for_cash(vendor)
    SubOrder.objects.filter(pk=part.pk).update(status=SubOrder.Status.RETURNED, delivered_at=None)
    assert not turned_over(SubOrder.objects.all()).exists()
    paid = sold(vendor)
    SubOrder.objects.filter(pk=paid.pk).update(status=SubOrder.Status.RETURNED)
    # Paid before: it counts until its money is back.
    assert [part.remaining for part in turned_over(SubOrder.objects.all())] == [110_000]
