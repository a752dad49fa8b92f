"""The prepared rows that cards and lists show."""

import pytest

from marketplace.catalogue.listings import (
    ask_for_missing_renditions,
    refresh_listings,
    refresh_vendor_listings,
    unrendered_images,
)
from marketplace.catalogue.models import Product, ProductListing
from marketplace.core.models import PageVersion
from marketplace.outbox.models import OutboxMessage
from marketplace.outbox.services import process_due
from tests.factories.catalogue import draft_product, live_product
from umkm.vendors.services import suspend_vendor

pytestmark = pytest.mark.django_db


def page_version() -> int:
    return sum(PageVersion.objects.filter(scope="catalogue").values_list("version", flat=True))


def test_row_says_what_a_card_shows(scene):
    product = live_product(scene.vendor, scene.vendor_owner, scene.officer, name_en="Tempe sticks", shelf_life_days=60)
    row = product.listing
    assert (row.name, row.name_en, row.slug) == ("Stik tempe", "Tempe sticks", product.slug)
    assert (row.vendor_name, row.vendor_slug) == (scene.vendor.name, scene.vendor.slug)
    assert (row.category_path, row.subsector_slug) == (product.category.path, product.category.subsector.slug)
    assert (row.village_code, row.district_code, row.district_name) == ("35.73.01.1002", "35.73.01", "Blimbing")
    assert (row.allows_cod, row.allows_pickup, row.shelf_life_days) == (True, True, 60)
    assert row.published_at == product.first_published_at
    assert row.picture_480 == ""


def test_worker_puts_the_pictures_into_the_row(scene):
    product = live_product(scene.vendor, scene.vendor_owner, scene.officer)
    assert unrendered_images() == [product.images.get().image_id]
    process_due(topics=["catalogue.renditions"])
    row = ProductListing.objects.get(pk=product.pk)
    assert row.picture_240.endswith(".webp")
    assert row.picture_480.endswith(".webp")
    assert row.picture_alt == "Stik tempe"
    assert unrendered_images() == []


def test_refreshing_keeps_stock_and_sales_and_counts_the_version_up(scene):
    product = live_product(scene.vendor, scene.vendor_owner, scene.officer)
    ProductListing.objects.filter(pk=product.pk).update(stock_left=7, sold_count=3, search_version=41)
    refresh_listings(product_ids=[product.pk])
    row = ProductListing.objects.get(pk=product.pk)
    assert (row.stock_left, row.sold_count, row.search_version) == (7, 3, 42)


def test_pages_hear_of_what_is_live_and_not_of_drafts(scene):
    before = page_version()
    draft_product(scene.vendor, scene.vendor_owner)
    assert page_version() == before
    live_product(scene.vendor, scene.vendor_owner, scene.officer, name="Lain")
    assert page_version() > before


def test_shop_that_changes_its_name_shows_it_on_every_card(scene):
    product = live_product(scene.vendor, scene.vendor_owner, scene.officer)
    scene.vendor.name = "Nama Baru"
    scene.vendor.save()
    refresh_vendor_listings(vendor_id=scene.vendor.pk)
    assert ProductListing.objects.get(pk=product.pk).vendor_name == "Nama Baru"
    assert OutboxMessage.objects.filter(topic="search.index", key=str(product.pk)).exists()


def test_refreshing_many_takes_no_more_questions_than_one(scene, django_assert_max_num_queries):
    products = [draft_product(scene.vendor, scene.vendor_owner, name=f"Produk {number}") for number in range(6)]
    OutboxMessage.objects.all().delete()
    with django_assert_max_num_queries(14):
        refresh_listings(product_ids=[product.pk for product in products])
    assert Product.objects.filter(listing__name__startswith="Produk").count() == 6


def test_slugs_of_equal_names_differ(scene):
    slugs = [draft_product(scene.vendor, scene.vendor_owner, name="Keripik").slug for _ in range(3)]
    assert slugs == ["keripik", "keripik-2", "keripik-3"]


def test_shop_that_is_suspended_takes_its_products_out_of_the_search(scene):
    product = live_product(scene.vendor, scene.vendor_owner, scene.officer)
    OutboxMessage.objects.all().delete()
    suspend_vendor(vendor_id=scene.vendor.pk, actor=scene.officer, reason="Izin habis.")
    process_due(topics=["vendor.status_changed"])
    assert OutboxMessage.objects.filter(topic="search.index", key=str(product.pk)).exists()
    assert not ProductListing.objects.visible_listings().filter(pk=product.pk).exists()


def test_photo_whose_message_was_lost_is_rendered_later(scene):
    live_product(scene.vendor, scene.vendor_owner, scene.officer)
    OutboxMessage.objects.all().delete()
    assert ask_for_missing_renditions() == 1
    process_due(topics=["catalogue.renditions"])
    assert ask_for_missing_renditions() == 0
