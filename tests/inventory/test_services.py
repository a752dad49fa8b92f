"""Stock is promised once, sold once, given back once, and never below zero."""

import pytest
from django.db import IntegrityError, transaction

from marketplace.audit.models import AuditEvent
from marketplace.catalogue.models import ProductListing
from marketplace.catalogue.services import refresh_listings
from marketplace.core.exceptions import DomainError
from marketplace.inventory.models import StockItem, StockReservation
from marketplace.inventory.selectors import stock_left_by_product, stock_out_of_step
from marketplace.inventory.services import (
    InsufficientStock,
    consume_reservations,
    release_reservations,
    reserve_stock,
    return_stock,
    set_stock,
)
from tests.factories.orders import make_shop, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def variant():
    return make_variant(make_shop("Dapur Tempe"), "Keripik", stock=5)


def figures(variant) -> tuple[int, int]:
    stock = StockItem.objects.get(variant=variant)
    return stock.on_hand, stock.reserved


def test_reserving_promises_stock_and_consuming_sells_it(variant):
    reserve_stock(items=[(variant.pk, 3, "order-line:1")], expires_at=None)
    assert figures(variant) == (5, 3)
    assert consume_reservations(references=["order-line:1"]) == 1
    assert figures(variant) == (2, 0)
    assert StockReservation.objects.get().state == StockReservation.State.CONSUMED


def test_a_repeat_changes_nothing(variant):
    for _again in range(3):
        reserve_stock(items=[(variant.pk, 2, "order-line:1")], expires_at=None)
    assert figures(variant) == (5, 2)
    assert [consume_reservations(references=["order-line:1"]) for _again in range(3)] == [1, 0, 0]
    assert figures(variant) == (3, 0)
    assert release_reservations(references=["order-line:1"]) == 0
    assert figures(variant) == (3, 0)


def test_reserving_more_than_there_is_changes_nothing_at_all(variant):
    other = make_variant(variant.product.vendor, "Paket", stock=9)
    with pytest.raises(InsufficientStock) as refused:
        reserve_stock(items=[(other.pk, 4, "order-line:1"), (variant.pk, 6, "order-line:2")], expires_at=None)
    assert refused.value.shortages == {variant.pk: 5}
    assert figures(variant) == (5, 0)
    assert figures(other) == (9, 0)
    assert not StockReservation.objects.exists()


def test_two_lines_of_one_variant_are_counted_together(variant):
    with pytest.raises(InsufficientStock):
        reserve_stock(items=[(variant.pk, 3, "order-line:1"), (variant.pk, 3, "order-line:2")], expires_at=None)
    reserve_stock(items=[(variant.pk, 3, "order-line:1"), (variant.pk, 2, "order-line:2")], expires_at=None)
    assert figures(variant) == (5, 5)


def test_a_variant_without_stock_row_is_sold_out(variant):
    StockItem.objects.all().delete()
    with pytest.raises(InsufficientStock) as refused:
        reserve_stock(items=[(variant.pk, 1, "order-line:1")], expires_at=None)
    assert refused.value.shortages == {variant.pk: 0}


def test_released_stock_can_be_promised_to_the_same_line_again(variant):
    reserve_stock(items=[(variant.pk, 5, "order-line:1")], expires_at=None)
    assert release_reservations(references=["order-line:1"]) == 1
    assert figures(variant) == (5, 0)
    reserve_stock(items=[(variant.pk, 5, "order-line:1")], expires_at=None)
    assert figures(variant) == (5, 5)
    assert StockReservation.objects.count() == 1


def test_a_cancelled_sale_goes_back_on_the_shelf_once(variant):
    reserve_stock(items=[(variant.pk, 5, "order-line:1")], expires_at=None)
    consume_reservations(references=["order-line:1"])
    assert [return_stock(references=["order-line:1"]) for _again in range(2)] == [1, 0]
    assert figures(variant) == (5, 0)


def test_the_database_itself_refuses_to_promise_too_much(variant):
    for values in ({"reserved": 6}, {"on_hand": 2, "reserved": 3}):
        with pytest.raises(IntegrityError), transaction.atomic():
            StockItem.objects.filter(variant=variant).update(**values)


def test_counted_stock_is_set_and_recorded(variant):
    owner = variant.product.vendor.members.get().user
    set_stock(variant_id=variant.pk, on_hand=12, actor=owner)
    assert figures(variant) == (12, 0)
    event = AuditEvent.objects.get(action="inventory.stock_set")
    assert (event.actor, event.data) == (owner, {"from": 5, "to": 12})
    set_stock(variant_id=variant.pk, on_hand=12, actor=owner)
    assert AuditEvent.objects.filter(action="inventory.stock_set").count() == 1


@pytest.mark.parametrize("on_hand", [-1, 2])
def test_stock_below_zero_or_below_what_is_promised_is_refused(variant, on_hand):
    reserve_stock(items=[(variant.pk, 3, "order-line:1")], expires_at=None)
    with pytest.raises(DomainError):
        set_stock(variant_id=variant.pk, on_hand=on_hand, actor=None)
    assert figures(variant) == (5, 3)


def test_cards_show_what_is_left(variant):
    refresh_listings(product_ids=[variant.product_id])
    set_stock(variant_id=variant.pk, on_hand=6, actor=None)
    listing = ProductListing.objects.get()
    assert listing.stock_left == 6
    reserve_stock(items=[(variant.pk, 6, "order-line:1")], expires_at=None)
    listing.refresh_from_db()
    assert listing.is_sold_out
    release_reservations(references=["order-line:1"])
    listing.refresh_from_db()
    assert listing.stock_left == 6
    assert stock_left_by_product(product_ids=[variant.product_id, 0]) == {variant.product_id: 6, 0: 0}


def test_a_promise_nobody_counted_is_found(variant):
    reserve_stock(items=[(variant.pk, 2, "order-line:1")], expires_at=None)
    assert stock_out_of_step() == []
    StockReservation.objects.update(quantity=1)
    assert stock_out_of_step() == [(variant.stock.pk, 2, 1)]
