"""The checkout page: with and without script, and everything that can go wrong while somebody types."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.carts.models import CartLine
from marketplace.carts.visitor import COOKIE
from marketplace.inventory.models import StockItem
from marketplace.orders.models import Order
from tests.checkout.conftest import HOME, fill
from tests.factories import base
from umkm.vendors.models import Vendor

pytestmark = pytest.mark.django_db
START, OPTIONS = "/bayar/", "/bayar/pilihan/"


@pytest.fixture
def shopper(client, basket):
    """A visitor with the basket of three shops."""
    client.cookies[COOKIE] = basket.token
    return client


@pytest.fixture
def cash_shopper(client, variants):
    """A visitor whose basket can be paid in cash."""
    client.cookies[COOKIE] = fill({variants["keripik"]: 3, variants["kopi"]: 1}).token
    return client


def details(shops, **changes):
    data = {
        "name": "Sinta",
        "email": "sinta@contoh.id",
        "phone": "0812-3456-7890",
        "region": HOME,
        "street": "Jalan Contoh 12",
        "postal_code": "65111",
        "note": "Titip di satpam",
        f"delivery-{shops['tempe'].pk}": "own_delivery",
        f"delivery-{shops['keramik'].pk}": "shipping",
        f"delivery-{shops['kopi'].pk}": "pickup",
        "payment_method": "cod",
        "checkout_key": "k" * 24,
        "expected_total": "120000",
    }
    return data | changes


def text_of(response) -> str:
    return response.content.decode()


def test_an_empty_basket_leads_back(client):
    assert client.get(START)["Location"] == "/keranjang/"
    assert client.post(OPTIONS)["Location"] == "/keranjang/"
    assert client.post(START, {}, follow=True).redirect_chain[-1][0] == "/keranjang/"


def test_without_a_place_only_pickups_are_offered_and_the_rest_says_what_to_do(shopper, shops):
    page = shopper.get(START)
    assert page.status_code == 200
    plan = page.context["plan"]
    assert [[quote.key for quote in part.quotes] for part in plan.parts] == [["pickup"], [], ["pickup"]]
    assert not plan.is_complete


@pytest.mark.parametrize("query", ["Klojen", "klojen kota malang", "651", "  KLOJEN,  "])
def test_a_place_is_found_by_name_and_post_code(shopper, query):
    page = shopper.post(OPTIONS, {"region_query": query, "name": "Sinta", "note": "tetap"})
    assert HOME in [place["code"] for place in page.context["found"]]
    assert 'value="Sinta"' in text_of(page)
    assert 'value="tetap"' in text_of(page)
    assert page.context["form"].errors == {}


@pytest.mark.parametrize(
    "query", ["Atlantis", "'; DROP TABLE reference_region;--", "<script>x</script>", "a\x00b", "%%%"]
)
def test_a_place_that_is_not_found_says_so(shopper, query):
    page = shopper.post(OPTIONS, {"region_query": query})
    assert page.status_code == 200
    assert page.context["found"] == []
    assert "<script>x" not in text_of(page)


def test_choosing_a_place_brings_ways_prices_and_a_total(shopper, shops):
    page = shopper.post(OPTIONS, {"region_query": "Klojen", "region": HOME})
    plan = page.context["plan"]
    assert plan.is_complete
    assert plan.total == 272_000  # Kopi by courier, the first way that is offered
    assert 'name="expected_total" value="272000"' in text_of(page)
    other = shopper.post(OPTIONS, {"region": HOME, f"delivery-{shops['tempe'].pk}": "pickup"})
    assert other.context["plan"].total == 264_000
    cleared = shopper.post(OPTIONS, {"region": HOME, "clear_region": "1"})
    assert cleared.context["region"] is None


def test_a_blocked_way_to_pay_is_off_and_tells_why(shopper):
    page = text_of(shopper.post(OPTIONS, {"region": HOME}))
    cod = re.search(r'<label class="option"><input[^>]*value="cod"[^>]*>.*?</label>', page)
    assert cod
    assert "disabled" in cod.group()
    assert "Keramik Genggam" in cod.group()


def test_cash_on_delivery_is_placed_and_leads_to_the_order(cash_shopper, shops):
    response = cash_shopper.post(START, details(shops))
    order = Order.objects.get()
    assert response.status_code == 302
    assert response["Location"] == order.get_absolute_url()
    assert order.phone == "+6281234567890"
    assert order.total == 120_000
    assert cash_shopper.get(order.get_absolute_url()).status_code == 200
    again = cash_shopper.post(START, details(shops))
    assert again["Location"] == order.get_absolute_url()
    assert Order.objects.count() == 1


def test_a_payment_page_that_does_not_answer_keeps_the_order(shopper, shops):
    """The test settings point at a port where nobody listens."""
    response = shopper.post(START, details(shops, payment_method="stripe", expected_total="265000"), follow=True)
    order = Order.objects.get()
    assert response.redirect_chain[-1][0] == order.get_absolute_url()
    assert order.status == Order.Status.PENDING
    assert reverse("payments:pay", args=[order.number, order.token]) in text_of(response)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 151),
        ("email", "bukan-alamat"),
        ("phone", "123"),
        ("phone", "<b>0812</b>"),
        ("street", ""),
        ("region", ""),
        ("region", "35.73.99.9999"),
        ("postal_code", "123"),
        ("payment_method", "emas"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_nothing_typed_is_lost(cash_shopper, shops, field, value):
    response = cash_shopper.post(START, details(shops, **{field: value}))
    assert response.status_code == 422
    expected = "region_query" if field == "region" else field
    assert expected in response.context["form"].errors
    page = text_of(response)
    for kept in ("sinta@contoh.id", "Titip di satpam"):
        if field not in ("email",):
            assert kept in page
    assert 'name="checkout_key" value="' + "k" * 24 in page
    assert not Order.objects.exists()
    assert CartLine.objects.filter(removed_at=None).count() == 2


def test_a_tourists_phone_is_as_good(cash_shopper, shops):
    cash_shopper.post(START, details(shops, phone="+65 6123 4567"))
    assert Order.objects.get().phone == "+6561234567"


def sell_out(variants):
    StockItem.objects.filter(variant=variants["keripik"]).update(on_hand=0)


def suspend(variants):
    Vendor.objects.filter(name="Dapur Tempe").update(status=Vendor.Status.SUSPENDED)


def raise_price(variants):
    variants["keripik"].price = 21_000
    variants["keripik"].save()


@pytest.mark.parametrize("happens", [sell_out, suspend, raise_price])
def test_what_changed_meanwhile_is_told_on_the_line_and_nothing_is_lost(cash_shopper, shops, variants, happens):
    happens(variants)
    response = cash_shopper.post(START, details(shops))
    assert response.status_code == 422
    page = text_of(response)
    assert "sinta@contoh.id" in page
    assert "Titip di satpam" in page
    assert not Order.objects.exists()
    (line,) = [line for line in response.context["contents"].lines if line.variant == variants["keripik"]]
    if happens is raise_price:
        assert line.price_change in page
    else:
        assert not line.is_countable
    assert f'name="expected_total" value="{response.context["plan"].total}"' in page


def test_everything_that_could_be_ordered_went_away(cash_shopper, shops, variants):
    StockItem.objects.update(on_hand=0)
    response = cash_shopper.post(START, details(shops), follow=True)
    assert response.redirect_chain[-1][0] == "/keranjang/"
    assert not Order.objects.exists()


def test_html_in_every_field_is_shown_as_text(cash_shopper, shops):
    nasty = "<script>alert(1)</script>"
    cash_shopper.post(START, details(shops, name=nasty, street=nasty, note=nasty))
    order = Order.objects.get()
    page = text_of(cash_shopper.get(order.get_absolute_url()))
    assert nasty not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_person_who_ordered_before_need_not_type_again(client, variants, shops):
    buyer = base.UserFactory(name="Sinta")
    client.force_login(buyer, backend="allauth.account.auth_backends.AuthenticationBackend")
    fill({variants["keripik"]: 3, variants["kopi"]: 1}, user=buyer)
    client.post(START, details(shops, email="lain@contoh.id"))
    assert Order.objects.get().buyer == buyer
    fill({variants["kopi"]: 1}, user=buyer)
    page = client.get(START)
    assert 'value="Jalan Contoh 12"' in text_of(page)
    assert page.context["region"].code == HOME


def test_somebody_elses_basket_cannot_be_ordered(client, basket, shops):
    """Without the cookie there is no basket, whatever is posted."""
    response = client.post(START, details(shops, cart=basket.pk), follow=True)
    assert response.redirect_chain[-1][0] == "/keranjang/"
    assert not Order.objects.exists()


def test_the_page_costs_the_same_however_many_shops(client, db, variants):
    """Basket, lines, place, and the four tables of shipping; the frame's own questions apart."""
    for bought in ([variants["kopi"]], variants.values()):
        client.cookies[COOKIE] = fill(dict.fromkeys(bought, 1)).token
        client.post(OPTIONS, {"region": HOME})
        with CaptureQueriesContext(connection) as queries:
            client.post(OPTIONS, {"region": HOME})
        own = [query["sql"] for query in queries if not re.search('FROM "?(core|cms|wagtailcore)_', query["sql"])]
        assert len(own) == 7, "\n".join(own)


def test_ordering_is_throttled(cash_shopper, shops, settings):
    settings.RATELIMIT_ENABLE = True
    settings.THROTTLE_RATES = {"checkout": "3/m"}
    answers = [cash_shopper.post(START, details(shops, name="")).status_code for _try in range(5)]
    assert answers == [422, 422, 422, 429, 429]
    assert cash_shopper.get(START).status_code == 200
