"""Placing an order: everything adds up and is frozen, or nothing has happened."""

from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.audit.models import AuditEvent
from marketplace.carts.models import CartLine
from marketplace.catalogue.services import refresh_listings
from marketplace.checkout.drafts import Address, Contact
from marketplace.checkout.services import place_order
from marketplace.core.exceptions import DomainError
from marketplace.inventory.models import StockItem, StockReservation
from marketplace.inventory.services import InsufficientStock
from marketplace.orders.models import Order, OrderLine, SubOrder
from marketplace.outbox.models import OutboxMessage
from marketplace.payments.models import PaymentAttempt
from marketplace.transfers.models import TransferRequest
from tests.checkout.conftest import HOME, fill
from tests.factories.base import UserFactory
from tests.factories.transfers import offer_transfer
from umkm.vendors.models import Vendor

pytestmark = pytest.mark.django_db
CONTACT = Contact(name="Sinta", email="sinta@contoh.id", phone="+6281234567890")
ADDRESS = Address(region_code=HOME, street="Jalan Contoh 12", note="Titip di satpam")


def order(cart, shops, *, deliveries=None, **changes):
    ways = {"tempe": "own_delivery", "keramik": "shipping", "kopi": "pickup"} | (deliveries or {})
    arguments = {
        "cart_id": cart.pk,
        "buyer": None,
        "contact": CONTACT,
        "address": ADDRESS,
        "deliveries": {shops[name].pk: way for name, way in ways.items() if name in shops},
        "payment_method": "stripe",
        "checkout_key": "k" * 24,
        "language": "id",
    }
    return place_order(**(arguments | changes))


def nothing_happened() -> bool:
    return not (
        Order.objects.exists()
        or SubOrder.objects.exists()
        or StockReservation.objects.exists()
        or PaymentAttempt.objects.exists()
        or StockItem.objects.filter(reserved__gt=0).exists()
        or OutboxMessage.objects.filter(topic="order.placed").exists()
    )


def test_an_order_over_three_shops_adds_up_and_is_frozen(basket, shops, variants):
    placed = order(basket, shops)
    assert placed.number.startswith("LN-")
    assert (placed.items_total, placed.shipping_total, placed.total) == (242_000, 23_000, 265_000)
    assert placed.region_name == "Klojen, Klojen, Kota Malang, Jawa Timur"
    parts = {part.vendor.name: part for part in placed.suborders.select_related("vendor")}
    assert {name: (part.items_total, part.shipping_total, part.delivery) for name, part in parts.items()} == {
        "Dapur Tempe": (60_000, 8_000, "own_delivery"),
        "Keramik Genggam": (130_000, 15_000, "shipping"),  # 1.2 kg within Malang Raya
        "Kopi Jendela": (52_000, 0, "pickup"),
    }
    assert sum(part.gross for part in parts.values()) == placed.total
    quote = parts["Keramik Genggam"].shipping_quote
    assert (quote["zone"], quote["weight_grams"], quote["price"]) == ("malang-raya", 1200, 15_000)
    line = OrderLine.objects.get(variant=variants["mug"])
    assert (line.name, line.unit_price, line.quantity, line.total) == ("Mug Sidik Jari", 65_000, 2, 130_000)
    variants["mug"].price = 99_000
    variants["mug"].save()
    line.refresh_from_db()
    assert line.unit_price == 65_000
    assert {part.status for part in parts.values()} == {SubOrder.Status.PENDING}
    assert StockItem.objects.get(variant=variants["mug"]).reserved == 2
    assert {row.expires_at for row in StockReservation.objects.all()} == {placed.expires_at}
    assert placed.payment_attempts.get().amount == 265_000
    assert not CartLine.objects.filter(cart=basket).exists()
    assert OutboxMessage.objects.filter(topic="order.placed").count() == 1
    assert AuditEvent.objects.filter(action="orders.placed").count() == 1


def test_the_same_form_twice_places_one_order(basket, shops):
    first = order(basket, shops)
    assert order(basket, shops) == first
    assert Order.objects.count() == 1
    assert PaymentAttempt.objects.count() == 1


def test_cash_goes_to_the_shops_at_once(variants, shops):
    cart = fill({variants["keripik"]: 3, variants["kopi"]: 1})
    placed = order(cart, shops, payment_method="cod")
    assert placed.expires_at is None
    assert set(placed.suborders.values_list("status", flat=True)) == {SubOrder.Status.CONFIRMED}
    stock = StockItem.objects.get(variant=variants["keripik"])
    assert (stock.on_hand, stock.reserved) == (7, 0)
    assert placed.status == Order.Status.PENDING


@pytest.mark.parametrize(
    ("deliveries", "method", "reason"),
    [
        ({}, "cod", "Keramik Genggam"),
        ({}, "pickup", "Dapur Tempe"),
        ({"tempe": "pickup"}, "pickup", "Keramik Genggam"),
        ({}, "barter", ""),
        ({}, "", ""),
    ],
)
def test_a_way_to_pay_that_is_not_possible_is_refused_with_the_reason(basket, shops, deliveries, method, reason):
    with pytest.raises(DomainError) as refused:
        order(basket, shops, deliveries=deliveries, payment_method=method)
    assert refused.value.field == "payment_method"
    assert reason in str(refused.value)
    assert nothing_happened()


def test_couriers_take_no_cash(variants, shops):
    cart = fill({variants["keripik"]: 1})
    with pytest.raises(DomainError) as refused:
        order(cart, shops, deliveries={"tempe": "shipping"}, payment_method="cod")
    assert "Dapur Tempe" in str(refused.value)


def test_everything_fetched_is_paid_at_the_shop_and_needs_no_address(variants, shops):
    cart = fill({variants["keripik"]: 1, variants["kopi"]: 1})
    placed = order(
        cart, shops, deliveries={"tempe": "pickup"}, payment_method="pickup", address=Address(note="Sore saja")
    )
    assert (placed.region, placed.address, placed.note) == (None, "", "Sore saja")
    assert placed.total == 72_000


def test_a_way_that_nobody_offers_is_refused(basket, shops):
    for name, way in (("keramik", "pickup"), ("kopi", "own_delivery"), ("tempe", ""), ("tempe", "teleport")):
        with pytest.raises(DomainError) as refused:
            order(basket, shops, deliveries={name: way})
        assert refused.value.field == f"delivery-{shops[name].pk}"
    assert nothing_happened()


@pytest.mark.parametrize("code", ["", "35.73", "99.99.99.9999", "x"])
def test_a_parcel_needs_a_place_that_parcels_can_go_to(basket, shops, code):
    with pytest.raises(DomainError) as refused:
        order(basket, shops, address=Address(region_code=code, street="Jalan"))
    assert refused.value.code in ("address_missing", "delivery_missing")
    assert nothing_happened()


def suspend(variants):
    Vendor.objects.filter(name="Keramik Genggam").update(status=Vendor.Status.SUSPENDED)


def archive(variants):
    product = variants["mug"].product
    product.archived_at = timezone.now()
    product.save(update_fields=["archived_at"])


def raise_price(variants):
    variants["mug"].price = 70_000
    variants["mug"].save(update_fields=["price"])


def sell_out(variants):
    StockItem.objects.filter(variant=variants["mug"]).update(on_hand=0)


def leave_one(variants):
    StockItem.objects.filter(variant=variants["mug"]).update(on_hand=1)


@pytest.mark.parametrize("happens", [suspend, archive, raise_price, sell_out, leave_one])
def test_what_changed_while_the_buyer_was_typing_stops_the_order_and_loses_nothing(basket, shops, variants, happens):
    happens(variants)
    with pytest.raises(DomainError) as refused:
        order(basket, shops, expected_total=265_000)
    assert refused.value.code == "changed"
    assert nothing_happened()
    assert CartLine.objects.filter(cart=basket, removed_at=None).count() == 3


def test_lines_that_cannot_be_ordered_stay_in_the_basket(basket, shops, variants):
    sell_out(variants)
    placed = order(basket, shops, expected_total=120_000)
    assert placed.suborders.count() == 2
    assert CartLine.objects.get(cart=basket).variant == variants["mug"]


def test_an_empty_basket_places_nothing(basket, shops):
    CartLine.objects.all().delete()
    with pytest.raises(DomainError) as refused:
        order(basket, shops)
    assert refused.value.code == "cart_empty"
    with pytest.raises(DomainError):
        order(basket, shops, cart_id=0)


def test_stock_that_went_in_the_last_moment_rolls_everything_back(basket, shops, variants, monkeypatch):
    """The plan saw stock, another buyer's transaction then took it: only the guard in the database is left."""
    from marketplace.checkout import services

    seen = services.make_plan

    def plan_then_lose_the_race(**arguments):
        plan = seen(**arguments)
        sell_out(variants)
        return plan

    monkeypatch.setattr(services, "make_plan", plan_then_lose_the_race)
    with pytest.raises(InsufficientStock):
        order(basket, shops)
    assert nothing_happened()
    assert CartLine.objects.filter(cart=basket).count() == 3


def test_commission_is_frozen_at_the_sale(basket, shops, settings):
    settings.COMMISSION_BASIS_POINTS = 250
    placed = order(basket, shops)
    part = placed.suborders.get(vendor=shops["keramik"])
    assert (part.commission_rate, part.commission, part.net) == (250, 3_250, 141_750)


def test_a_signed_in_buyers_order_is_theirs(variants, shops):
    buyer = UserFactory()
    placed = order(fill({variants["kopi"]: 1}, user=buyer), shops, buyer=buyer, payment_method="pickup")
    assert placed.buyer == buyer


def test_text_is_kept_as_it_was_typed(basket, shops):
    nasty = "'; DROP TABLE orders_order;-- <script>alert(1)</script>"
    placed = order(
        basket,
        shops,
        contact=Contact(name=nasty, email="a@contoh.id", phone="+6281234567890"),
        address=Address(region_code=HOME, street=nasty, note=nasty),
    )
    placed.refresh_from_db()
    assert (placed.recipient_name, placed.address, placed.note) == (nasty, nasty, nasty)


@pytest.mark.parametrize("method, count", [("stripe", 38), ("cod", 35)])
def test_an_order_of_three_shops_costs_few_queries(variants, shops, django_assert_num_queries, method, count):
    shops["keramik"].accepts_cod = shops["keramik"].accepts_pickup = True
    shops["keramik"].save()
    cart = fill({variants["keripik"]: 3, variants["mug"]: 2, variants["kopi"]: 1})
    refresh_listings(product_ids=[variant.product_id for variant in variants.values()])
    with django_assert_num_queries(count):
        placed = order(cart, shops, payment_method=method, deliveries={"keramik": "pickup"})
    assert placed.suborders.count() == 3


def test_unpaid_orders_wait_for_the_payment_page(basket, shops):
    placed = order(basket, shops)
    assert placed.expires_at
    assert timedelta(minutes=45) < placed.expires_at - timezone.now() < timedelta(minutes=90)


# --- paying shops directly ---------------------------------------------------------------------------------------
def test_an_order_is_owed_to_each_shop_and_waits_for_their_money(basket, shops):
    for vendor in shops.values():
        offer_transfer(vendor)
    placed = order(basket, shops, payment_method="manual_transfer")
    owed = TransferRequest.objects.filter(suborder__order=placed)
    assert sum(transfer.amount for transfer in owed) == placed.total
    assert (placed.status, Order.objects.get(pk=placed.pk).expires_at) == (Order.Status.PENDING, None)
    assert set(placed.suborders.values_list("status", flat=True)) == {SubOrder.Status.PENDING}
    assert StockItem.objects.filter(reserved__gt=0).count() == 3


def test_one_shop_without_an_account_refuses_transfers(basket, shops):
    offer_transfer(shops["tempe"])
    with pytest.raises(DomainError, match="Keramik Genggam") as refused:
        order(basket, shops, payment_method="manual_transfer")
    assert refused.value.field == "payment_method"
    assert nothing_happened()


def test_a_shop_takes_cash_only_up_to_its_limit(variants, shops):
    Vendor.objects.filter(pk=shops["tempe"].pk).update(cod_limit=60_000)
    cart = fill({variants["keripik"]: 3})
    with pytest.raises(DomainError, match=r"Rp60\.000"):
        order(cart, {"tempe": shops["tempe"]}, deliveries={}, payment_method="cod")
    Vendor.objects.filter(pk=shops["tempe"].pk).update(cod_limit=68_000)
    assert order(cart, {"tempe": shops["tempe"]}, payment_method="cod").total == 68_000
