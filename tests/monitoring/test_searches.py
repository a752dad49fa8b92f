"""What people search for, as officers, editors and operators see it."""

import csv
import io
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from marketplace.audit.models import AuditEvent
from search.insight import selectors
from search.insight.selectors import Period
from search.insight.services import NARROWED, OCCASIONS, count_clicks, count_search

pytestmark = pytest.mark.django_db
OVERVIEW = "/admin/pencarian/"
FORMS = (
    "/admin/snippets/search/synonymgroup/add/?word=bakpia",
    "/admin/snippets/search/pinnedresult/add/?query=bakpia",
)


def ago(days: int):
    return timezone.localdate() - timedelta(days=days)


@pytest.fixture
def searched(migrated):
    """A week of searches, some before it, and one that is too seldom to be shown."""
    count_search(text="keripik tempe", results=8, times=20)
    count_clicks(text="keripik tempe", clicks={1: 6, 3: 5, 26: 1, NARROWED: 2}, followed=12)
    count_search(text="keripik tempe", results=8, times=10, day=ago(8))
    count_clicks(text="keripik tempe", clicks={3: 4}, followed=4, day=ago(8))
    count_search(text="bakpia", results=0, times=7, day=ago(2))
    count_search(text="krupuk", results=3, times=5, is_loosened=True, day=ago(1))
    count_search(text="televisi", results=0, times=3, day=ago(60))
    for _time in range(OCCASIONS - 1):
        count_search(text="cincin kawin wulan", results=0)


def rows_of(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def words_in(html: str) -> list[str]:
    """The queries of the lists on a page, as often as they stand there."""
    return re.findall(r'<tr><th scope="row"><a href="/admin/pencarian/kata/[^"]*">([^<]*)</a>', html)


def test_the_overview_tells_what_is_asked_what_finds_nothing_and_what_nobody_opens(searched, officer_client):
    page = officer_client.get(OVERVIEW, {"hari": 7})
    html = page.content.decode()
    panels = {panel["kind"]: [row["text"] for row in panel["rows"]] for panel in page.context["lists"]}
    assert panels == {
        selectors.TOP: ["keripik tempe", "bakpia", "krupuk"],
        selectors.WITHOUT: ["bakpia"],
        selectors.UNFOLLOWED: ["krupuk"],
    }
    total = page.context["total"]
    assert (total.searches, total.without, total.loosened, total.followed) == (34, 9, 5, 12)
    assert total.seldom == OCCASIONS - 1
    assert "wulan" not in html
    assert "televisi" not in html
    assert "televisi" in officer_client.get(OVERVIEW, {"hari": 90}).content.decode()


def test_words_become_visible_with_the_third_search(searched, officer_client):
    count_search(text="Cincin kawin Wulan", results=0)
    assert "cincin kawin wulan" in words_in(officer_client.get(OVERVIEW).content.decode())


def test_every_number_leads_to_its_rows(searched, officer_client):
    html = officer_client.get(OVERVIEW, {"hari": 7}).content.decode()
    figures = re.findall(r'<a class="o-value" href="([^"]*)">(\d+)</a>', html)
    assert len(figures) == 4
    for place, (address, number) in enumerate(figures):
        rows = officer_client.get(address.replace("&amp;", "&")).context["rows"]
        seldom = OCCASIONS - 1 if place < 2 else 0
        assert sum(int(row["cells"][0]["value"]) for row in rows) == int(number) - seldom, address
    positions = re.findall(r'<th scope="row"><a href="(/admin/pencarian/daftar/\?posisi[^"]*)">', html)
    clicks = []
    for address in positions:
        page = officer_client.get(address.replace("&amp;", "&"))
        clicks += [int(row["cells"][0]["value"]) for row in page.context["rows"]]
    assert clicks == [6, 5, 1, 2]


def test_a_query_shows_its_days_and_positions(searched, officer_client):
    page = officer_client.get("/admin/pencarian/kata/", {"q": "keripik tempe", "hari": 7})
    html = page.content.decode()
    rows = {each["row"].bucket.key: each["row"] for each in page.context["position_rows"]}
    assert (rows["3"].clicks, rows["3"].before, rows["3"].per_search) == (5, 4, 25.0)
    assert (rows["1"].share, rows["25-"].clicks, rows["0"].clicks) == (43, 1, 2)
    assert [row[1] for row in page.context["days"]["rows"]] == [0, 0, 0, 0, 0, 0, 20]
    assert html.count("<svg viewBox") >= 4 or html.count('class="o-chart') >= 4
    assert 'href="/cari/?q=keripik+tempe"' in html
    assert officer_client.get("/admin/pencarian/kata/", {"q": "cincin kawin wulan"}).status_code == 404
    assert officer_client.get("/admin/pencarian/kata/").status_code == 404


def test_each_query_has_the_forms_that_mend_it_beside_it(searched, officer_client):
    for address in (OVERVIEW, "/admin/pencarian/daftar/?jenis=tanpa-hasil", "/admin/pencarian/kata/?q=bakpia"):
        html = officer_client.get(address).content.decode()
        for form in FORMS:
            assert form in html, (address, form)
    for form in FORMS:
        assert 'value="bakpia"' in officer_client.get(form).content.decode(), form
    assert "/admin/coba-kata/?q=bakpia" in html


def test_who_may_not_mend_is_not_led_there(searched, officer_client):
    Permission.objects.filter(codename="add_pinnedresult").delete()
    html = officer_client.get(OVERVIEW).content.decode()
    assert FORMS[0] in html
    assert FORMS[1] not in html


def test_a_list_is_narrowed_by_letters(searched, officer_client):
    page = officer_client.get("/admin/pencarian/daftar/", {"jenis": "teratas", "kata": "K"})
    assert [row["text"] for row in page.context["rows"]] == ["keripik tempe", "bakpia", "krupuk"]
    page = officer_client.get("/admin/pencarian/daftar/", {"jenis": "mirip", "kata": "kru"})
    assert words_in(page.content.decode()) == ["krupuk"]
    empty = officer_client.get("/admin/pencarian/daftar/", {"kata": "zzz"})
    assert "o-empty" in empty.content.decode()


@pytest.mark.parametrize(
    ("key", "more", "length"), [("teratas", {}, 4), ("tanpa-hasil", {}, 2), ("hari", {}, 8), ("posisi", {}, 8)]
)
def test_tables_are_spreadsheets_too(searched, officer_client, key, more, length):
    address = f"/admin/pencarian/tabel/{key}/"
    rows = rows_of(officer_client.get(address, {"export": "csv", "hari": 7, **more}))
    assert len(rows) == length
    sheet = load_workbook(io.BytesIO(officer_client.get(address, {"hari": 7, **more}).content)).active
    assert sheet.max_row == length
    assert AuditEvent.objects.filter(action="monitoring.exported", data__table=f"pencarian-{key}").count() == 2


def test_spreadsheets_of_one_query_and_of_one_position(searched, officer_client):
    days = rows_of(officer_client.get("/admin/pencarian/tabel/hari/", {"export": "csv", "hari": 7, "q": "bakpia"}))
    assert sum(int(row[1]) for row in days[1:]) == 7
    opened = rows_of(officer_client.get("/admin/pencarian/tabel/teratas/", {"export": "csv", "posisi": "3"}))
    assert [(row[0], row[-1]) for row in opened[1:]] == [("keripik tempe", "9")]
    hidden = {"export": "csv", "q": "cincin kawin wulan"}
    assert officer_client.get("/admin/pencarian/tabel/hari/", hidden).status_code == 404
    assert officer_client.get("/admin/pencarian/tabel/lain/").status_code == 404
    assert officer_client.get("/admin/pencarian/tabel/hari/", {"export": "exe"}).status_code == 404


@pytest.mark.parametrize("path", ["", "daftar/?jenis=teratas", "kata/?q=keripik+tempe", "tabel/teratas/?export=csv"])
def test_screens_ask_a_fixed_number_of_questions(searched, officer_client, path, django_assert_num_queries):
    # Fifteen are of the admin's frame: session, person, permissions, menu.
    expected = {"": 20, "daftar/?jenis=teratas": 17, "kata/?q=keripik+tempe": 18, "tabel/teratas/?export=csv": 8}[path]
    officer_client.get(OVERVIEW + path)
    for number in range(30):
        count_search(text=f"sambal {number}", results=1, times=5)
        count_clicks(text=f"sambal {number}", clicks={2: 1}, followed=1)
    with django_assert_num_queries(expected):
        officer_client.get(OVERVIEW + path)


def test_officers_editors_and_operators_find_it_in_their_menu(searched, scene):
    for role in ("officer", "editor", "operator"):
        assert OVERVIEW in scene.client(role).get("/admin/").content.decode(), role
    assert scene.client("vendor_owner").get(OVERVIEW).status_code == 403
    assert Client().get(OVERVIEW).status_code == 302


def test_nothing_counted_yet_says_so(migrated, officer_client):
    for path in ("", "daftar/", "tabel/posisi/?export=csv", "tabel/hari/?export=csv"):
        assert officer_client.get(OVERVIEW + path).status_code == 200
    page = officer_client.get(OVERVIEW)
    assert page.context["position_rows"] == []
    assert page.context["total"].share(0) == 0


def test_a_query_that_was_counted_under_two_secrets_is_one(searched, settings, officer_client):
    settings.SECRET_KEY = "another-secret-of-the-site-for-this-test"
    count_search(text="keripik tempe", results=9, times=5)
    found = selectors.queries_in(period=Period(7, timezone.localdate()))
    assert found.get(text="keripik tempe")["searches"] == 25


def test_an_address_of_the_screens_names_only_what_is_asked(searched, officer_client):
    html = officer_client.get(OVERVIEW, {"hari": 7}).content.decode()
    address = next(href for href in re.findall(r'href="([^"]*)"', html) if "/kata/" in href)
    assert parse_qs(urlsplit(address.replace("&amp;", "&")).query) == {"q": ["keripik tempe"], "hari": ["7"]}
