"""Searching, filtering and putting into the basket with script, on a phone and on a desk."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PHONE, settle, type_query
from tests.factories.shelf import put_on_sale

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shelf(transactional_db, scene):
    for number in range(3):
        put_on_sale(scene.vendor, f"Stik Tempe {number}", prices=(10_000 + number * 5_000, 30_000))
    put_on_sale(scene.other_vendor, "Kopi Tubruk", prices=(38_000,))


def test_suggestions_are_chosen_with_the_keys(shelf, browser_page: Page):
    browser_page.goto("/kategori/")
    field = browser_page.locator("#search-query")
    type_query(browser_page, "stik")
    expect(browser_page.locator("[role=option]").first).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", re.compile("^saran-"))
    field.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    type_query(browser_page, " t")
    expect(browser_page.locator("[role=option]").first).to_be_visible()
    field.press("ArrowDown")
    field.press("Enter")
    browser_page.wait_for_url("**/produk/stik-tempe-*/")


def test_filters_and_order_go_together(shelf, browser_page: Page):
    browser_page.goto("/cari/?q=stik")
    is_phone = browser_page.viewport_size["width"] == PHONE[0]
    if is_phone:
        browser_page.locator('a[href="#saringan"]').click()
    browser_page.locator("#facet-harga_max").fill("12000")
    browser_page.locator("#facet-harga_max").press("Tab")
    browser_page.wait_for_url("**/cari/?q=stik&harga_max=12000")
    expect(browser_page.locator(".product-card")).to_have_count(1)
    expect(browser_page.locator("#saringan-jumlah")).to_contain_text("1")
    settle(browser_page)
    if is_phone:
        browser_page.locator("[data-sheet-close]").first.click()
    browser_page.locator("#urut-hp" if is_phone else "#urut").select_option("termurah")
    browser_page.wait_for_url("**/cari/?q=stik&harga_max=12000&urut=termurah")
    expect(browser_page.locator(".product-card")).to_have_count(1)
    settle(browser_page)
    browser_page.locator("#hasil .chip--selected").first.click()
    browser_page.wait_for_url("**/cari/?q=stik&urut=termurah")
    expect(browser_page.locator(".product-card")).to_have_count(3)


def test_a_product_goes_into_the_basket_without_leaving_its_page(shelf, browser_page: Page):
    browser_page.goto("/produk/stik-tempe-0/")
    form = browser_page.locator("form#beli")
    expect(form).to_be_visible()
    settle(browser_page)
    form.locator(".variant").nth(1).click()
    expect(browser_page.locator("[data-chosen-price]").first).to_have_text("Rp30.000")
    is_phone = browser_page.viewport_size["width"] == PHONE[0]
    browser_page.locator("#bilah-beli button" if is_phone else "form#beli button[type=submit]").click()
    expect(browser_page.locator("#basket-count")).to_contain_text("1")
    expect(browser_page).to_have_url(re.compile("/produk/stik-tempe-0/$"))


def test_the_position_is_asked_for_on_a_press_only_and_cut(shelf, new_page):
    page = new_page(permissions=["geolocation"], geolocation={"latitude": -7.97712345, "longitude": 112.63398765})
    page.add_init_script(
        "window.asked = 0; const ask = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);"
        "navigator.geolocation.getCurrentPosition = (...all) => { window.asked += 1; ask(...all); };"
    )
    page.goto("/cari/?q=stik")
    page.locator("#dekat summary").click()
    assert page.evaluate("window.asked") == 0
    page.locator("[data-near-button]").click()
    page.wait_for_url("**/cari/?q=stik&urut=terdekat&dekat=-7.977%2C112.634")
    assert page.evaluate("window.asked") == 1
    expect(page.locator("[data-near-note] a")).to_be_visible()
    expect(page.locator("#urut-hp")).to_have_value("terdekat")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_who_keeps_the_position_back_is_told_what_to_do(shelf, new_page):
    page = new_page(permissions=[])
    page.goto("/cari/?q=stik")
    page.locator("#dekat summary").click()
    page.locator("[data-near-button]").click()
    expect(page.locator("[data-near-note]")).to_contain_text("Pilih kecamatan")
    expect(page.locator("#dekat-wilayah")).to_be_enabled()


def test_suggestions_are_announced_in_groups(shelf, browser_page: Page):
    browser_page.goto("/kategori/")
    field = browser_page.locator("#search-query")
    type_query(browser_page, "stik")
    status = browser_page.locator("[data-suggestions-status]")
    expect(status).to_contain_text("saran")
    group = browser_page.get_by_role("group", name="Produk")
    expect(group.get_by_role("option")).to_have_count(3)
    field.press("Escape")
    expect(status).to_have_text("")
