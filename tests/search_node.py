"""A real search node under the tests that want one (`make search-node`): never a stand-in.

    pytestmark = [pytest.mark.search_node, pytest.mark.django_db]
    def test_it(cluster): …                     # an empty index of its own, which the site searches

Every request that is sent to it is judged by Elasticsearch's own parser as well (tests/search_judge.py).
"""

import uuid

import elastic_transport
import pytest
from django.conf import settings as site
from django.core.cache import cache

from search.engines.base import EngineUnavailable
from search.engines.clusters import cluster as the_cluster
from search.engines.elasticsearch import client, indices
from tests import search_judge

search_judge.install(elastic_transport.Urllib3HttpNode)


@pytest.fixture
def cluster(settings):
    """The cluster's engine with an empty index, kept and searched by the site for the length of the test."""
    settings.ELASTICSEARCH = {
        **site.ELASTICSEARCH,
        "urls": [site.TEST_SEARCH_URL],
        "index": f"{site.ELASTICSEARCH['index']}-{uuid.uuid4().hex[:8]}",
    }
    settings.SEARCH_ENGINE = "elasticsearch"
    mine = settings.ELASTICSEARCH
    cache.clear()
    try:
        name = indices.create(loading=False)
    except EngineUnavailable as error:
        pytest.fail(f"there is no search node at {site.TEST_SEARCH_URL}: make search-node ({error})")
    client.patient_client().indices.put_alias(index=name, name=client.index_name())
    yield the_cluster()
    # A test may have sent the site elsewhere.
    settings.ELASTICSEARCH = mine
    indices.drop_everything()
