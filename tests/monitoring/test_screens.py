"""The home, the dashboard, the rows behind each number, and their spreadsheets."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from openpyxl import load_workbook

from marketplace.audit.models import AuditEvent
from marketplace.orders.models import Order, SubOrder
from tests.factories import registration
from tests.factories.verification import approve, held_case
from tests.monitoring.conftest import sale, shop
from umkm.monitoring import charts
from umkm.monitoring.tables import TABLES
from umkm.registration.models import VendorApplication
from umkm.vendors.models import Vendor

pytestmark = pytest.mark.django_db
DASHBOARD = "/admin/pemantauan/"
LISTS = ("cases", "vendors", "sales", "papers")


def rows_of(response) -> list[list[str]]:
    """The rows of a CSV file."""
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


@pytest.fixture
def busy(ratna):
    """Two districts with businesses, sales and cases; one business of another region."""
    tempe = shop("Dapur Tempe", village="35.73.01.1002")
    sale(tempe, price=50_000)
    shop("Batik Klojen", village="35.73.02.1001")
    sale(shop("Kopi Dampit", village="35.07.24.1001"), price=90_000)
    registration.submitted(name="Jenang Mbok Yem")
    return tempe


def test_the_home_is_the_officers_own(busy, ratna_client):
    html = ratna_client.get("/admin/").content.decode()
    assert "Ratna" in html
    assert "Dinas Kota Malang" in html
    for heading in (
        "Menunggu keputusan",
        "Saya pegang",
        "Kota Malang sekilas",
        "Segera kedaluwarsa",
        "12 pekan terakhir",
    ):
        assert heading in html
    assert "Jenang Mbok Yem" in html
    assert "Kopi Dampit" not in html


def test_every_number_of_the_home_leads_to_as_many_rows(busy, ratna, ratna_client):
    held_case(ratna)
    html = ratna_client.get("/admin/").content.decode()
    found = re.findall(
        r'<a href="(/admin/(?:verifikasi|pemantauan)[^"]*)" class="o-figure[^"]*">\s*(?:<svg.*?</svg>)?(\d+)</a>', html
    )
    assert len(found) >= 8
    for address, number in found:
        response = ratna_client.get(address.replace("&amp;", "&"))
        assert response.context["paginator"].count == int(number), address


def test_every_number_of_the_dashboard_leads_to_as_many_rows(busy, ratna, ratna_client):
    approve(held_case(ratna), ratna)
    late = registration.submitted()
    VendorApplication.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(days=3))
    html = ratna_client.get(DASHBOARD).content.decode()
    found = re.findall(r'<a[^>]* href="(/admin/pemantauan/[^"]*)"[^>]*>\s*(?:<svg.*?</svg>)?(\d+)</a>', html)
    found += re.findall(r'<a class="o-funnel__step" href="([^"]*)">.*?<b class="o-funnel__n">(\d+)</b>', html)
    assert len(found) >= 20
    for address, number in found:
        response = ratna_client.get(address.replace("&amp;", "&"))
        assert response.context["paginator"].count == int(number), address


def test_the_dashboard_is_the_own_regions(busy, ratna_client, heru_client):
    html = ratna_client.get(DASHBOARD).content.decode()
    assert "Kota Malang" in html
    assert "Batik Klojen" in html
    assert "Kopi Dampit" not in html
    html = heru_client.get(DASHBOARD).content.decode()
    assert "Kabupaten Malang" in html
    assert "Batik Klojen" not in html


def test_an_empty_region_has_a_dashboard_too(ratna_client):
    html = ratna_client.get(DASHBOARD).content.decode()
    assert "Belum ada UMKM yang buka." in html
    assert ratna_client.get("/admin/").status_code == 200


def test_a_filter_narrows_all_of_it_and_its_links(busy, ratna_client):
    html = ratna_client.get(DASHBOARD, {"kecamatan": "35.73.02"}).content.decode()
    assert "kecamatan=35.73.02" in html
    response = ratna_client.get(reverse("monitoring:vendors"), {"kecamatan": "35.73.02"})
    assert [row.name for row in response.context["object_list"]] == ["Batik Klojen"]
    # Another region's district is no filter, and opens nothing.
    html = ratna_client.get(DASHBOARD, {"kecamatan": "35.07.24"}).content.decode()
    assert "Batik Klojen" in html
    assert "Kopi Dampit" not in html


@pytest.mark.parametrize("name", LISTS)
def test_lists_show_the_own_region_only(busy, ratna_client, heru_client, name):
    ours = ratna_client.get(reverse(f"monitoring:{name}")).content.decode()
    theirs = heru_client.get(reverse(f"monitoring:{name}")).content.decode()
    assert "Kopi Dampit" not in ours
    for word in ("Dapur Tempe", "Batik Klojen", "Jenang"):
        assert word not in theirs


def test_lists_filter_by_what_the_address_says(busy, ratna_client):
    def found(name: str, **query) -> list[str]:
        response = ratna_client.get(reverse(f"monitoring:{name}"), query)
        return [str(getattr(row, "vendor", None) or row.name) for row in response.context["object_list"]]

    assert found("vendors", tanpa_penjualan="90") == ["Batik Klojen"]
    assert found("vendors", subsektor="kuliner") == ["Batik Klojen", "Dapur Tempe"]
    assert found("vendors", punya="tayang") == ["Dapur Tempe"]
    assert found("vendors", buka_sejak="2030-01-01") == []
    assert found("sales", sejak="2030-01-01") == []
    assert found("sales") == ["Dapur Tempe"]
    assert found("cases", keadaan="menunggu", umur="0-1") == ["Jenang Mbok Yem"]
    assert found("cases", keadaan="lewat") == []
    # What is no date narrows nothing, and is no error either.
    assert found("sales", sejak="kemarin") == ["Dapur Tempe"]


@pytest.mark.parametrize("name", LISTS)
def test_lists_cost_as_many_queries_for_eight_rows_as_for_two(ratna, ratna_client, name):
    def grow(first: int, last: int) -> None:
        for number in range(first, last):
            vendor = shop(f"Toko {number}")
            sale(vendor)
            registration.submitted()

    def queries() -> int:
        ratna_client.get(reverse(f"monitoring:{name}"))
        with CaptureQueriesContext(connection) as captured:
            assert ratna_client.get(reverse(f"monitoring:{name}")).status_code == 200
        return len(captured)

    grow(0, 2)
    few = queries()
    grow(2, 8)
    assert queries() == few


@pytest.mark.parametrize("address", ["/admin/", DASHBOARD])
def test_screens_cost_as_many_queries_for_much_as_for_little(ratna, ratna_client, address):
    def queries() -> int:
        ratna_client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert ratna_client.get(address).status_code == 200
        return len(captured)

    sale(shop("Toko"))
    registration.submitted()
    held_case(ratna)
    few = queries()
    for number in range(5):
        sale(shop(f"Toko {number}", village="35.73.02.1001"))
        registration.submitted()
        held_case(ratna)
    assert queries() == few


# --- spreadsheets ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("key", TABLES)
def test_each_table_downloads_as_csv_and_xlsx_with_the_same_rows(busy, ratna_client, key):
    address = reverse("monitoring:table", args=[key])
    as_csv = rows_of(ratna_client.get(address, {"export": "csv"}))
    response = ratna_client.get(address, {"export": "xlsx"})
    sheet = load_workbook(io.BytesIO(response.content)).active
    as_xlsx = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert len(as_csv) == len(as_xlsx) > 1
    assert as_csv[0] == as_xlsx[0] == [str(column) for column in TABLES[key].columns]
    assert response["Content-Disposition"].startswith(f'attachment; filename="{key}-35-73-')
    assert "no-store" in response["Cache-Control"]


def test_a_table_holds_what_the_screen_shows(busy, ratna_client):
    rows = rows_of(ratna_client.get(reverse("monitoring:table", args=["umkm-menurut-kecamatan"]), {"export": "csv"}))
    by_name = {row[1]: row for row in rows}
    assert by_name["Blimbing"][2:] == ["1", "1", "1", "50000"]
    narrowed = {"export": "csv", "kecamatan": "35.73.02"}
    rows = rows_of(ratna_client.get(reverse("monitoring:table", args=["umkm-menurut-kecamatan"]), narrowed))
    assert [row[1] for row in rows[1:]] == ["Klojen"]


def test_an_unknown_table_or_format_does_not_exist(ratna_client):
    assert ratna_client.get(reverse("monitoring:table", args=["gaji"])).status_code == 404
    assert ratna_client.get(reverse("monitoring:table", args=["indikator"]), {"export": "pdf"}).status_code == 404


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_personal_data_leaves_in_a_spreadsheet(ratna, ratna_client, name, form):
    case = held_case(ratna, owner_name="Bu Sri Rahasia", nik="3573014501800001", phone="+6281234567890",
                     address="Jl. Rahasia 27", turnover=123_456_789)  # fmt: skip
    approve(case, ratna)
    case.refresh_from_db()
    sale(case.vendor)
    content = ratna_client.get(reverse(f"monitoring:{name}"), {"export": form}).content
    if form == "xlsx":
        rows = load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
        text = "\n".join(str(row) for row in rows)
    else:
        text = content.decode()
    secrets = [
        "Bu Sri Rahasia", "3573014501800001", "81234567890", "Rahasia", "123456789", case.owner.email,
        "Sinta", "sinta@contoh.id", "Jalan Contoh 12",
    ]  # fmt: skip
    for secret in secrets:
        assert secret not in text
    if name in ("cases", "vendors", "sales"):
        assert case.name in text


def test_an_export_has_the_filtered_rows_and_is_written_down(busy, ratna, ratna_client):
    response = ratna_client.get(reverse("monitoring:vendors"), {"export": "csv", "kecamatan": "35.73.02"})
    assert [row[0] for row in rows_of(response)[1:]] == ["Batik Klojen"]
    event = AuditEvent.objects.get(action="monitoring.exported")
    assert event.actor == ratna.user
    assert event.data == {"table": "umkm", "rows": 1, "format": "csv"}


def test_a_spreadsheet_has_the_day_as_it_was_in_malang(ratna_client):
    """At half past one in the night it is still yesterday in Greenwich."""
    quiet = shop("Warung Malam")
    night = timezone.localtime().replace(hour=1, minute=30) - timedelta(days=200)
    Vendor.objects.filter(pk=quiet.pk).update(opened_at=night)
    Order.objects.filter(pk=sale(quiet).order_id).update(placed_at=night)
    SubOrder.objects.update(confirmed_at=night)
    listed = rows_of(ratna_client.get(reverse("monitoring:vendors"), {"export": "csv"}))
    table = rows_of(ratna_client.get(reverse("monitoring:table", args=["tanpa-penjualan"]), {"export": "csv"}))
    for rows in (listed, table):
        assert rows[1][-2:] == [night.date().isoformat()] * 2, rows


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_a_name_that_looks_like_a_formula_stays_a_name(ratna_client, start):
    shop(f"{start}HYPERLINK(1)", slug="rumus")
    rows = rows_of(ratna_client.get(reverse("monitoring:vendors"), {"export": "csv"}))
    assert rows[1][0] == f"'{start}HYPERLINK(1)"
    content = ratna_client.get(reverse("monitoring:vendors"), {"export": "xlsx"}).content
    cell = load_workbook(io.BytesIO(content)).active.cell(row=2, column=1)
    assert cell.data_type == "s"


# --- charts ------------------------------------------------------------------------------------------------------
def test_names_in_charts_are_escaped():
    bars = [charts.Bar("<script>x</script>", 3, 1, '/x/?a=1&b="2"')]
    drawn = str(charts.compare_bars(bars, title="A & B", description="<b>", width=400))
    assert "<script>" not in drawn
    assert "<b>" not in drawn
    assert escape("<script>x</script>") in drawn
    assert 'href="/x/?a=1&amp;b=&quot;2&quot;"' in drawn


def test_charts_carry_no_style_and_no_script_and_say_what_they_show():
    weeks = [charts.Bar(str(number), number, 3) for number in range(12)]
    places = [charts.Place("Klojen", -7.97, 112.62, 3, 1, "/x/")]
    drawings = [
        charts.period_bars(weeks, title="Pekan", description="naik"),
        charts.spark([1, 2, 3], title="Garis", description="naik"),
        charts.compare_bars(weeks, title="Batang", description="naik"),
        charts.compare_lines(["a", "b"], [0, 0], [0, 0], names=("2026", "2025"), title="Garis", description="rata"),
        charts.place_map(places, [], title="Peta", description="satu"),
        charts.place_map(places, [[[[112.6, -8.0], [112.7, -8.0], [112.7, -7.9]]]], title="P", description="b"),
    ]  # fmt: skip
    for drawn in drawings:
        assert "style=" not in drawn
        assert "<script" not in drawn
        assert "<title" in drawn
        assert "<desc" in drawn
        assert 'aria-labelledby="' in drawn


@pytest.mark.parametrize(
    "value, words", [(0, "Rp0"), (1_500, "Rp1,5 rb"), (1_250_000, "Rp1,2 jt"), (2_000_000_000, "Rp2 M")]
)
def test_amounts_in_short(value, words):
    assert charts.rupiah_short(value) == words
