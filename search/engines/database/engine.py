"""What the built-in engine does alike on both databases: one statement that finds, counts, orders and cuts.

The text is matched in the search document; price, stock, place and visibility are asked of the listing in the same
statement, where they are true the moment they change.
"""

import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from string import Template
from typing import Any

from django.db import connection, transaction

from marketplace.catalogue.models import ProductListing
from search.analysis import AnalysedQuery
from search.engines.base import Answer, Document, FacetCounts, Hit, Request
from search.models import SearchDocument, VocabularyWord
from search.queries import (
    BEST_RATED,
    CHEAPEST,
    COD,
    COURIER,
    DEAREST,
    MAX_PRICE,
    NEAREST,
    NEWEST,
    PICKUP,
    PRICE_BANDS,
    RATINGS,
    SHELF_LIVES,
    SearchQuery,
)

Sql = tuple[str, list[Any]]

_COLUMNS = (
    "product_id", "vendor_id", "category_path", "village_code", "subsector_slug", "price_min", "price_max", "stock_left",
    "allows_cod", "allows_pickup", "shelf_life_days", "published_at", "sold_count", "rating_average", "rating_count",
    "rating_score", "latitude", "longitude", "product__is_digital",
)  # fmt: skip
_ORDERS = {
    NEWEST: "published_at DESC, product_id DESC",
    CHEAPEST: "price_min, score DESC, product_id",
    DEAREST: "price_max DESC, score DESC, product_id",
    BEST_RATED: "rating_score DESC, score DESC, product_id",
}
# The earth is flat enough between the shops of one province; a degree of longitude is narrower than one of latitude.
_BY_DISTANCE = Template(
    "CASE WHEN latitude IS NULL THEN 1 ELSE 0 END, (latitude - ($latitude)) * (latitude - ($latitude))"
    " + (longitude - ($longitude)) * (longitude - ($longitude)) * $narrowing, score DESC, product_id"
)

_BY_SCORE = "score DESC, published_at DESC, product_id DESC"
# The statements' fixed parts; everything that comes from outside is a parameter.
_FOUND = Template(
    "found AS MATERIALIZED (SELECT l.*, $score * (CASE WHEN l.stock_left > 0 THEN 1.0 ELSE $sold_out END)"
    " * (1.0 + 0.001 * (CASE WHEN l.sold_count > 200 THEN 200 ELSE l.sold_count END)) AS score$misses"
    " FROM ($listings) AS l $join)"
)
_HITS = Template(
    "SELECT * FROM (SELECT 'hit' AS kind, CAST(product_id AS TEXT) AS name, row_number() OVER (ORDER BY $order) AS a,"
    " score AS b, 0 AS c FROM found WHERE $where ORDER BY $order LIMIT $limit OFFSET $offset) AS page"
)
_TOTAL = Template("SELECT 'total', '', count(*), count(DISTINCT vendor_id), 0 FROM found WHERE $where")
_FACETS = {
    "category": Template(
        "SELECT 'category', category_path, count(*), 0, 0 FROM found WHERE $where GROUP BY category_path"
    ),
    "region": Template("SELECT 'village', village_code, count(*), 0, 0 FROM found WHERE $where GROUP BY village_code"),
    "subsector": Template(
        "SELECT 'subsector', subsector_slug, count(*), 0, 0 FROM found WHERE $where GROUP BY subsector_slug"
    ),
    "permit": Template(
        "SELECT 'vendor', CAST(vendor_id AS TEXT), count(*), 0, 0 FROM found WHERE $where GROUP BY vendor_id"
    ),
    "price": Template(
        "SELECT 'price', '', min(price_min), max(price_max), count(*) FROM found WHERE $where"
        " UNION ALL SELECT 'band', band.name, count(*), 0, 0 FROM found JOIN ($bands) AS band"
        " ON found.price_max >= band.low AND found.price_min <= band.high WHERE $where GROUP BY band.name"
    ),
    "rating": Template("SELECT 'rating', '', $ratings, 0 FROM found WHERE $where"),
    "delivery": Template(
        "SELECT 'delivery', '', sum(CASE WHEN NOT is_digital THEN 1 ELSE 0 END),"
        " sum(CASE WHEN allows_pickup THEN 1 ELSE 0 END), sum(CASE WHEN allows_cod THEN 1 ELSE 0 END)"
        " FROM found WHERE $where"
    ),
    "shelf": Template("SELECT 'shelf', '', $shelves FROM found WHERE $where"),
    "stock": Template(
        "SELECT 'stock', '', sum(CASE WHEN stock_left > 0 THEN 1 ELSE 0 END), count(*), 0 FROM found WHERE $where"
    ),
}
_BANDS = " UNION ALL ".join(
    f"SELECT '{number}' AS name, {low or 0} AS low, {MAX_PRICE if high is None else high} AS high"
    for number, (low, high) in enumerate(PRICE_BANDS)
)
_RATED = "(CASE WHEN rating_count > 0 AND rating_average >= {stars} THEN 1 ELSE 0 END)"
_RATINGS = ", ".join(f"sum{_RATED.format(stars=stars)}" for stars in RATINGS)
_SHELVES = ", ".join(f"sum(CASE WHEN shelf_life_days >= {days} THEN 1 ELSE 0 END)" for days in SHELF_LIVES)
# What was typed stands before what merely means the same, and what can be bought before what is sold out.
EXACT_BOOST = 1.6
SOLD_OUT_FACTOR = 0.35


class DatabaseEngine(ABC):
    """The part that does not depend on the database; the subclasses know how to match text."""

    name = "database"

    # --- to be given by the subclasses -----------------------------------------------------------------------------
    @abstractmethod
    def expression(self, request: Request) -> str:
        """The request in the database's own query language, with everything that may answer it."""

    @abstractmethod
    def matches(self, request: Request) -> Sql:
        """A SELECT of product_id and score, the greater the better, of the documents that match."""

    @abstractmethod
    def complete(self, analysed: AnalysedQuery, *, limit: int) -> list[int]:
        """See Engine.complete()."""

    # --- finding -------------------------------------------------------------------------------------------------
    def search(self, request: Request) -> Answer:
        """See Engine.search()."""
        query = request.query
        if query.text and not request.analysed:
            return Answer()
        sql, parameters = self._statement(request)
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return _read(cursor.fetchall(), request)

    def explain(self, request: Request) -> str:
        """See Engine.explain()."""
        return self.expression(request)

    def _statement(self, request: Request) -> Sql:
        query = request.query
        parts: list[str] = []
        parameters: list[Any] = []
        if request.analysed:
            matches, matched = self.matches(request)
            parts.append(f"hits AS MATERIALIZED ({matches})")
            parameters += matched
        listings, listed = _visible_rows(query)
        score = "1.0" if not request.analysed else "hits.score"
        join = "JOIN hits ON hits.product_id = l.product_id" if request.analysed else ""
        filters = _filters(request)
        misses = "".join(f", CASE WHEN {condition} THEN 0 ELSE 1 END AS no_{name}" for name, (condition, _p) in filters)
        parts.append(
            _FOUND.substitute(score=score, sold_out=SOLD_OUT_FACTOR, misses=misses, listings=listings, join=join)
        )
        for _name, (_condition, values) in filters:
            parameters += values
        parameters += listed
        selects = _selects(request, {name for name, _sql in filters})
        return f"WITH {', '.join(parts)} {' UNION ALL '.join(selects)}", parameters

    # --- keeping -------------------------------------------------------------------------------------------------
    def write(self, documents: Sequence[Document]) -> None:
        """See Engine.write()."""
        if not documents:
            return
        with transaction.atomic():
            known = {
                kept.product_id: kept
                for kept in SearchDocument.objects.select_for_update()
                .filter(pk__in=[document.product_id for document in documents])
                .order_by("pk")
            }
            fresh = [
                document
                for document in documents
                if document.product_id not in known
                or known[document.product_id].search_version <= document.search_version
            ]
            change: Counter[str] = Counter()
            for document in fresh:
                change.update(_named_words(document.surface, document.label))
                kept = known.get(document.product_id)
                if kept is not None:
                    change.subtract(_named_words(kept.surface, kept.label))
            SearchDocument.objects.bulk_create(
                [
                    SearchDocument(
                        product_id=document.product_id,
                        search_version=document.search_version,
                        surface=document.surface,
                        stem=document.stem,
                        label=document.label,
                        body=document.body,
                    )
                    for document in fresh
                ],
                update_conflicts=True,
                unique_fields=["product"],
                update_fields=["search_version", "surface", "stem", "label", "body", "indexed_at"],
                batch_size=500,
            )
            _count_words(change)

    def remove(self, product_ids: Iterable[int]) -> None:
        """See Engine.remove()."""
        with transaction.atomic():
            kept = SearchDocument.objects.select_for_update().filter(pk__in=list(product_ids)).order_by("pk")
            change: Counter[str] = Counter()
            ids = []
            for document in kept:
                ids.append(document.pk)
                change.subtract(_named_words(document.surface, document.label))
            SearchDocument.objects.filter(pk__in=ids).delete()
            _count_words(change)

    def optimise(self) -> None:
        """See Engine.optimise()."""
        VocabularyWord.objects.filter(documents__lte=0).delete()


def _visible_rows(query: SearchQuery) -> Sql:
    """The listings that anyone may see, by the catalogue's own predicate, inside the page's scope."""
    rows = ProductListing.objects.visible_listings().order_by()
    if query.scope:
        rows = rows.in_category(query.scope)
    if query.vendor_id is not None:
        rows = rows.filter(vendor_id=query.vendor_id)
    sql, parameters = rows.values(*_COLUMNS).query.get_compiler(connection=connection).as_sql()
    # A shop's or product's own column of this name must not appear twice.
    return sql.replace('AS "product__is_digital"', 'AS "is_digital"'), list(parameters)


def _filters(request: Request) -> list[tuple[str, Sql]]:
    """The filters that are set, by kind, as conditions on a listing."""
    query = request.query
    filters: list[tuple[str, Sql]] = []
    if query.categories:
        condition = " OR ".join(["l.category_path = %s OR l.category_path LIKE %s"] * len(query.categories))
        filters.append(("category", (condition, [v for path in query.categories for v in (path, f"{path}/%")])))
    if query.regions:
        condition = " OR ".join(["l.village_code = %s OR l.village_code LIKE %s"] * len(query.regions))
        filters.append(("region", (condition, [v for code in query.regions for v in (code, f"{code}.%")])))
    if query.price_min is not None or query.price_max is not None:
        low, high = query.price_min or 0, query.price_max
        if high is None:
            filters.append(("price", ("l.price_max >= %s", [low])))
        else:
            filters.append(("price", ("l.price_max >= %s AND l.price_min <= %s", [low, high])))
    if request.vendor_ids is not None:
        ids = sorted(request.vendor_ids)
        condition = f"l.vendor_id IN ({', '.join(['%s'] * len(ids))})" if ids else "1 = 0"
        filters.append(("permit", (condition, list(ids))))
    if query.deliveries:
        ways = {COURIER: "NOT l.is_digital", PICKUP: "l.allows_pickup", COD: "l.allows_cod"}
        filters.append(("delivery", (" OR ".join(ways[way] for way in query.deliveries), [])))
    if query.shelf_life:
        filters.append(("shelf", ("l.shelf_life_days >= %s", [query.shelf_life])))
    if query.subsectors:
        condition = f"l.subsector_slug IN ({', '.join(['%s'] * len(query.subsectors))})"
        filters.append(("subsector", (condition, list(query.subsectors))))
    if query.rating:
        filters.append(("rating", ("l.rating_count > 0 AND l.rating_average >= %s", [query.rating])))
    if query.in_stock:
        filters.append(("stock", ("l.stock_left > 0", [])))
    return filters


def _order(request: Request) -> str:
    if request.query.sort == NEAREST and request.point is not None:
        latitude, longitude = request.point
        narrowing = math.cos(math.radians(latitude)) ** 2
        # Numbers, not texts: written by format(), never as they came.
        return _BY_DISTANCE.substitute(
            latitude=f"{latitude:.6f}", longitude=f"{longitude:.6f}", narrowing=f"{narrowing:.6f}"
        )
    return _ORDERS.get(request.query.sort, _BY_SCORE)


def _selects(request: Request, active: set[str]) -> list[str]:
    """The parts of the answer: hits, totals, and each facet under all filters but its own."""
    query = request.query
    missed = " + ".join(f"no_{name}" for name in sorted(active)) or "0"
    everything = f"{missed} = 0"
    selects = [
        _HITS.substitute(order=_order(request), where=everything, limit=query.page_size, offset=query.offset),
        _TOTAL.substitute(where=everything),
    ]
    if not request.with_facets:
        return selects
    for kind, facet in _FACETS.items():
        # A listing that misses this filter alone counts for its facet, since choices of one kind widen each other.
        selects.append(
            facet.safe_substitute(
                shelves=_SHELVES,
                bands=_BANDS,
                ratings=_RATINGS,
                where=f"{missed} = no_{kind}" if kind in active else everything,
            )
        )
    return selects


def _read(rows: Iterable[tuple[str, str, Any, Any, Any]], request: Request) -> Answer:
    hits: list[tuple[int, Hit]] = []
    names: dict[str, dict[str, int]] = {"category": {}, "village": {}, "subsector": {}, "vendor": {}, "band": {}}
    numbers: dict[str, tuple[int, int, int]] = {}
    for kind, name, a, b, c in rows:
        if kind == "hit":
            hits.append((int(a), Hit(int(name), float(b))))
        elif kind in names:
            names[kind][name] = int(a)
        else:
            numbers[kind] = (int(a or 0), int(b or 0), int(c or 0))
    total, shops, _zero = numbers.get("total", (0, 0, 0))
    lowest, highest, any_price = numbers.get("price", (0, 0, 0))
    in_stock, any_stock, _zero = numbers.get("stock", (0, 0, 0))
    return Answer(
        hits=[hit for _position, hit in sorted(hits, key=lambda pair: pair[0])],
        total=total,
        shops=shops,
        facets=FacetCounts(
            categories=names["category"],
            villages=names["village"],
            subsectors=names["subsector"],
            permits={
                slug: sum(names["vendor"].get(str(vendor_id), 0) for vendor_id in holders)
                for slug, holders in request.permit_holders.items()
            },
            prices={band: names["band"].get(str(number), 0) for number, band in enumerate(PRICE_BANDS)},
            ratings=dict(zip(RATINGS, numbers.get("rating", (0, 0, 0)), strict=False)),
            deliveries=dict(zip((COURIER, PICKUP, COD), numbers.get("delivery", (0, 0, 0)), strict=True)),
            shelf_lives=dict(zip(SHELF_LIVES, numbers.get("shelf", (0, 0, 0)), strict=True)),
            in_stock=in_stock,
            any_stock=any_stock,
            price_min=lowest if any_price else None,
            price_max=highest if any_price else None,
            any_price=any_price,
        ),
    )


def _named_words(surface: str, label: str) -> set[str]:
    """The words that a product is named with and that a misspelt word may have meant."""
    return {word for word in f"{surface} {label}".split() if word.isalpha() and 3 <= len(word) <= 40}


def _count_words(change: Counter[str]) -> None:
    moved = sorted((word, count) for word, count in change.items() if count)
    with connection.cursor() as cursor:
        # In one order, so that two workers never wait for each other in a ring.
        cursor.executemany(
            "INSERT INTO search_word (word, documents) VALUES (%s, %s)"
            " ON CONFLICT (word) DO UPDATE SET documents = search_word.documents + excluded.documents",
            moved,
        )
