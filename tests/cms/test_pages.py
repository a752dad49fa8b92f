"""Pages that editors write: what a new site begins with, what each block shows, and who may change it."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from wagtail.models import Locale, Page, Site
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from cms.colours import contrast, text_on, theme_css
from cms.links import link_url, localised, validate_address
from cms.models import ArticlePage, FormPage, HomePage, Navigation, SiteIdentity, StoryPage
from cms.services import ensure_home
from marketplace.catalogue.listings import refresh_listings
from marketplace.catalogue.models import Product, Variant
from marketplace.catalogue.services import archive_product
from tests.factories.shelf import put_on_sale

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(scene) -> HomePage:
    return ensure_home()


def publish(page: Page) -> None:
    page.save_revision().publish()


# --- the first pages -----------------------------------------------------------------------------------------------
def test_a_new_site_has_its_pages_in_both_languages(client, home):
    for address in (
        "/",
        "/sentra/",
        "/cerita/",
        "/cerita/jendela-krepyak/",
        "/bantuan/",
        "/pengaduan/",
        "/syarat-dan-privasi/",
    ):
        indonesian, english = client.get(address), client.get(f"/en{address}")
        assert (indonesian.status_code, english.status_code) == (200, 200), address
        assert 'lang="id"' in indonesian.content.decode()
        assert 'lang="en"' in english.content.decode()
        for page in (indonesian, english):
            assert page.content.decode().count("<h1") == 1
    assert "Buatan Malang, langsung dari tangan pembuatnya" in client.get("/").content.decode()
    assert "Made in Malang, straight from the makers" in client.get("/en/").content.decode()


def test_making_the_pages_again_changes_nothing_that_was_written(home):
    home.hero_title = "Judul baru"
    publish(home)
    count = Page.objects.count()
    ensure_home()
    assert Page.objects.count() == count
    assert HomePage.objects.get(pk=home.pk).hero_title == "Judul baru"
    assert Site.objects.get(is_default_site=True).root_page_id == home.pk
    assert home.get_translation(Locale.objects.get(language_code="en")).hero_title.startswith("Made in Malang")


def test_the_home_page_shows_what_is_on_sale(client, scene, home):
    put_on_sale(scene.vendor, "Stik Tempe Keju", prices=(17_000,), days_old=1)
    html = client.get("/").content.decode()
    assert "Stik Tempe Keju" in html
    assert "Satu keranjang untuk 2 usaha" in html
    assert "Lihat 3 produk" in html
    assert html.count('class="category-tile"') == 1
    assert html.count('class="sign"') == 6
    assert 'href="/cari/?tahan=30"' in html
    assert 'href="/en/cari/?tahan=30"' in client.get("/en/").content.decode()


def test_a_new_price_is_on_the_home_page_at_once(client, scene, home):
    product = put_on_sale(scene.vendor, "Stik Tempe Keju", prices=(17_000,), days_old=0)
    assert "Rp17.000" in client.get("/").content.decode()
    Variant.objects.filter(product=product).update(price=18_500)
    refresh_listings(product_ids=[product.pk])
    html = client.get("/").content.decode()
    assert "Rp18.500" in html
    assert "Rp17.000" not in html


def test_home_queries_are_exact(client, scene, home, django_assert_num_queries):
    for number in range(5):
        put_on_sale(scene.vendor, f"Stik {number}")
    client.force_login(scene.buyer, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/")
    # site, locale, page, versions, the newest; the wall asks once more where products have pictures
    with django_assert_num_queries(5):
        client.get("/")
    for number in range(10):
        put_on_sale(scene.other_vendor, f"Topeng {number}", category="kriya/topeng")
    client.get("/")
    with django_assert_num_queries(5):
        client.get("/")


def test_a_visitor_of_the_home_page_gets_no_cookie_and_shares_it(client, home, django_assert_num_queries):
    first = client.get("/")
    assert not first.cookies
    with django_assert_num_queries(1):
        assert client.get("/").content == first.content


def test_what_an_editor_publishes_shows_at_once(client, home):
    client.get("/")
    home.hero_title = "Ayo belanja di Malang"
    home.save_revision()
    assert "Ayo belanja di Malang" not in client.get("/").content.decode()
    publish(home)
    assert "Ayo belanja di Malang" in client.get("/").content.decode()
    story = StoryPage.objects.get(slug="jendela-krepyak", locale__language_code="id")
    assert client.get("/cerita/jendela-krepyak/").status_code == 200
    story.unpublish()
    assert client.get("/cerita/jendela-krepyak/").status_code == 404


def test_no_page_is_for_some_people_only(editor_client, home):
    """Pages are kept for everyone, so the admin offers no privacy for them."""
    assert home.private_page_options == []
    assert not home.get_view_restrictions().exists()


# --- blocks --------------------------------------------------------------------------------------------------------
def article(home: HomePage, *blocks: tuple[str, object]) -> ArticlePage:
    page = ArticlePage(title="Coba", slug="coba", body=list(blocks))
    home.add_child(instance=page)
    publish(page)
    return page


def products_block(**value: object) -> tuple[str, dict]:
    return ("products", {"heading": "Pilihan", "rule": "newest", "category": "", "chosen": [], "count": 3} | value)


def shown(client, address: str = "/coba/") -> list[str]:
    return re.findall(r'class="product-card__name"><a href="/produk/([^/]+)/', client.get(address).content.decode())


def test_products_by_rule(client, scene, home):
    Product.objects.filter(pk__in=[scene.product.pk, scene.other_product.pk]).delete()
    put_on_sale(scene.vendor, "Lama", days_old=90, sold=50)
    put_on_sale(scene.vendor, "Baru", days_old=1, sold=5)
    put_on_sale(scene.vendor, "Habis", days_old=0, stock=0, sold=99)
    put_on_sale(scene.vendor, "Topeng", days_old=5, category="kriya/topeng")
    page = article(home, products_block(count=2))
    assert shown(client) == ["baru", "topeng"]
    page.body = [products_block(rule="popular", count=2)]
    publish(page)
    assert shown(client) == ["lama", "baru"]
    page.body = [products_block(category="kriya")]
    publish(page)
    assert shown(client) == ["topeng"]


def test_chosen_products_keep_their_order_and_leave_when_they_go(client, scene, home):
    first, second = put_on_sale(scene.vendor, "Satu"), put_on_sale(scene.vendor, "Dua")
    article(home, products_block(rule="chosen", chosen=[second, first]))
    assert shown(client) == ["dua", "satu"]
    archive_product(product_id=second.pk, actor=scene.vendor_owner)
    assert shown(client) == ["satu"]


def test_chosen_shops_show_while_they_are_open(client, scene, home):
    article(home, ("shops", {"heading": "Toko", "chosen": [scene.other_vendor], "count": 3}))
    assert 'href="/toko/kopi-dampit/"' in client.get("/coba/").content.decode()
    assert 'href="/toko/keripik-bu-sri/"' not in client.get("/coba/").content.decode()


def test_text_quotes_and_invitations(client, home):
    article(
        home,
        ("text", '<p>Halo <a href="https://contoh.id">sana</a></p>'),
        ("quote", {"text": "Enak", "source": "Sam"}),
        (
            "invitation",
            {"heading": "Ayo", "steps": ["Satu"], "link": {"label": "Mulai", "page": None, "address": "/toko/"}},
        ),
    )
    html = client.get("/coba/").content.decode()
    for words in ("<p>Halo ", "https://contoh.id", "Enak", "Sam", "<li>Satu</li>", 'href="/toko/"'):
        assert words in html


@pytest.mark.parametrize("block", ["newest", "chosen"])
def test_a_block_without_anything_to_show_says_nothing(client, scene, home, block):
    Product.objects.update(live=False)
    article(home, products_block(rule=block))
    assert "Pilihan" not in client.get("/coba/").content.decode()


def test_a_link_to_a_page_follows_the_language(home):
    page = home.get_children().get(slug="bantuan")
    with translation.override("en"):
        assert link_url(page, "") == "/en/bantuan/"
        assert localised("/cari/") == "/en/cari/"
        assert localised("https://contoh.id/") == "https://contoh.id/"
    with translation.override("id"):
        assert link_url(page, "/lain/") == "/bantuan/"
        assert localised("/cari/?q=x") == "/cari/?q=x"


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "//evil.example", "http://evil.example", "data:text/html,x", "kategori", "/a b", '/"x'],
)
def test_unsafe_addresses_are_refused(address):
    with pytest.raises(ValidationError):
        validate_address(address)


# --- the site as a whole -------------------------------------------------------------------------------------------
def test_name_contact_and_navigation_are_the_editors(client, home):
    client.get("/")
    identity = SiteIdentity.load()
    identity.name, identity.tagline_en = "Pasar Arek", "A market of its own"
    identity.save()
    navigation = Navigation.load()
    navigation.header_links = [
        ("link", {"label": "Promo", "label_en": "Deals", "page": None, "address": "/cari/?urut=termurah"})
    ]
    navigation.save()
    html = client.get("/").content.decode()
    assert "Pasar Arek" in html
    assert 'href="/cari/?urut=termurah">Promo</a>' in html
    english = client.get("/en/").content.decode()
    assert 'href="/en/cari/?urut=termurah">Deals</a>' in english
    assert "A market of its own" in english


def test_a_colour_must_be_readable(client, home):
    identity = SiteIdentity.load()
    identity.accent = "#FFEE00"
    with pytest.raises(ValidationError):
        identity.full_clean()
    identity.accent, identity.accent_dark = "#8A1538", "#FFB3C7"
    identity.full_clean()
    identity.save()
    css = client.get("/tema.css").content.decode()
    assert "--wedel: #8A1538" in css
    assert 'href="/tema.css?v=' in client.get("/").content.decode()
    for accent in ("#8A1538", "#FFB3C7", "#005500"):
        assert contrast(accent, text_on(accent)) >= 4.5
    assert theme_css("", "") == ""


def test_reading_a_page_writes_no_setting(client, scene):
    client.get("/kategori/")
    assert (SiteIdentity.objects.count(), Navigation.objects.count()) == (0, 0)


# --- the complaint form --------------------------------------------------------------------------------------------
def test_a_complaint_is_kept_and_answered_with_thanks(client, home):
    page = client.get("/pengaduan/")
    html = page.content.decode()
    assert "csrfmiddlewaretoken" in html
    assert "ETag" not in page.headers
    sent = client.post(
        "/pengaduan/",
        {"name": "Rina", "email": "rina@contoh.id", "order": "", "message": "<b>Remuk</b> '; DROP TABLE--"},
    )
    assert sent.status_code == 200
    assert "Keluhanmu sudah masuk" in sent.content.decode()
    form = FormPage.objects.get(locale__language_code="id")
    assert form.get_submission_class().objects.filter(page=form).get().form_data["message"].startswith("<b>Remuk</b>")


def test_a_complaint_that_lacks_something_loses_nothing(client, home):
    answer = client.post("/pengaduan/", {"name": "Rina", "email": "bukan surel", "message": "Remuk"})
    html = answer.content.decode()
    assert 'value="Rina"' in html
    assert "Remuk" in html
    assert 'id="error-summary"' in html or "error-summary" in html


# --- in the admin --------------------------------------------------------------------------------------------------
def test_an_editor_changes_the_home_page_without_a_developer(editor_client, client, home):
    edit = f"/admin/pages/{home.pk}/edit/"
    assert editor_client.get(edit).status_code == 200
    data = nested_form_data(
        {
            "title": "Buatan Malang",
            "slug": home.slug,
            "hero_title": "Diubah penyunting",
            "hero_text": "Untuk {shops} usaha",
            "hero_label": "Lihat",
            "hero_address": "/cari/",
            "body": streamfield(
                [
                    ("categories", {"heading": "Semua jenis"}),
                    ("text", rich_text("<p>Halo dari penyunting</p>")),
                ]
            ),
            "action-publish": "1",
            "seo_title": "",
            "search_description": "",
        }
    )
    response = editor_client.post(edit, data)
    assert response.status_code == 302, response.context["form"].errors if response.context else ""
    html = client.get("/").content.decode()
    for words in ("Diubah penyunting", "Untuk 2 usaha", "Semua jenis", "Halo dari penyunting"):
        assert words in html


def test_choosers_offer_what_is_visible_and_search_by_name(editor_client, scene, home):
    put_on_sale(scene.vendor, "Stik Tempe Keju")
    html = editor_client.get("/admin/product_chooser/results/?q=stik").content.decode()
    assert "Stik Tempe Keju" in html
    assert "Kopi dampit" not in html
    Product.objects.update(live=False)
    assert "Stik Tempe Keju" not in editor_client.get("/admin/product_chooser/").content.decode()


def test_editors_change_settings_and_search_words(editor_client, home):
    assert editor_client.get("/admin/settings/cms/siteidentity/", follow=True).status_code == 200
    assert editor_client.get("/admin/settings/cms/navigation/", follow=True).status_code == 200
    listing = editor_client.get("/admin/snippets/search/synonymgroup/?q=keripik")
    assert listing.status_code == 200
    assert "kripik" in listing.content.decode()
