"""Searches and opened products as a browser tells of them."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from search.insight.models import ClickDay, SearchDay
from tests.browser import DESK, PHONE, settle, wait_until
from tests.factories.shelf import put_on_sale

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOLD = re.compile(r"/cari/hitung/$")


@pytest.fixture
def shelf(transactional_db, scene):
    for number in range(5):
        put_on_sale(scene.vendor, f"Stik Tempe {number}", prices=(10_000 + number * 5_000,))


def counted() -> tuple[int, int, dict[int, int]]:
    """Searches, how many led to a product, clicks by position."""
    days = list(SearchDay.objects.values_list("searches", "followed"))
    clicks = dict(ClickDay.objects.values_list("position", "clicks"))
    return sum(day[0] for day in days), sum(day[1] for day in days), clicks


def wait_for(page: Page, expected: tuple[int, int, dict[int, int]]) -> None:
    """Wait until this is what was counted."""
    assert wait_until(page, lambda: counted() == expected), counted()


def open_product(page: Page, number: int) -> None:
    with page.expect_request(TOLD) as told:
        page.locator(".product-card a").nth(number - 1).click()
    assert "cookie" not in told.value.headers
    page.wait_for_url("**/produk/**")


def test_a_search_and_what_came_of_it(shelf, browser_page: Page):
    # A basket, so that there would be a cookie to send.
    browser_page.goto("/produk/stik-tempe-0/")
    with browser_page.expect_request(TOLD):
        browser_page.goto("/cari/?q=stik")
    open_product(browser_page, 3)
    wait_for(browser_page, (1, 1, {3: 1}))
    # Coming back and opening another one is the same search; so is the page anew.
    browser_page.go_back()
    open_product(browser_page, 2)
    browser_page.go_back()
    browser_page.reload()
    expect(browser_page.locator(".product-card")).to_have_count(5)
    open_product(browser_page, 1)
    wait_for(browser_page, (1, 1, {1: 1, 2: 1, 3: 1}))


def test_what_a_visitor_has_ordered_says_nothing_about_our_order(shelf, new_page: Callable[..., Page]):
    page = new_page(DESK)
    with page.expect_request(TOLD):
        page.goto("/cari/?q=stik")
    page.locator("#urut").select_option("termurah")
    page.wait_for_url("**/cari/?q=stik&urut=termurah")
    settle(page)
    open_product(page, 2)
    wait_for(page, (1, 1, {0: 1}))


def test_who_asks_not_to_be_followed_tells_nothing(shelf, new_page: Callable[..., Page]):
    page = new_page(PHONE)
    page.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
    told: list[str] = []
    page.on("request", lambda request: TOLD.search(request.url) and told.append(request.url))
    page.goto("/cari/?q=stik")
    page.locator(".product-card a").first.click()
    page.wait_for_url("**/produk/**")
    assert not told
    assert counted() == (0, 0, {})


def test_without_script_the_page_is_the_same_and_nothing_is_counted(shelf, new_page: Callable[..., Page]):
    page = new_page(PHONE, java_script_enabled=False)
    page.goto("/cari/?q=stik")
    page.locator(".product-card a").first.click()
    page.wait_for_url("**/produk/**")
    assert counted() == (0, 0, {})
