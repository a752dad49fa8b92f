"""The search node in trouble: visitors get the database's answer, products wait, nothing is lost."""

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation

from marketplace.catalogue.listings import refresh_listings
from marketplace.catalogue.models import ProductListing, Variant
from marketplace.core import health
from marketplace.outbox.models import OutboxMessage
from marketplace.outbox.registry import Fact
from marketplace.outbox.services import process_due
from search import drift
from search.checking import check_indices, fact_for_operators, metrics, state_for_machines
from search.engines import EngineUnavailable, breaker
from search.engines.clusters import WritesFailed
from search.engines.elasticsearch import client, indices, writing
from search.indexing import index_products
from search.queries import SearchQuery
from search.services import search_products, suggest
from tests.factories.shelf import put_on_sale

pytestmark = [pytest.mark.django_db, pytest.mark.search_node]
State = OutboxMessage.State


@pytest.fixture
def shelf(scene, cluster, settings):
    scene.product.delete()
    scene.other_product.delete()
    scene.crisps = put_on_sale(scene.vendor, "Keripik Tempe Pedas", prices=(12_000,))
    scene.coffee = put_on_sale(scene.other_vendor, "Kopi Dampit Bubuk", prices=(38_000,))
    process_due()
    return scene


@pytest.fixture
def clock(monkeypatch):
    """The breaker's clock, to be put forward."""

    class Clock:
        now = 1_000_000.0

        def time(self):
            return self.now

    made = Clock()
    monkeypatch.setattr(breaker, "time", made)
    return made


def find(text="kopi"):
    return search_products(SearchQuery(text=text))


def figures() -> dict[str, float]:
    return {sample.name: sample.value for metric in metrics() for sample in metric.samples}


# --- reading ------------------------------------------------------------------------------------------------------
def test_a_slow_node_is_not_waited_for(shelf, trouble, settings):
    settings.ELASTICSEARCH = {**settings.ELASTICSEARCH, "timeout": 0.2}
    trouble.delay = 1.0
    result = find()
    assert ([one.name for one in result.listings], result.is_simplified) == (["Kopi Dampit Bubuk"], True)
    assert result.engine == "database"
    assert [one.name for one in suggest("kop").products] == ["Kopi Dampit Bubuk"]


def test_an_answer_that_breaks_off_is_no_answer(shelf, trouble):
    assert not find().is_simplified
    trouble.cut = True
    assert find().is_simplified
    trouble.cut = False
    assert not find().is_simplified


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_busy_or_broken_node_is_left_for_the_database(shelf, trouble, status):
    trouble.refuse = [("_search", status)]
    result = find()
    assert (result.total, result.is_simplified) == (1, True)
    assert not find().is_simplified


def test_after_five_failures_nobody_asks_until_one_may_try_again(shelf, trouble, clock):
    trouble.cut = True
    for _time in range(5):
        assert find().is_simplified
    asked = len(trouble.asked)
    for _time in range(5):
        assert find().is_simplified
    assert len(trouble.asked) == asked
    assert (figures()["lapak_search_simplified"], figures()["lapak_search_simplified_answers_total"]) == (1, 10)
    # Half a minute later one request tries; it fails, so the others are spared again.
    clock.now += 31
    assert find().is_simplified
    assert find().is_simplified
    assert len(trouble.asked) == asked + 1
    clock.now += 31
    trouble.cut = False
    assert not find().is_simplified
    assert not find().is_simplified
    assert figures()["lapak_search_simplified"] == 0


def test_only_one_request_at_a_time_tries_a_node_that_failed(shelf, trouble, clock):
    trouble.cut = True
    for _time in range(5):
        find()
    clock.now += 31
    trouble.cut = False

    def while_it_is_tried():
        asked = len(trouble.asked)
        assert find().is_simplified
        assert len(trouble.asked) == asked

    breaker.through(while_it_is_tried, is_failure=lambda error: False)
    assert not find().is_simplified


def test_a_request_that_the_node_does_not_understand_opens_nothing(shelf, trouble):
    for _time in range(8):
        trouble.refuse = [("_search", 400)]
        assert find().is_simplified
    assert not breaker.is_open()
    assert not find().is_simplified


def test_the_page_serves_and_operators_are_told(shelf, trouble, monkeypatch):
    trouble.cut = True
    page = Client().get("/cari/", {"q": "kopi"})
    assert page.status_code == 200
    assert "/produk/kopi-dampit-bubuk/" in page.content.decode()
    assert "cara sederhana" in page.content.decode()
    # And it is not kept: the next visitor, with the node back, reads nothing of it.
    trouble.cut = False
    page = Client().get("/cari/", {"q": "kopi"})
    assert "/produk/kopi-dampit-bubuk/" in page.content.decode()
    assert "cara sederhana" not in page.content.decode()
    trouble.cut = True
    for _time in range(5):
        find()
    # What the site is started with where a cluster is configured (SearchConfig.ready).
    monkeypatch.setitem(health._states, "search", state_for_machines)
    ready = Client().get(reverse("readyz"))
    assert (ready.status_code, ready.json()["search"]) == (200, "simplified")
    with translation.override("en"):
        assert fact_for_operators() == Fact(
            "Product search", "by the database", "the cluster does not answer", is_trouble=True
        )
        breaker.reset()
        assert fact_for_operators() == Fact("Product search", "by the cluster", "its index was not compared yet")
        trouble.cut = False
        check_indices(repair=True)
        assert fact_for_operators().note == "its index holds what the database says"
    trouble.cut = True
    with pytest.raises(EngineUnavailable):
        search_products(SearchQuery(text="kopi"), engine_name="elasticsearch")


def test_a_node_that_is_not_there_at_all(shelf, settings):
    settings.ELASTICSEARCH = {**settings.ELASTICSEARCH, "urls": ["http://127.0.0.1:9"]}
    assert find().is_simplified
    assert index_later() == State.PENDING
    with pytest.raises(EngineUnavailable):
        check_indices(repair=True)
    # The command says so, and tells the rest all the same.
    call_command("search_status")


# --- writing ------------------------------------------------------------------------------------------------------
def index_later(price=9_000):
    """Change a price and let the worker try; the state of the message."""
    product_id = ProductListing.objects.get(slug="kopi-dampit-bubuk").pk
    Variant.objects.filter(product=product_id).update(price=price)
    refresh_listings(product_ids=[product_id])
    process_due()
    return OutboxMessage.objects.get(topic="search.index", key=str(product_id), state__in=[State.PENDING]).state


def let_time_pass():
    OutboxMessage.objects.filter(state=State.PENDING).update(available_at=OutboxMessage.objects.first().created_at)


def found_in_cluster(**filters):
    result = search_products(SearchQuery(**filters), engine_name="elasticsearch")
    return [listing.name for listing in result.listings]


def test_while_the_node_is_away_products_wait_and_none_is_given_up(shelf, trouble, monkeypatch):
    trouble.cut = True
    assert index_later() == State.PENDING
    for _time in range(20):
        let_time_pass()
        process_due(limit=1)
    message = OutboxMessage.objects.get(topic="search.index", state=State.PENDING)
    assert message.attempts == 0
    # The built-in index has the change already.
    assert [one.name for one in search_products(SearchQuery(price_max=10_000), engine_name="database").listings]
    trouble.cut = False
    breaker.reset()
    let_time_pass()
    process_due()
    assert found_in_cluster(price_max=10_000) == ["Kopi Dampit Bubuk"]


def test_what_finds_no_room_is_tried_again_by_itself(shelf, trouble, monkeypatch):
    monkeypatch.setattr(writing, "PAUSES", (0.0, 0.0, 0.0))
    trouble.refuse = [("_bulk", 429), ("_bulk", 429)]
    asked = len(trouble.asked)
    assert index_products([shelf.crisps.pk, shelf.coffee.pk]) == 2
    assert sum("_bulk" in line for line in trouble.asked[asked:]) == 3
    trouble.refuse = [("_bulk", 429)] * 4
    with pytest.raises(WritesFailed) as failed:
        index_products([shelf.coffee.pk])
    assert list(failed.value.reasons) == [shelf.coffee.pk]


def test_half_of_a_batch_is_refused_and_the_other_half_is_found(shelf, cluster):
    """A place that does not exist, as a broken import might write it: the node takes every other product."""
    ProductListing.objects.filter(pk=shelf.crisps.pk).update(latitude=95.0, longitude=112.6)
    for product, price in ((shelf.crisps, 5_000), (shelf.coffee, 6_000)):
        Variant.objects.filter(product=product).update(price=price)
    ProductListing.objects.update(search_version=50, price_min=5_000, price_max=6_000)
    for product in (shelf.crisps, shelf.coffee):
        OutboxMessage.objects.create(topic="search.index", key=str(product.pk), payload={"product_id": product.pk})
    process_due()
    assert found_in_cluster(price_max=10_000) == ["Kopi Dampit Bubuk"]
    waiting = OutboxMessage.objects.get(topic="search.index", state=State.PENDING)
    assert (waiting.key, waiting.attempts) == (str(shelf.crisps.pk), 1)
    assert "latitude" in waiting.last_error
    ProductListing.objects.filter(pk=shelf.crisps.pk).update(latitude=-7.9)
    let_time_pass()
    process_due()
    assert len(found_in_cluster(price_max=10_000)) == 2


def test_an_index_with_another_mapping_refuses_and_a_rebuild_mends_it(shelf, cluster):
    indices.drop_everything()
    stranger = f"{client.index_name()}-by-hand"
    client.patient_client().indices.create(
        index=stranger,
        mappings={"properties": {"price": {"type": "keyword"}, "product_id": {"type": "long"}}},
        aliases={client.index_name(): {}},
    )
    with pytest.raises(WritesFailed) as failed:
        index_products([shelf.coffee.pk])
    assert "price" in failed.value.reasons[shelf.coffee.pk]
    # It cannot be asked what the site asks, so the database answers.
    assert find().is_simplified
    call_command("search_rebuild", "--only-cluster", verbosity=0)
    assert stranger not in indices.behind(client.index_name())
    assert not find().is_simplified
    assert drift.in_cluster() == []
