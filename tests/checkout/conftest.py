"""A buyer with a basket over three shops, one of each way to get things."""

import pytest

from marketplace.accounts.models import User
from marketplace.carts.services import add_to_cart
from marketplace.reference.models import Region
from marketplace.shipping.models import DeliveryArea
from marketplace.shipping.services import load_rates
from tests.factories import base
from tests.factories.orders import make_shop, make_variant

HOME = "35.73.02.1001"


@pytest.fixture
def shops(db):
    """Tempe (Blimbing, couriers and own delivery in the city), Keramik (couriers only), Kopi (pickup at a counter)."""
    load_rates()
    base.village(HOME)
    tempe = make_shop("Dapur Tempe", village_code="35.73.01.1002")
    DeliveryArea.objects.create(vendor=tempe, region=Region.objects.get(code="35.73"), price=8_000)
    keramik = make_shop("Keramik Genggam", village_code="35.07.24.1001", accepts_cod=False, accepts_pickup=False)
    kopi = make_shop("Kopi Jendela", village_code="35.73.02.1001", opening_hours="08.00-21.00")
    return {"tempe": tempe, "keramik": keramik, "kopi": kopi}


@pytest.fixture
def variants(shops):
    return {
        "keripik": make_variant(shops["tempe"], "Keripik Tempe", price=20_000, stock=10, weight=250),
        "mug": make_variant(shops["keramik"], "Mug Sidik Jari", price=65_000, stock=4, weight=600),
        "kopi": make_variant(shops["kopi"], "Kopi Blend", price=52_000, stock=5, weight=200),
    }


@pytest.fixture
def basket(variants):
    """3 × keripik, 2 × mug, 1 × kopi: Rp242.000 in a visitor's basket."""
    return fill({variants["keripik"]: 3, variants["mug"]: 2, variants["kopi"]: 1})


def fill(quantities, *, user: User | None = None):
    """A basket with these pieces of these variants."""
    cart = None
    for variant, quantity in quantities.items():
        cart = add_to_cart(cart=cart, user=user, variant_id=variant.pk, quantity=quantity).cart
    return cart
