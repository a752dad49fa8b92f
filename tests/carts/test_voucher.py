"""The basket's field for a voucher: with and without script, for visitors and people who are signed in."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.accounts.models import User
from marketplace.carts.models import Cart
from marketplace.carts.services import adopt_cart
from marketplace.carts.visitor import COOKIE
from marketplace.orders.models import Order
from marketplace.promotions.services import redeem_voucher
from tests.carts.test_views import DETAIL, own_queries
from tests.checkout.conftest import basket, fill, shops, variants  # noqa: F401  fixtures
from tests.checkout.test_views import OPTIONS, START, details, text_of
from tests.factories.vouchers import make_voucher

pytestmark = pytest.mark.django_db
USE, REMOVE = "/keranjang/voucher/", "/keranjang/voucher/hapus/"


@pytest.fixture
def shopper(client, basket):  # noqa: F811
    """A visitor with keripik for Rp60.000, mugs for Rp130.000 and coffee for Rp52.000."""
    client.cookies[COOKIE] = basket.token
    return client


def use(client, code, **headers):
    return client.post(USE, {"voucher": code}, headers=headers)


def test_the_sites_voucher_is_shown_shop_by_shop_and_taken_out_again(shopper):
    make_voucher()
    assert use(shopper, " kopi 10 ")["Location"] == DETAIL
    page = shopper.get(DETAIL)
    for amount in ("−Rp6.000", "−Rp13.000", "−Rp5.200", "−Rp24.200", "Rp217.800"):
        assert amount in text_of(page)
    assert "dari Lapak Ngalam" in text_of(page)
    assert shopper.post(REMOVE)["Location"] == DETAIL
    assert "Rp217.800" not in text_of(shopper.get(DETAIL))
    assert Cart.objects.get().voucher_code == ""


def test_a_shops_voucher_takes_off_its_goods_only(shopper, shops):  # noqa: F811
    make_voucher(code="OMAH", vendor=shops["tempe"], kind="fixed", percent=None, amount=10_000)
    use(shopper, "omah")
    page = shopper.get(DETAIL)
    assert [group.discount for group in page.context["contents"].groups] == [10_000, 0, 0]
    assert "dari Dapur Tempe" in text_of(page)


@pytest.mark.parametrize(
    "fields, said",
    [
        (None, "Tidak ada voucher dengan kode ini"),
        ({"is_active": False}, "tidak berlaku lagi"),
        ({"limit_total": 1, "used": 1}, "sudah habis"),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"hx_request": "true"}])
def test_a_code_that_is_worth_nothing_is_refused_in_its_place(shopper, fields, said, headers):
    if fields is not None:
        make_voucher(**fields)
    page = use(shopper, "KOPI10", **headers)
    assert page.status_code == 422
    assert said in text_of(page)
    assert 'value="KOPI10"' in text_of(page)
    assert page.context["contents"].total == 242_000
    assert Cart.objects.get().voucher_code == ""


def test_a_refused_code_leaves_the_one_in_use(shopper):
    make_voucher()
    use(shopper, "KOPI10")
    page = use(shopper, "LAIN99")
    assert page.status_code == 422
    assert page.context["contents"].total == 217_800
    assert Cart.objects.get().voucher_code == "KOPI10"


def test_a_voucher_whose_goods_are_missing_waits_and_says_what_is_missing(shopper, variants, shops):  # noqa: F811
    make_voucher(min_basket=250_000)
    assert use(shopper, "KOPI10").status_code == 302
    page = shopper.get(DETAIL)
    assert "Kurang Rp8.000 lagi" in text_of(page)
    assert page.context["contents"].total == 242_000
    # It stands in nobody's way at the checkout, which says why it takes nothing off.
    checkout = shopper.get(START)
    assert "Kurang Rp8.000 lagi" in text_of(checkout)
    assert not checkout.context["form"]["voucher"].value()
    shopper.post("/keranjang/tambah/", {"variant": variants["keripik"].pk, "quantity": 1})
    assert shopper.get(DETAIL).context["contents"].total == 262_000 - 26_200


def test_a_voucher_of_a_shop_that_is_not_in_the_basket_leads_there(client, variants, shops):  # noqa: F811
    make_voucher(code="OMAH", vendor=shops["tempe"])
    client.cookies[COOKIE] = fill({variants["kopi"]: 1}).token
    use(client, "OMAH")
    page = client.get(DETAIL)
    assert "Voucher ini untuk barang dari Dapur Tempe" in text_of(page)
    assert shops["tempe"].get_absolute_url() in text_of(page)


def test_somebody_who_has_had_it_is_told_before_the_checkout(client, variants):  # noqa: F811
    buyer = User.objects.create_user(email="buyer@example.com", name="Rini")
    fill({variants["kopi"]: 1}, user=buyer)
    voucher = make_voucher(limit_per_buyer=1)
    redeem_voucher(voucher_id=voucher.pk, reference="LN-1", email=buyer.email, amount=1_000)
    client.force_login(buyer, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = use(client, "KOPI10")
    assert page.status_code == 422
    assert "sudah kamu pakai sebanyak yang dibolehkan" in text_of(page)
    # Somebody whose basket had it before sees why it takes nothing off now.
    Cart.objects.update(voucher_code="KOPI10")
    assert "sudah kamu pakai" in text_of(client.get(DETAIL))
    assert "sudah kamu pakai" in text_of(client.get(START))


def test_it_goes_along_into_the_checkout_and_is_gone_once_it_is_ordered(client, variants, shops):  # noqa: F811
    client.cookies[COOKIE] = fill({variants["keripik"]: 3, variants["kopi"]: 1}).token
    make_voucher()
    use(client, "KOPI10")
    checkout = client.get(START)
    assert checkout.context["plan"].discount_total == 11_200
    assert 'value="KOPI10"' in text_of(checkout)
    placed = client.post(START, details(shops, voucher="KOPI10", expected_total="108800"))
    assert placed.status_code == 302
    assert Order.objects.get().voucher_code == "KOPI10"
    assert Cart.objects.get().voucher_code == ""


def test_the_button_at_the_checkout_keeps_it_in_the_basket_too(shopper):
    make_voucher()
    shopper.post(OPTIONS, {"voucher": "KOPI10"})
    assert Cart.objects.get().voucher_code == ""
    shopper.post(OPTIONS, {"voucher": "KOPI10", "use_voucher": "1"})
    assert Cart.objects.get().voucher_code == "KOPI10"
    shopper.post(OPTIONS, {"voucher": "", "use_voucher": "1"})
    assert Cart.objects.get().voucher_code == ""


def test_signing_in_takes_the_voucher_along(variants):  # noqa: F811
    make_voucher()
    buyer = User.objects.create_user(email="buyer@example.com", name="Rini")
    own = fill({variants["kopi"]: 1}, user=buyer)
    guest = fill({variants["mug"]: 1})
    Cart.objects.filter(pk=guest.pk).update(voucher_code="KOPI10")
    adopt_cart(user=buyer, token=guest.token)
    own.refresh_from_db()
    assert own.voucher_code == "KOPI10"


def test_nobody_tries_one_code_after_the_other(shopper, settings):
    settings.RATELIMIT_ENABLE = True
    settings.THROTTLE_RATES = {"voucher-guess": "3/m"}
    make_voucher()
    for number in range(4):
        use(shopper, f"TEBAK{number}")
    page = use(shopper, "KOPI10")
    assert page.status_code == 422
    assert "Terlalu banyak kode" in text_of(page)
    # The checkout counts the same tries.
    assert "Terlalu banyak kode" in text_of(shopper.post(OPTIONS, {"voucher": "KOPI10"}))


def test_posting_codes_is_throttled(shopper, settings):
    settings.RATELIMIT_ENABLE = True
    settings.THROTTLE_RATES = {"cart-voucher": "2/m"}
    make_voucher()
    assert [use(shopper, "KOPI10").status_code for _try in range(3)] == [302, 302, 429]


@pytest.mark.parametrize(
    "code", ["", "   ", "\x00", "<script>alert(1)</script>", "'; DROP TABLE carts_cart;--", "A" * 5000]
)
def test_nonsense_is_answered_in_words(shopper, code):
    page = use(shopper, code)
    assert page.status_code in (302, 422)
    assert "<script>alert" not in text_of(page)


def test_without_a_basket_there_is_nothing_to_use_it_on(client):
    make_voucher()
    assert use(client, "KOPI10")["Location"] == DETAIL
    assert not Cart.objects.exists()


def test_no_session_and_a_bounded_number_of_queries(shopper, variants):  # noqa: F811
    make_voucher()
    use(shopper, "KOPI10")
    page = shopper.get(DETAIL)
    assert "sessionid" not in page.cookies
    assert "sessionid" not in shopper.cookies
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as queries:
            shopper.get(DETAIL)
        counts.append(len(own_queries(queries)))
        shopper.post("/keranjang/tambah/", {"variant": variants["keripik"].pk, "quantity": 1})
    # The basket, its lines, the voucher, its products, its categories.
    assert counts == [5, 5]
