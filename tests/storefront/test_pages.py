"""Category, product and shop as a visitor gets them."""

import json
import re
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from wagtail.images import get_image_model

from marketplace.carts.models import CartLine
from marketplace.catalogue.listings import refresh_listings
from marketplace.catalogue.models import Product, ProductImage
from marketplace.catalogue.services import archive_product, restore_product
from marketplace.inventory.models import StockItem
from marketplace.reference.models import Category
from tests.factories.catalogue import photo_bytes
from tests.factories.registration import kind
from tests.factories.shelf import put_on_sale
from umkm.registration.models import LegalDocument
from umkm.vendors.models import Vendor

pytestmark = pytest.mark.django_db


def add_picture(product: Product, alt: str) -> None:
    image = get_image_model().objects.create(
        title=alt, file=ContentFile(photo_bytes(), name="foto.jpg"), width=640, height=480
    )
    ProductImage.objects.create(product=product, image=image, alt=alt, sort_order=product.images.count())


def checked_permit(scene, slug: str, last_day) -> LegalDocument:
    """A permit of `scene.vendor` that its officer found in order."""
    return LegalDocument.objects.create(
        vendor=scene.vendor, kind=kind(slug), number="1234567890123", expires_on=last_day, content_type="image/jpeg",
        size=1, sha256="0" * 64, uploaded_by=scene.vendor_owner, file="x.jpg",
        checked_at=timezone.now(), checked_by=scene.officer.officer,
    )  # fmt: skip


@pytest.fixture
def product(scene):
    product = put_on_sale(
        scene.vendor, "Stik Tempe Keju 250 g", slug="stik", prices=(17_000, 30_000), shelf_life_days=45,
        description="Gurih <b>sekali</b>.\n\nDari Sanan.", name_en="Cheese Tempeh Sticks",
    )  # fmt: skip
    add_picture(product, "Bungkus stik")
    add_picture(product, "Stik dari dekat")
    return product


def structured(html: str) -> list[dict]:
    return [
        json.loads(block)
        for block in re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    ]


# --- product -----------------------------------------------------------------------------------------------------
def test_the_product_page_shows_what_it_is(client, product):
    html = client.get("/produk/stik/").content.decode()
    assert html.count("<h1") == 1
    for words in (
        "Stik Tempe Keju 250 g",
        "Gurih &lt;b&gt;sekali&lt;/b&gt;",
        "Keripik Bu Sri",
        "Polowijen",
        "Rp17.000",
    ):
        assert words in html
    assert 'alt="Bungkus stik"' in html
    assert html.count("gallery__list") == 1


def test_its_queries_are_few_and_do_not_grow(client, scene, product, django_assert_num_queries):
    client.force_login(scene.buyer, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/produk/stik/")
    # product, pictures, renditions, variants, versions, courier rates, permits, more of the shop
    with django_assert_num_queries(8):
        client.get("/produk/stik/")
    for number in range(6):
        put_on_sale(scene.vendor, f"Stik {number}")
        add_picture(product, f"Foto {number}")
    client.get("/produk/stik/")
    with django_assert_num_queries(8):
        client.get("/produk/stik/")


def test_search_engines_read_price_and_stock(client, product):
    html = client.get("/produk/stik/").content.decode()
    thing, way = structured(html)
    assert thing["name"] == "Stik Tempe Keju 250 g"
    assert (thing["offers"]["lowPrice"], thing["offers"]["highPrice"], thing["offers"]["priceCurrency"]) == (
        17000,
        30000,
        "IDR",
    )
    assert thing["offers"]["availability"].endswith("InStock")
    assert len(thing["image"]) == 2
    assert [item["name"] for item in way["itemListElement"]][-1] == "Stik Tempe Keju 250 g"
    assert '<link rel="canonical" href="http://testserver/produk/stik/">' in html
    assert '<meta property="og:image" content="http://testserver/media/' in html


def test_no_text_can_end_the_data_block(client, scene):
    put_on_sale(scene.vendor, "</script><script>alert(1)</script>", slug="jahat", description="</script>")
    html = client.get("/produk/jahat/").content.decode()
    assert "</script><script>alert" not in html
    assert structured(html)[0]["name"] == "</script><script>alert(1)</script>"


def test_english_names_show_on_english_pages(client, product):
    assert "Cheese Tempeh Sticks" in client.get("/en/produk/stik/").content.decode()


@pytest.mark.parametrize(
    "change",
    [{"live": False}, {"archived_at": timezone.now()}],
    ids=["not live", "archived"],
)
def test_what_is_not_on_sale_has_no_page(client, product, change):
    Product.objects.filter(pk=product.pk).update(**change)
    assert client.get("/produk/stik/").status_code == 404
    assert client.get("/produk/stik/beli/").status_code == 404


def test_a_closed_category_takes_its_products_along(client, product):
    Category.objects.update(is_active=False)
    assert client.get("/produk/stik/").status_code == 404


def test_a_product_without_pictures_variants_or_text_has_a_page(client, scene):
    bare = Product.objects.create(
        vendor=scene.vendor, slug="polos", name="Polos", category=scene.product.category, live=True
    )
    refresh_listings(product_ids=[bare.pk])
    assert client.get("/produk/polos/").status_code == 200
    assert client.get("/produk/polos/beli/").status_code == 200


# --- buying ------------------------------------------------------------------------------------------------------
def test_the_buy_form_knows_the_stock_of_this_moment(client, product):
    first, second = product.variants.order_by("position")
    StockItem.objects.filter(variant=first).update(on_hand=0)
    part = client.get("/produk/stik/beli/", headers={"HX-Request": "true"})
    html = part.content.decode()
    assert "csrfmiddlewaretoken" in html
    assert "no-store" in part.headers["Cache-Control"]
    assert re.search(rf'value="{first.pk}"[^>]* disabled', html)
    assert re.search(rf'value="{second.pk}" checked', html)
    assert "<html" not in html


def test_a_choice_can_be_linked_to(client, product):
    second = product.variants.order_by("position").last()
    html = client.get(f"/produk/stik/beli/?v={second.pk}").content.decode()
    assert re.search(rf'value="{second.pk}" checked', html)
    for strange in ("0", "abc", "99999999999999999999999", "-1", "²"):
        assert client.get(f"/produk/stik/beli/?v={strange}").status_code == 200


def test_the_form_buys_without_script(client, product):
    page = client.get("/produk/stik/beli/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode()).group(1)
    variant = product.variants.order_by("position").first()
    response = client.post(
        "/keranjang/tambah/", {"csrfmiddlewaretoken": token, "variant": variant.pk, "quantity": 2}, follow=True
    )
    assert response.status_code == 200
    assert CartLine.objects.get(variant=variant).quantity == 2


def test_what_is_sold_out_cannot_be_sent(client, product):
    StockItem.objects.update(on_hand=0)
    html = client.get("/produk/stik/beli/").content.decode()
    assert 'type="submit">' not in html.split('id="beli"')[1].split("</form>")[0]


def test_many_variants_become_a_list(client, scene):
    put_on_sale(scene.vendor, "Kaos", prices=tuple(50_000 + number for number in range(15)))
    html = client.get("/produk/kaos/beli/").content.decode()
    assert '<select id="beli-varian" name="variant">' in html
    assert html.count("<option") == 15


# --- category ----------------------------------------------------------------------------------------------------
def test_a_category_shows_everything_below_it(client, scene, product):
    put_on_sale(scene.other_vendor, "Topeng Panji", category="kriya/topeng")
    html = client.get("/kategori/kuliner/").content.decode()
    assert "Stik Tempe Keju" in html
    assert "Topeng Panji" not in html
    assert client.get("/kategori/kuliner/keripik-tempe/").status_code == 200
    assert client.get("/kategori/tidak-ada/").status_code == 404
    assert client.get("/kategori/kuliner/tidak-ada/").status_code == 404


def test_category_queries_are_exact(client, scene, product, django_assert_num_queries):
    client.force_login(scene.buyer, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/kategori/kuliner/")
    for number in range(30):
        put_on_sale(scene.vendor, f"Keripik {number}", indexed=False)
    client.get("/kategori/kuliner/")
    # versions, the cards; which stand where and the facets are kept for as long as the catalogue stands
    with django_assert_num_queries(2):
        client.get("/kategori/kuliner/")


def test_filtered_lists_are_not_for_search_engines_but_pages_are(client, scene):
    for number in range(30):
        put_on_sale(scene.vendor, f"Keripik {number}", indexed=False)
    plain = client.get("/kategori/kuliner/?page=2").content.decode()
    assert "noindex" not in plain
    assert 'rel="canonical" href="http://testserver/kategori/kuliner/?page=2"' in plain
    assert "noindex" in client.get("/kategori/kuliner/?stok=ada").content.decode()


def test_all_categories_are_counted(client, scene, product):
    page = client.get("/kategori/")
    cards = {card.name: card for card in page.context["cards"]}
    # The two products of the scene and this one.
    assert cards["Kuliner"].count == 3
    assert [child.name for child in cards["Kuliner"].below] == ["Keripik tempe"]


# --- shops -------------------------------------------------------------------------------------------------------
def test_a_shop_tells_who_it_is(client, scene, product):
    Vendor.objects.filter(pk=scene.vendor.pk).update(
        story="Sejak subuh kami menggoreng.", founded_year=1998, opening_hours="08.00–17.00"
    )
    html = client.get("/toko/keripik-bu-sri/").content.decode()
    for words in ("Sejak subuh kami menggoreng.", "1998", "08.00–17.00", "Stik Tempe Keju", scene.vendor.agency.name):
        assert words in html
    assert structured(html)[0]["@type"] == "Store"


def test_shop_queries_are_exact(client, scene, product, django_assert_num_queries):
    client.force_login(scene.buyer, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/toko/keripik-bu-sri/")
    # shop, versions, cards, permits; which stand where is kept for as long as the catalogue stands
    with django_assert_num_queries(4):
        client.get("/toko/keripik-bu-sri/")
    for number in range(10):
        put_on_sale(scene.vendor, f"Stik {number}", indexed=False)
    client.get("/toko/keripik-bu-sri/")
    with django_assert_num_queries(4):
        client.get("/toko/keripik-bu-sri/")


def test_a_shop_that_is_not_open_has_no_page(client, scene):
    Vendor.objects.filter(pk=scene.vendor.pk).update(status=Vendor.Status.CLOSED)
    assert client.get("/toko/keripik-bu-sri/").status_code == 404


def test_the_list_of_shops_has_those_that_sell(client, scene, product, django_assert_num_queries):
    page = client.get("/toko/")
    assert [(card.name, card.count) for card in page.context["cards"]] == [("Keripik Bu Sri", 2), ("Kopi Dampit", 1)]
    assert client.get("/toko/?wilayah=35.07").context["total"] == 1
    archive_product(product_id=scene.other_product.pk, actor=scene.other_owner)
    assert client.get("/toko/").context["total"] == 1
    restore_product(product_id=scene.other_product.pk, actor=scene.other_owner)
    assert client.get("/toko/?wilayah=x").context["total"] == 2
    client.force_login(scene.buyer, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/toko/")
    # versions, how many, which (their pictures only where they have some)
    with django_assert_num_queries(3):
        client.get("/toko/")


def test_a_permit_shows_until_its_last_day(client, scene, product):
    today = timezone.localdate()
    for slug, last_day in (("pirt", today), ("bpom_md", today - timedelta(days=1))):
        checked_permit(scene, slug, last_day)
    html = client.get("/toko/keripik-bu-sri/").content.decode()
    assert html.count("badge--permit") == 1


# --- for search engines ------------------------------------------------------------------------------------------
def test_robots_keeps_personal_pages_out(client):
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /keranjang/" in text
    assert "Disallow: /en/akun/" in text
    assert "Sitemap: http://testserver/sitemap.xml" in text


def test_the_sitemap_has_what_is_on_sale_in_both_languages(client, scene, product):
    index = client.get("/sitemap.xml").content.decode()
    assert "sitemap-produk.xml" in index
    products = client.get("/sitemap-produk.xml").content.decode()
    assert "/produk/stik/" in products
    assert "/en/produk/stik/" in products
    Product.objects.filter(pk=scene.product.pk).update(live=False)
    assert "keripik-tempe-pedas" not in client.get("/sitemap-produk.xml").content.decode()
    assert "/toko/keripik-bu-sri/" in client.get("/sitemap-toko.xml").content.decode()
    assert "/kategori/kuliner/" in client.get("/sitemap-kategori.xml").content.decode()
