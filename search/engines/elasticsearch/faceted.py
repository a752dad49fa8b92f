"""A request as one search with facets: each facet is counted under all filters but its own."""

from collections.abc import Callable
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch_dsl import A, Facet, FacetedSearch, Q, Query, Search
from elasticsearch_dsl.aggs import Agg
from elasticsearch_dsl.query import MatchAll

from search.engines.base import Answer, FacetCounts, Hit, Point, Request
from search.engines.elasticsearch.mapping import ALL_BUCKETS, LIVE, band_name
from search.engines.elasticsearch.texts import text_query
from search.queries import (
    BEST_RATED,
    CHEAPEST,
    DEAREST,
    DELIVERIES,
    NEAREST,
    NEWEST,
    PRICE_BANDS,
    RATINGS,
    SHELF_LIVES,
    SearchQuery,
)

# How far in the results a page may lie; the cluster refuses what is beyond.
DEEPEST = 10_000
# What sells well rises a little: at most by this much of a score, of which a good match has about twenty.
POPULARITY, BROWSED_POPULARITY, HALF_WAY = 3.0, 0.3, 100.0
SOLD_OUT_FACTOR = 0.35
_BY_SCORE: list[Any] = ["_score", {"published_at": "desc"}, {"product_id": "desc"}]
_ORDERS: dict[str, list[Any]] = {
    NEWEST: [{"published_at": "desc"}, {"product_id": "desc"}],
    CHEAPEST: [{"price.min": "asc"}, "_score", {"product_id": "asc"}],
    DEAREST: [{"price.max": "desc"}, "_score", {"product_id": "asc"}],
    BEST_RATED: [{"rating_score": "desc"}, "_score", {"product_id": "asc"}],
}


class Choice(Facet):
    """A facet from how it is counted and what choosing a value of it asks for."""

    def __init__(self, counted: Callable[[], Agg], chosen: Callable[[Any], Query]) -> None:
        super().__init__()
        self._counted, self._chosen = counted, chosen

    def get_aggregation(self) -> Agg:
        return self._counted()

    def get_value_filter(self, filter_value: Any) -> Query:
        return self._chosen(filter_value)


def _terms(field: str, chosen_field: str = "") -> Choice:
    return Choice(
        lambda: A("terms", field=field, size=ALL_BUCKETS),
        lambda values: Q("terms", **{chosen_field or field: list(values)}),
    )


def _at_least(field: str, steps: tuple[int, ...]) -> Choice:
    return Choice(
        lambda: A("range", field=field, ranges=[{"key": str(step), "from": step} for step in steps]),
        lambda step: Q("range", **{field: {"gte": step}}),
    )


def _price_chosen(ends: tuple[int | None, int | None]) -> Query:
    low, high = ends
    touching = [Q("range", **{"price.max": {"gte": low or 0}})]
    if high is not None:
        touching.append(Q("range", **{"price.min": {"lte": high}}))
    return Q("bool", filter=touching)


FACETS: dict[str, Facet] = {
    "category": _terms("category", "category_path"),
    "region": _terms("village", "region"),
    "subsector": _terms("subsector"),
    "price": Choice(lambda: A("terms", field="price.bands", size=len(PRICE_BANDS)), _price_chosen),
    "delivery": _terms("deliveries"),
    "shelf": _at_least("shelf_life_days", SHELF_LIVES),
    "rating": _at_least("rating", RATINGS),
    "stock": Choice(lambda: A("filter", term={"in_stock": True}), lambda _chosen: Q("term", in_stock=True)),
    # Counted shop by shop, since permits run out by the calendar while nothing is written.
    "permit": Choice(lambda: A("terms", field="vendor_id", size=ALL_BUCKETS), lambda ids: Q("terms", vendor_id=ids)),
}


def _filters(request: Request) -> dict[str, list[Any]]:
    """The chosen values by facet. Choices of one kind widen each other, so each is one value here."""
    query = request.query
    chosen: dict[str, Any] = {
        "category": query.categories,
        "region": query.regions,
        "subsector": query.subsectors,
        "delivery": query.deliveries,
        "shelf": query.shelf_life,
        "rating": query.rating,
        "stock": query.in_stock,
    }
    filters = {name: [value] for name, value in chosen.items() if value}
    if query.price_min is not None or query.price_max is not None:
        filters["price"] = [(query.price_min, query.price_max)]
    if request.vendor_ids is not None:
        filters["permit"] = [sorted(request.vendor_ids)]
    return filters


class ProductSearch(FacetedSearch):
    """The search for one request."""

    def __init__(self, request: Request, *, using: Elasticsearch, index: str) -> None:
        self.request = request
        self.using, self.index = using, index
        self.facets = dict(FACETS)
        if request.permit_holders:
            holders = {slug: {"terms": {"vendor_id": sorted(ids)}} for slug, ids in request.permit_holders.items()}
            self.facets["permit"] = Choice(
                lambda: A("filters", filters=holders), lambda ids: Q("terms", vendor_id=list(ids))
            )
        super().__init__("", filters=_filters(request))

    def search(self) -> Search:
        query = self.request.query
        found = Search(using=self.using, index=self.index).params(allow_partial_search_results=False)
        size = query.page_size if query.offset + query.page_size <= DEEPEST else 0
        return found.extra(
            size=size,
            track_total_hits=True,
            track_scores=True,
            _source=False,
            **({"from": query.offset} if size else {}),
        )

    def query(self, search: Search, query: Any) -> Search:
        """The words, and what belongs to the page rather than to the visitor's choices."""
        asked = self.request.query
        fixed = [Q("term", status=LIVE)]
        if asked.scope:
            fixed.append(Q("term", category_path=asked.scope))
        if asked.vendor_id is not None:
            fixed.append(Q("term", vendor_id=asked.vendor_id))
        words = text_query(self.request) if self.request.analysed else MatchAll()
        boost = POPULARITY if self.request.analysed else BROWSED_POPULARITY
        popular = Q("rank_feature", field="popularity", saturation={"pivot": HALF_WAY}, boost=boost)
        found = Q("bool", must=[words], should=[popular], filter=fixed)
        # What is sold out goes down, but stays.
        sold_out = Q("term", in_stock=False)
        return search.query(Q("boosting", positive=found, negative=sold_out, negative_boost=SOLD_OUT_FACTOR))

    def aggregate(self, search: Search) -> None:
        chosen = MatchAll()
        for condition in self._filters.values():
            chosen &= condition
        shops = A("cardinality", field="vendor_id", precision_threshold=40_000)
        search.aggs.bucket("_filter_shops", "filter", filter=chosen).metric("shops", shops)
        if not self.request.with_facets:
            return
        super().aggregate(search)
        prices = search.aggs["_filter_price"]
        prices.metric("lowest", "min", field="price.min").metric("highest", "max", field="price.max")

    def highlight(self, search: Search) -> Search:
        """Names are marked by our own analyser, which knows what matched by a synonym."""
        return search

    def sort(self, search: Search) -> Search:
        return search.sort(*order_of(self.request.query, self.request.point))


def order_of(query: SearchQuery, point: Point | None) -> list[Any]:
    """The order of the hits; ties are broken, so that pages never overlap."""
    if query.sort == NEAREST and point is not None:
        place = {"lat": point.latitude, "lon": point.longitude}
        nearest = {"_geo_distance": {"location": place, "order": "asc", "unit": "km", "distance_type": "plane"}}
        return [nearest, "_score", {"product_id": "asc"}]
    return _ORDERS.get(query.sort, _BY_SCORE)


def read(response: dict[str, Any], request: Request) -> Answer:
    """The cluster's answer as every engine gives it."""
    counted = response.get("aggregations", {})
    return Answer(
        hits=[Hit(int(hit["_id"]), float(hit["_score"] or 0.0)) for hit in response["hits"]["hits"]],
        total=response["hits"]["total"]["value"],
        shops=counted["_filter_shops"]["shops"]["value"],
        facets=_facets(counted, request) if request.with_facets else FacetCounts(),
    )


def _facets(counted: dict[str, Any], request: Request) -> FacetCounts:
    def counts(kind: str) -> dict[str, int]:
        return {str(bucket["key"]): bucket["doc_count"] for bucket in counted[f"_filter_{kind}"][kind]["buckets"]}

    prices, stock = counted["_filter_price"], counted["_filter_stock"]
    bands, ways = counts("price"), counts("delivery")
    shelves, stars = counts("shelf"), counts("rating")
    permits: dict[str, int] = {}
    if request.permit_holders:
        buckets = counted["_filter_permit"]["permit"]["buckets"]
        permits = {slug: buckets[slug]["doc_count"] for slug in request.permit_holders}
    lowest, highest = prices["lowest"]["value"], prices["highest"]["value"]
    return FacetCounts(
        categories=counts("category"),
        villages=counts("region"),
        subsectors=counts("subsector"),
        permits=permits,
        deliveries={way: ways.get(way, 0) for way in DELIVERIES},
        shelf_lives={days: shelves.get(str(days), 0) for days in SHELF_LIVES},
        prices={band: bands.get(band_name(band), 0) for band in PRICE_BANDS},
        ratings={least: stars.get(str(least), 0) for least in RATINGS},
        in_stock=stock["stock"]["doc_count"],
        any_stock=stock["doc_count"],
        price_min=None if lowest is None else int(lowest),
        price_max=None if highest is None else int(highest),
        any_price=prices["doc_count"],
    )
