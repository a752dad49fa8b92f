"""Listing a product as the owner does it, with a browser that knows no script."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.images import get_image_model

from marketplace.catalogue.models import Product, Variant
from marketplace.inventory.models import StockItem
from marketplace.inventory.services import set_stock
from marketplace.reference.models import CategoryRequirement, DocumentKind
from tests.factories import base
from tests.factories.catalogue import decide, draft_product, live_product, photo_bytes, stored_photo, upload
from umkm.portal.photos import token_of
from umkm.registration.models import LegalDocument

pytestmark = pytest.mark.django_db


def form_data(**changes: object) -> dict[str, object]:
    """What the browser sends for a complete product with one form and no photo."""
    data: dict[str, object] = {
        "action": "save",
        "name": "Stik tempe daun jeruk",
        "category": base.category().pk,
        "description": "Renyah.",
        "photo-TOTAL_FORMS": "0",
        "photo-INITIAL_FORMS": "0",
        "variant-TOTAL_FORMS": "1",
        "variant-INITIAL_FORMS": "0",
        "variant-0-price": "18.000",
        "variant-0-stock": "12",
        "variant-0-weight": "250",
        "variant-0-is_active": "on",
    }
    return data | changes


def rows_of(response) -> dict[str, list[str]]:
    """Labels of the variant rows with the price in each."""
    return {row["label"]: row["form"]["price"].value() for row in response.context["table"].rows.rows()}


@pytest.fixture
def create_url(scene):
    return reverse("portal:product-create", args=[scene.vendor.slug])


def edit_url(scene, product):
    return reverse("portal:product-edit", args=[scene.vendor.slug, product.pk])


def test_product_with_several_photos_is_saved_and_sent(scene, vendor_owner_client, create_url):
    photos = [upload(photo_bytes((700, 500)), name="satu.jpg"), upload(photo_bytes((600, 600)), name="dua.jpg")]
    response = vendor_owner_client.post(create_url, form_data(action="submit", photos=photos))
    assert response.status_code == 302
    product = Product.objects.get(name="Stik tempe daun jeruk")
    assert product.vendor == scene.vendor
    assert product.images.count() == 2
    assert product.workflow_in_progress
    variant = product.variants.get()
    assert (variant.price, variant.weight_grams) == (18_000, 250)
    assert variant.stock.on_hand == 12
    assert decide(product, scene.officer).live


def test_draft_may_be_unfinished_and_says_what_is_missing(vendor_owner_client, create_url):
    response = vendor_owner_client.post(create_url, form_data(description="", action="submit"), follow=True)
    assert response.status_code == 200
    product = Product.objects.get(name="Stik tempe daun jeruk")
    assert not product.workflow_in_progress
    assert {each.field for each in response.context["missing"]} == {"photos", "description"}


def test_error_loses_nothing_not_even_the_photo(scene, vendor_owner_client, create_url):
    data = form_data(
        **{
            "variant-0-price": "0",
            "description": "Panjang & rinci",
            "tags": "oleh-oleh",
            "shelf_life_days": "60",
            "photos": [upload()],
        }
    )
    response = vendor_owner_client.post(create_url, data)
    assert response.status_code == 422
    page = unescape(response.content.decode())
    assert "Panjang & rinci" in page
    assert 'value="oleh-oleh"' in page
    assert 'value="60"' in page
    [(photo, picture)] = response.context["photos"].rows()
    assert picture
    assert not Product.objects.filter(name="Stik tempe daun jeruk").exists()
    # The second attempt carries the photo that is stored already.
    again = form_data(**{"photo-TOTAL_FORMS": "1", "photo-0-token": photo["token"].value(), "photo-0-alt": "Bungkus"})
    assert vendor_owner_client.post(create_url, again).status_code == 302
    product = Product.objects.get(name="Stik tempe daun jeruk")
    assert product.images.get().alt == "Bungkus"


@pytest.mark.parametrize(
    "price, message",
    [
        ("0", "price must be more"),
        ("-5000", "price must be more"),
        ("", "Write a price"),
        ("lima ribu", "in digits"),
        ("9999999999", "at most"),
        ("1e9", "in digits"),
        ("１８００００００００００", "at most"),
    ],
)
def test_impossible_price_gets_a_clear_message(scene, vendor_owner_client, create_url, price, message):
    response = vendor_owner_client.post(f"/en{create_url}", form_data(**{"variant-0-price": price}))
    assert response.status_code == 422
    assert message in response.content.decode()
    assert not Product.objects.filter(name="Stik tempe daun jeruk").exists()


@pytest.mark.parametrize(
    "written, meant", [("Rp15.000", 15_000), ("15 000", 15_000), ("15000", 15_000), ("Rp 7.500,00", 7_500)]
)
def test_price_may_be_written_as_people_write_it(vendor_owner_client, create_url, written, meant):
    vendor_owner_client.post(create_url, form_data(**{"variant-0-price": written}))
    assert Variant.objects.get(product__name="Stik tempe daun jeruk").price == meant


def test_size_times_colour_lays_out_a_row_each(vendor_owner_client, create_url):
    data = form_data(
        **{
            "action": "rows",
            "options-name_1": "Ukuran",
            "options-values_1": "S, M, s",
            "options-name_2": "Warna",
            "options-values_2": "Nila, Soga",
        }
    )
    response = vendor_owner_client.post(create_url, data)
    assert response.status_code == 200
    assert list(rows_of(response)) == ["S / Nila", "S / Soga", "M / Nila", "M / Soga"]
    assert set(rows_of(response).values()) == {"18.000"}
    # Nobody has asked to save, so nothing is judged.
    assert "field--invalid" not in response.content.decode()
    assert not Product.objects.filter(name="Stik tempe daun jeruk").exists()


def test_rows_are_saved_with_their_own_price_and_stock(scene, vendor_owner_client, create_url):
    data = form_data(
        **{"options-name_1": "Ukuran", "options-values_1": "S, M", "variant-TOTAL_FORMS": "2"},
        **{"variant-0-value_1": "M", "variant-0-price": "30000", "variant-0-stock": "3"},
        **{"variant-1-value_1": "S", "variant-1-price": "25000", "variant-1-stock": "0", "variant-1-is_active": "on"},
    )
    assert vendor_owner_client.post(create_url, data).status_code == 302
    product = Product.objects.get(name="Stik tempe daun jeruk")
    found = [(each.label, each.price, each.stock.on_hand) for each in product.variants.all() if each.label != "S"]
    assert found == [("M", 30_000, 3)]
    assert product.variants.get(label="S").price == 25_000
    assert product.variants.get(label="M").options == [{"name": "Ukuran", "value": "M"}]


def test_saving_with_rows_that_were_never_laid_out_asks_for_their_stock(vendor_owner_client, create_url):
    data = form_data(**{"options-name_1": "Ukuran", "options-values_1": "S, M"})
    response = vendor_owner_client.post(create_url, data)
    assert response.status_code == 422
    assert list(rows_of(response)) == ["S", "M"]


def test_far_too_many_combinations_are_refused_without_harm(vendor_owner_client, create_url):
    many = ", ".join(str(number) for number in range(20))
    data = form_data(
        **{
            "options-name_1": "A",
            "options-values_1": many,
            "options-name_2": "B",
            "options-values_2": many,
            "variant-TOTAL_FORMS": "400",
        }
    )
    response = vendor_owner_client.post(f"/en{create_url}", data)
    assert response.status_code == 422
    assert "400 variants" in response.content.decode()


EVIL = "<script>alert(1)</script>'; DROP TABLE catalogue_product; --"


def test_html_and_sql_in_every_field_stay_text(scene, vendor_owner_client, create_url):
    data = form_data(
        name=EVIL,
        description=EVIL,
        tags=EVIL,
        name_en=EVIL,
        description_en=EVIL,
        **{
            "options-name_1": EVIL[:30],
            "options-values_1": EVIL[:40],
            "variant-0-value_1": EVIL[:40],
            "photo-TOTAL_FORMS": "1",
            "photo-0-token": token_of(image_id=stored_photo(scene.vendor_owner).pk, vendor=scene.vendor),
            "photo-0-alt": EVIL,
        },
    )
    assert vendor_owner_client.post(create_url, data).status_code == 302
    product = Product.objects.exclude(pk__in=[scene.product.pk, scene.other_product.pk]).get()
    assert product.name == EVIL
    for name in ("product-edit", "product-preview", "product-stock"):
        page = vendor_owner_client.get(reverse(f"portal:{name}", args=[scene.vendor.slug, product.pk]))
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()
    assert (
        "<script>alert"
        not in vendor_owner_client.get(reverse("portal:products", args=[scene.vendor.slug])).content.decode()
    )


@pytest.mark.parametrize("total", ["", "abc", "-1", "99999999", "9" * 40])
def test_broken_form_counts_do_no_harm(vendor_owner_client, create_url, total):
    data = form_data(**{"variant-TOTAL_FORMS": total, "photo-TOTAL_FORMS": total})
    assert vendor_owner_client.post(create_url, data).status_code in (302, 422)


def test_edit_of_a_live_product_keeps_what_buyers_see(scene, vendor_owner_client):
    product = live_product(scene.vendor, scene.vendor_owner, scene.officer)
    photo = product.images.get()
    data = form_data(
        **{
            "action": "submit",
            "name": "Nama baru",
            "photo-TOTAL_FORMS": "1",
            "photo-0-token": token_of(image_id=photo.image_id, vendor=scene.vendor),
            "variant-0-price": "19000",
        }
    )
    assert vendor_owner_client.post(edit_url(scene, product), data).status_code == 302
    product = Product.objects.get(pk=product.pk)
    assert product.name == "Stik tempe"
    assert product.listing.price_min == 19_000
    assert product.workflow_in_progress
    page = vendor_owner_client.get(edit_url(scene, product))
    assert page.context["form"]["name"].value() == "Nama baru"


def test_page_that_was_open_for_long_does_not_bring_sold_stock_back(scene, vendor_owner_client):
    product = draft_product(scene.vendor, scene.vendor_owner)
    variant = product.variants.get()
    set_stock(variant_id=variant.pk, on_hand=5, actor=None)
    # The page shows 5; three are sold; then the owner saves a new text without touching the stock.
    set_stock(variant_id=variant.pk, on_hand=2, actor=None)
    data = form_data(**{"variant-0-stock": "5", "variant-0-stock_was": "5"})
    assert vendor_owner_client.post(edit_url(scene, product), data).status_code == 302
    assert StockItem.objects.get(variant=variant).on_hand == 2
    # With a new number nobody can know what is right: the owner counts again, and no word is lost.
    data = form_data(**{"variant-0-stock": "9", "variant-0-stock_was": "5", "description": "Teks lain"})
    response = vendor_owner_client.post(edit_url(scene, product), data)
    assert response.status_code == 422
    assert "Teks lain" in response.content.decode()
    assert StockItem.objects.get(variant=variant).on_hand == 2
    assert Product.objects.get(pk=product.pk).description == "Renyah."


def test_stock_below_what_is_promised_is_refused_at_its_field(scene, vendor_owner_client):
    product = draft_product(scene.vendor, scene.vendor_owner)
    variant = product.variants.get()
    StockItem.objects.create(variant=variant, on_hand=5, reserved=3)
    response = vendor_owner_client.post(
        edit_url(scene, product), form_data(**{"variant-0-stock": "1", "variant-0-stock_was": "5"})
    )
    assert response.status_code == 422
    assert "stock" in response.context["table"].rows.forms[0].errors


def test_photos_are_ordered_by_number_described_and_removed(scene, vendor_owner_client):
    product = draft_product(scene.vendor, scene.vendor_owner)
    first = product.images.get().image_id
    second, third = (stored_photo(scene.vendor_owner).pk for _ in range(2))
    data = form_data(**{"photo-TOTAL_FORMS": "3"})
    for index, (image_id, order) in enumerate([(first, 3), (second, 1), (third, 2)]):
        data[f"photo-{index}-token"] = token_of(image_id=image_id, vendor=scene.vendor)
        data[f"photo-{index}-order"] = order
    data["photo-1-alt"], data["photo-2-remove"] = "Dari depan", "on"
    assert vendor_owner_client.post(edit_url(scene, product), data).status_code == 302
    pictures = Product.objects.get(pk=product.pk).images.all()
    assert [(picture.image_id, picture.alt) for picture in pictures] == [(second, "Dari depan"), (first, "")]


def test_another_shops_photo_cannot_be_taken(scene, vendor_owner_client, create_url):
    theirs = stored_photo(scene.other_owner).pk
    for token in (token_of(image_id=theirs, vendor=scene.other_vendor), f"{theirs}", "x:y:z", ""):
        data = form_data(**{"photo-TOTAL_FORMS": "1", "photo-0-token": token})
        vendor_owner_client.post(create_url, data)
        product = Product.objects.filter(name="Stik tempe daun jeruk").first()
        assert product is None or not product.images.exists()


def test_bad_files_are_named_and_good_ones_kept(scene, vendor_owner_client, create_url):
    files = [upload(), upload(b"%PDF-1.4", name="surat.jpg"), upload(photo_bytes((500, 500)), name="baik.jpg")]
    response = vendor_owner_client.post(create_url, form_data(photos=files))
    assert response.status_code == 422
    assert "surat.jpg" in response.content.decode()
    assert len(response.context["photos"].rows()) == 2


def test_ninth_photo_is_refused(scene, vendor_owner_client, create_url):
    response = vendor_owner_client.post(create_url, form_data(photos=[upload() for _ in range(9)]))
    assert response.status_code == 422
    assert get_image_model().objects.count() == 8


def test_photo_sent_by_script_answers_with_its_row(scene, vendor_owner_client):
    url = reverse("portal:photo-upload", args=[scene.vendor.slug])
    response = vendor_owner_client.post(url, {"photo": upload(), "index": "4"})
    assert response.status_code == 200
    page = response.content.decode()
    assert 'name="photo-4-token"' in page
    assert 'name="photo-4-alt"' in page
    refused = vendor_owner_client.post(url, {"photo": upload(b"bukan foto"), "index": "5"})
    assert "data-photo-refused" in refused.content.decode()
    assert "foto.jpg" in refused.content.decode()
    assert get_image_model().objects.count() == 1


def test_photo_of_20_megabytes_is_refused_with_the_form_intact(scene, vendor_owner_client, create_url):
    huge = upload(photo_bytes() + b"\0" * (20 * 1024 * 1024), name="besar.jpg")
    response = vendor_owner_client.post(create_url, form_data(photos=[huge]))
    assert response.status_code == 422
    page = response.content.decode()
    assert "besar.jpg" in page
    assert "Stik tempe daun jeruk" in page
    assert not get_image_model().objects.exists()


def test_locked_product_shows_why_and_saves_nothing(scene, vendor_owner_client):
    product = live_product(scene.vendor, scene.vendor_owner, scene.officer)
    Product.objects.filter(pk=product.pk).update(locked=True, locked_by=scene.officer)
    page = vendor_owner_client.get(edit_url(scene, product))
    assert page.context["is_locked"]
    assert 'name="action" value="submit"' not in page.content.decode()
    response = vendor_owner_client.post(edit_url(scene, product), form_data(name="Lain"))
    assert response.status_code == 422
    assert not Product.objects.get(pk=product.pk).has_unpublished_changes


def test_preview_shows_the_newest_draft(scene, vendor_owner_client):
    product = live_product(scene.vendor, scene.vendor_owner, scene.officer)
    response = vendor_owner_client.post(
        edit_url(scene, product), form_data(action="preview", name="Nama di draf", description="Draf baru")
    )
    page = vendor_owner_client.get(response.headers["Location"]).content.decode()
    assert "Nama di draf" in page
    assert "Draf baru" in page


@pytest.mark.parametrize("path", ["create", "edit", "preview", "stock"])
def test_form_pages_ask_a_fixed_number_of_questions(scene, vendor_owner_client, count_queries, path, create_url):
    product = live_product(scene.vendor, scene.vendor_owner, scene.officer)
    expected = {"create": 6, "edit": 19, "preview": 13, "stock": 8}
    url = create_url if path == "create" else reverse(f"portal:product-{path}", args=[scene.vendor.slug, product.pk])
    assert count_queries(vendor_owner_client, url) == expected[path]


def test_form_says_which_permits_the_category_needs(scene, vendor_owner_client):
    product = draft_product(scene.vendor, scene.vendor_owner)
    kinds = {
        slug: DocumentKind.objects.get_or_create(slug=slug, defaults={"name": slug.upper()})[0]
        for slug in ("halal", "pirt", "bpom")
    }
    for slug, group in (("halal", ""), ("pirt", "edar"), ("bpom", "edar")):
        CategoryRequirement.objects.get_or_create(
            category=product.category, document_kind=kinds[slug], defaults={"group": group}
        )
    lacking = vendor_owner_client.get(edit_url(scene, product)).context["papers_lacking"]
    assert len(lacking) == 2
    paper = {"vendor": scene.vendor, "kind": kinds["bpom"], "uploaded_by": scene.vendor_owner}
    document = LegalDocument.objects.create(**paper, file="x.pdf", content_type="application/pdf", size=1, sha256="0")
    assert lacking[:1] == vendor_owner_client.get(edit_url(scene, product)).context["papers_lacking"]
    LegalDocument.objects.filter(pk=document.pk).update(expires_on=timezone.localdate() - timedelta(days=1))
    assert len(vendor_owner_client.get(edit_url(scene, product)).context["papers_lacking"]) == 2
    page = vendor_owner_client.get(reverse("portal:shop", args=[scene.vendor.slug])).content.decode()
    assert kinds["bpom"].display_name in page
