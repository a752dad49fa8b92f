"""Every main page, by role: no fault that axe finds under WCAG 2 A and AA, on a phone and on a desk, light and dark;
one heading of the first level; no sideways scroll at 320 pixels; and without script its main action still works."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from marketplace.catalogue.models import Product
from marketplace.orders.models import Order
from search.insight.services import count_clicks, count_search
from tests.browser import DESK, PHONE, follow, settle, type_query
from tests.factories import catalogue
from tests.journeys.furnished import Furnished, put_in_basket
from tests.journeys.people import paper_photo
from umkm.registration.models import VendorApplication
from umkm.verification.models import FieldCheck

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Colours must not be caught while they fade into each other; a sheet made by script is no inline style to the policy.
STILL = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("*, ::before, ::after { transition: none !important; animation: none !important; }");
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""
# The admin's own frame is Wagtail's.
FIND = """options => axe.run(location.pathname.startsWith("/admin/") ? "main, .w-dialog" : document, options)
  .then((found) => found.violations.flatMap((fault) => fault.nodes.map((node) =>
    `${fault.id} ${node.target}: ${[...node.any, ...node.all, ...node.none][0].message}`)))"""
Act = Callable[[Page], Any]
# A page is its address, or its address and what to do there first.
Pages = list[str | tuple[str, Act]]


def look_at(page: Page) -> list[str]:
    """Everything that is wrong with the page that is open, on a phone and on a desk, light and dark."""
    wrong: list[str] = []
    if (headings := page.locator("h1").count()) != 1:
        wrong.append(f"{headings} headings of the first level")
    page.evaluate(STILL)
    page.evaluate(AXE_SCRIPT)
    for width in (PHONE[0], DESK[0]):
        # High enough that no bar at the foot lies over anything.
        page.set_viewport_size({"width": width, "height": 4000})
        for colours, rules in (
            ("light", {"type": "tag", "values": RULES}),
            ("dark", {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}),
        ):
            page.emulate_media(color_scheme=colours)
            found = page.evaluate(FIND, {"resultTypes": ["violations"], "runOnly": rules})
            wrong += [f"{width} {colours} {fault}" for fault in found]
    page.set_viewport_size({"width": 320, "height": 640})
    if (width := page.evaluate("document.documentElement.scrollWidth")) > 320:
        wrong.append(f"scrolls sideways at 320: {width}")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.emulate_media(color_scheme="light")
    return wrong


def assert_good(page: Page, pages: Pages) -> None:
    wrong = []
    for entry in pages:
        address, act = entry if isinstance(entry, tuple) else (entry, None)
        response = page.goto(address)
        assert response is not None
        assert response.status == 200, f"{address}: {response.status}"
        settle(page)
        if act is not None:
            act(page)
            settle(page)
        wrong += [f"{address}: {fault}" for fault in look_at(page)]
    assert not wrong, "\n".join(wrong)


def send_empty(page: Page, button: str = "main form[method=post] button[type=submit]") -> None:
    """Send the form of the page as it is, and see what it says."""
    page.locator(button).locator("visible=true").last.click()
    expect(page.locator(".error-summary, .field__error").first).to_be_visible()


@pytest.fixture
def furnished(site) -> Furnished:
    return Furnished()


def test_visitors_pages(furnished, new_page):
    page = new_page()
    order = furnished.order(method="stripe", delivery="shipping", buyer=None)
    put_in_basket(page, furnished.with_choice)
    put_in_basket(page, furnished.scene.other_product)

    def open_filters(page: Page) -> None:
        page.locator("a[href='#saringan']").click()
        expect(page.locator("#saringan")).to_be_visible()

    def open_suggestions(page: Page) -> None:
        type_query(page, "kerip")
        expect(page.locator("#saran [role=option]").first).to_be_visible()
        page.keyboard.press("ArrowDown")

    def try_a_voucher(page: Page) -> None:
        page.locator("#id_voucher").fill("SALAH9")
        page.locator("#id_voucher").press("Enter")
        expect(page.locator(".voucher-field .field__error")).to_be_visible()

    assert_good(
        page,
        [
            ("/", open_suggestions),
            "/en/",
            "/kategori/",
            "/kategori/kuliner/",
            "/cari/?q=keripik",
            ("/cari/?q=keripik", open_filters),
            "/cari/?q=keripik&dekat=35.73.01&urut=terdekat",
            "/en/cari/?q=zzzz",
            f"/produk/{furnished.with_choice.slug}/",
            f"/en/produk/{furnished.live.slug}/",
            f"/produk/{furnished.with_choice.slug}/beli/",
            "/toko/",
            f"/toko/{furnished.scene.vendor.slug}/",
            "/sentra/",
            "/cerita/",
            "/bantuan/",
            ("/pengaduan/", send_empty),
            ("/keranjang/", try_a_voucher),
            ("/bayar/", send_empty),
            order.get_absolute_url(),
            f"{order.get_absolute_url()}bukti/",
            ("/pesanan/", send_empty),
            "/daftar-umkm/",
            ("/akun/login/", send_empty),
            ("/akun/signup/", send_empty),
            "/akun/password/reset/",
        ],
    )


def test_a_buyers_and_applicants_pages(furnished, new_page, live_server):
    page = furnished.sign_in(new_page(), "buyer", live_server.url)
    order = furnished.order()
    returned, draft = furnished.returned(), furnished.draft()
    wizard = f"/daftar-umkm/{draft.code}/"
    empty = "/akun/kabar/"
    assert_good(page, [empty])
    furnished.news()
    assert_good(
        page,
        [
            "/akun/",
            "/akun/pesanan/",
            order.get_absolute_url(),
            "/akun/kabar/",
            ("/akun/profil/", lambda page: page.fill("[name=phone]", "12") or send_empty(page)),
            "/akun/email/",
            ("/akun/password/change/", send_empty),
            "/akun/2fa/",
            "/akun/logout/",
            "/akun/privasi/",
            "/akun/privasi/hapus/",
            "/daftar-umkm/",
            (f"{wizard}identitas/", lambda page: page.fill("[name=nik]", "12") or send_empty(page)),
            (f"{wizard}usaha/", lambda page: page.fill("[name=name]", "") or send_empty(page)),
            f"{wizard}dokumen/",
            f"{wizard}periksa/",
            (f"{wizard}kirim/", send_empty),
            returned.get_absolute_url(),
            f"/daftar-umkm/{returned.code}/perbaiki/",
            f"/daftar-umkm/{returned.code}/tarik/",
        ],
    )


def test_a_sellers_pages(furnished, new_page, live_server):
    page = furnished.sign_in(new_page(), "vendor_owner", live_server.url)
    part = furnished.order().suborders.get(vendor=furnished.scene.vendor)
    furnished.waiting_product()
    portal = f"/portal/{furnished.scene.vendor.slug}/"
    product = f"{portal}produk/{furnished.with_choice.pk}/"
    assert_good(
        page,
        [
            portal,
            f"{portal}pesanan/",
            f"{portal}pesanan/{part.pk}/",
            f"{portal}pesanan/{part.pk}/slip/",
            f"{portal}produk/",
            (f"{portal}produk/baru/", lambda page: send_empty(page, ".save-bar button[value=submit]")),
            product,
            f"{product}pratinjau/",
            f"{product}harga-stok/",
            f"{portal}toko/",
            f"{portal}pengiriman/",
            f"{portal}tim/",
        ],
    )


def test_an_officers_and_an_editors_pages(furnished, new_page, live_server):
    case = furnished.held_case(name="Dapur Tempe Ngalup")
    product = furnished.waiting_product()
    furnished.order()
    count_search(text="keripik", results=3, times=5)
    count_clicks(text="keripik", clicks={1: 3, 2: 1}, followed=3)
    page = furnished.sign_in(new_page(), "officer", live_server.url)
    assert_good(
        page,
        [
            "/admin/",
            "/admin/verifikasi/antrean/",
            f"/admin/verifikasi/antrean/{case.code}/",
            f"/admin/verifikasi/antrean/{case.code}/kembalikan/",
            "/admin/moderasi/",
            f"/admin/moderasi/{catalogue.waiting_task(product).pk}/",
            "/admin/pemantauan/",
            "/admin/pemantauan/umkm/",
            "/admin/pencarian/",
            "/admin/pencarian/kata/?q=keripik",
            "/admin/verifikasi/usaha/",
            f"/admin/verifikasi/usaha/{furnished.scene.vendor.slug}/",
            f"/admin/verifikasi/usaha/{furnished.scene.vendor.slug}/tangguhkan/",
        ],
    )


def test_a_visitor_without_script(furnished, new_page, tmp_path):
    """Filters, one product from its page to a placed order, and the way to registering."""
    page = new_page(java_script_enabled=False)
    page.goto("/cari/?q=keripik")
    page.locator("a[href='#saringan']").click()
    expect(page.locator("#saringan")).to_be_visible()
    page.locator("#saringan input[name=harga_maks], #saringan .facet__range input").last.fill("16000")
    follow(page.locator("#saringan button[type=submit]"))
    assert "16000" in page.url
    expect(page.locator("#hasil .product-card").first).to_be_visible()

    page.goto(f"/produk/{furnished.with_choice.slug}/")
    follow(page.locator("#beli a.variant").last)
    expect(page.locator("form#beli input[name=variant]:checked")).to_have_count(1)
    follow(page.locator("form#beli button[type=submit]"))
    expect(page.locator("main")).to_contain_text("Keripik Tempe Sagu")
    follow(page.locator("a[href$='/bayar/']").locator("visible=true").first)
    page.fill("input[name=name]", "Rina Ayu")
    page.fill("input[name=email]", "rina@example.com")
    page.fill("input[name=phone]", "0813 2222 3333")
    page.fill("input[name=region_query]", "Polowijen")
    follow(page.locator("#checkout-search"))
    follow(page.locator(".checkout__found button[name=region]").first)
    page.fill("input[name=street]", "Jl. Semeru 21")
    page.locator("label.option", has=page.locator("input[value^=pickup]")).first.click()
    follow(page.locator("button[formaction$='/bayar/pilihan/']").locator("visible=true").last)
    page.locator(
        "label.option", has=page.locator("input[name=payment_method]:not([value=stripe]):enabled")
    ).first.click()
    follow(page.locator("#checkout-order, button[form][type=submit]").locator("visible=true").last)
    order = Order.objects.get()
    assert order.payment_method != "stripe"
    expect(page).to_have_url(re.compile(order.number))

    page.goto("/daftar-umkm/")
    follow(page.locator("main a[href*='/akun/signup/']"))
    expect(page.locator("input[name=password1]")).to_be_visible()


def test_an_owner_without_script(furnished, new_page, live_server, tmp_path):
    """A product with a photo, sent to the officers; and a registration begun."""
    page = furnished.sign_in(new_page(java_script_enabled=False), "vendor_owner", live_server.url)
    page.goto(f"/portal/{furnished.scene.vendor.slug}/produk/baru/")
    page.set_input_files("input[type=file][name$=photos]", str(paper_photo(tmp_path, "Keripik")))
    page.fill("input[name=name]", "Keripik Pisang")
    page.select_option("select[name=category]", index=1)
    page.fill("textarea[name=description]", "Pisang agung, tipis dan renyah.")
    page.fill("input[name$=-price]", "17500")
    page.fill("input[name$=-stock]", "6")
    page.fill("input[name$=-weight]", "250")
    follow(page.locator(".save-bar button[value=submit]"))
    product = Product.objects.get(name="Keripik Pisang")
    assert product.workflow_in_progress
    assert product.images.count() == 1

    page.goto("/daftar-umkm/")
    follow(page.locator("form[action$='/mulai/'] button"))
    page.fill("input[name=owner_name]", "Sari Utami")
    page.fill("input[name=nik]", "3573015403880001")
    page.fill("input[name=phone]", "0812 3456 7890")
    page.check("input[name=has_no_nib]")
    follow(page.locator("#step-form .form-actions button.button").last)
    expect(page.locator("textarea[name=story]")).to_be_visible()
    assert VendorApplication.objects.get(owner=furnished.scene.vendor_owner).owner_name == "Sari Utami"


def test_an_officer_without_script(furnished, new_page, live_server):
    """From the queue to a case, one check, and its return to the owner."""
    case = furnished.held_case(name="Dapur Tempe Ngalup")
    page = furnished.sign_in(new_page(DESK, java_script_enabled=False), "officer", live_server.url)
    page.goto("/admin/verifikasi/antrean/")
    follow(page.locator(f"a[href*='{case.code}']").first)
    follow(page.locator(".o-results button[value=ok]"))
    assert FieldCheck.objects.get().result == "ok"
    follow(page.locator(".o-decision a", has_text="Kembalikan"))
    page.locator("select[name=reasons-0-field]").select_option("document:nib")
    page.locator("textarea[name=reasons-0-reason]").fill("NIB tidak terbaca.")
    follow(page.locator("main form[method=post] button[type=submit]").last)
    case.refresh_from_db()
    assert case.status == VendorApplication.Status.RETURNED
