"""The index is made anew while products change all the time: none is lost, none is stale.

SEARCH_RACE=1000 pytest tests/faults/test_search_rebuild.py -n0   does it with a thousand.
"""

import os
import random
import threading
import time

import pytest
from django.db import connections, transaction

from marketplace.catalogue.listings import refresh_listings
from marketplace.catalogue.models import Product, ProductListing, Variant
from marketplace.outbox.models import OutboxMessage
from marketplace.outbox.services import process_due
from search import drift, indexing
from search.engines.elasticsearch import indices
from search.engines.elasticsearch.client import index_name, patient_client
from search.indexing import rebuild_cluster
from tests.factories.shelf import put_on_sale

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.search_node]
PRODUCTS = int(os.environ.get("SEARCH_RACE", "200"))


@pytest.fixture
def many(scene, cluster):
    for number in range(PRODUCTS):
        put_on_sale(scene.vendor, f"Keripik Nomor {number}", prices=(10_000,), indexed=False)
    while process_due():
        pass
    return list(Product.objects.filter(slug__startswith="keripik-nomor").order_by("pk").values_list("pk", flat=True))


def in_thread(work, failures):
    def run():
        try:
            work()
        except Exception as error:  # the test looks at it
            failures.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_products_that_change_during_a_rebuild_are_neither_lost_nor_stale(many, monkeypatch):
    # Small batches, and time between them: many changes fall before, into and after the reading of each product.
    monkeypatch.setattr(indexing, "BATCH", max(PRODUCTS // 20, 5))
    dice, failures = random.Random(7), []
    is_changing, is_working = threading.Event(), threading.Event()
    is_changing.set()
    is_working.set()
    order = [*many]
    dice.shuffle(order)
    prices = {}

    def change():
        for place, product_id in enumerate(order):
            with transaction.atomic():
                if place % 9 == 0:
                    # Taken down, perhaps for good.
                    Product.objects.filter(pk=product_id).update(live=False)
                else:
                    prices[product_id] = 11_000 + place
                    Variant.objects.filter(product=product_id).update(price=prices[product_id])
                refresh_listings(product_ids=[product_id])
        is_changing.clear()

    def work():
        while is_working.is_set() or process_due(topics=["search.index"]):
            process_due(topics=["search.index"])
            time.sleep(0.01)

    threads = [in_thread(change, failures), in_thread(work, failures)]
    names = [rebuild_cluster(progress=lambda done: time.sleep(0.02))]
    while is_changing.is_set() and not failures:
        names.append(rebuild_cluster(progress=lambda done: time.sleep(0.02)))
    is_working.clear()
    for thread in threads:
        thread.join(timeout=120)
    while process_due(topics=["search.index"]):
        pass

    assert failures == []
    assert not OutboxMessage.objects.exclude(state=OutboxMessage.State.DONE).filter(topic="search.index").exists()
    assert indices.behind(index_name()) == [names[-1]]
    indices.refresh()
    assert drift.in_cluster() == drift.in_built_in() == []
    found = patient_client().search(index=index_name(), size=2 * PRODUCTS, query={"match_all": {}}).body["hits"]["hits"]
    shown = {int(hit["_id"]): hit["_source"]["price"]["min"] for hit in found if hit["_source"]["status"] == "live"}
    listed = dict(ProductListing.objects.visible_listings().values_list("pk", "price_min"))
    assert shown == listed
    assert {pk: price for pk, price in listed.items() if pk in prices} == prices
    assert len(prices) == PRODUCTS - len(order[::9])
