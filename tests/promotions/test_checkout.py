"""The field for a voucher: works without script, says what is wrong, cannot be used to try codes out."""

import pytest

from marketplace.carts.visitor import COOKIE
from marketplace.orders.models import Order
from marketplace.promotions.models import Voucher
from marketplace.promotions.rules import Goods
from marketplace.promotions.selectors import offer_for
from tests.checkout.conftest import HOME, fill
from tests.checkout.test_views import OPTIONS, START, details, text_of
from tests.factories.vouchers import make_voucher

pytestmark = pytest.mark.django_db


@pytest.fixture
def shopper(client, variants):
    """A visitor with keripik for Rp60.000 and coffee for Rp52.000, payable in cash; delivery costs Rp8.000."""
    client.cookies[COOKIE] = fill({variants["keripik"]: 3, variants["kopi"]: 1}).token
    return client


def choices(shops, **changes):
    return {name: value for name, value in details(shops).items() if name.startswith("delivery")} | {
        "region": HOME,
        **changes,
    }


def test_a_voucher_is_shown_in_the_total_before_ordering(shopper, shops):
    make_voucher()
    page = shopper.post(OPTIONS, choices(shops, voucher="kopi 10"))
    assert page.status_code == 200
    assert page.context["plan"].total == 112_000 + 8_000 - 11_200
    assert "−Rp11.200" in text_of(page)
    assert 'name="expected_total" value="108800"' in text_of(page)


def test_ordering_with_it_shows_it_everywhere(shopper, shops):
    make_voucher(code="OMAH", vendor=shops["tempe"], kind="fixed", percent=None, amount=10_000)
    page = shopper.post(START, details(shops, voucher="omah", expected_total="110000"), follow=True)
    placed = Order.objects.get()
    assert (placed.discount_total, placed.total, placed.voucher_code) == (10_000, 110_000, "OMAH")
    assert "OMAH" in text_of(page)
    assert "−Rp10.000" in text_of(page)
    receipt = text_of(shopper.get(placed.get_absolute_url() + "bukti/"))
    assert "OMAH" in receipt


@pytest.mark.parametrize(
    "fields, said",
    [
        (None, "Tidak ada voucher dengan kode ini"),
        ({"min_basket": 200_000}, "Kurang Rp88.000 lagi"),
        ({"limit_total": 1, "used": 1}, "sudah habis"),
        ({"is_active": False}, "tidak berlaku lagi"),
    ],
)
def test_a_refusal_is_clear_and_nothing_typed_is_lost(shopper, shops, fields, said):
    if fields is not None:
        make_voucher(**fields)
    page = shopper.post(OPTIONS, choices(shops, voucher="KOPI10", note="tetap"))
    assert said in text_of(page)
    assert 'value="KOPI10"' in text_of(page)
    assert page.context["plan"].total == 120_000
    refused = shopper.post(START, details(shops, voucher="KOPI10"))
    assert refused.status_code == 422
    assert said in str(refused.context["form"].errors["voucher"])
    assert len(refused.context["form"].errors["voucher"]) == 1
    assert not Order.objects.exists()


def test_the_last_one_went_to_somebody_else_while_the_form_was_open(shopper, shops):
    voucher = make_voucher(limit_total=1)
    seen = shopper.post(OPTIONS, choices(shops, voucher="KOPI10"))
    Voucher.objects.filter(pk=voucher.pk).update(used=1)
    page = shopper.post(START, details(shops, voucher="KOPI10", expected_total=str(seen.context["plan"].total)))
    assert page.status_code == 422
    assert "sudah habis" in text_of(page)
    assert 'name="expected_total" value="120000"' in text_of(page)


def test_nobody_tries_one_code_after_the_other(shopper, shops, settings):
    settings.RATELIMIT_ENABLE = True
    settings.THROTTLE_RATES = {"voucher-guess": "3/m"}
    make_voucher()
    for number in range(4):
        shopper.post(OPTIONS, choices(shops, voucher=f"TEBAK{number}"))
    page = shopper.post(OPTIONS, choices(shops, voucher="KOPI10"))
    assert "Terlalu banyak kode" in text_of(page)
    assert page.context["plan"].discount_total == 0
    # Without a code the checkout goes on.
    assert shopper.post(START, details(shops)).status_code == 302


def test_a_voucher_costs_three_queries(variants, shops, django_assert_num_queries):
    make_voucher()
    with django_assert_num_queries(3):
        assert offer_for("KOPI10", [Goods(1, 1, 50_000)]).total == 5_000
