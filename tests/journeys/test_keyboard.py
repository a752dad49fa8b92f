"""The main job with a keyboard alone: every step can be reached and is seen while it has the focus."""

import pytest
from playwright.sync_api import Page, expect

from marketplace.orders.models import Order
from tests.browser import DESK, PHONE, settle, type_query
from tests.factories.vouchers import make_voucher
from tests.journeys.furnished import Furnished, put_in_basket
from umkm.registration.models import VendorApplication

pytestmark = pytest.mark.browser
# What has the focus, and whether a person sees it: on the screen, under no bar, with a ring.
FOCUSED = """() => {
  const element = document.activeElement;
  const box = element.getBoundingClientRect();
  // In the middle of what the screen shows of it: a row of chips may go on beyond the edge.
  const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
  const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
  const on = document.elementFromPoint(x, y);
  const label = element.closest("label") ?? element.labels?.[0];
  const part = (node) => node && (element.contains(node) || node.contains(element) || label?.contains(node));
  const rings = [element, element.parentElement, label].filter(Boolean).some((each) =>
    ["::after", null].some((pseudo) => {
      const style = getComputedStyle(each, pseudo);
      return style.outlineStyle !== "none" || style.boxShadow !== "none";
    }));
  return {
    name: `${element.tagName} ${element.id} ${element.getAttribute("aria-label") ?? element.textContent}`.slice(0, 60),
    isBody: element === document.body,
    isSeen: Boolean(part(on)),
    hasRing: rings,
  };
}"""


@pytest.fixture
def furnished(site) -> Furnished:
    return Furnished()


def tab_to(page: Page, selector: str, *, most: int = 60, back: bool = False) -> None:
    """Press Tab until the element has the focus."""
    for _press in range(most):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{most} times Tab do not reach {selector}")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390px", "1280px"])
def test_what_has_the_focus_is_seen(furnished, new_page, size):
    page = new_page(size)
    for address in ("/", "/kategori/kuliner/", f"/produk/{furnished.with_choice.slug}/"):
        page.goto(address)
        settle(page)
        unseen = []
        for _press in range(80):
            page.keyboard.press("Tab")
            focus = page.evaluate(FOCUSED)
            if focus["isBody"]:
                break
            if not (focus["isSeen"] and focus["hasRing"]):
                unseen.append(focus)
        assert not unseen, address


def test_skip_link_menu_and_search(furnished, new_page):
    page = new_page(DESK)
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#isi")).to_be_focused()
    # The next stop lies in the content, not in the header again.
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")

    page.goto("/")
    tab_to(page, ".site-nav a[href='/kategori/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/kategori/")
    expect(page.locator(".site-nav a[href='/kategori/']")).to_have_attribute("aria-current", "page")

    tab_to(page, "#search-query", most=6)
    field = page.locator("#search-query")
    expect(field).to_be_focused()
    type_query(page, "kerip")
    options = page.locator("#saran [role=option]")
    expect(options.first).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", options.first.get_attribute("id"))
    expect(field).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#saran [aria-selected=true]")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("kerip")
    type_query(page, "ik")
    expect(options.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    address = options.first.get_attribute("data-url")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address}")
    # With a mouse, too.
    type_query(page, "kerip")
    options.first.click()
    page.wait_for_url(f"**{address}")


def test_from_a_product_to_an_order(furnished, new_page):
    page = new_page(DESK)
    page.goto(f"/produk/{furnished.with_choice.slug}/")
    expect(page.locator("form#beli")).to_be_visible()
    tab_to(page, "form#beli input[name=variant]")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-chosen-price]").first).to_have_text("Rp22.000")
    tab_to(page, "form#beli [data-step='1']", most=4)
    page.keyboard.press("Enter")
    expect(page.locator("form#beli input[name=quantity]")).to_have_value("2")
    tab_to(page, "form#beli button[type=submit]", most=3)
    page.keyboard.press("Enter")
    expect(page.locator("#toasts .toast")).to_be_visible()
    expect(page.locator("#basket-count")).to_contain_text("2")
    # The focus stays where the work goes on.
    expect(page.locator("form#beli button[type=submit]")).to_be_focused()

    page.goto("/keranjang/")
    tab_to(page, "a[href$='/bayar/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/bayar/")
    tab_to(page, "[name=name]")
    for text, following in (
        ("Rina Ayu", "email"),
        ("rina@example.com", "phone"),
        ("081322223333", "region_query"),
        ("Polowijen", ""),
    ):
        page.keyboard.type(text)
        if following:
            tab_to(page, f"[name={following}]", most=2)
    page.keyboard.press("Enter")
    expect(page.locator(".checkout__found button").first).to_be_visible()
    settle(page)
    tab_to(page, ".checkout__found button[name=region]", most=5)
    page.keyboard.press("Enter")
    expect(page.locator("[name=street]")).to_be_visible()
    settle(page)
    tab_to(page, "[name=street]")
    page.keyboard.type("Jl. Semeru 21")
    # Enter in a field counts again; it neither orders nor gives the address away.
    page.keyboard.press("Enter")
    settle(page)
    expect(page.locator("[name=street]")).to_have_value("Jl. Semeru 21")
    assert not Order.objects.exists()
    tab_to(page, "input[type=radio][name^=delivery]")
    page.keyboard.press("ArrowDown")
    # The total follows, and the focus is still on what was chosen when the answer is in.
    expect(page.locator(".totals__sum dd")).to_have_text("Rp44.000")
    expect(page.locator("input[name^=delivery]:checked")).to_be_focused()
    tab_to(page, "input[name=payment_method]")
    page.keyboard.press("ArrowDown")
    expect(page.locator("input[name=payment_method]:checked")).not_to_have_value("stripe")
    tab_to(page, "#checkout-order")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert Order.objects.get().email == "rina@example.com"


def test_the_filters_of_a_phone_keep_the_focus(furnished, new_page):
    page = new_page(PHONE)
    page.goto("/kategori/kuliner/")
    opener = page.locator("a[href='#saringan']")
    tab_to(page, "a[href='#saringan']")
    page.keyboard.press("Enter")
    sheet = page.locator("#saringan")
    expect(sheet).to_be_visible()
    expect(sheet.locator("[data-sheet-close]")).to_be_focused()
    for _press in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('#saringan') !== null")
    # A choice is counted at once, and the sheet stays.
    tab_to(page, "#saringan input[type=checkbox]:not(:disabled)")
    page.keyboard.press("Space")
    page.wait_for_function("() => location.search !== ''")
    settle(page)
    expect(sheet).to_be_visible()
    assert page.evaluate("document.activeElement.closest('#saringan') !== null")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(opener).to_be_focused()
    # Nothing stays out of reach afterwards.
    assert page.locator("[inert]").count() == 0
    page.keyboard.press("Enter")
    expect(sheet).to_be_visible()
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    page.wait_for_function("() => !document.querySelector('[inert]')")


def test_the_basket_says_what_changed(furnished, new_page):
    page = new_page(DESK)
    put_in_basket(page, furnished.scene.product)
    page.goto("/keranjang/")
    tab_to(page, "button[id^=remove-]")
    page.keyboard.press("Enter")
    undo = page.locator(".undo-row")
    expect(undo).to_be_visible()
    expect(undo).to_have_attribute("role", "status")
    settle(page)
    assert page.evaluate("document.activeElement !== document.body"), "the focus is lost when a line goes"
    tab_to(page, ".undo-row button", most=30)
    page.keyboard.press("Enter")
    expect(page.locator("button[id^=remove-]")).to_have_count(1)


def test_a_voucher_in_the_basket(furnished, new_page):
    make_voucher()
    page = new_page(PHONE)
    put_in_basket(page, furnished.scene.product)
    page.goto("/keranjang/")
    settle(page)
    field = page.locator("#id_voucher")
    field.fill("SALAH9")
    field.press("Enter")
    expect(page.locator(".voucher-field .field__error")).to_be_visible()
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("kopi10")
    field.press("Enter")
    expect(page.locator(".voucher-used")).to_contain_text("KOPI10")
    expect(page.locator("#basket-bar .price")).to_have_text("Rp13.500")
    expect(page.locator("#voucher-remove")).to_be_focused()
    page.keyboard.press("Enter")
    expect(field).to_be_focused()


def test_an_officers_dialogs(furnished, new_page, live_server):
    case = furnished.held_case(name="Dapur Tempe Ngalup")
    page = furnished.sign_in(new_page(DESK), "officer", live_server.url)
    page.goto(f"/admin/verifikasi/antrean/{case.code}/")
    tab_to(page, "[data-dialog=return]", most=120)
    page.keyboard.press("Enter")
    dialog = page.locator("#return")
    expect(dialog).to_be_visible()
    page.wait_for_function("document.activeElement.closest('#return') !== null")
    for _press in range(25):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('#return') !== null")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("[data-dialog=return]")).to_be_focused()
    # Enter on a result saves the check, and the next one has the focus.
    tab_to(page, ".o-results button[value=ok]", most=120, back=True)
    page.keyboard.press("Enter")
    expect(page.locator("li.o-check--ok, .o-check--ok")).to_have_count(1)
    case.refresh_from_db()
    assert case.status == VendorApplication.Status.IN_REVIEW
    assert page.evaluate("document.activeElement.closest('.o-case') !== null"), (
        "the focus is lost when a check is saved"
    )
