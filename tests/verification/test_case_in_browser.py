"""The officers' screens with script: keys, dialogs, results saved at once, and saved again when the line was down."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import DESK, PHONE, follow, settle
from tests.factories import base, catalogue, registration
from tests.factories.verification import check_all, held_case
from tests.roles import Scene
from umkm.registration.models import FieldReturn, VendorApplication
from umkm.verification.models import FieldCheck

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scene(site) -> Scene:
    return Scene()


@pytest.fixture
def ratna(scene):
    return scene.officer.officer


def without_permits() -> dict[str, Any]:
    """What needs neither P-IRT nor halal, so that identity card and NIB are all the papers there are."""
    return {"categories": [base.category("barang-uji")]}


def sign_in(page: Page, scene: Scene, live_server) -> Page:
    cookie = scene.client("officer").cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
    return page


def case_address(application: VendorApplication) -> str:
    return f"/admin/verifikasi/antrean/{application.code}/"


def no_sideways_scroll(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_an_officer_works_with_keys(scene, ratna, live_server, new_page):
    registration.submitted(name="Dapur Tempe Ngalup", **without_permits())
    following = registration.submitted(name="Jenang Mbok Yem", **without_permits())
    page = sign_in(new_page(DESK), scene, live_server)
    page.goto("/admin/")
    page.keyboard.press("n")
    expect(page.locator("h1")).to_contain_text("Dapur Tempe Ngalup")
    settle(page)
    # The paper is beside the work, with its number above the scan.
    expect(page.locator(".o-doc__page img")).to_be_visible()
    for done in (1, 2):
        page.keyboard.press("1")
        expect(page.locator(".o-decision__state")).to_contain_text(f"{done} dari 4 selesai")
    # Too early: the key leads to what is left.
    page.keyboard.press("s")
    expect(page.locator("#approve")).to_have_count(0)
    # Not in order needs a reason first; letters typed into it decide nothing.
    page.locator("body").click(position={"x": 600, "y": 5})
    page.keyboard.press("2")
    reason = page.locator(".o-check__form textarea")
    expect(reason).to_be_focused()
    page.keyboard.type("Cerita kosong, tulis sbt 123.")
    assert FieldCheck.objects.count() == 2
    page.locator(".o-results button[value=problem]").click()
    expect(page.locator(".o-decision__state")).to_contain_text("1 tidak sesuai")
    page.locator("h2.w-panel__heading").first.click()
    page.keyboard.press("b")
    dialog = page.locator("#return")
    expect(dialog).to_contain_text("Kembalikan ke Sri Wahyuni")
    expect(dialog.locator("textarea[name=reasons-0-reason]")).to_have_value("Cerita kosong, tulis sbt 123.")
    # A dialog is open: keys are quiet.
    page.keyboard.press("u")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Tambah alasan lain").click()
    dialog.locator("select[name=reasons-1-field]").select_option("document:nib")
    dialog.locator("textarea[name=reasons-1-reason]").fill("NIB tidak terbaca.")
    follow(dialog.get_by_role("button", name="Kembalikan dan buka berikutnya"))
    expect(page.locator("h1")).to_contain_text(following.name)
    returned = VendorApplication.objects.get(name="Dapur Tempe Ngalup")
    assert returned.status == VendorApplication.Status.RETURNED
    assert {item.field for item in FieldReturn.objects.all()} == {"name", "document:nib"}
    page.keyboard.press("?")
    expect(page.locator("#keyboard-shortcuts-dialog")).to_contain_text("Ambil kasus berikutnya")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390px", "1280px"])
def test_approving_asks_and_opens_the_shop(scene, ratna, live_server, new_page, size):
    case = held_case(ratna, name="Dapur Tempe Ngalup", **without_permits())
    check_all(case, ratna)
    page = sign_in(new_page(size), scene, live_server)
    page.goto(case_address(case))
    no_sideways_scroll(page)
    page.locator(".o-decision a", has_text="Setujui").click()
    page.locator("#approve").get_by_role("button", name="Setujui dan buka berikutnya").click()
    expect(page.locator(".messages")).to_contain_text("Dapur Tempe Ngalup disetujui dan buka.")
    case.refresh_from_db()
    assert case.vendor is not None


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390px", "1280px"])
def test_no_screen_scrolls_sideways(scene, ratna, live_server, new_page, size):
    case = held_case(ratna, **without_permits())
    product = catalogue.submitted_product(scene.vendor, scene.vendor_owner)
    page = sign_in(new_page(size), scene, live_server)
    for address in (
        "/admin/",
        "/admin/verifikasi/antrean/",
        case_address(case),
        f"{case_address(case)}kembalikan/",
        "/admin/moderasi/",
        f"/admin/moderasi/{catalogue.waiting_task(product).pk}/",
        "/admin/pemantauan/",
        "/admin/pemantauan/umkm/",
    ):
        page.goto(address)
        no_sideways_scroll(page)
        # The admin cuts off what is too wide; nothing of ours may be cut.
        cut = page.evaluate(
            "[...document.querySelectorAll('main *')].filter((e) => e.getClientRects().length"
            " && e.getBoundingClientRect().right > innerWidth + 1"
            " && !e.closest('.o-views, .o-doc__tabs, header, .w-sr-only, .form-side'))"
            ".map((e) => `${e.tagName}.${e.className}`)"
        )
        assert cut == [], address


def test_everything_is_decided_without_script(scene, ratna, live_server, new_page):
    case = held_case(ratna, **without_permits())
    page = sign_in(new_page(DESK, java_script_enabled=False), scene, live_server)
    for key in ("owner", "place", "business", "document:nib"):
        page.goto(f"{case_address(case)}?cek={key}")
        follow(page.locator(".o-results button[value=ok]"))
    assert FieldCheck.objects.filter(result="ok").count() == 4
    follow(page.locator(".o-decision a", has_text="Setujui"))
    follow(page.get_by_role("button", name="Setujui dan buka berikutnya"))
    case.refresh_from_db()
    assert case.status == VendorApplication.Status.APPROVED


def test_a_decision_that_came_back_puts_the_focus_on_what_is_missing(scene, ratna, live_server, new_page):
    application = held_case(ratna, **without_permits())
    page = sign_in(new_page(DESK), scene, live_server)
    page.goto(live_server.url + f"{case_address(application)}kembalikan/")
    page.locator(".o-return button[type=submit]").click()
    trouble = page.locator(".o-decide .o-trouble").first
    expect(trouble).to_be_visible()
    expect(trouble).to_be_focused()


def test_a_result_is_sent_again_when_the_line_was_down(scene, ratna, live_server, browser, traffic):
    case = held_case(ratna, **without_permits())
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="id-ID", base_url=live_server.url)
    page = sign_in(context.new_page(), scene, live_server)
    page.goto(case_address(case))
    context.set_offline(True)
    page.locator(".o-results button[value=ok]").click()
    expect(page.locator(".o-check__form .o-trouble")).to_contain_text("Belum tersimpan: sambungan terputus pukul")
    assert not FieldCheck.objects.exists()
    context.set_offline(False)
    expect(page.locator(".o-decision__state")).to_contain_text("1 dari 4 selesai")
    assert FieldCheck.objects.get().result == "ok"
    context.close()
    assert traffic.wait_for_silence()


RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_no_fault(scene, ratna, live_server, new_page, colours):
    case = held_case(ratna, **without_permits())
    product = catalogue.submitted_product(scene.vendor, scene.vendor_owner)
    page = sign_in(new_page(DESK, color_scheme=colours), scene, live_server)
    for address in (
        "/admin/",
        "/admin/verifikasi/antrean/",
        case_address(case),
        f"{case_address(case)}kembalikan/",
        f"/admin/moderasi/{catalogue.waiting_task(product).pk}/",
        "/admin/pemantauan/",
        "/admin/pemantauan/umkm/",
    ):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        report = Axe().run(page, options=RULES).response
        words = [f"{rule['id']}: {node['html'][:200]}" for rule in report["violations"] for node in rule["nodes"]]
        assert len(report["passes"]) > 15, "axe looked at an empty page"
        assert words == [], address
