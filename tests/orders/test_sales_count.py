"""Cards know how often a thing was sold: what was cancelled does not count."""

import pytest

from marketplace.catalogue.models import ProductListing
from marketplace.catalogue.services import refresh_listings
from marketplace.orders.models import PaymentMethod, SubOrder
from marketplace.orders.services import advance_suborder, confirm_unpaid, mark_paid, recount_sales
from marketplace.outbox.services import enqueue, process_due
from tests.factories.orders import make_order, make_shop, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def variant():
    variant = make_variant(make_shop("Dapur Tempe"), "Keripik", stock=50)
    refresh_listings(product_ids=[variant.product_id])
    return variant


def sold() -> int:
    while process_due():
        pass
    return ProductListing.objects.get().sold_count


def test_a_sale_counts_when_it_is_paid(variant):
    order = make_order([(variant, 3)])
    enqueue(topic="order.placed", payload={"order_id": order.pk})
    assert sold() == 0
    mark_paid(order_id=order.pk)
    assert sold() == 3


def test_a_cancelled_part_no_longer_counts(variant):
    order = make_order([(variant, 3)], method=PaymentMethod.COD, delivery="own_delivery")
    confirm_unpaid(order_id=order.pk)
    enqueue(topic="order.placed", payload={"order_id": order.pk})
    assert sold() == 3
    advance_suborder(suborder_id=order.suborders.get().pk, to=SubOrder.Status.CANCELLED, actor=None, note="Habis")
    assert sold() == 0


def test_the_clock_counts_everything_anew(variant):
    mark_paid(order_id=make_order([(variant, 2)]).pk)
    ProductListing.objects.update(sold_count=99)
    assert recount_sales() == 1
    assert ProductListing.objects.get().sold_count == 2
    assert recount_sales() == 0
