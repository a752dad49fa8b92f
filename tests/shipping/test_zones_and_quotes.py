"""How far, how much, and when."""

import datetime

import pytest

from marketplace.core.exceptions import DomainError
from marketplace.reference.models import Region
from marketplace.shipping.models import DeliveryArea, ShippingRate, ShippingZone, VendorShipping
from marketplace.shipping.quotes import Quote
from marketplace.shipping.selectors import RateBook, quotes_for
from marketplace.shipping.services import (
    close_pickup_point,
    default_rates,
    load_rates,
    remove_delivery_area,
    save_delivery_area,
    save_pickup_point,
    save_vendor_shipping,
)
from marketplace.shipping.zones import add_delivery_days, lies_in, zone_between
from tests.factories import base
from tests.factories.orders import make_shop

BLIMBING, KLOJEN, SINGOSARI = "35.73.01.1002", "35.73.02.1001", "35.07.24.1001"
WEDNESDAY = datetime.date(2026, 11, 25)


@pytest.mark.parametrize(
    ("destination", "zone"),
    [
        ("35.73.01.1005", "district"),
        ("35.73.01", "district"),
        (KLOJEN, "city"),
        (SINGOSARI, "malang-raya"),
        ("35.79.01.1001", "malang-raya"),
        ("35.78.01", "east-java"),
        ("35.29.01", "east-java"),  # Madura
        ("31.71.01", "java"),
        ("34.04.02", "java"),
        ("51.71.01", "outside"),
        ("94.71.01", "outside"),
    ],
)
def test_the_zone_follows_from_the_codes(destination, zone):
    assert zone_between(BLIMBING, destination) == zone


def test_a_region_that_only_begins_alike_is_another():
    assert zone_between("35.7.01", "35.73.01") != "city"
    assert not lies_in("35.731.01", "35.73")
    assert lies_in("35.73", "35.73")


@pytest.mark.parametrize(
    ("start", "days", "day"),
    [
        (WEDNESDAY, 0, "2026-11-25"),
        (WEDNESDAY, 1, "2026-11-26"),
        (datetime.date(2026, 11, 28), 1, "2026-11-30"),  # over a Sunday
        (datetime.date(2026, 11, 29), 0, "2026-11-30"),  # a Sunday is no day to hand over
        (datetime.date(2026, 12, 24), 1, "2026-12-26"),  # over Christmas
        (datetime.date(2031, 12, 24), 1, "2031-12-25"),  # holidays of that year are not known yet
    ],
)
def test_delivery_days_leave_out_sundays_and_holidays(start, days, day):
    assert add_delivery_days(start, days).isoformat() == day


@pytest.fixture
def shop(db):
    load_rates()
    for code in (KLOJEN, SINGOSARI):
        base.village(code)
    return make_shop("Dapur Tempe", village_code=BLIMBING, opening_hours="08.00-16.00")


def quotes(shop, destination=KLOJEN, grams=500, **arguments) -> dict[str, Quote]:
    found = quotes_for(vendor=shop, destination=destination, weight_grams=grams, today=WEDNESDAY, **arguments)
    return {quote.key: quote for quote in found}


@pytest.mark.parametrize(
    ("grams", "price"), [(0, 8_000), (1_000, 8_000), (1_001, 12_000), (5_000, 16_000), (20_000, 46_000)]
)
def test_the_courier_costs_by_weight(shop, grams, price):
    assert quotes(shop, grams=grams)["shipping"].price == price


def test_too_heavy_for_a_courier_is_told_and_stands_last(shop):
    found = quotes_for(vendor=shop, destination=KLOJEN, weight_grams=20_001, today=WEDNESDAY)
    assert [quote.key for quote in found] == ["pickup", "shipping"]
    assert "20" in found[-1].unavailable


def test_the_promise_counts_packing_and_the_way(shop):
    quote = quotes(shop)["shipping"]
    assert (quote.earliest, quote.latest) == ("2026-11-27", "2026-11-28")
    VendorShipping.objects.create(vendor=shop, handling_days=0)
    assert quotes(shop)["pickup"].earliest == "2026-11-25"


def test_own_delivery_counts_the_smallest_area(shop):
    city, klojen = Region.objects.get(code="35.73"), Region.objects.get(code="35.73.02")
    DeliveryArea.objects.create(vendor=shop, region=city, price=8_000, days=1)
    DeliveryArea.objects.create(vendor=shop, region=klojen, price=5_000)
    assert quotes(shop)["own_delivery"].price == 5_000
    assert quotes(shop, BLIMBING)["own_delivery"].price == 8_000
    outside = quotes(shop, SINGOSARI)["own_delivery"]
    assert not outside.is_available
    assert "Dapur Tempe" in outside.unavailable


def test_without_a_place_only_what_needs_no_address_is_offered(shop):
    assert list(quotes(shop, "")) == ["pickup"]


def test_a_shop_may_refuse_couriers_and_pickup(shop):
    VendorShipping.objects.create(vendor=shop, uses_courier=False)
    shop.accepts_pickup = False
    assert quotes(shop) == {}


def test_what_is_digital_needs_nothing(shop):
    assert list(quotes(shop, "", is_digital=True)) == ["digital"]


def test_pickup_points_stand_in_for_the_shop(shop):
    owner = shop.members.get().user
    point = save_pickup_point(vendor=shop, actor=owner, name="Kios Stasiun", address="Jalan Trunojoyo 10")
    (quote,) = [quote for quote in quotes(shop).values() if quote.kind == "pickup"]
    assert (quote.key, quote.place, quote.address) == (f"pickup-{point.pk}", "Kios Stasiun", "Jalan Trunojoyo 10")
    close_pickup_point(vendor=shop, actor=owner, point_id=point.pk)
    assert quotes(shop)["pickup"].place == "Dapur Tempe"


def test_a_quote_survives_being_frozen(shop):
    for quote in quotes(shop).values():
        assert Quote.from_json(quote.as_json()) == quote
    old = Quote.from_json({"kind": "shipping", "price": 9_000, "dropped_later": 1})
    assert (old.price, old.promise) == (9_000, "")


def test_quotes_for_many_shops_cost_four_queries(shop, django_assert_num_queries):
    shops = [shop, *(make_shop(f"Toko {number}") for number in range(5))]
    with django_assert_num_queries(4):
        book = RateBook.load([each.pk for each in shops])
        for each in shops:
            quotes(each, book=book)


def test_loading_the_rates_again_keeps_what_an_operator_changed(shop):
    ShippingRate.objects.filter(zone__slug="city", up_to_grams=1000).update(price=9_500)
    assert load_rates() == len(default_rates()) == ShippingZone.objects.count()
    assert quotes(shop)["shipping"].price == 9_500


@pytest.mark.parametrize("price", [-1, 1_000_001])
def test_an_area_needs_a_sensible_price(shop, price):
    with pytest.raises(DomainError) as refused:
        save_delivery_area(
            vendor=shop, actor=shop.members.get().user, region=Region.objects.get(code="35.73"), price=price
        )
    assert refused.value.field == "price"
    assert not DeliveryArea.objects.exists()


def test_an_area_is_changed_and_removed_only_by_its_own_shop(shop):
    owner, stranger = shop.members.get().user, make_shop("Toko Lain")
    city = Region.objects.get(code="35.73")
    area = save_delivery_area(vendor=shop, actor=owner, region=city, price=8_000)
    assert save_delivery_area(vendor=shop, actor=owner, region=city, price=6_000).pk == area.pk
    assert not remove_delivery_area(vendor=stranger, actor=owner, area_id=area.pk)
    assert remove_delivery_area(vendor=shop, actor=owner, area_id=area.pk)
    with pytest.raises(DomainError):
        save_delivery_area(vendor=shop, actor=owner, region=Region.objects.get(code="35"), price=8_000)


@pytest.mark.parametrize("days", [-1, 31])
def test_days_to_pack_are_sensible(shop, days):
    with pytest.raises(DomainError):
        save_vendor_shipping(vendor=shop, actor=shop.members.get().user, uses_courier=True, handling_days=days)
