"""A shop's orders: its own part and nothing else, from packing to the handover."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.inventory.models import StockItem
from marketplace.orders.models import PaymentMethod, SubOrder
from marketplace.orders.services import confirm_unpaid, mark_paid
from marketplace.orders.tracking import pickup_code
from marketplace.shipping.models import DeliveryArea, PickupPoint, VendorShipping
from tests.factories import base
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db
Status = SubOrder.Status


@pytest.fixture
def stocked(scene):
    StockItem.objects.update(on_hand=200)
    return scene


@pytest.fixture
def order(stocked):
    """Paid, over both shops."""
    placed = make_order([(stocked.variant, 2), (stocked.other_variant, 1)], email="rahasia@contoh.id", note="Titip")
    mark_paid(order_id=placed.pk)
    return placed


def part_of(order, scene):
    return order.suborders.get(vendor=scene.vendor)


def address(name, scene, part=None) -> str:
    return reverse(f"portal:{name}", args=[scene.vendor.slug, *([part.pk] if part else [])])


def text_of(response) -> str:
    return response.content.decode()


def post_step(client, scene, part, **data):
    return client.post(address("order-step", scene, part), data)


def test_the_list_shows_what_is_to_be_done_oldest_first(vendor_owner_client, stocked):
    orders = [make_order([(stocked.variant, 1)]) for _order in range(3)]
    for placed in orders[:2]:
        mark_paid(order_id=placed.pk)
    response = vendor_owner_client.get(address("orders", stocked))
    assert [row["part"].order_id for row in response.context["rows"]] == [orders[0].pk, orders[1].pk]
    # The third one is not paid: no shop needs to know.
    assert orders[2].number not in text_of(vendor_owner_client.get(address("orders", stocked) + "?status="))


@pytest.mark.parametrize("status", ["confirmed", "completed", "open", "", "pending", "nonsense", "' OR 1=1--"])
def test_any_status_in_the_address_gives_a_page(vendor_staff_client, order, stocked, status):
    response = vendor_staff_client.get(address("orders", stocked), {"status": status})
    assert response.status_code == 200
    is_listed = order.number in text_of(response)
    assert is_listed == (status != "completed")


def test_another_shops_lines_and_the_buyers_mail_are_nowhere(vendor_owner_client, order, stocked):
    part = part_of(order, stocked)
    for name in ("order", "order-slip"):
        page = text_of(vendor_owner_client.get(address(name, stocked, part)))
        assert stocked.product.name in page
        assert stocked.other_product.name not in page
        assert stocked.other_vendor.name not in page
        assert "rahasia@contoh.id" not in page
        assert order.token not in page
        assert "Rp65.000" not in page  # the whole order
        assert "Jalan Contoh 12" in page
        assert "Titip" in page


def test_a_part_goes_from_packing_to_the_courier(vendor_owner_client, order, stocked):
    part = part_of(order, stocked)
    assert post_step(vendor_owner_client, stocked, part, to="packed").status_code == 302
    missing = post_step(vendor_owner_client, stocked, part, to="shipped", courier="JNE")
    assert missing.status_code == 422
    assert 'value="JNE"' in text_of(missing)
    post_step(vendor_owner_client, stocked, part, to="shipped", courier="JNE", tracking_number="JNE<b>1")
    part.refresh_from_db()
    assert (part.status, part.courier, part.tracking_number) == (Status.SHIPPED, "JNE", "JNE<b>1")
    page = text_of(vendor_owner_client.get(address("order", stocked, part)))
    assert "JNE&lt;b&gt;1" in page
    post_step(vendor_owner_client, stocked, part, to="delivered")
    part.refresh_from_db()
    assert part.status == Status.DELIVERED
    assert order.suborders.get(vendor=stocked.other_vendor).status == Status.CONFIRMED


@pytest.mark.parametrize("to", ["completed", "returned", "confirmed", "ready_for_pickup", "delivered", "", "x"])
def test_a_step_that_is_not_the_shops_changes_nothing(vendor_owner_client, order, stocked, to):
    part = part_of(order, stocked)
    response = vendor_owner_client.post(address("order-step", stocked, part), {"to": to}, follow=True)
    assert response.status_code == 200
    part.refresh_from_db()
    assert part.status == Status.CONFIRMED


def test_a_part_is_cancelled_only_with_a_reason(vendor_owner_client, order, stocked):
    part = part_of(order, stocked)
    assert post_step(vendor_owner_client, stocked, part, to="cancelled").status_code == 422
    part.refresh_from_db()
    assert part.status == Status.CONFIRMED


def test_a_second_click_is_harmless(vendor_owner_client, order, stocked):
    part = part_of(order, stocked)
    for _click in range(3):
        assert post_step(vendor_owner_client, stocked, part, to="packed").status_code == 302
    assert part.events.filter(status=Status.PACKED).count() == 1


def test_cash_is_called_for_and_counted_at_the_handover(vendor_owner_client, stocked):
    placed = make_order([(stocked.variant, 1)], method=PaymentMethod.PICKUP, delivery="pickup", shipping=0)
    confirm_unpaid(order_id=placed.pk)
    part = part_of(placed, stocked)
    for to in ("packed", "ready_for_pickup"):
        post_step(vendor_owner_client, stocked, part, to=to)
    page = text_of(vendor_owner_client.get(address("order", stocked, part)))
    assert pickup_code(placed, part) in page
    assert "Rp15.000" in page
    assert "Jalan Contoh 12" not in page
    post_step(vendor_owner_client, stocked, part, to="delivered")
    placed.refresh_from_db()
    assert placed.paid_at


def test_a_shop_that_cannot_deliver_must_say_why(vendor_owner_client, stocked):
    placed = make_order([(stocked.variant, 2)], method=PaymentMethod.COD, delivery="own_delivery")
    confirm_unpaid(order_id=placed.pk)
    part = part_of(placed, stocked)
    assert post_step(vendor_owner_client, stocked, part, to="cancelled").status_code == 422
    post_step(vendor_owner_client, stocked, part, to="cancelled", note="Kehabisan kedelai")
    part.refresh_from_db()
    assert part.status == Status.CANCELLED
    assert StockItem.objects.get(variant=stocked.variant).on_hand == 200


def test_a_step_on_another_shops_part_does_nothing(vendor_owner_client, order, stocked):
    foreign = order.suborders.get(vendor=stocked.other_vendor)
    assert vendor_owner_client.get(address("order", stocked, foreign)).status_code == 404
    assert post_step(vendor_owner_client, stocked, foreign, to="packed").status_code == 404
    foreign.refresh_from_db()
    assert foreign.status == Status.CONFIRMED


def test_the_list_costs_the_same_however_long_it_is(vendor_owner_client, stocked):
    counted = []
    for count in (1, 6):
        for _order in range(count):
            mark_paid(order_id=make_order([(stocked.variant, 1), (stocked.other_variant, 1)]).pk)
        vendor_owner_client.get(address("orders", stocked))
        with CaptureQueriesContext(connection) as queries:
            vendor_owner_client.get(address("orders", stocked))
        own = [
            query["sql"]
            for query in queries
            if 'FROM "orders_' in query["sql"]
            and "\"orders_suborder\".\"status\" IN ('confirmed', 'packed')" not in query["sql"]
        ]
        counted.append(len(own))
    # counts by state, how many on the pages, parts with their order, lines
    assert counted == [4, 4]


def test_how_a_shop_sends_is_changed_on_one_page(vendor_owner_client, stocked):
    base.region("35.73")
    page = address("shipping", stocked)
    assert vendor_owner_client.post(page, {"handling_days": 3}).status_code == 302
    row = VendorShipping.objects.get(vendor=stocked.vendor)
    assert (row.handling_days, row.uses_courier) == (3, False)
    vendor_owner_client.post(address("shipping-area", stocked), {"region": "35.73", "price": 8000, "days": 0})
    area = DeliveryArea.objects.get(vendor=stocked.vendor)
    vendor_owner_client.post(address("shipping-point", stocked), {"name": "Kios <b>", "address": "Stasiun"})
    point = PickupPoint.objects.get(vendor=stocked.vendor)
    text = text_of(vendor_owner_client.get(page))
    assert "Kios &lt;b&gt;" in text
    assert "Rp8.000" in text
    vendor_owner_client.post(address("shipping-area-remove", stocked, area))
    vendor_owner_client.post(address("shipping-point-close", stocked, point))
    assert not DeliveryArea.objects.exists()
    assert not PickupPoint.objects.filter(is_active=True).exists()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("shipping", {"handling_days": "-1"}),
        ("shipping", {"handling_days": "besok"}),
        ("shipping-area", {"region": "35.73", "price": "-5", "days": 0}),
        ("shipping-area", {"region": "35.78", "price": "5000", "days": 0}),
        ("shipping-area", {"region": "' OR 1=1", "price": "5000", "days": 0}),
        ("shipping-point", {"name": "", "address": "x"}),
    ],
)
def test_nonsense_is_told_at_its_field_and_changes_nothing(vendor_owner_client, stocked, name, data):
    base.region("35.73")
    response = vendor_owner_client.post(address(name, stocked), data)
    assert response.status_code == 422
    assert not DeliveryArea.objects.exists()
    assert not PickupPoint.objects.exists()
    assert not VendorShipping.objects.exists()


def test_another_shops_area_cannot_be_removed(vendor_owner_client, stocked):
    area = DeliveryArea.objects.create(vendor=stocked.other_vendor, region=base.region("35.73"), price=8_000)
    vendor_owner_client.post(address("shipping-area-remove", stocked, area))
    assert DeliveryArea.objects.filter(pk=area.pk).exists()
