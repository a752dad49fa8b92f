"""Refunds at the same moment, and a shop that is closed in the middle of an order."""

import pytest

from marketplace.aftersales import services as aftersales
from marketplace.carts.services import add_to_cart
from marketplace.catalogue.services import refresh_listings
from marketplace.core.exceptions import DomainError
from marketplace.inventory.models import StockItem
from marketplace.ledger.models import Account
from marketplace.ledger.selectors import balance, sum_of_all_postings
from marketplace.orders.models import OrderLine, PaymentMethod, SubOrder
from marketplace.orders.services import advance_suborder
from marketplace.payments import refund_plans
from marketplace.payments.models import PaymentAttempt, Refund
from marketplace.payments.services import create_attempt, open_session, part_refunds, refresh_attempt, refund_parts
from tests.concurrency.threads import at_once
from tests.factories.orders import make_order, make_shop, make_variant
from umkm.vendors.models import Vendor

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8


@pytest.fixture
def paid(local_stripe):
    """Rp40.000: 2 × 15.000 and 10.000 for the delivery."""
    order = make_order([(make_variant(make_shop("Sanan"), "Keripik", stock=5), 2)])
    attempt = create_attempt(order=order, method=PaymentMethod.STRIPE)
    local_stripe.pay(open_session(attempt_id=attempt.pk))
    refresh_attempt(attempt_id=attempt.pk)
    return order


def test_refunds_at_once_never_give_back_more_than_was_paid(paid):
    def give_back(number):
        return refund_parts(
            order_id=paid.pk,
            plan=lambda parts: refund_plans.of_amount(parts, 9_000),
            reason=Refund.Reason.OFFERED,
            origin=f"race:{number}",
        )

    results = at_once(THREADS, give_back)
    assert sum(isinstance(result, DomainError) for result in results) == THREADS - 4
    assert sum(isinstance(result, list) for result in results) == 4, "4 × 9.000 fit into 40.000"
    assert PaymentAttempt.objects.get().refunded == SubOrder.objects.get().refunded_total == 36_000
    assert balance(account=Account.VENDOR_PAYABLE) == -4_000
    assert sum_of_all_postings() == 0


def test_one_cause_refunds_once_however_many_ask(paid):
    def give_back(_number):
        return refund_parts(
            order_id=paid.pk, plan=refund_plans.whole, reason=Refund.Reason.CANCELLED, origin="the same"
        )

    results = at_once(THREADS, give_back)
    assert {tuple(refund.pk for refund in result) for result in results} == {(Refund.objects.get().pk,)}


def test_control_two_that_planned_on_the_same_old_numbers_are_stopped_by_the_counters(paid):
    """What a missing lock would let through: both have read 40.000 left."""
    stale = refund_plans.whole(list(SubOrder.objects.prefetch_related("lines")))
    refund_parts(order_id=paid.pk, plan=lambda _parts: stale, reason=Refund.Reason.OFFERED, origin="a")
    with pytest.raises(DomainError):
        refund_parts(order_id=paid.pk, plan=lambda _parts: stale, reason=Refund.Reason.OFFERED, origin="b")
    assert Refund.objects.count() == 1


def test_control_without_the_counters_it_would_go_back_twice(paid, monkeypatch):
    stale = refund_plans.whole(list(SubOrder.objects.prefetch_related("lines")))
    monkeypatch.setattr(part_refunds, "take_from_payment", lambda **_arguments: None)
    monkeypatch.setattr(part_refunds, "write_lines", lambda *_arguments: None)
    for origin in ("a", "b"):
        refund_parts(order_id=paid.pk, plan=lambda _parts: stale, reason=Refund.Reason.OFFERED, origin=origin)
    assert sum(refund.amount for refund in Refund.objects.all()) == 80_000
    assert balance(account=Account.VENDOR_PAYABLE) == 40_000, "the shop has paid for it twice"


def test_cancelled_by_buyer_and_shop_at_once_goes_back_once(paid):
    part = paid.suborders.get()
    results = at_once(
        THREADS,
        lambda number: aftersales.cancel_parts(
            order_id=paid.pk, suborder_ids=[part.pk], actor=None, note="x", by_shop=bool(number % 2)
        ),
    )
    assert sorted(results) == [0] * (THREADS - 1) + [1]
    assert Refund.objects.get().amount == 40_000
    assert StockItem.objects.get().on_hand == 5


def test_packed_while_the_buyer_cancels_ends_one_way_or_the_other(paid):
    part = paid.suborders.get()

    def act(number):
        if number % 2:
            return advance_suborder(suborder_id=part.pk, to="packed", actor=None)
        return aftersales.cancel_parts(order_id=paid.pk, suborder_ids=[part.pk], actor=None, note="x")

    at_once(2, act)
    part.refresh_from_db()
    if part.status == SubOrder.Status.CANCELLED:
        assert part.refunded_total == 40_000
    else:
        assert (part.status, part.refunded_total, Refund.objects.count()) == (SubOrder.Status.PACKED, 0, 0)


def test_asked_twice_at_once_is_one_request(paid):
    part = paid.suborders.get()
    advance_suborder(suborder_id=part.pk, to="packed", actor=None)
    results = at_once(
        THREADS,
        lambda _number: aftersales.ask_refund(suborder_id=part.pk, actor=None, reason="changed_mind", scope="whole").pk,
    )
    assert sum(isinstance(result, int) for result in results) == 1
    assert all(isinstance(result, int | DomainError) for result in results)


def test_a_shop_that_is_suspended_sells_nothing_new_and_finishes_or_pays_back_what_is_paid(local_stripe, paid):
    part = paid.suborders.get()
    variant = OrderLine.objects.get().variant
    Vendor.objects.update(status=Vendor.Status.SUSPENDED)
    with pytest.raises(DomainError):
        add_to_cart(cart=None, user=None, variant_id=variant.pk, quantity=1)
    advance_suborder(suborder_id=part.pk, to="packed", actor=None)
    advance_suborder(suborder_id=part.pk, to="shipped", actor=None, courier="JNE", tracking_number="1")
    advance_suborder(suborder_id=part.pk, to="delivered", actor=None)
    request = aftersales.ask_refund(suborder_id=part.pk, actor=None, reason="damaged", scope="whole")
    owner = part.vendor.members.get().user
    aftersales.approve_request(request_id=request.pk, actor=owner)
    assert Refund.objects.get().amount == 40_000


def test_control_an_open_shop_sells(paid):
    variant = OrderLine.objects.get().variant
    refresh_listings(product_ids=[variant.product_id])
    added = add_to_cart(cart=None, user=None, variant_id=variant.pk, quantity=1)
    assert added.cart.lines.get().variant == variant
