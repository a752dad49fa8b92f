"""Pinned results: what people put first for a search, on either engine."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.audit.models import AuditEvent
from marketplace.catalogue.listings import set_listing_stock
from marketplace.catalogue.models import Product
from marketplace.outbox.services import process_due
from search.indexing import index_products
from search.lexicon import current_analyser
from search.models import PinnedProduct, PinnedResult, SynonymGroup
from search.pins import key_of, pin_products, same_search
from search.queries import PAGE_SIZE, SearchQuery
from search.services import search_products
from tests.factories.shelf import put_on_sale

pytestmark = pytest.mark.django_db


@pytest.fixture
def crisps(scene, engine_name):
    """Thirty products of one shop that “keripik” finds, the last of them first."""
    return [
        put_on_sale(scene.vendor, f"Keripik Tempe Rasa {number}", slug=f"rasa-{number}", days_old=100 - number)
        for number in range(30)
    ]


@pytest.fixture
def find(engine_name):
    def search(text, **filters):
        return search_products(SearchQuery(text=text, **filters), engine_name=engine_name)

    return search


def slugs(result) -> list[str]:
    return [listing.slug for listing in result.listings]


# --- their place ---------------------------------------------------------------------------------------------------
def test_the_pinned_stand_first_in_their_order_and_nowhere_else(crisps, find):
    before = [*slugs(find("kripik")), *slugs(find("kripik", page=2))]
    chosen = [crisps[0], crisps[29], crisps[3]]
    pin_products(query="keripik", products=chosen)
    first, second = find("kripik"), find("kripik", page=2)
    assert slugs(first)[:3] == [product.slug for product in chosen]
    assert [listing.is_pinned for listing in first.listings] == [True] * 3 + [False] * (PAGE_SIZE - 3)
    rest = [slug for slug in before if slug not in {product.slug for product in chosen}]
    assert [*slugs(first), *slugs(second)] == [product.slug for product in chosen] + rest
    assert not any(listing.is_pinned for listing in second.listings)
    assert (first.total, second.total, first.shops) == (30, 30, 1)
    assert first.facets == find("kripik", sort="baru").facets


@pytest.mark.parametrize("is_known_shop", [False, True])
def test_what_the_words_do_not_find_counts_as_one_more(crisps, find, scene, is_known_shop):
    pecel, sambal = (
        put_on_sale(scene.other_vendor, name, category="kuliner/sambal") for name in ("Bumbu Pecel", "Sambal Bawang")
    )
    if is_known_shop:
        put_on_sale(scene.other_vendor, "Keripik Pisang", days_old=200)
    found = find("kripik")
    assert (found.total, found.shops) == (30 + is_known_shop, 1 + is_known_shop)
    pin_products(query="keripik", products=[pecel, sambal, crisps[0]])
    pages = [find("keripik", page=number) for number in (1, 2)]
    assert [(page.total, page.shops) for page in pages] == [(found.total + 2, 2)] * 2
    assert slugs(pages[0])[:3] == [pecel.slug, sambal.slug, crisps[0].slug]
    assert len({*slugs(pages[0]), *slugs(pages[1])}) == found.total + 2
    assert len(pages[1].listings) == found.total + 2 - PAGE_SIZE


def test_a_search_that_finds_nothing_shows_what_is_pinned(find, scene):
    other = put_on_sale(scene.vendor, "Sambal Bawang", category="kuliner/sambal")
    assert find("kado wisuda", literal=True).total == 0
    pin_products(query="kado wisuda", products=[other])
    result = find("kado wisuda", literal=True)
    assert (result.total, result.shops, slugs(result)) == (1, 1, [other.slug])


def test_more_pins_than_fit_go_on_with_the_next_page(crisps, find):
    pin_products(query="keripik", products=crisps[:5])
    pages = [find("keripik", page=number, page_size=4) for number in (1, 2)]
    assert slugs(pages[0]) == [product.slug for product in crisps[:4]]
    assert slugs(pages[1])[0] == crisps[4].slug
    assert not {*slugs(pages[0])} & {*slugs(pages[1])}


@pytest.mark.parametrize(
    "changed",
    [
        {"sort": "baru"},
        {"in_stock": True},
        {"price_max": 50_000},
        {"categories": ("kuliner",)},
        {"scope": "kuliner"},
    ],
)
def test_filters_and_other_orders_show_what_they_say(crisps, find, changed):
    before = slugs(find("keripik", **changed))
    pin_products(query="keripik", products=[crisps[0]])
    after = find("keripik", **changed)
    assert slugs(after) == before
    assert not any(listing.is_pinned for listing in after.listings)


# --- which search ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("typed", ["KRIPIK  tempe", "kéripik-keripik tempe", "keripik yang tempe", "Keripiknya Tempe!"])
def test_capitals_accents_spellings_and_doubled_words_make_no_difference(crisps, find, typed):
    pin_products(query="keripik tempe", products=[crisps[0]])
    assert slugs(find(typed))[0] == crisps[0].slug


@pytest.mark.parametrize("typed", ["keripik", "tempe keripik", "keripik tempe rasa", "tempe", ""])
def test_another_search_is_another(crisps, find, typed):
    pin_products(query="keripik tempe", products=[crisps[0]])
    assert not any(listing.is_pinned for listing in find(typed).listings)


def test_no_two_pins_mean_the_same_search(scene):
    pin = pin_products(query="Keripik Tempe", products=[scene.product])
    assert same_search("kripik tempe") == pin
    assert same_search("kripik tempe", but_not=pin.pk) is None
    assert same_search("!?") is None
    assert pin_products(query="kripik tempe", products=[scene.product]) == pin
    with pytest.raises(IntegrityError), transaction.atomic():
        PinnedResult.objects.create(query="keripik  tempe", key=pin.key)


def test_a_new_spelling_is_counted_in_at_once_and_by_the_worker(crisps, find):
    pin = pin_products(query="kripsi", products=[crisps[0]])
    assert pin.key == "kripsi"
    SynonymGroup.objects.filter(canonical="keripik").get().delete()
    SynonymGroup.objects.create(canonical="keripik", spellings="kripsi; kripik")
    assert find("keripik").listings[0].is_pinned
    process_due(topics=["search.rebuild"])
    pin.refresh_from_db()
    assert pin.key == key_of("keripik", current_analyser())


def test_where_a_new_spelling_makes_two_searches_one_the_older_pin_holds(crisps, find):
    pin_products(query="keripik", products=[crisps[0]])
    younger = pin_products(query="kripsi", products=[crisps[1]])
    SynonymGroup.objects.filter(canonical="keripik").get().delete()
    SynonymGroup.objects.create(canonical="keripik", spellings="kripsi")
    process_due(topics=["search.rebuild"])
    assert slugs(find("kripsi"))[0] == crisps[0].slug
    younger.refresh_from_db()
    assert younger.key == "kripsi"


# --- what may be shown -----------------------------------------------------------------------------------------------
def test_what_is_hidden_deleted_or_sold_out_is_not_pinned(crisps, find):
    hidden, deleted, sold_out, left = crisps[:4]
    pin_products(query="keripik", products=[hidden, deleted, sold_out, left])
    Product.objects.filter(pk=hidden.pk).update(live=False)
    gone = [hidden.pk, deleted.pk]
    deleted.delete()
    set_listing_stock(product_id=sold_out.pk, stock_left=0)
    index_products([*gone, sold_out.pk])
    result = find("keripik")
    assert slugs(result)[0] == left.slug
    assert [listing.is_pinned for listing in result.listings[:2]] == [True, False]
    both = [*slugs(result), *slugs(find("keripik", page=2))]
    assert result.total == len(both) == 28
    assert sold_out.slug in both
    assert hidden.slug not in both


def test_a_suspended_shop_leaves_the_pins_at_once(crisps, find, scene):
    shop = scene.other_vendor
    other = put_on_sale(shop, "Bumbu Pecel", category="kuliner/sambal")
    pin_products(query="keripik", products=[other])
    assert slugs(find("keripik"))[0] == other.slug
    type(shop).objects.filter(pk=shop.pk).update(status="suspended")
    result = find("keripik")
    assert (other.slug not in slugs(result), result.total) == (True, 30)


@pytest.mark.parametrize(
    ("starts", "ends", "is_active", "holds"),
    [
        (None, None, True, True),
        (None, None, False, False),
        (0, 0, True, True),
        (1, None, True, False),
        (None, -1, True, False),
        (-1, 1, True, True),
    ],
)
def test_a_pin_holds_from_its_first_to_its_last_day(crisps, find, starts, ends, is_active, holds):
    today = timezone.localdate()
    pin = pin_products(query="keripik", products=[crisps[0]])
    pin.starts_on = None if starts is None else today + timedelta(days=starts)
    pin.ends_on = None if ends is None else today + timedelta(days=ends)
    pin.is_active = is_active
    pin.save()
    assert any(listing.is_pinned for listing in find("keripik").listings) is holds


def test_the_last_day_is_not_before_the_first(scene):
    pin = pin_products(query="keripik", products=[scene.product])
    pin.starts_on, pin.ends_on = timezone.localdate(), timezone.localdate() - timedelta(days=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        pin.save()


# --- what it costs ---------------------------------------------------------------------------------------------------
@pytest.fixture
def few(scene):
    return [put_on_sale(scene.vendor, f"Keripik Rasa {number}", slug=f"rasa-{number}") for number in range(4)]


def test_a_search_without_a_pin_asks_nothing_more(client, few, scene, django_assert_num_queries):
    pin_products(query="sambal", products=[scene.product])
    client.force_login(scene.buyer, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/cari/?q=keripik")
    # The versions, the search, the cards: as without any pin.
    with django_assert_num_queries(3):
        client.get("/cari/?q=keripik")


def test_a_pinned_search_asks_for_its_pins_once(client, few, scene, django_assert_num_queries):
    pin_products(query="keripik", products=few[1:3])
    client.force_login(scene.buyer, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/cari/?q=keripik")
    with django_assert_num_queries(4):
        assert client.get("/cari/?q=keripik").context["result"].listings[0].is_pinned


def test_who_pinned_what_is_written_down(scene, engine_name):
    pin = pin_products(query="keripik", products=[scene.product], actor=scene.buyer)
    event = AuditEvent.objects.get(action="search.pinnedresult_saved")
    assert (event.actor, event.target_id) == (scene.buyer, str(pin.pk))
    assert event.data["products"] == [scene.product.pk]


# --- the page --------------------------------------------------------------------------------------------------------
def test_the_page_says_which_are_pinned_and_forgets_it_with_the_pin(client, crisps, engine_name):
    address = "/cari/?q=kripik"
    assert "Pilihan redaksi" not in client.get(address).content.decode()
    pin_products(query="keripik", products=[crisps[0], crisps[7]])
    html = client.get(address).content.decode()
    assert html.count("Pilihan redaksi") == 2
    assert html.index("/produk/rasa-0/") < html.index("/produk/rasa-7/") < html.index("/produk/rasa-29/")
    assert client.get("/en/cari/?q=kripik").content.decode().count("Editor's choice") == 2
    assert "Pilihan redaksi" not in client.get(f"{address}&page=2").content.decode()
    PinnedProduct.objects.all()[0].delete()
    PinnedResult.objects.all().delete()
    assert "Pilihan redaksi" not in client.get(address).content.decode()


def test_the_command_says_which_are_pinned(few, capsys):
    pin_products(query="keripik", products=[few[2]])
    call_command("search_query", "kripik", "--engine", "database", "--json")
    hits = json.loads(capsys.readouterr().out)["hits"]
    assert hits[0]["slug"] == few[2].slug
    assert [hit["pinned"] for hit in hits] == [True, False, False, False]
    call_command("search_query", "kripik", "--engine", "database")
    assert f"{few[2].slug}  (pinned)" in capsys.readouterr().out
