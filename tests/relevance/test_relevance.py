"""How well each engine finds what people mean, over the demo's catalogue; `make relevance` prints the whole table."""

import os
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection

from marketplace.catalogue.models import Product
from tests.relevance.catalogue import rows, stock_catalogue
from tests.relevance.judging import NO_ANSWER, graded_queries, judge, ndcg
from tests.search_node import cluster

__all__ = ["cluster"]

FLOOR = 0.90
# Engines may rank differently, but nobody should find less for the engine that happens to answer.
MOST_APART = 0.03
# As many as there are in the catalogue, and no more: what is sold out stands behind.
MOST_SOLD_OUT = 0.065
FOLDER = Path(os.environ.get("RELEVANCE_DIR", Path(__file__).resolve().parents[2] / "var" / "relevance"))


@pytest.mark.django_db
def test_the_built_in_engine_finds_what_people_mean():
    stock_catalogue()
    report = judge("postgresql" if connection.vendor == "postgresql" else "sqlite")
    report.write(FOLDER)
    assert report.dishonest == []
    assert report.ndcg >= FLOOR
    assert report.found_nothing <= 0.01
    assert report.sold_out <= MOST_SOLD_OUT


@pytest.mark.django_db
@pytest.mark.search_node
def test_the_cluster_finds_what_people_mean_and_the_fallback_hardly_less(cluster):
    stock_catalogue()
    report = judge("elasticsearch", engine_name="elasticsearch")
    report.write(FOLDER)
    assert report.dishonest == []
    assert report.ndcg >= FLOOR
    assert report.found_nothing <= 0.01
    assert report.sold_out <= MOST_SOLD_OUT
    assert abs(report.ndcg - judge("fallback", engine_name="database").ndcg) <= MOST_APART


@pytest.mark.once
def test_the_queries_are_enough_and_of_every_kind():
    queries = graded_queries()
    kinds = Counter(query.kind for query in queries)
    assert len({query.text for query in queries}) == len(queries) >= 120
    assert min(kinds[kind] for kind in ("exact", "category", "typo", "slang", "English", "intent", NO_ANSWER)) >= 10
    assert {"walikan", "shop", "place"} <= set(kinds)


@pytest.mark.once
def test_only_products_that_there_are_are_graded():
    slugs = {row["slug"] for row in rows("products")}
    for query in graded_queries():
        assert set(query.grades) <= slugs, query.text
        assert set(query.grades.values()) <= {1, 2, 3}
        assert bool(query.grades) == (query.kind != NO_ANSWER), query.text


@pytest.mark.once
@pytest.mark.parametrize(
    ("slugs", "expected"),
    [(["a", "b", "c"], 1.0), (["b", "a", "c"], 0.728), (["x", "y"], 0.0), ([], 0.0), (["x", "a"], 0.543)],
)
def test_the_measure_is_the_usual_one(slugs, expected):
    assert ndcg(slugs, {"a": 3, "b": 1, "c": 1}) == pytest.approx(expected, abs=0.001)


@pytest.mark.once
def test_without_an_answer_only_silence_is_right():
    assert ndcg([], {}) == 1
    assert ndcg(["a"], {}) == 0


def test_the_demo_products_are_all_put_on_sale(db):
    stock_catalogue()
    assert Product.objects.visible_products().count() == len(rows("products"))
