"""What a voucher takes off, to the rupiah, and what it says when it takes off nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as some

from marketplace.promotions.models import Voucher
from marketplace.promotions.rules import LEAST_LEFT, Goods, Scope, offer_of

NOW = timezone.now()
GOODS = [Goods(1, 11, 60_000, "kuliner/keripik"), Goods(1, 12, 33_333, "kuliner/kopi"), Goods(2, 21, 20_000, "kriya")]


def offer(goods=GOODS, scope=None, *, shop="Dapur Tempe", **fields):
    usual = {"valid_from": NOW - timedelta(days=1), "kind": "percent", "percent": 10}
    voucher = Voucher(code="HEMAT", **(usual | fields))
    with override("en"):
        return offer_of(voucher, scope or Scope(), goods, now=NOW, shop=shop)


def test_a_percentage_of_everything_is_split_to_the_rupiah():
    found = offer()
    assert found.total == 11_333
    assert found.discounts == (6_000, 3_333, 2_000)
    assert found.is_borne_by_site


def test_a_percentage_has_its_most():
    assert offer(percent=50, amount=10_000).total == 10_000


def test_a_shops_voucher_is_for_its_own_goods_and_the_shop_bears_it():
    found = offer(vendor_id=1, kind="fixed", percent=None, amount=20_000)
    assert found.discounts[2] == 0
    assert found.total == 20_000
    assert not found.is_borne_by_site


@pytest.mark.parametrize(
    "scope, discounts",
    [
        (Scope(product_ids=frozenset({12})), (0, 3_333, 0)),
        (Scope(categories=("kuliner",)), (6_000, 3_333, 0)),
        (Scope(categories=("kuliner/kop",)), None),
        (Scope(product_ids=frozenset({21}), categories=("kuliner/kopi",)), (0, 3_333, 2_000)),
    ],
)
def test_only_for_products_or_categories(scope, discounts):
    found = offer(scope=scope)
    if discounts is None:
        assert "not for what is in your basket" in found.refusal
    else:
        assert found.discounts == discounts


@pytest.mark.parametrize(
    "fields, said",
    [
        ({"is_active": False}, "no longer given out"),
        ({"valid_from": NOW + timedelta(days=2)}, "valid from"),
        ({"valid_until": NOW - timedelta(minutes=1)}, "valid until"),
        ({"limit_total": 5, "used": 5}, "used up"),
        ({"min_basket": 150_000}, "Still Rp36.667 to go"),
        ({"vendor_id": 3}, "for goods from Dapur Tempe"),
    ],
)
def test_each_refusal_says_what_is_wrong_and_what_to_do(fields, said):
    found = offer(**fields)
    assert said in found.refusal
    assert found.total == 0


def test_the_minimum_counts_what_the_voucher_is_for():
    assert "Still Rp80.000 to go" in offer(vendor_id=2, min_basket=100_000).refusal


def test_something_is_always_left_to_pay():
    assert offer(kind="fixed", percent=None, amount=1_000_000).total == 113_333 - LEAST_LEFT
    assert "too little" in offer([Goods(1, 11, 900)]).refusal


@given(
    totals=some.lists(some.integers(1, 5_000_000), min_size=1, max_size=12),
    percent=some.integers(1, 100),
    most=some.none() | some.integers(1, 400_000),
)
def test_shares_add_up_and_none_is_above_its_line(totals, percent, most):
    found = offer([Goods(1, index, total) for index, total in enumerate(totals)], percent=percent, amount=most)
    assert all(0 <= share <= total for share, total in zip(found.discounts, totals, strict=True))
    assert found.total <= max(0, sum(totals) - LEAST_LEFT)
    assert found.refusal or found.total == min(
        sum(totals) * percent // 100, sum(totals) - LEAST_LEFT, most or sum(totals)
    )
