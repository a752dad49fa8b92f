"""Calling off before anything leaves the shop: by the buyer until it is packed, by the shop until it is sent."""

import pytest

from marketplace.aftersales.services import ask_refund, cancel_parts
from marketplace.core.exceptions import DomainError
from marketplace.inventory.models import StockItem
from marketplace.ledger.models import Account
from marketplace.ledger.selectors import balance
from marketplace.orders.models import Order, PaymentMethod, SubOrder
from marketplace.orders.services import advance_suborder
from marketplace.payments.models import PaymentAttempt, Refund
from marketplace.payments.services import check_books, compare_balance, create_attempt, open_session, reconcile
from tests.factories.orders import make_order, make_shop, make_variant

pytestmark = pytest.mark.django_db


def on_hand(variant):
    return StockItem.objects.get(variant=variant).on_hand


def test_the_buyer_calls_one_paid_part_off_and_gets_it_back_by_itself(deal):
    assert cancel_parts(order_id=deal.order.pk, suborder_ids=[deal.part.pk], actor=None, note="Salah pilih") == 1
    assert cancel_parts(order_id=deal.order.pk, suborder_ids=[deal.part.pk], actor=None, note="Salah pilih") == 0
    deal.settle()
    assert (deal.part.status, Refund.objects.get().amount) == (SubOrder.Status.CANCELLED, 40_000)
    assert deal.order.status == Order.Status.PART_REFUNDED
    assert (on_hand(deal.keripik), on_hand(deal.gerabah)) == (10, 9)
    assert balance(account=Account.VENDOR_PAYABLE) == -25_000
    assert check_books() == 0
    assert compare_balance() == 0


def test_calling_everything_off_ends_the_order(deal):
    ids = deal.order.suborders.values_list("pk", flat=True)
    assert cancel_parts(order_id=deal.order.pk, suborder_ids=ids, actor=None, note="") == 2
    deal.settle()
    assert deal.order.status == Order.Status.REFUNDED
    assert balance(account=Account.COMMISSION) == balance(account=Account.VENDOR_PAYABLE) == 0


def test_what_is_packed_is_no_longer_called_off_by_the_buyer_alone(deal):
    deal.go_to("packed")
    with pytest.raises(DomainError):
        cancel_parts(order_id=deal.order.pk, suborder_ids=[deal.part.pk], actor=None, note="")
    assert Refund.objects.count() == 0
    assert cancel_parts(
        order_id=deal.order.pk, suborder_ids=[deal.part.pk], actor=deal.owner, note="Oven rusak", by_shop=True
    )
    assert (deal.part.status, on_hand(deal.keripik)) == (SubOrder.Status.CANCELLED, 10)


@pytest.mark.parametrize("by_shop", [True, False])
def test_what_is_sent_is_not_called_off(deal, by_shop):
    deal.go_to("shipped")
    with pytest.raises(DomainError):
        cancel_parts(order_id=deal.order.pk, suborder_ids=[deal.part.pk], actor=deal.owner, note="x", by_shop=by_shop)
    assert (Refund.objects.count(), deal.part.status) == (0, SubOrder.Status.SHIPPED)


def test_an_open_request_decides_alone(deal):
    deal.go_to("packed")
    ask_refund(suborder_id=deal.part.pk, actor=None, reason="changed_mind", scope="whole")
    with pytest.raises(DomainError):
        cancel_parts(order_id=deal.order.pk, suborder_ids=[deal.part.pk], actor=deal.owner, note="x", by_shop=True)
    assert Refund.objects.count() == 0


def test_a_part_that_is_refused_at_the_door_is_not_paid(settings):
    settings.STRIPE_SECRET_KEY = ""
    first, second = make_variant(make_shop("Sanan"), "Keripik"), make_variant(make_shop("Dinoyo"), "Gerabah")
    order = make_order([(first, 1), (second, 1)], method=PaymentMethod.COD, delivery="own_delivery")
    SubOrder.objects.update(commission=1_000, net=24_000)
    open_session(attempt_id=create_attempt(order=order, method=PaymentMethod.COD).pk)
    refused, taken = order.suborders.order_by("pk")
    for part, steps in ((refused, ("packed", "shipped", "returned")), (taken, ("packed", "shipped", "delivered"))):
        for step in steps:
            advance_suborder(suborder_id=part.pk, to=step, actor=None, goods_are_back=True)
    order.refresh_from_db()
    assert order.status == Order.Status.PAID
    assert (on_hand(first), on_hand(second)) == (10, 9)
    reconcile()
    assert balance(account=Account.VENDOR_PAYABLE, vendor_id=refused.vendor_id) == 0
    assert balance(account=Account.VENDOR_PAYABLE, vendor_id=taken.vendor_id) == 1_000


def test_when_everything_is_refused_at_the_door_the_order_is_cancelled(settings):
    settings.STRIPE_SECRET_KEY = ""
    variant = make_variant(make_shop("Sanan"), "Keripik")
    order = make_order([(variant, 1)], method=PaymentMethod.COD, delivery="own_delivery")
    open_session(attempt_id=create_attempt(order=order, method=PaymentMethod.COD).pk)
    for step in ("packed", "shipped", "returned"):
        advance_suborder(suborder_id=order.suborders.get().pk, to=step, actor=None, goods_are_back=True)
    order.refresh_from_db()
    assert (order.status, on_hand(variant)) == (Order.Status.CANCELLED, 10)
    reconcile()
    assert PaymentAttempt.objects.get().status == PaymentAttempt.Status.FAILED
