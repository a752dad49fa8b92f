"""The product form with script: photos are sent one by one, moved with arrows, and variants laid out in place."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from marketplace.catalogue.models import Product
from tests.factories.catalogue import photo_bytes
from tests.roles import Scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def owner_page(site, live_server, browser_page):
    scene = Scene()
    client = scene.client("vendor_owner")
    cookie = client.cookies["sessionid"]
    browser_page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
    browser_page.goto(f"/portal/{scene.vendor.slug}/produk/baru/")
    return browser_page


def test_photos_variants_and_sending(owner_page, tmp_path: Path):
    page = owner_page
    files = []
    for name, size in (("lebar", (2400, 1600)), ("kotak", (500, 500)), ("bukan", None)):
        path = tmp_path / f"{name}.jpg"
        path.write_bytes(photo_bytes(size) if size else b"bukan foto")
        files.append(path)
    page.set_input_files("input[type=file][name=photos]", files)
    rows = page.locator("[data-photo-row]")
    expect(rows).to_have_count(2)
    expect(page.locator("[data-photo-refused]")).to_contain_text("bukan.jpg")
    rows.nth(0).locator("[name$=-alt]").fill("Bungkus dari depan")
    rows.nth(1).locator("[data-move='-1']").click()
    expect(rows.nth(1).locator("[name$=-alt]")).to_have_value("Bungkus dari depan")

    page.fill("[name=name]", "Kaus Ngalam")
    page.select_option("[name=category]", index=1)
    page.fill("textarea[name=description]", "Katun, sablon tangan.")
    page.fill("[name=variant-0-price]", "85.000")
    page.fill("[name=variant-0-weight]", "200")
    page.locator("summary", has_text="Ukuran, warna, rasa").click()
    page.fill("[name=options-name_1]", "Ukuran")
    page.fill("[name=options-values_1]", "M, L")
    page.get_by_role("button", name="Buat barisnya").click()
    expect(page.locator(".variant-row")).to_have_count(2)
    # The rest of the form was left alone.
    expect(page.locator("[name=name]")).to_have_value("Kaus Ngalam")
    page.fill("[name=variant-0-stock]", "5")
    page.fill("[name=variant-1-stock]", "7")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    page.get_by_role("button", name="Simpan dan kirim").click()
    expect(page.locator("h1")).to_have_text("Produk")

    product = Product.objects.get(name="Kaus Ngalam")
    assert product.workflow_in_progress
    assert [picture.alt for picture in product.images.all()] == ["", "Bungkus dari depan"]
    assert max(picture.image.width for picture in product.images.all()) <= 1600
    stock = {variant.label: variant.stock.on_hand for variant in product.variants.all()}
    assert stock == {"M": 5, "L": 7}
    assert {variant.price for variant in product.variants.all()} == {85_000}
