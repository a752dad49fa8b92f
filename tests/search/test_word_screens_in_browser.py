"""Trying a word and pinning a product with script, on a phone as on a desk."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from search.models import PinnedResult
from tests.browser import DESK, PHONE, follow, settle
from tests.factories.shelf import put_on_sale
from tests.roles import Scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scene(site) -> Scene:
    scene = Scene()
    for name in ("Sambal Bawang", "Sambal Matah", "Keripik Apel"):
        put_on_sale(scene.vendor, name)
    return scene


def sign_in(page: Page, scene: Scene, live_server) -> Page:
    cookie = scene.client("editor").cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
    return page


def is_in_order(page: Page) -> None:
    """No sideways scroll, and nothing that axe knows of in our part of the page."""
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    found = Axe().run(page, context="main", options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390px", "1280px"])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_what_becomes_of_a_word_follows_the_typing(scene, live_server, new_page, size, colours):
    page = sign_in(new_page(size, color_scheme=colours), scene, live_server)
    page.goto("/admin/coba-kata/")
    box = page.get_by_label("Coba kata atau frasa")
    box.press_sequentially("SAMBEL")
    expect(page.locator("#try-found")).to_have_text("“SAMBEL” menemukan 2 produk")
    expect(page.locator(".try-steps li.is-changed").first).to_be_visible()
    expect(box).to_be_focused()
    page.wait_for_url("**/admin/coba-kata/?q=SAMBEL")
    settle(page)
    is_in_order(page)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390px", "1280px"])
def test_a_product_is_chosen_and_stands_first(scene, live_server, new_page, size):
    page = sign_in(new_page(size), scene, live_server)
    page.goto("/admin/coba-kata/?q=sambal")
    follow(page.get_by_role("link", name="Sematkan produk"))
    expect(page.locator("input[name=query]")).to_have_value("sambal")
    page.get_by_role("button", name="Pilih produk").click()
    page.locator(".modal-body input[name=q]").fill("apel")
    expect(page.locator(".modal-body tbody tr")).to_have_count(1)
    page.locator(".modal-body").get_by_role("link", name="Keripik Apel").click()
    expect(page.locator(".chooser__title")).to_have_text("Keripik Apel")
    page.get_by_role("button", name="Simpan").click()
    page.wait_for_url("**/admin/snippets/search/pinnedresult/")
    assert PinnedResult.objects.get().query == "sambal"
    # Without the message, which fades in.
    page.goto("/admin/snippets/search/pinnedresult/")
    is_in_order(page)
    page.goto("/cari/?q=Sambel")
    first = page.locator(".product-card").first
    expect(first).to_contain_text("Keripik Apel")
    expect(first).to_contain_text("Pilihan redaksi")
    expect(page.locator(".product-card")).to_have_count(3)
