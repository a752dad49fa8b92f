"""What a visitor may count on, whichever engine answers: the built-in one on either database, or the cluster."""

import string

import pytest

from marketplace.catalogue.listings import set_listing_rating, set_listing_stock
from marketplace.catalogue.models import Product, ProductListing
from marketplace.reference.models import Category
from search.engines import engine
from search.indexing import index_products
from search.models import SearchDocument
from search.queries import (
    BEST_RATED,
    CHEAPEST,
    COD,
    DEAREST,
    NEAREST,
    NEWEST,
    PICKUP,
    PRICE_BANDS,
    RATINGS,
    SHELF_LIVES,
    SORTS,
    SearchQuery,
)
from search.services import search_products, suggest
from tests.factories.shelf import put_on_sale
from umkm.vendors.models import Vendor

pytestmark = pytest.mark.django_db
CRISPS, COFFEE = "kuliner/keripik-kerupuk/keripik-tempe", "kuliner/minuman-kopi-teh/kopi"
FRUIT, SHIRT = "kuliner/keripik-kerupuk/keripik-buah", "fesyen/pakaian/kemeja-blus"
MASK = "kriya/topeng-ukir/topeng-malangan"
EVERYTHING = {
    "Keripik Tempe Pedas", "Kripik Tempe Sagu", "Keripik Apel", "Topeng Malangan Panji", "Kopi Dampit Bubuk",
    "Kemeja Batik Bunga",
}  # fmt: skip
STRANGE = [
    "x" * 500, "kopi " * 100, "a" * 200, "😀", "😀 kopi", "👩\u200d🍳 masak", "\u0000kopi",
    "; DROP TABLE search_document; --", "' OR 1=1 --", "<script>alert(1)</script>", "{surface} : kopi",
    "{surface stem} : (kopi)", "kopi:*", "!kopi", "kopi & !dampit", "kopi <-> dampit", "kopi | teh",
    "kopi NEAR/2 dampit", "NEAR(kopi dampit, 2)",
    "NOT kopi", "^kopi", "title.stem:kopi", "status:gone", "kopi AND (dampit OR", "kopi~2",
    "kopi^9", "/.*/", "[a TO z]", "*:*", "kop?", "_exists_:price", '{"match_all": {}}', "kopi\\", "\\\\\\", "%%", "%s",
    "${jndi:x}", "ｋｏｐｉ", "кофе", "咖啡", "قهوة",
    "קפה",
    "\u202ekopi\u202c", "\ufdfa", "Z\u0338a\u0337l\u0335g\u0336o\u0334", "0" * 80, "a" * 80 + "-" + "a" * 80,
    "kopi\r\nSet-Cookie: a=b", "-", "--", "kopi -dampit", "½ ⅓", "kopi\tdampit\n", "'", '"', "''", '""',
    '"kopi', "kopi'", "’", "untuk dan yang", "the and of",
]  # fmt: skip


@pytest.fixture
def shelf(scene, engine_name):
    """Six products of two shops in two regencies, in the index of the engine that is asked."""
    gone = [scene.product.pk, scene.other_product.pk]
    Product.objects.filter(pk__in=gone).delete()
    index_products(gone)
    Category.objects.filter(path="kuliner/keripik-tempe").delete()
    for vendor, name, place in (
        (scene.vendor, "Dapur Bu Sri", (-7.95, 112.64)),
        (scene.other_vendor, "Lereng Kidul", (-8.2, 112.75)),
    ):
        vendor.name = name
        vendor.latitude, vendor.longitude = place
        vendor.save(update_fields=["name", "latitude", "longitude"])
    put_on_sale(scene.vendor, "Keripik Tempe Pedas", prices=(12_000,), category=CRISPS, shelf_life_days=60, days_old=3)
    put_on_sale(scene.vendor, "Kripik Tempe Sagu", prices=(18_000, 30_000), category=CRISPS, shelf_life_days=30)
    put_on_sale(scene.vendor, "Keripik Apel", prices=(22_000,), category=FRUIT, stock=0)
    put_on_sale(scene.vendor, "Topeng Malangan Panji", prices=(450_000,), category=MASK)
    put_on_sale(
        scene.other_vendor, "Kopi Dampit Bubuk", prices=(38_000,), category=COFFEE, description="Teman keripik."
    )
    put_on_sale(scene.other_vendor, "Kemeja Batik Bunga", prices=(165_000,), category=SHIRT)
    return scene


def names(query: SearchQuery) -> list[str]:
    return [listing.name for listing in search_products(query).listings]


def pk_of(name: str) -> int:
    return Product.objects.get(name=name).pk


# --- words ---------------------------------------------------------------------------------------------------------
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
    assert set(names(SearchQuery(text="batik kabupaten malang"))) == {"Kemeja Batik Bunga"}


def test_what_is_asked_by_the_name_of_its_category_comes_first(shelf):
    put_on_sale(shelf.other_vendor, "Gantungan Kopi", category="kriya/suvenir")
    assert names(SearchQuery(text="kopi"))[0] == "Kopi Dampit Bubuk"


def test_misspelt_words_are_corrected_and_it_is_said(shelf):
    result = search_products(SearchQuery(text="topneg malangan"))
    assert result.corrected == "topeng malangan"
    assert [listing.name for listing in result.listings] == ["Topeng Malangan Panji"]
    assert search_products(SearchQuery(text="topneg malangan", literal=True)).corrected == ""


@pytest.mark.parametrize(("typed", "read"), [("kopidampit", "kopi dampit"), ("kitab bunga", "batik bunga")])
def test_joined_words_and_walikan_are_read(shelf, typed, read):
    result = search_products(SearchQuery(text=typed))
    assert result.corrected == read
    assert result.total == 1


def test_of_several_readings_that_counts_which_finds_something(shelf):
    put_on_sale(shelf.vendor, "Kipas Anyam")
    # Nearer to "kopi" by its letters, but only "kipas" goes with "anyam".
    assert search_products(SearchQuery(text="kips anyam")).corrected == "kipas anyam"


def test_an_unfinished_word_finds_what_it_begins(shelf):
    assert names(SearchQuery(text="tope")) == ["Topeng Malangan Panji"]


def test_when_nothing_has_all_words_those_with_half_of_them_are_shown_and_it_is_said(shelf):
    result = search_products(SearchQuery(text="topeng durian"))
    assert result.is_partial
    assert [listing.name for listing in result.listings] == ["Topeng Malangan Panji"]
    for text in ("televisi kulkas", "topeng durian montong", "durian 3676"):
        assert search_products(SearchQuery(text=text)).total == 0


def test_what_has_more_of_the_words_stands_first(shelf):
    result = search_products(SearchQuery(text="batik topeng bunga durian"))
    assert result.is_partial
    assert [listing.name for listing in result.listings] == ["Kemeja Batik Bunga"]


def test_an_empty_result_knows_ways_on(shelf):
    lost = search_products(SearchQuery(text="kopi dampit", price_max=20_000, in_stock=True))
    assert (lost.total, [(way.dropped, way.total) for way in lost.relaxed]) == (0, [("price", 1)])
    assert lost.relaxed[0].query == SearchQuery(text="kopi dampit", in_stock=True)
    shorter = search_products(SearchQuery(text="topeng durian montong"))
    assert [(way.query.text, way.is_filter) for way in shorter.relaxed] == []
    shorter = search_products(SearchQuery(text="durian topeng montong panji", in_stock=True, price_max=1_000_000))
    assert shorter.total == 0
    literal = search_products(SearchQuery(text="topneg", literal=True))
    assert (literal.total, literal.nearest_words) == (0, ["topeng"])


# --- whatever is typed -----------------------------------------------------------------------------------------------
def test_no_mark_is_an_operator(shelf):
    for mark in [
        *string.punctuation,
        "NEAR(",
        "AND",
        "OR NOT",
        "a AND (b",
        "–",
        "…",
        "«",
        "\u00ad",
        "\u200b",
        "\ufeff",
    ]:
        for text in (mark, f"{mark}kopi", f"kopi{mark}", f'kopi {mark} "dampit', mark * 40):
            search_products(SearchQuery(text=text))
        suggest(f"kop{mark}")
    assert search_products(SearchQuery(text="kopi dampit")).total == 1


def test_strange_texts_do_no_harm(shelf):
    for text in STRANGE:
        result = search_products(SearchQuery(text=text))
        assert 0 <= result.total <= len(EVERYTHING), text
        assert result.engine == engine().name
        suggest(text)
    assert SearchDocument.objects.count() == len(EVERYTHING)


def test_no_syntax_of_an_engine_is_understood(shelf):
    """A query language would find these; read as words, nothing has them all."""
    for text in ("status:live", "*:*", "/k.*/", "kop?", "title.stem:topeng", "NOT zzz"):
        found = search_products(SearchQuery(text=text, literal=True))
        assert found.is_partial or not found.total, text


def test_marks_alone_find_nothing_and_no_words_find_everything(shelf):
    assert search_products(SearchQuery(text="!!!")).total == 0
    assert set(names(SearchQuery())) == EVERYTHING


# --- filters, counts, orders, pages ----------------------------------------------------------------------------------
def test_filters_narrow(shelf):
    crisps = {"Keripik Tempe Pedas", "Kripik Tempe Sagu"}
    assert set(names(SearchQuery(categories=("kuliner/keripik-kerupuk",)))) == {*crisps, "Keripik Apel"}
    assert set(names(SearchQuery(regions=("35.07",)))) == {"Kopi Dampit Bubuk", "Kemeja Batik Bunga"}
    assert set(names(SearchQuery(regions=(shelf.other_vendor.village_id,)))) == {
        "Kopi Dampit Bubuk", "Kemeja Batik Bunga",
    }  # fmt: skip
    assert names(SearchQuery(regions=("35.73.01",), price_max=12_000)) == ["Keripik Tempe Pedas"]
    # A price range matches when some variant lies in it.
    assert "Kripik Tempe Sagu" in names(SearchQuery(price_min=25_000, price_max=31_000))
    assert set(names(SearchQuery(in_stock=True))) == EVERYTHING - {"Keripik Apel"}
    assert set(names(SearchQuery(shelf_life=30))) == crisps
    assert set(names(SearchQuery(subsectors=("kuliner",)))) == set(
        ProductListing.objects.filter(subsector_slug="kuliner").values_list("name", flat=True)
    )
    assert names(SearchQuery(scope="kriya")) == ["Topeng Malangan Panji"]
    assert names(SearchQuery(scope="kri")) == []
    assert set(names(SearchQuery(vendor_id=shelf.other_vendor.pk))) == {"Kopi Dampit Bubuk", "Kemeja Batik Bunga"}


def test_ways_of_delivery_are_those_of_the_shop(shelf):
    Vendor.objects.filter(pk=shelf.vendor.pk).update(accepts_cod=False)
    ProductListing.objects.filter(vendor=shelf.vendor).update(allows_cod=False)
    index_again()
    assert set(names(SearchQuery(deliveries=(COD,)))) == {"Kopi Dampit Bubuk", "Kemeja Batik Bunga"}
    assert len(names(SearchQuery(deliveries=(COD, PICKUP)))) == 6


def index_again() -> None:
    """What was written past the services reaches the index as well."""
    ids = list(Product.objects.values_list("pk", flat=True))
    for listing in ProductListing.objects.filter(pk__in=ids):
        ProductListing.objects.filter(pk=listing.pk).update(search_version=listing.search_version + 1)
    index_products(ids)


def rate(name: str, average: float, count: int) -> None:
    set_listing_rating(product_id=pk_of(name), average=average, count=count)
    index_products([pk_of(name)])


def test_ratings_filter_count_and_order(shelf):
    rate("Topeng Malangan Panji", 5.0, 1)
    rate("Kopi Dampit Bubuk", 4.8, 60)
    rate("Keripik Apel", 3.2, 9)
    assert set(names(SearchQuery(rating=4))) == {"Topeng Malangan Panji", "Kopi Dampit Bubuk"}
    assert search_products(SearchQuery(rating=4)).facets.ratings == {4: 2, 3: 3}
    # A single five does not beat sixty that are nearly as good; what nobody rated comes last.
    assert names(SearchQuery(sort=BEST_RATED))[:3] == ["Kopi Dampit Bubuk", "Topeng Malangan Panji", "Keripik Apel"]


def test_orders(shelf):
    assert names(SearchQuery(sort=CHEAPEST))[0] == "Keripik Tempe Pedas"
    assert names(SearchQuery(sort=DEAREST))[0] == "Topeng Malangan Panji"
    assert names(SearchQuery(sort=NEWEST))[0] == "Keripik Tempe Pedas"
    prices = [listing.price_min for listing in search_products(SearchQuery(sort=CHEAPEST)).listings]
    assert prices == sorted(prices)


def test_nearest_counts_from_a_position_or_a_village(shelf):
    south = search_products(SearchQuery(sort=NEAREST, near="-8.190,112.740"))
    assert {listing.vendor_name for listing in south.listings[:2]} == {"Lereng Kidul"}
    assert 1 < south.listings[0].distance_km < 2
    assert 28 < south.listings[-1].distance_km < 30
    north = search_products(SearchQuery(sort=NEAREST, near=shelf.vendor.village_id))
    assert north.place.label == shelf.vendor.village.name
    assert north.listings[0].vendor_name == "Dapur Bu Sri"
    assert north.listings[0].distance_km < 0.1
    # A place that is not known of orders nothing and breaks nothing.
    assert len(names(SearchQuery(sort=NEAREST, near="35.78.99.1001"))) == 6


def test_whose_place_is_unknown_stands_last_when_the_nearest_is_asked(shelf):
    Vendor.objects.filter(pk=shelf.other_vendor.pk).update(latitude=None, longitude=None)
    ProductListing.objects.filter(vendor=shelf.other_vendor).update(latitude=None, longitude=None)
    index_again()
    found = search_products(SearchQuery(sort=NEAREST, near="-8.190,112.740")).listings
    assert [listing.distance_km is None for listing in found] == [False] * 4 + [True] * 2


def test_each_facet_counts_under_all_filters_but_its_own(shelf):
    facets = search_products(SearchQuery(categories=(CRISPS,), price_max=20_000, regions=("35.73",))).facets
    # Categories under price and region; districts under price and category; prices under category and region.
    assert facets.categories == {CRISPS: 2}
    assert facets.districts == {"35.73.01": 2}
    assert (facets.any_price, facets.price_min, facets.price_max) == (2, 12_000, 30_000)
    assert facets.prices[None, 25_000] == 2
    assert facets.prices[25_000, 50_000] == 1
    assert (facets.in_stock, facets.any_stock) == (2, 2)
    assert facets.shelf_lives == {7: 2, 30: 2, 90: 0}


QUERIES = [
    SearchQuery(),
    SearchQuery(text="keripik"),
    SearchQuery(price_max=40_000),
    SearchQuery(in_stock=True),
    SearchQuery(text="keripik", in_stock=True, regions=("35.73",)),
    SearchQuery(categories=(CRISPS,), shelf_life=30),
    SearchQuery(scope="kuliner", price_min=20_000),
    SearchQuery(deliveries=(COD,), subsectors=("kuliner",)),
]


@pytest.mark.parametrize("number", range(len(QUERIES)))
def test_a_count_is_what_choosing_it_shows(shelf, number):
    query = QUERIES[number]
    result = search_products(query)
    facets = result.facets

    def widened(name: str, value: str) -> int:
        """How many more there are when one more of a kind is chosen, or how many when it is the first."""
        chosen = getattr(query, name)
        if value in chosen:
            return search_products(replaced(query, **{name: (value,)})).total
        more = search_products(query.toggled(name, value)).total
        return more - result.total if chosen and name != "deliveries" else more

    for path, count in facets.categories.items():
        assert widened("categories", path) == count
    for code, count in {**facets.villages, **facets.districts}.items():
        if not any(code.startswith(f"{region}.") for region in query.regions):
            assert widened("regions", code) == count
    for slug, count in facets.subsectors.items():
        assert widened("subsectors", slug) == count
    for way, count in facets.deliveries.items():
        assert search_products(replaced(query, deliveries=(way,))).total == count
    for low, high in PRICE_BANDS:
        wanted = replaced(query, price_min=low, price_max=high)
        assert search_products(wanted).total == facets.prices[low, high]
    for days in SHELF_LIVES:
        assert search_products(replaced(query, shelf_life=days)).total == facets.shelf_lives[days]
    for stars in RATINGS:
        assert search_products(replaced(query, rating=stars)).total == facets.ratings[stars]
    assert search_products(replaced(query, in_stock=True)).total == facets.in_stock
    assert search_products(replaced(query, price_min=None, price_max=None)).total == facets.any_price


def replaced(query: SearchQuery, **fields) -> SearchQuery:
    return SearchQuery(**{**query.__dict__, **fields})


def test_a_second_choice_of_a_kind_widens_by_its_count(shelf):
    one = SearchQuery(categories=(MASK,))
    facets = search_products(one).facets
    assert search_products(one.toggled("categories", COFFEE)).total == 1 + facets.categories[COFFEE]


def test_pages_are_cut_and_counted(shelf):
    for sort in SORTS:
        first = search_products(SearchQuery(page_size=4, sort=sort, near="-8.1,112.7"))
        second = search_products(SearchQuery(page_size=4, page=2, sort=sort, near="-8.1,112.7"))
        assert (len(first.listings), len(second.listings), first.total, second.total) == (4, 2, 6, 6)
        assert not {one.pk for one in first.listings} & {one.pk for one in second.listings}
    assert search_products(SearchQuery(page=400)).listings == []
    assert first.shops == 2


# --- who may be seen -----------------------------------------------------------------------------------------------
def test_what_is_not_visible_is_not_shown_even_before_the_index_knows(shelf):
    Product.objects.filter(slug="keripik-tempe-pedas").update(live=False)
    result = search_products(SearchQuery(text="keripik tempe"))
    assert (result.total, [listing.name for listing in result.listings]) == (1, ["Kripik Tempe Sagu"])
    Vendor.objects.filter(pk=shelf.vendor.pk).update(status=Vendor.Status.SUSPENDED)
    assert not {listing.vendor_id for listing in search_products(SearchQuery(text="keripik")).listings} & {
        shelf.vendor.pk
    }


def test_a_suspended_shop_is_neither_found_nor_counted_nor_suggested(shelf):
    Vendor.objects.filter(pk=shelf.vendor.pk).update(status=Vendor.Status.SUSPENDED)
    index_again()
    result = search_products(SearchQuery(text="keripik"))
    assert (result.total, result.shops, result.facets.categories) == (1, 1, {COFFEE: 1})
    assert (suggest("topeng").products, suggest("dapur").shops) == ([], [])
    Vendor.objects.filter(pk=shelf.vendor.pk).update(status=Vendor.Status.ACTIVE)
    index_again()
    assert search_products(SearchQuery(text="keripik")).total == 4


def test_price_and_stock_follow_the_outbox(shelf):
    pk = pk_of("Kopi Dampit Bubuk")
    ProductListing.objects.filter(pk=pk).update(price_min=9_000, price_max=9_000)
    set_listing_stock(product_id=pk, stock_left=0)
    index_products([pk])
    assert names(SearchQuery(price_max=10_000)) == ["Kopi Dampit Bubuk"]
    assert "Kopi Dampit Bubuk" not in names(SearchQuery(in_stock=True))


# --- suggestions -----------------------------------------------------------------------------------------------------
def test_suggestions_are_products_shops_and_categories(shelf):
    found = suggest("kop")
    assert [listing.name for listing in found.products] == ["Kopi Dampit Bubuk"]
    assert [shop.name for shop in suggest("lereng").shops] == ["Lereng Kidul"]
    assert [shop.name for shop in suggest("kidul ler").shops] == ["Lereng Kidul"]
    assert [node.path for node in found.categories] == ["kuliner/minuman-kopi-teh", COFFEE]
    assert [listing.name for listing in suggest("kripik sag").products] == ["Kripik Tempe Sagu"]
    assert not suggest("k")
    assert not suggest("!!")
