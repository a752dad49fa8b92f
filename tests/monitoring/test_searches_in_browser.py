"""From somebody's search to the officer who reads of it."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from search.insight.models import SearchDay
from search.insight.services import OCCASIONS
from tests.browser import DESK, PHONE, follow, wait_until
from tests.factories.shelf import put_on_sale
from tests.roles import Scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOLD = re.compile(r"/cari/hitung/$")


@pytest.fixture
def scene(site) -> Scene:
    scene = Scene()
    for number in range(5):
        put_on_sale(scene.vendor, f"Stik Tempe {number}", prices=(10_000 + number * 5_000,))
    return scene


def search(new_page: Callable[..., Page], text: str, *, opens: int = 0) -> None:
    """Somebody comes, searches, and opens the product at this place."""
    page = new_page(PHONE)
    with page.expect_response(TOLD):
        page.goto(f"/cari/?q={text}")
    if opens:
        with page.expect_request(TOLD):
            page.locator(".product-card a").nth(opens - 1).click()
        page.wait_for_url("**/produk/**")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390px", "1280px"])
def test_what_people_search_and_open_stands_in_the_figures(scene, live_server, new_page, size):
    for _person in range(OCCASIONS):
        search(new_page, "stik", opens=3)
        search(new_page, "televisi")
    page = new_page(size)
    assert wait_until(page, lambda: SearchDay.objects.get(words__text="stik").followed == OCCASIONS)
    cookie = scene.client("officer").cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
    page.goto("/admin/pencarian/")
    row = page.locator(".o-searches__list tr", has_text="stik").first
    expect(row.locator(".o-figure")).to_have_text(str(OCCASIONS))
    expect(row).to_contain_text("100%")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert not Axe().run(page).response["violations"]
    follow(row.get_by_role("link", name="stik", exact=True))
    page.get_by_text("Lihat sebagai tabel").first.click()
    position = page.locator("tr", has=page.get_by_role("rowheader", name="3", exact=True))
    expect(position.locator("td").first).to_have_text(str(OCCASIONS))
    assert not Axe().run(page).response["violations"]
    # What finds nothing gets a synonym, with the word filled in.
    page.goto("/admin/pencarian/daftar/?jenis=tanpa-hasil")
    assert not Axe().run(page).response["violations"]
    page.get_by_role("link", name=re.compile("Tambah sinonim.*televisi")).click()
    page.wait_for_url("**/synonymgroup/add/?word=televisi")
    expect(page.locator("input[name=canonical]")).to_have_value("televisi")
