"""The built-in engine, on whichever database the suite runs."""

import string

import pytest
from django.db import connection

from marketplace.catalogue.models import Product, ProductListing
from marketplace.core import pagecache
from marketplace.reference.models import Category
from search.engines import engine
from search.engines.base import Document
from search.indexing import index_products, rebuild
from search.models import SearchDocument, VocabularyWord
from search.queries import CHEAPEST, COD, DEAREST, NEWEST, PICKUP, SearchQuery
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


def test_both_spellings_find_both(shelf):
    assert set(names(SearchQuery(text="kripik tempe"))) == {"Keripik Tempe Pedas", "Kripik Tempe Sagu"}
    assert names(SearchQuery(text="kripik tempe")) == names(SearchQuery(text="KERIPIK, tempe!"))


def test_names_stand_before_descriptions_and_what_is_in_stock_before_what_is_not(shelf):
    found = names(SearchQuery(text="keripik"))
    assert set(found[:2]) == {"Keripik Tempe Pedas", "Kripik Tempe Sagu"}
    assert set(found) == {"Keripik Tempe Pedas", "Kripik Tempe Sagu", "Keripik Apel", "Kopi Dampit Bubuk"}


def test_english_slang_and_stems_find(shelf):
    assert names(SearchQuery(text="mask")) == ["Topeng Malangan Panji"]
    assert names(SearchQuery(text="ipok")) == ["Kopi Dampit Bubuk"]
    assert names(SearchQuery(text="kemejanya")) == ["Kemeja Batik Bunga"]
    assert names(SearchQuery(text="meja")) == []


def test_the_shop_and_its_place_find(shelf):
    assert "Topeng Malangan Panji" in names(SearchQuery(text="polowijen topeng"))
    assert set(names(SearchQuery(text="lereng kidul"))) == {"Kopi Dampit Bubuk", "Kemeja Batik Bunga"}


@pytest.mark.parametrize(
    "mark", [*string.punctuation, '"', "'", "\\", "%", "_", "NEAR(", "AND", "OR NOT", "a AND (b", "*", ":"]
)
def test_no_mark_is_an_operator(shelf, mark):
    for text in (mark, f"{mark}kopi", f"kopi{mark}", f'kopi {mark} "dampit', mark * 40):
        search_products(SearchQuery(text=text))
        suggest(text)
    assert search_products(SearchQuery(text="kopi dampit")).total == 1


@pytest.mark.parametrize(
    "text",
    [
        "x" * 500, "kopi " * 100, "😀", "😀 kopi", "\u0000kopi", "; DROP TABLE search_document; --", "' OR 1=1 --",
        "<script>alert(1)</script>", "{surface} : kopi", "kopi:*", "!kopi", "kopi & !dampit", "ｋｏｐｉ",
        "кофе", "咖啡",
        "قهوة",
        "\u202ekopi", "0" * 80, "a" * 80 + "-" + "a" * 80, "kopi\r\nSet-Cookie: a=b", "-", "--", "kopi -dampit",
    ],
)  # fmt: skip
def test_strange_texts_do_no_harm(shelf, text):
    result = search_products(SearchQuery(text=text))
    assert result.total >= 0
    suggest(text)
    assert SearchDocument.objects.count() == 6


def test_marks_alone_find_nothing_and_no_words_find_everything(shelf):
    assert search_products(SearchQuery(text="!!!")).total == 0
    assert search_products(SearchQuery()).total == 6


def test_filters_narrow(shelf):
    assert set(names(SearchQuery(categories=("kuliner/keripik-kerupuk",)))) == {
        "Keripik Tempe Pedas", "Kripik Tempe Sagu", "Keripik Apel",
    }  # fmt: skip
    assert set(names(SearchQuery(regions=("35.07",)))) == {"Kopi Dampit Bubuk", "Kemeja Batik Bunga"}
    assert names(SearchQuery(regions=("35.73.01",), price_max=12_000)) == ["Keripik Tempe Pedas"]
    # A price range matches when some variant lies in it.
    assert "Kripik Tempe Sagu" in names(SearchQuery(price_min=25_000, price_max=31_000))
    assert "Keripik Apel" not in names(SearchQuery(in_stock=True))
    assert set(names(SearchQuery(shelf_life=30))) == {"Keripik Tempe Pedas", "Kripik Tempe Sagu"}
    assert names(SearchQuery(scope="kriya")) == ["Topeng Malangan Panji"]
    assert names(SearchQuery(scope="kri")) == []


def test_ways_of_delivery_are_those_of_the_shop(shelf):
    Vendor.objects.filter(pk=shelf.vendor.pk).update(accepts_cod=False)
    ProductListing.objects.filter(vendor=shelf.vendor).update(allows_cod=False)
    assert set(names(SearchQuery(deliveries=(COD,)))) == {"Kopi Dampit Bubuk", "Kemeja Batik Bunga"}
    assert len(names(SearchQuery(deliveries=(COD, PICKUP)))) == 6


def test_orders(shelf):
    assert names(SearchQuery(sort=CHEAPEST))[0] == "Keripik Tempe Pedas"
    assert names(SearchQuery(sort=DEAREST))[0] == "Topeng Malangan Panji"
    assert names(SearchQuery(sort=NEWEST))[0] == "Keripik Tempe Pedas"
    prices = [listing.price_min for listing in search_products(SearchQuery(sort=CHEAPEST)).listings]
    assert prices == sorted(prices)


def test_each_facet_counts_under_all_filters_but_its_own(shelf):
    facets = search_products(
        SearchQuery(categories=("kuliner/keripik-kerupuk/keripik-tempe",), price_max=20_000, regions=("35.73",))
    ).facets
    # categories: under price and region
    assert facets.categories == {"kuliner/keripik-kerupuk/keripik-tempe": 2}
    # districts: under price and category
    assert facets.districts == {"35.73.01": 2}
    # prices: under category and region
    assert (facets.any_price, facets.price_min, facets.price_max) == (2, 12_000, 30_000)
    assert facets.in_stock == 2
    assert facets.shelf_lives == {7: 2, 30: 2, 90: 0}


def test_a_count_is_what_choosing_it_shows(shelf):
    for query in (
        SearchQuery(),
        SearchQuery(text="keripik"),
        SearchQuery(price_max=40_000),
        SearchQuery(in_stock=True),
    ):
        facets = search_products(query).facets
        for path, count in facets.categories.items():
            assert search_products(query.toggled("categories", path)).total == count
        for code, count in facets.districts.items():
            assert search_products(query.toggled("regions", code)).total == count
        for way, count in facets.deliveries.items():
            assert search_products(query.toggled("deliveries", way)).total == count


def test_a_second_choice_of_a_kind_widens_by_its_count(shelf):
    one = SearchQuery(categories=("kriya/topeng-ukir/topeng-malangan",))
    facets = search_products(one).facets
    both = search_products(one.toggled("categories", "kuliner/minuman-kopi-teh/kopi"))
    assert both.total == 1 + facets.categories["kuliner/minuman-kopi-teh/kopi"]


def test_pages_are_cut_and_counted(shelf):
    first = search_products(SearchQuery(page_size=4, sort=CHEAPEST))
    second = search_products(SearchQuery(page_size=4, page=2, sort=CHEAPEST))
    assert (len(first.listings), len(second.listings), first.total, second.total) == (4, 2, 6, 6)
    assert not {one.pk for one in first.listings} & {one.pk for one in second.listings}
    assert search_products(SearchQuery(page=400)).listings == []


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


def test_misspelt_words_are_corrected_and_it_is_said(shelf):
    result = search_products(SearchQuery(text="topneg malangan"))
    assert (result.corrected, [listing.name for listing in result.listings]) == (
        "topeng malangan",
        ["Topeng Malangan Panji"],
    )
    assert search_products(SearchQuery(text="topneg malangan", literal=True)).corrected == ""


def test_an_unfinished_word_finds_what_it_begins(shelf):
    assert names(SearchQuery(text="tope")) == ["Topeng Malangan Panji"]


def test_when_nothing_has_all_words_those_with_some_are_shown(shelf):
    result = search_products(SearchQuery(text="topeng durian"))
    assert result.is_partial
    assert [listing.name for listing in result.listings] == ["Topeng Malangan Panji"]
    assert search_products(SearchQuery(text="televisi kulkas")).total == 0
    # One word of three is no answer, and neither is a number.
    assert search_products(SearchQuery(text="topeng durian montong")).total == 0
    assert search_products(SearchQuery(text="durian 3676")).total == 0


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


def test_suggestions_are_products_shops_and_categories(shelf):
    found = suggest("kop")
    assert [listing.name for listing in found.products] == ["Kopi Dampit Bubuk"]
    assert [shop.name for shop in suggest("lereng").shops] == ["Lereng Kidul"]
    assert [node.path for node in found.categories] == ["kuliner/minuman-kopi-teh", "kuliner/minuman-kopi-teh/kopi"]
    assert [listing.name for listing in suggest("kripik sag").products] == ["Kripik Tempe Sagu"]
    assert not suggest("k")
    assert not suggest("!!")


def test_suggestions_leave_out_what_is_not_visible(shelf):
    Vendor.objects.update(status=Vendor.Status.SUSPENDED)
    assert suggest("kopi").products == []
    assert suggest("lereng").shops == []


def test_one_statement_finds_counts_and_cuts(shelf, django_assert_num_queries):
    pagecache.forget_everything()
    search_products(SearchQuery(text="keripik"))
    with django_assert_num_queries(5):
        # the versions of words, categories and permits (a request asks once), the search with all its counts, the cards
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
