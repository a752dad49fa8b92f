"""A search node of the test's own is stopped in mid-request, killed, and started again."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings as site

from marketplace.outbox.models import OutboxMessage
from marketplace.outbox.services import process_due
from search import drift
from search.engines import breaker
from search.engines.elasticsearch import client, indices
from search.queries import SearchQuery
from search.services import search_products
from tests.factories.shelf import put_on_sale

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import search_node

pytestmark = [pytest.mark.django_db, pytest.mark.search_node, pytest.mark.once]


@pytest.fixture
def own_node(settings, tmp_path):
    node = search_node.Node("own", search_node.free_port(), "256m", home=tmp_path).start()
    settings.ELASTICSEARCH = {**site.ELASTICSEARCH, "urls": [node.url], "timeout": 30.0}
    settings.SEARCH_ENGINE = "elasticsearch"
    name = indices.create(loading=False)
    client.patient_client().indices.put_alias(index=name, name=client.index_name())
    yield node
    node.stop(signal.SIGKILL)


def find():
    return search_products(SearchQuery(text="kopi"))


def test_a_node_that_is_stopped_killed_and_started_again(own_node, scene, settings):
    scene.product.delete()
    scene.other_product.delete()
    coffee = put_on_sale(scene.other_vendor, "Kopi Dampit Bubuk")
    process_due()
    assert not find().is_simplified

    # Frozen: it takes the request and never answers. The visitor is answered all the same.
    pid = own_node.known()["pid"]
    settings.ELASTICSEARCH = {**settings.ELASTICSEARCH, "timeout": 0.5}
    os.kill(pid, signal.SIGSTOP)
    frozen = find()
    os.kill(pid, signal.SIGCONT)
    assert (frozen.is_simplified, frozen.total) == (True, 1)
    breaker.reset()
    # So long that whoever waited for the end of it would be noticed, on a busy machine, too.
    settings.ELASTICSEARCH = {**settings.ELASTICSEARCH, "timeout": 60.0}
    assert not find().is_simplified

    # Killed while it holds a request: the connection breaks in the middle.
    os.kill(pid, signal.SIGSTOP)
    killer = threading.Timer(0.5, lambda: os.kill(pid, signal.SIGKILL))
    killer.start()
    began = time.monotonic()
    assert find().is_simplified
    assert time.monotonic() - began < 60
    killer.join()
    own_node.stop()
    # What changes meanwhile waits.
    put_on_sale(scene.other_vendor, "Kopi Robusta Dampit", indexed=False)
    process_due()
    assert OutboxMessage.objects.filter(topic="search.index", state=OutboxMessage.State.PENDING).exists()
    assert [one.name for one in search_products(SearchQuery(text="robusta")).listings] == ["Kopi Robusta Dampit"]

    # Started again on its old data: nothing that was written is lost, and what waited arrives.
    own_node.start()
    breaker.reset()
    OutboxMessage.objects.update(available_at=OutboxMessage.objects.first().created_at)
    process_due()
    assert drift.in_cluster() == []
    found = find()
    assert (found.is_simplified, found.total) == (False, 2)
    assert coffee.name in [one.name for one in found.listings]
