"""The wizard in a browser: a phone in one hand, a paper in the other."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, Route, expect

from tests.browser import PHONE, follow, settle, wait_until
from tests.factories import base, registration
from tests.factories.registration import photo_bytes
from umkm.registration.models import VendorApplication

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def owner():
    return base.UserFactory()


@pytest.fixture
def signed_in(owner, live_server, browser_page: Page) -> Page:
    return sign_in(browser_page, owner, live_server)


def save_and_go_on(page: Page) -> None:
    follow(page.locator("#step-form .form-actions button.button"))


def test_from_the_first_page_to_the_agency(signed_in: Page, owner, tmp_path: Path):
    page = signed_in
    base.agency()
    crisps = base.category("kuliner/keripik-tempe")
    registration.kinds()
    registration.requirement(crisps, "pirt")
    registration.requirement(crisps, "halal")
    base.village("35.73.01.1002")
    base.village("35.73.02.1001")
    good, bad = tmp_path / "ktp.jpg", tmp_path / "bukan.jpg"
    good.write_bytes(photo_bytes())
    bad.write_bytes(b"MZ" + b"\0" * 900)

    page.goto("/daftar-umkm/")
    follow(page.locator("form[action$='/mulai/'] button"))

    # Step 1: fifteen digits are told, the rest stays.
    page.fill("[name=nik]", "357301450180001")
    page.fill("[name=phone]", "0812 3456 7890")
    page.check("[name=has_no_nib]")
    save_and_go_on(page)
    expect(page.locator("#id_nik_error")).to_be_visible()
    expect(page.locator("[name=phone]")).to_have_value("0812 3456 7890")
    page.fill("[name=nik]", "3573014501800001")
    save_and_go_on(page)

    # Step 2: the form saves itself while it is filled in; the district narrows the villages.
    page.fill("[name=name]", "Dapur Tempe Ngalup")
    page.fill("[name=story]", "Dari gang Sanan.")
    page.locator(".category-picker summary").first.click()
    page.check(f"[name=categories][value='{crisps.pk}']")
    page.select_option("[name=district]", "35.73.01")
    expect(page.locator("[name=village] option")).to_have_count(2)
    page.select_option("[name=village]", "35.73.01.1002")
    page.fill("[name=address]", "Jl. Sanan 27")
    with page.expect_response(lambda response: response.request.method == "POST" and response.status == 204):
        page.locator("[name=founded_year]").fill("2011")
        page.locator("[name=turnover]").focus()
    save_and_go_on(page)

    # Step 3: each photo is sent at once; a file that lies is told in its own tile.
    page.set_input_files("#id_ktp-file", bad)
    expect(page.locator("#paper-ktp .upload-tile--bad")).to_be_visible()
    page.set_input_files("#id_ktp-file", good)
    expect(page.locator("#paper-ktp .upload-tile--done")).to_be_visible()
    page.set_input_files("#id_pirt-file", good)
    expect(page.locator("#paper-pirt .upload-tile--done")).to_be_visible()
    page.fill("[name=pirt-number]", "206357301000131")
    page.fill("[name=pirt-expires_on]", "2031-05-12")
    page.locator("#paper-halal [name=wants]").click()
    expect(page.locator("#paper-halal .upload-tile--helped")).to_be_visible()
    settle(page)
    expect(page.locator("[name=pirt-number]")).to_have_value("206357301000131")
    save_and_go_on(page)

    # Steps 4 and 5.
    expect(page.locator(".note--success")).to_be_visible()
    follow(page.locator(".form-actions a.button:not(.button--secondary)"))
    page.check("[name=consents]")
    follow(page.locator(".form-actions button.button"))
    expect(page.locator(".timeline__step--now")).to_be_visible()
    application = VendorApplication.objects.get(owner=owner)
    assert application.status == "submitted"
    assert application.documents.get(kind__slug="pirt").number == "2063573010001-31"
    assert set(application.wants_assistance_with.values_list("slug", flat=True)) == {"nib", "halal"}
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_who_goes_on_while_the_form_saves_itself_is_not_told_of_another_device(owner, live_server, new_page):
    """On a slow line the save is done and its answer still on the way when the button is pressed."""
    page = sign_in(new_page(PHONE), owner, live_server)
    base.agency()
    application = registration.VendorApplicationFactory(owner=owner)
    page.goto(f"/daftar-umkm/{application.code}/usaha/")
    on_the_way: list[Callable[[], None]] = []

    def slow_line(route: Route) -> None:
        if route.request.headers.get("x-requested-with") != "XMLHttpRequest":
            route.continue_()
        else:
            answer = route.fetch()
            on_the_way.append(lambda: route.fulfill(response=answer))

    page.route("**/usaha/", slow_line)
    page.fill("[name=name]", "Dapur Tempe Ngalup")
    page.locator("[name=story]").focus()
    assert wait_until(page, lambda: on_the_way)
    with page.expect_navigation():
        page.locator("#step-form .form-actions button.button").click()
        on_the_way.pop()()
    expect(page.locator("#paper-ktp")).to_be_visible()
    application.refresh_from_db()
    assert application.name == "Dapur Tempe Ngalup"


def sign_in(page: Page, owner, live_server) -> Page:
    client = Client()
    client.force_login(owner)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
    page.context.add_cookies([cookie | {"url": live_server.url}])
    return page


def test_without_script_the_same_pages_do(owner, live_server, new_page, tmp_path: Path):
    page = sign_in(new_page(java_script_enabled=False), owner, live_server)
    base.agency()
    application = registration.VendorApplicationFactory(owner=owner)
    photo = tmp_path / "ktp.jpg"
    photo.write_bytes(photo_bytes())

    page.goto(f"/daftar-umkm/{application.code}/usaha/")
    expect(page.locator("[name=district]")).to_be_hidden()
    save_and_go_on(page)
    page.set_input_files("#id_ktp-file", photo)
    page.set_input_files("#id_nib-file", photo)
    save_and_go_on(page)
    expect(page.locator(".note--success")).to_be_visible()
    assert application.documents.count() == 2
