"""What only the built-in engine promises: truth at once, one statement, an index in the database."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.catalogue.models import Product, ProductListing
from marketplace.core import pagecache
from marketplace.reference.models import Category
from search.engines import engine
from search.engines.base import Document
from search.indexing import index_products, rebuild
from search.models import SearchDocument, VocabularyWord
from search.queries import SearchQuery
from search.services import search_products, suggest
from tests.factories.shelf import put_on_sale
from umkm.vendors.models import Vendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(scene):
    """Six products of two shops in two regencies."""
    crisps, coffee = "kuliner/keripik-kerupuk/keripik-tempe", "kuliner/minuman-kopi-teh/kopi"
    scene.product.delete()
    scene.other_product.delete()
    Category.objects.filter(path="kuliner/keripik-tempe").delete()
    for vendor, name in ((scene.vendor, "Dapur Bu Sri"), (scene.other_vendor, "Lereng Kidul")):
        vendor.name = name
        vendor.save(update_fields=["name"])
    put_on_sale(scene.vendor, "Keripik Tempe Pedas", prices=(12_000,), category=crisps, shelf_life_days=60, days_old=3)
    put_on_sale(scene.vendor, "Kripik Tempe Sagu", prices=(18_000, 30_000), category=crisps, shelf_life_days=30)
    put_on_sale(
        scene.vendor, "Keripik Apel", prices=(22_000,), category="kuliner/keripik-kerupuk/keripik-buah", stock=0
    )
    put_on_sale(scene.vendor, "Topeng Malangan Panji", prices=(450_000,), category="kriya/topeng-ukir/topeng-malangan")
    put_on_sale(
        scene.other_vendor, "Kopi Dampit Bubuk", prices=(38_000,), category=coffee, description="Teman keripik."
    )
    put_on_sale(scene.other_vendor, "Kemeja Batik Bunga", prices=(165_000,), category="fesyen/pakaian/kemeja-blus")
    return scene


def names(query: SearchQuery) -> list[str]:
    return [listing.name for listing in search_products(query).listings]


def test_what_is_not_visible_is_neither_found_nor_counted(shelf):
    Product.objects.filter(slug="keripik-tempe-pedas").update(live=False)
    result = search_products(SearchQuery(text="keripik tempe"))
    assert (result.total, [listing.name for listing in result.listings]) == (1, ["Kripik Tempe Sagu"])
    Vendor.objects.filter(pk=shelf.vendor.pk).update(status=Vendor.Status.SUSPENDED)
    # Only the coffee's description still has one of the words.
    assert search_products(SearchQuery(text="keripik tempe")).is_partial
    assert search_products(SearchQuery(text="keripik")).facets.categories == {"kuliner/minuman-kopi-teh/kopi": 1}


def test_price_and_stock_are_true_at_once_without_the_index(shelf):
    product = Product.objects.get(slug="kopi-dampit-bubuk")
    ProductListing.objects.filter(pk=product.pk).update(price_min=9_000, price_max=9_000, stock_left=0)
    assert names(SearchQuery(price_max=10_000)) == ["Kopi Dampit Bubuk"]
    assert "Kopi Dampit Bubuk" not in names(SearchQuery(in_stock=True))


def test_an_older_document_never_replaces_a_newer_one(shelf):
    product = Product.objects.get(slug="kopi-dampit-bubuk")
    version = SearchDocument.objects.get(pk=product.pk).search_version
    engine().write([Document(product.pk, version - 1, "lama", "lama", "", "")])
    assert "lama" not in SearchDocument.objects.get(pk=product.pk).surface
    engine().write([Document(product.pk, version + 1, "baru", "baru", "", "")])
    assert names(SearchQuery(text="baru")) == ["Kopi Dampit Bubuk"]
    assert "Kopi Dampit Bubuk" not in names(SearchQuery(text="bubuk"))


def test_the_words_in_use_follow_the_products(shelf):
    assert VocabularyWord.objects.get(word="topeng").documents == 1
    product = Product.objects.get(slug="topeng-malangan-panji")
    Product.objects.filter(pk=product.pk).update(name="Wayang Panji")
    ProductListing.objects.filter(pk=product.pk).update(search_version=99)
    index_products([product.pk])
    assert VocabularyWord.objects.get(word="wayang").documents == 1
    # Its category still says so.
    assert VocabularyWord.objects.get(word="topeng").documents == 1
    Product.objects.filter(pk=product.pk).update(live=False)
    index_products([product.pk])
    assert not VocabularyWord.objects.filter(word="wayang", documents__gt=0).exists()
    assert not SearchDocument.objects.filter(pk=product.pk).exists()


def test_a_rebuild_makes_every_document_anew(shelf):
    SearchDocument.objects.all().delete()
    VocabularyWord.objects.all().delete()
    assert rebuild() == 6
    assert search_products(SearchQuery(text="topeng")).total == 1
    assert VocabularyWord.objects.get(word="keripik").documents >= 3


def test_one_statement_finds_counts_and_cuts(shelf, django_assert_num_queries):
    pagecache.forget_everything()
    search_products(SearchQuery(text="keripik"))
    with django_assert_num_queries(6):
        # the versions of words, categories, permits and pins (a request asks once), the search and its counts, cards
        search_products(SearchQuery(text="keripik"))


def test_the_index_is_used(shelf):
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'search_document'")
            assert "search_document_vector" in {row[0] for row in cursor.fetchall()}
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN QUERY PLAN SELECT rowid FROM search_document_fts WHERE search_document_fts MATCH 'kopi'"
        )
        assert "VIRTUAL TABLE INDEX" in str(cursor.fetchall())


def test_new_documents_go_into_the_text_index_at_once(shelf):
    """On PostgreSQL without the list that each search would read whole until the next vacuum."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'search_document_vector'")
            assert cursor.fetchone() == (["fastupdate=off"],)
        else:
            cursor.execute("SELECT count(*) FROM search_document_fts WHERE search_document_fts MATCH 'panji'")
            assert cursor.fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
def test_the_first_letters_are_asked_once_and_shown_as_things_are(shelf):
    first = [listing.name for listing in suggest("ker").products]
    assert "Keripik Tempe Pedas" in first
    with CaptureQueriesContext(connection) as asked:
        assert [listing.name for listing in suggest("ker").products] == first
    assert not [query for query in asked.captured_queries if "search_document" in query["sql"]]
    # What is kept is where products stand, not whether they may be seen.
    Product.objects.filter(slug="keripik-tempe-pedas").update(live=False)
    assert "Keripik Tempe Pedas" not in [listing.name for listing in suggest("ker").products]
