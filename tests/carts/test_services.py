"""Filling, changing and merging baskets."""

from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.carts.models import Cart, CartLine
from marketplace.carts.selectors import NOT_SOLD, SHOP_CLOSED, SHORT, SOLD_OUT, cart_contents, cart_quantity
from marketplace.carts.services import (
    MAX_LINES,
    add_to_cart,
    adopt_cart,
    change_quantity,
    purge_old_carts,
    remove_line,
    restore_line,
)
from marketplace.core.exceptions import DomainError
from tests.factories.base import UserFactory
from tests.factories.orders import make_shop, make_variant
from umkm.vendors.models import Vendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_shop("Dapur Tempe")


@pytest.fixture
def variant(shop):
    return make_variant(shop, "Keripik", price=20_000, stock=5)


def add(variant, quantity=1, *, cart=None, user=None):
    return add_to_cart(cart=cart, user=user, variant_id=variant.pk, quantity=quantity)


def test_the_first_thing_makes_the_basket(variant):
    added = add(variant, 2)
    assert (added.quantity, added.basket_quantity, added.hint) == (2, 2, "")
    assert added.cart.user is None
    assert len(added.cart.token) >= 24


def test_the_same_thing_again_adds_up_to_what_there_is(variant):
    cart = add(variant, 3).cart
    again = add(variant, 3, cart=cart)
    assert again.quantity == 5
    assert "5" in again.hint
    assert CartLine.objects.get().quantity == 5


@pytest.mark.parametrize("quantity", [0, -3, 1000])
def test_a_number_that_makes_no_sense_is_refused(variant, quantity):
    with pytest.raises(DomainError) as refused:
        add(variant, quantity)
    assert refused.value.code == "bad_quantity"
    assert not Cart.objects.exists()


def test_what_is_not_for_sale_does_not_go_in(shop, variant):
    variant.product.live = False
    variant.product.save(update_fields=["live"])
    with pytest.raises(DomainError) as refused:
        add(variant)
    assert refused.value.code == "not_sold"
    sold_out = make_variant(shop, "Habis", stock=0)
    with pytest.raises(DomainError) as refused:
        add(sold_out)
    assert refused.value.code == "sold_out"
    Vendor.objects.update(status=Vendor.Status.SUSPENDED)
    with pytest.raises(DomainError):
        add(variant)


def test_a_basket_has_an_end(shop, variant):
    cart = add(variant).cart
    CartLine.objects.bulk_create(
        CartLine(cart=cart, variant=make_variant(shop, f"Rasa {number}"), quantity=1, price_seen=1)
        for number in range(MAX_LINES - 1)
    )
    with pytest.raises(DomainError) as refused:
        add(make_variant(shop, "Satu lagi"), cart=cart)
    assert refused.value.code == "basket_full"
    assert add(variant, cart=cart).quantity == 2


def test_lines_are_grouped_by_shop_and_add_up(shop, variant):
    other = make_variant(make_shop("Kopi Jendela"), "Kopi", price=52_000)
    cart = add(variant, 2).cart
    add(other, 1, cart=cart)
    add(make_variant(shop, "Paket", price=55_000), 1, cart=cart)
    contents = cart_contents(cart)
    assert [(group.vendor.name, group.items_total) for group in contents.groups] == [
        ("Dapur Tempe", 95_000),
        ("Kopi Jendela", 52_000),
    ]
    assert (contents.items_total, contents.quantity) == (147_000, 4)
    assert cart_quantity(cart) == 4


def test_a_changed_price_is_told_beside_the_line_and_counts(variant):
    cart = add(variant, 2).cart
    variant.price = 25_000
    variant.save(update_fields=["price"])
    (line,) = cart_contents(cart).lines
    assert "Rp20.000" in line.price_change
    assert cart_contents(cart).items_total == 50_000
    change_quantity(cart=cart, line_id=line.pk, quantity=1)
    assert cart_contents(cart).lines[0].price_change == ""


def break_shop(variant):
    Vendor.objects.update(status=Vendor.Status.SUSPENDED)


def break_product(variant):
    variant.product.archived_at = timezone.now()
    variant.product.save(update_fields=["archived_at"])


def break_variant(variant):
    variant.is_active = False
    variant.save(update_fields=["is_active"])


def sell_out(variant):
    variant.stock.on_hand = 0
    variant.stock.save()


def sell_most(variant):
    variant.stock.on_hand = 1
    variant.stock.save()


@pytest.mark.parametrize(
    ("happens", "problem"),
    [
        (break_shop, SHOP_CLOSED),
        (break_product, NOT_SOLD),
        (break_variant, NOT_SOLD),
        (sell_out, SOLD_OUT),
        (sell_most, SHORT),
    ],
)
def test_a_line_that_cannot_be_ordered_is_marked_and_not_counted(variant, happens, problem):
    cart = add(variant, 2).cart
    good = make_variant(make_shop("Kopi Jendela"), "Kopi", price=52_000)
    if happens is not break_shop:
        add(good, 1, cart=cart)
    happens(variant)
    contents = cart_contents(cart)
    (line,) = contents.problems
    assert line.problem == problem
    assert line.problem_text
    assert contents.items_total == (0 if happens is break_shop else 52_000)
    assert [group.vendor.name for group in contents.orderable] == ([] if happens is break_shop else ["Kopi Jendela"])


def test_a_line_is_taken_out_and_put_back(variant):
    cart = add(variant, 2).cart
    (line,) = cart_contents(cart).lines
    change_quantity(cart=cart, line_id=line.pk, quantity=0)
    assert cart_contents(cart).is_empty
    assert cart_quantity(cart) == 0
    (removed,) = cart_contents(cart, with_removed=True).lines
    assert removed.is_removed
    restore_line(cart=cart, line_id=line.pk)
    assert cart_quantity(cart) == 2


def test_adding_what_was_taken_out_starts_anew(variant):
    cart = add(variant, 3).cart
    remove_line(cart=cart, line_id=CartLine.objects.get().pk)
    assert add(variant, 1, cart=cart).quantity == 1


def test_asking_for_more_than_there_is_sets_what_there_is(variant):
    cart = add(variant).cart
    line = CartLine.objects.get()
    hint = change_quantity(cart=cart, line_id=line.pk, quantity=50)
    assert "5" in hint
    line.refresh_from_db()
    assert line.quantity == 5


def test_another_baskets_line_is_out_of_reach(variant):
    add(variant)
    line = CartLine.objects.get()
    stranger = Cart.objects.create()
    for change in (remove_line, restore_line):
        with pytest.raises(CartLine.DoesNotExist):
            change(cart=stranger, line_id=line.pk)
    with pytest.raises(CartLine.DoesNotExist):
        change_quantity(cart=stranger, line_id=line.pk, quantity=4)
    line.refresh_from_db()
    assert (line.quantity, line.removed_at) == (1, None)


def test_signing_in_takes_the_visitors_basket_along(variant):
    user = UserFactory()
    guest = add(variant, 2).cart
    adopted = adopt_cart(user=user, token=guest.token)
    assert adopted == guest
    assert Cart.objects.get().user == user


def test_signing_in_merges_two_baskets_without_doubling(shop, variant):
    user = UserFactory()
    other, taken_out = make_variant(shop, "Paket"), make_variant(shop, "Lama")
    own = add(variant, 1, user=user).cart
    add(taken_out, 1, cart=own)
    remove_line(cart=own, line_id=CartLine.objects.get(variant=taken_out).pk)
    guest = add(variant, 3).cart
    add(other, 2, cart=guest)
    add(taken_out, 1, cart=guest)
    assert adopt_cart(user=user, token=guest.token) == own
    kept = dict(own.lines.filter(removed_at=None).values_list("variant__product__name", "quantity"))
    assert kept == {"Keripik": 3, "Paket": 2, "Lama": 1}
    assert not Cart.objects.filter(user=None).exists()


def test_a_token_of_somebody_elses_basket_gives_nothing(variant):
    owner, thief = UserFactory(), UserFactory()
    cart = add(variant, user=owner).cart
    assert adopt_cart(user=thief, token=cart.token) is None
    assert Cart.objects.get().user == owner


def test_old_baskets_of_visitors_are_forgotten(variant):
    old, young = add(variant).cart, add(variant).cart
    persons = add(variant, user=UserFactory()).cart
    Cart.objects.exclude(pk=young.pk).update(updated_at=timezone.now() - timedelta(days=61))
    assert purge_old_carts() == 2  # the basket and its line
    assert set(Cart.objects.all()) == {young, persons}
    assert not CartLine.objects.filter(cart_id=old.pk).exists()
