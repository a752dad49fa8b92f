"""Orders and their parts move only as their tables say, and take the stock with them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.audit.models import AuditEvent
from marketplace.core.exceptions import DomainError, IllegalTransition
from marketplace.inventory.models import StockItem
from marketplace.inventory.selectors import stock_out_of_step
from marketplace.inventory.services import InsufficientStock
from marketplace.orders.models import Order, SubOrder
from marketplace.orders.services import (
    advance_suborder,
    cancel,
    complete_received,
    confirm_receipt,
    confirm_unpaid,
    expire,
    mark_paid,
    mark_paid_late,
    mark_refunded,
    reserve_again,
    start_refunding,
)
from marketplace.outbox.models import OutboxMessage
from tests.factories.orders import make_order, make_shop, make_variant

pytestmark = pytest.mark.django_db
Status = SubOrder.Status


@pytest.fixture
def variant():
    return make_variant(make_shop("Dapur Tempe"), "Keripik", stock=5)


@pytest.fixture
def other():
    return make_variant(make_shop("Kopi Jendela"), "Kopi", stock=5)


def stock_of(variant) -> tuple[int, int]:
    stock = StockItem.objects.get(variant=variant)
    return stock.on_hand, stock.reserved


def statuses(order) -> list[str]:
    return list(order.suborders.order_by("pk").values_list("status", flat=True))


def cash_order(*items, **fields):
    order = make_order(list(items), method="cod", delivery="own_delivery", **fields)
    confirm_unpaid(order_id=order.pk)
    return order


def step(part, to, **fields):
    return advance_suborder(suborder_id=part.pk, to=to, actor=None, **fields)


def test_payment_confirms_every_part_and_sells_the_stock_once(variant, other):
    order = make_order([(variant, 2), (other, 1)])
    assert [mark_paid(order_id=order.pk) for _again in range(3)] == [True, False, False]
    order.refresh_from_db()
    assert order.status == Order.Status.PAID
    assert order.paid_at
    assert statuses(order) == [Status.CONFIRMED, Status.CONFIRMED]
    assert stock_of(variant) == (3, 0)
    assert OutboxMessage.objects.filter(topic="order.paid").count() == 1
    assert AuditEvent.objects.filter(action="orders.paid").count() == 1


def test_an_order_that_nobody_pays_gives_its_stock_back_and_stays_expired(variant):
    order = make_order([(variant, 2)])
    assert expire(order_id=order.pk)
    assert not expire(order_id=order.pk)
    assert stock_of(variant) == (5, 0)
    assert statuses(order) == [Status.CANCELLED]
    with pytest.raises(IllegalTransition):
        mark_paid(order_id=order.pk)


def test_a_paid_order_neither_expires_nor_is_called_off(variant):
    order = make_order([(variant, 2)])
    mark_paid(order_id=order.pk)
    for close in (expire, cancel):
        with pytest.raises(IllegalTransition):
            close(order_id=order.pk)
    assert statuses(order) == [Status.CONFIRMED]
    assert stock_of(variant) == (3, 0)


def test_late_money_revives_an_order_whose_stock_is_still_there(variant):
    order = make_order([(variant, 2)])
    expire(order_id=order.pk)
    assert mark_paid_late(order_id=order.pk)
    reserve_again(order_id=order.pk)
    assert mark_paid(order_id=order.pk)
    assert statuses(order) == [Status.CONFIRMED]
    assert stock_of(variant) == (3, 0)
    assert stock_out_of_step() == []


def test_late_money_goes_back_when_the_stock_is_gone(variant):
    order = make_order([(variant, 2)])
    expire(order_id=order.pk)
    StockItem.objects.update(on_hand=1)
    mark_paid_late(order_id=order.pk)
    with pytest.raises(InsufficientStock):
        reserve_again(order_id=order.pk)
    assert start_refunding(order_id=order.pk, reason="insufficient_stock")
    assert mark_refunded(order_id=order.pk)
    order.refresh_from_db()
    assert order.status == Order.Status.REFUNDED
    assert stock_of(variant) == (1, 0)


def test_cash_is_confirmed_at_once_and_only_cash(variant):
    order = cash_order((variant, 2))
    assert statuses(order) == [Status.CONFIRMED]
    assert stock_of(variant) == (3, 0)
    assert not confirm_unpaid(order_id=order.pk)
    assert stock_of(variant) == (3, 0)
    with pytest.raises(DomainError):
        confirm_unpaid(order_id=make_order([(variant, 1)]).pk)


def test_a_cash_order_is_paid_when_the_last_part_is_handed_over(variant, other):
    order = cash_order((variant, 1), (other, 1))
    first, second = order.suborders.order_by("pk")
    for part in (first, second):
        order.refresh_from_db()
        assert order.status == Order.Status.PENDING
        for to in (Status.PACKED, Status.SHIPPED, Status.DELIVERED):
            step(part, to)
    order.refresh_from_db()
    assert order.status == Order.Status.PAID
    assert order.paid_at


def test_a_called_off_cash_order_puts_everything_back(variant, other):
    order = cash_order((variant, 2), (other, 1))
    assert cancel(order_id=order.pk, reason="Salah pesan")
    assert not cancel(order_id=order.pk)
    assert statuses(order) == [Status.CANCELLED, Status.CANCELLED]
    assert stock_of(variant) == stock_of(other) == (5, 0)
    assert order.suborders.first().events.last().note == "Salah pesan"


def test_an_order_of_which_a_part_has_left_is_not_called_off(variant, other):
    order = cash_order((variant, 1), (other, 1))
    part = order.suborders.order_by("pk").first()
    step(part, Status.PACKED)
    step(part, Status.SHIPPED)
    with pytest.raises(IllegalTransition):
        cancel(order_id=order.pk)
    assert statuses(order) == [Status.SHIPPED, Status.CONFIRMED]


def test_a_shop_that_cannot_deliver_cancels_its_part_only(variant, other):
    order = cash_order((variant, 2), (other, 1))
    first, second = order.suborders.order_by("pk")
    step(first, Status.CANCELLED, note="Kehabisan kedelai")
    assert statuses(order) == [Status.CANCELLED, Status.CONFIRMED]
    assert stock_of(variant) == (5, 0)
    assert stock_of(other) == (4, 0)
    step(second, Status.CANCELLED, note="Tutup")
    order.refresh_from_db()
    assert order.status == Order.Status.CANCELLED


def test_what_is_paid_is_not_cancelled_without_paying_back(variant):
    order = make_order([(variant, 1)])
    mark_paid(order_id=order.pk)
    with pytest.raises(DomainError) as refused:
        step(order.suborders.get(), Status.CANCELLED)
    assert refused.value.code == "paid"


@pytest.mark.parametrize(
    "path",
    [
        ("shipping", [Status.PACKED, Status.SHIPPED, Status.DELIVERED, Status.COMPLETED]),
        ("own_delivery", [Status.PACKED, Status.SHIPPED, Status.DELIVERED, Status.COMPLETED]),
        ("pickup", [Status.PACKED, Status.READY_FOR_PICKUP, Status.DELIVERED, Status.COMPLETED]),
    ],
    ids=lambda path: path[0],
)
def test_every_way_leads_to_the_end_and_leaves_its_steps(variant, path):
    delivery, steps = path
    order = make_order([(variant, 1)], delivery=delivery)
    mark_paid(order_id=order.pk)
    part = order.suborders.get()
    for to in steps:
        assert step(part, to, courier="JNE", tracking_number="JNE123", note="Pak Wawan")
        assert not step(part, to)
    assert [event.status for event in part.events.all()] == [Status.PENDING, Status.CONFIRMED, *steps]
    assert OutboxMessage.objects.filter(topic="suborder.advanced").count() == len(steps)


@pytest.mark.parametrize(
    ("delivery", "before", "to", "fields"),
    [
        ("shipping", [], Status.SHIPPED, {"courier": "JNE", "tracking_number": "1"}),
        ("shipping", [Status.PACKED], Status.DELIVERED, {}),
        ("shipping", [Status.PACKED], Status.SHIPPED, {"courier": "JNE"}),
        ("shipping", [Status.PACKED], Status.SHIPPED, {"tracking_number": "1"}),
        ("shipping", [Status.PACKED], Status.READY_FOR_PICKUP, {}),
        ("pickup", [Status.PACKED], Status.SHIPPED, {"courier": "JNE", "tracking_number": "1"}),
        ("shipping", [Status.PACKED], Status.CONFIRMED, {}),
        ("shipping", [], Status.PENDING, {}),
        ("shipping", [], Status.RETURNED, {}),
    ],
)
def test_a_step_that_makes_no_sense_changes_nothing(variant, delivery, before, to, fields):
    order = make_order([(variant, 1)], delivery=delivery)
    mark_paid(order_id=order.pk)
    part = order.suborders.get()
    for each in before:
        step(part, each)
    part.refresh_from_db()
    events = part.events.count()
    with pytest.raises(DomainError):
        step(part, to, **fields)
    assert order.suborders.get().status == part.status
    assert part.events.count() == events


def test_an_unpaid_part_goes_nowhere(variant):
    part = make_order([(variant, 1)]).suborders.get()
    for to in (Status.PACKED, Status.CONFIRMED, Status.SHIPPED):
        with pytest.raises(DomainError):
            step(part, to)


def test_the_buyer_says_that_it_arrived_and_later_it_is_completed(variant):
    order = make_order([(variant, 1)])
    mark_paid(order_id=order.pk)
    part = order.suborders.get()
    with pytest.raises(IllegalTransition):
        confirm_receipt(suborder_id=part.pk, actor=None)
    step(part, Status.PACKED)
    step(part, Status.SHIPPED, courier="JNE", tracking_number="1")
    assert [confirm_receipt(suborder_id=part.pk, actor=None) for _again in range(2)] == [True, False]
    assert complete_received() == 0
    assert complete_received(now=timezone.now() + timedelta(days=8)) == 1
    part.refresh_from_db()
    assert part.status == Status.COMPLETED
    assert not confirm_receipt(suborder_id=part.pk, actor=None)
