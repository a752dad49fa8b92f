"""Figures: what is counted, what is not, and that other regions are never among it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.factories import base, registration
from tests.factories.registration import kind
from tests.factories.verification import approve, held_case
from tests.monitoring.conftest import sale, shop
from umkm.monitoring import indicators, selectors
from umkm.monitoring.scope import Scope, month_of, week_of, year_before
from umkm.registration.models import LegalDocument, VendorApplication
from umkm.vendors.models import Vendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def scope(ratna):
    return Scope(ratna)


def sent(days_ago: int, **fields) -> VendorApplication:
    application = registration.submitted(**fields)
    moment = timezone.now() - timedelta(days=days_ago)
    VendorApplication.objects.filter(pk=application.pk).update(submitted_at=moment)
    return VendorApplication.objects.get(pk=application.pk)


def test_cases_by_age_in_working_days(scope):
    sent(0)
    old = sent(30)
    VendorApplication.objects.filter(pk=old.pk).update(due_at=timezone.now() - timedelta(days=20))
    sent(30, village=base.village("35.07.24.1001"))
    rows = {row.group.key: row for row in selectors.cases_by_age(scope)}
    assert rows["0-1"].waiting == 1
    assert (rows["11"].waiting, rows["11"].late, rows["11"].free) == (1, 1, 1)
    assert sum(row.waiting for row in rows.values()) == 2


def test_each_case_is_in_exactly_one_age_group(scope):
    for days in range(25):
        sent(days)
    assert sum(row.waiting for row in selectors.cases_by_age(scope)) == 25


def test_businesses_by_district_now_and_a_year_ago(scope):
    shop("Lama", village="35.73.01.1002", opened_days_ago=400)
    new = shop("Baru", village="35.73.01.1002", opened_days_ago=10)
    shop("Klojen", village="35.73.02.1001")
    shop("Tutup", village="35.73.02.1001", status=Vendor.Status.CLOSED)
    shop("Dampit", village="35.07.24.1001")
    sale(new, price=50_000)
    places = {place.name: place for place in selectors.vendors_by_district(scope)}
    assert (places["Blimbing"].now, places["Blimbing"].then, places["Blimbing"].change) == (2, 1, 1)
    assert (places["Klojen"].now, places["Klojen"].then) == (1, 1)
    assert (places["Blimbing"].orders, places["Blimbing"].sales) == (1, 50_000)
    assert "Singosari" not in places


def test_a_scope_can_be_narrowed_to_a_district_and_a_sub_sector(ratna):
    shop("Lama", village="35.73.01.1002")
    shop("Klojen", village="35.73.02.1001")
    klojen = Scope(ratna, district=base.region("35.73.02"))
    assert [place.name for place in selectors.vendors_by_district(klojen)] == ["Klojen"]
    assert klojen.vendors().count() == 1


def test_sales_by_month_count_what_was_sold(scope):
    vendor, elsewhere = shop("Tempe"), shop("Dampit", village="35.07.24.1001")
    sale(vendor, price=20_000, days_ago=0)
    sale(vendor, price=30_000, days_ago=0)
    sale(vendor, price=99_000, days_ago=0, status="cancelled")
    sale(vendor, price=99_000, days_ago=0, status="pending")
    sale(elsewhere, price=99_000, days_ago=0)
    months = selectors.sales_by_month(scope)
    assert len(months) == 12
    assert (months[-1].orders, months[-1].sales) == (2, 50_000)
    assert sum(month.orders for month in months) == 2


def test_a_month_stands_beside_the_same_month_a_year_before(scope):
    vendor = shop("Tempe", opened_days_ago=900)
    then = (timezone.localdate() - year_before(timezone.localdate())).days
    sale(vendor, price=70_000, days_ago=then)
    last = selectors.sales_by_month(scope)[-1]
    assert (last.orders, last.orders_then, last.sales_then) == (0, 1, 70_000)


def test_shops_without_a_sale_for_ninety_days(scope):
    sold, quiet, never, new = shop("Laku"), shop("Sepi"), shop("Belum pernah"), shop("Baru", opened_days_ago=20)
    shop("Dibekukan", status=Vendor.Status.SUSPENDED)
    shop("Dampit", village="35.07.24.1001")
    sale(sold, days_ago=89)
    sale(quiet, days_ago=91)
    sale(never, days_ago=1, status="cancelled")
    found = {vendor.name: vendor for vendor in selectors.vendors_without_sale(scope)}
    assert set(found) == {"Sepi", "Belum pernah"}
    assert found["Sepi"].last_sale is not None
    assert found["Belum pernah"].last_sale is None
    assert new.name not in found


def test_the_weeks_end_with_the_running_one(scope, ratna):
    approve(held_case(ratna), ratna)
    weeks = selectors.weeks(scope)
    assert len(weeks) == 12
    assert weeks[-1].monday == week_of(timezone.localdate())
    assert weeks[-1].approved == 1


def paper(vendor: Vendor, slug: str, **fields) -> LegalDocument:
    return LegalDocument.objects.create(
        vendor=vendor,
        kind=kind(slug),
        content_type="image/jpeg",
        size=1,
        sha256="0" * 64,
        file="papers/x.jpg",
        uploaded_by=vendor.members.get().user,
        **{"checked_at": timezone.now(), **fields},
    )


def test_indicators_count_open_businesses_and_checked_valid_permits(scope):
    today = timezone.localdate()
    full = shop("Lengkap", nib="0000000000001")
    paper(full, "pirt", expires_on=today + timedelta(days=100))
    paper(full, "halal", checked_at=timezone.now() - timedelta(days=380))
    ran_out, unchecked = shop("Habis"), shop("Belum dicek")
    paper(ran_out, "pirt", expires_on=today - timedelta(days=1))
    paper(unchecked, "halal", checked_at=None)
    shop("Tutup", status=Vendor.Status.CLOSED, nib="0000000000002")
    found = {item.key: item for item in indicators.indicators(scope)}
    assert (found["open"].value, found["open"].then) == (3, 3)
    assert (found["nib"].value, found["nib"].base) == (1, 3)
    assert (found["permit"].value, found["permit"].base) == (1, 3)
    assert (found["halal"].value, found["halal"].then) == (1, 1)
    assert found["permit"].share == pytest.approx(33.33, abs=0.01)


def test_papers_that_run_out_by_month(scope):
    today = timezone.localdate()
    vendor = shop("Tempe")
    paper(vendor, "pirt", expires_on=today + timedelta(days=5))
    paper(vendor, "bpom_md", expires_on=today - timedelta(days=5))
    paper(shop("Dampit", village="35.07.24.1001"), "pirt", expires_on=today + timedelta(days=5))
    firsts, kinds, expired = selectors.expiring_by_month(scope)
    assert firsts[0] == month_of(today)
    assert [(item.slug, item.total) for item in kinds] == [("pirt", 1)]
    assert expired == 1
    assert [found.vendor for found in selectors.expiring_papers(scope)] == [vendor]


def test_the_funnel_follows_a_business_from_its_first_form_to_its_first_sale(scope, ratna):
    registration.submitted()
    case = held_case(ratna)
    approve(case, ratna)
    case.refresh_from_db()
    sale(case.vendor)
    case.vendor.products.update(first_published_at=timezone.now())
    numbers = {step.key: step.number for step in indicators.funnel(scope)}
    assert numbers == {"sent": 2, "decided": 1, "approved": 1, "listed": 1, "sold": 1}


def test_the_median_is_of_working_days_and_nothing_without_decisions(scope, ratna):
    today = timezone.localdate()
    assert indicators.median_days_to_decide(scope, month_of(today, 11), today) is None
    approve(held_case(ratna), ratna)
    assert indicators.median_days_to_decide(scope, month_of(today, 11), today) == 0


@pytest.mark.parametrize(
    "day, back, first", [(date(2026, 11, 25), 0, date(2026, 11, 1)), (date(2026, 1, 31), 1, date(2025, 12, 1)),
                         (date(2026, 11, 25), -2, date(2027, 1, 1)), (date(2026, 11, 25), 12, date(2025, 11, 1))]
)  # fmt: skip
def test_months_are_counted_over_the_turn_of_the_year(day, back, first):
    assert month_of(day, back) == first


def test_a_leap_day_has_a_day_before():
    assert year_before(date(2028, 2, 29)) == date(2027, 2, 28)


@pytest.mark.parametrize(
    "figure, queries",
    [
        (selectors.cases_by_age, 1),
        (selectors.vendors_by_district, 3),
        (selectors.vendors_by_subsector, 3),
        (selectors.sales_by_month, 1),
        (selectors.weeks, 2),
        (selectors.expiring_by_month, 2),
        (indicators.indicators, 1),
        (indicators.funnel, 4),
    ],
)
def test_figures_cost_a_fixed_number_of_queries(scope, ratna, django_assert_num_queries, figure, queries):
    for number in range(3):
        sale(shop(f"Toko {number}"))
        approve(held_case(ratna), ratna)
    with django_assert_num_queries(queries):
        figure(scope)
