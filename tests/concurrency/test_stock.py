"""40 buyers for 5 pieces: exactly 5 are sold, on each database that the suite runs on."""

import threading

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from marketplace.carts.models import Cart, CartLine
from marketplace.carts.services import add_to_cart
from marketplace.catalogue.services import refresh_listings
from marketplace.checkout.drafts import Address, Contact
from marketplace.checkout.services import place_order
from marketplace.core.exceptions import DomainError
from marketplace.inventory.models import StockItem, StockReservation
from marketplace.inventory.selectors import stock_out_of_step
from marketplace.inventory.services import InsufficientStock, reserve_stock
from marketplace.orders.models import Order, OrderLine
from marketplace.payments.models import PaymentAttempt
from tests.concurrency.threads import at_once
from tests.factories.orders import make_shop, make_variant

pytestmark = pytest.mark.django_db(transaction=True)
BUYERS, PIECES = 40, 5


@pytest.fixture
def variant():
    variant = make_variant(make_shop("Dapur Tempe"), "Keripik", stock=PIECES)
    # With its card, as on the site: every sale changes that, too.
    refresh_listings(product_ids=[variant.product_id])
    return variant


def buy(variant, *, key: str, cart_id: int, method: str = "pickup") -> Order:
    return place_order(
        cart_id=cart_id,
        buyer=None,
        contact=Contact(name="Sinta", email="sinta@contoh.id", phone="+6281234567890"),
        address=Address(),
        deliveries={variant.product.vendor_id: "pickup"},
        payment_method=method,
        checkout_key=key,
        language="id",
    )


def baskets(variant, count: int) -> list[int]:
    return [add_to_cart(cart=None, user=None, variant_id=variant.pk, quantity=1).cart.pk for _buyer in range(count)]


@pytest.mark.parametrize("method", ["pickup", "stripe"])
def test_forty_buyers_for_five_pieces_buy_exactly_five(variant, method):
    carts = baskets(variant, BUYERS)
    results = at_once(
        BUYERS, lambda number: buy(variant, key=f"key-{number:020}", cart_id=carts[number], method=method)
    )
    placed = [result for result in results if isinstance(result, Order)]
    refused = [result for result in results if isinstance(result, DomainError)]
    assert len(placed) == PIECES
    # Everyone else is told in words; nobody sees a database error.
    assert len(refused) == BUYERS - PIECES, [repr(each) for each in results if each not in placed + refused]
    assert {error.code for error in refused} <= {"insufficient_stock", "cart_empty"}
    stock = StockItem.objects.get()
    assert stock.available == 0
    assert (stock.on_hand, stock.reserved) == ((0, 0) if method == "pickup" else (PIECES, PIECES))
    assert OrderLine.objects.count() == StockReservation.objects.count() == PaymentAttempt.objects.count() == PIECES
    assert stock_out_of_step() == []


def test_without_the_guard_the_race_is_lost(variant):
    """The control: look first, then write what was seen. If this sold only five, the test above would prove nothing."""

    def careless(number: int) -> str:
        stock = StockItem.objects.get(variant=variant)
        if stock.available < 1:
            return "sold out"
        seen.append(number)
        everyone_has_looked.wait(timeout=60)
        with transaction.atomic():
            StockItem.objects.filter(pk=stock.pk).update(reserved=stock.reserved + 1)
            StockReservation.objects.create(stock=stock, reference=f"order-line:{number}", quantity=1)
        return "sold"

    seen: list[int] = []
    everyone_has_looked = threading.Barrier(BUYERS)
    results = at_once(BUYERS, careless)
    assert results.count("sold") == BUYERS > PIECES
    assert stock_out_of_step(), "the control must oversell"


def test_without_the_conditional_update_the_check_in_the_database_still_holds(variant):
    def only_the_constraint(number: int) -> str:
        with transaction.atomic():
            StockItem.objects.filter(variant=variant).update(reserved=F("reserved") + 1)
        return "sold"

    results = at_once(BUYERS, only_the_constraint)
    assert results.count("sold") == PIECES
    assert sum(isinstance(result, IntegrityError) for result in results) == BUYERS - PIECES
    assert StockItem.objects.get().available == 0


def test_reservations_of_several_variants_in_any_order_do_not_deadlock():
    shop = make_shop("Dapur Tempe")
    variants = [make_variant(shop, f"Rasa {number}", stock=30) for number in range(4)]

    def take(number: int) -> None:
        order = variants if number % 2 else list(reversed(variants))
        reserve_stock(
            items=[(variant.pk, 1, f"order-line:{number}-{variant.pk}") for variant in order], expires_at=None
        )

    results = at_once(20, take)
    assert results == [None] * 20
    assert {stock.available for stock in StockItem.objects.all()} == {10}


def test_buyers_of_several_shops_at_once_neither_deadlock_nor_lose_a_piece():
    variants = [make_variant(make_shop(f"Toko {number}"), "Barang", stock=100) for number in range(4)]
    refresh_listings(product_ids=[variant.product_id for variant in variants])
    carts = []
    for number in range(20):
        cart = None
        for variant in variants[number % 4 :] + variants[: number % 4]:
            cart = add_to_cart(cart=cart, user=None, variant_id=variant.pk, quantity=1).cart
        carts.append(cart.pk)

    def order(number: int) -> Order:
        return place_order(
            cart_id=carts[number],
            buyer=None,
            contact=Contact(name="Sinta", email="sinta@contoh.id", phone="+6281234567890"),
            address=Address(),
            deliveries={variant.product.vendor_id: "pickup" for variant in variants},
            payment_method="pickup",
            checkout_key=f"key-{number:020}",
            language="id",
        )

    results = at_once(20, order)
    assert all(isinstance(result, Order) for result in results), results
    assert {stock.available for stock in StockItem.objects.all()} == {80}
    assert stock_out_of_step() == []


def test_the_last_pieces_go_whole_or_not_at_all():
    shop = make_shop("Dapur Tempe")
    plenty, scarce = make_variant(shop, "Banyak", stock=100), make_variant(shop, "Sedikit", stock=3)

    def take(number: int) -> None:
        reserve_stock(
            items=[(plenty.pk, 2, f"order-line:{number}-a"), (scarce.pk, 1, f"order-line:{number}-b")], expires_at=None
        )

    results = at_once(12, take)
    assert results.count(None) == 3
    assert sum(isinstance(result, InsufficientStock) for result in results) == 9
    assert StockItem.objects.get(variant=plenty).reserved == 6


def test_one_form_posted_ten_times_at_once_places_one_order(variant):
    (cart,) = baskets(variant, 1)
    results = at_once(10, lambda _number: buy(variant, key="k" * 24, cart_id=cart))
    assert len({order.pk for order in results}) == 1
    assert Order.objects.count() == 1
    assert StockItem.objects.get().available == PIECES - 1


def test_two_windows_with_the_same_basket_place_one_order(variant):
    (cart,) = baskets(variant, 1)
    results = at_once(2, lambda number: buy(variant, key=f"key-{number:020}", cart_id=cart))
    assert Order.objects.count() == 1
    (refused,) = [result for result in results if isinstance(result, DomainError)]
    assert refused.code == "cart_empty"


def test_ten_clicks_at_once_make_one_line(variant):
    (cart_id,) = baskets(variant, 1)

    def click(_number: int) -> None:
        add_to_cart(cart=Cart.objects.get(pk=cart_id), user=None, variant_id=variant.pk, quantity=1)

    assert at_once(10, click) == [None] * 10
    assert CartLine.objects.count() == 1
    assert 2 <= CartLine.objects.get().quantity <= PIECES
