"""The judge is awake: it takes what both engines take, and refuses what only one of them has."""

import json

import pytest

from search.engines.elasticsearch import mapping
from tests import search_judge
from tests.search_judge import OnlyOneOfThem, judge

pytestmark = [pytest.mark.search_node, pytest.mark.once]


def sent(target: str, body: dict, method: str = "POST") -> None:
    judge(method, target, json.dumps(body).encode())


def test_a_search_that_both_know_passes():
    sent("/products/_search", {"query": {"multi_match": {"query": "kopi", "type": "cross_fields", "fields": ["a"]}}})
    sent("/products/_search?allow_partial_search_results=false", {"query": {"rank_feature": {"field": "popularity"}}})


@pytest.mark.parametrize(
    "body",
    [
        {"query": {"made_up": {}}},
        # OpenSearch only.
        {"query": {"neural": {"field": {"query_text": "kopi"}}}},
        {"query": {"match_all": {}}, "verbose_pipeline": True},
        {"aggs": {"a": {"multi_terms": {"terms": [{"field": "a"}, {"field": "b"}]}}}},
        {"query": {"match": {"title": {"query": "kopi", "no_such_parameter": 1}}}},
    ],
)
def test_a_search_that_elasticsearch_does_not_know_is_refused(body):
    with pytest.raises(OnlyOneOfThem):
        sent("/products/_search", body)


@pytest.mark.parametrize("target", ["/_plugins/_sql", "/products/_search?search_pipeline=x", "/_pit", "/_query"])
def test_an_address_that_is_on_no_list_is_refused(target):
    with pytest.raises(OnlyOneOfThem):
        sent(target, {})


def test_settings_and_mappings_are_held_against_both():
    index = {"settings": mapping.index_settings(loading=True), "mappings": mapping.mappings()}
    sent("/products-1", index, "PUT")
    with pytest.raises(OnlyOneOfThem, match="unknown setting"):
        sent("/products-1", {"settings": {"index.replication.type": "SEGMENT"}}, "PUT")
    with pytest.raises(OnlyOneOfThem, match="flattened"):
        sent("/products-1", {"mappings": {"properties": {"attributes": {"type": "flattened"}}}}, "PUT")
    with pytest.raises(OnlyOneOfThem, match="parameters"):
        sent("/products-1", {"mappings": {"properties": {"a": {"type": "keyword", "skip_list": True}}}}, "PUT")


def test_everything_that_the_tests_send_goes_through_the_judge(cluster, monkeypatch):
    seen = []
    monkeypatch.setattr(search_judge, "judge", lambda method, target, body: seen.append((method, target.split("?")[0])))
    assert cluster.sums() == {}
    assert seen[-1][0] == "POST"
    assert seen[-1][1].endswith("/_search")
