"""Three search nodes; the elected one is killed while products are searched and change (tools/search_cluster.py)."""

import sys
from pathlib import Path

import pytest
from django.conf import settings as site

from marketplace.outbox.services import process_due
from tests.factories.shelf import put_on_sale

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import search_cluster

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.search_node, pytest.mark.once]


@pytest.mark.timeout(1200)
def test_no_visitor_notices_and_nothing_is_lost(scene, settings, tmp_path):
    products = [put_on_sale(scene.vendor, f"Keripik Nomor {number}", indexed=False).pk for number in range(60)]
    while process_due():
        pass
    nodes = search_cluster.start_nodes("256m", tmp_path)
    try:
        settings.ELASTICSEARCH = {
            **site.ELASTICSEARCH, "urls": [node.url for node in nodes], "shards": 3, "replicas": 1, "timeout": 2.0,
        }  # fmt: skip
        settings.SEARCH_ENGINE = "elasticsearch"
        report = search_cluster.kill_one_while_it_works(nodes, product_ids=products, texts=["keripik"], seconds=9)
    finally:
        for node in nodes:
            node.stop()
    assert report["errors"] == []
    assert (report["differ_after"], report["wrong_prices_after"]) == ([], [])
    assert report["answers_while_away"] > 0
    assert report["changes"] > 0
    # Two of three nodes go on answering: the database steps in for a moment, not for good.
    assert report["answered_by_the_database_while_away"] < report["answers_while_away"]
