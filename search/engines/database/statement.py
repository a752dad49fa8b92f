"""The one statement that finds, filters, counts every facet, orders and cuts, alike on both databases.

Text is matched in the search document; price, stock, place and visibility are asked of the listing in the same
statement, where they are true the moment they change. What comes from outside is always a parameter.

Facets: each listing carries `missed`, one bit for each kind of filter that it misses. A listing that misses none
counts everywhere; one that misses a single kind counts for that kind's own facet, since choices of one kind widen each
other. What has few values (stock, ways of delivery, keeping, stars, price ranges) is packed into one number `bits`, so
that one pass counts it all.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from string import Template
from typing import Any

from django.db import connection

from marketplace.catalogue.models import ProductListing
from search.engines.base import CATEGORY_BOOST, Request
from search.queries import (
    BEST_RATED,
    CHEAPEST,
    COD,
    COURIER,
    DEAREST,
    NEAREST,
    NEWEST,
    PICKUP,
    PRICE_BANDS,
    RATINGS,
    SHELF_LIVES,
    SearchQuery,
)

Sql = tuple[str, list[Any]]

# What is sold out goes down; what sells goes up a little.
SOLD_OUT_FACTOR = 0.35
# The kinds of rows that the statement answers with.
HIT, CATEGORY, VENDOR, BITS, COUNT = "hit", "category", "vendor", "bits", "count"

_LISTING, _PRODUCT = '"catalogue_productlisting"', '"catalogue_product"'
_BASE = ("product_id", "vendor_id", "category_path", "village_code", "subsector_slug", "price_min", "price_max")
_SORTED_BY = {
    NEWEST: ("published_at",),
    CHEAPEST: (),
    DEAREST: (),
    BEST_RATED: ("rating_score",),
    NEAREST: ("latitude", "longitude"),
}
_ORDERS = {
    NEWEST: "published_at DESC, product_id DESC",
    CHEAPEST: "price_min, score DESC, product_id",
    DEAREST: "price_max DESC, score DESC, product_id",
    BEST_RATED: "rating_score DESC, score DESC, product_id",
}
_BY_SCORE = "score DESC, published_at DESC, product_id DESC"


# The fixed parts; everything that comes from outside is a parameter.
_WHOLE = Template("WITH $parts $selects")
_FOUND = Template("SELECT $columns FROM $source WHERE $where")
_NEARLY = Template("SELECT * FROM ($found) AS listed WHERE missed IN ($wanted)")
_HITS = Template(
    "SELECT 'hit' AS kind, NULL AS name, NULL AS other, product_id AS number,"
    " row_number() OVER (ORDER BY $order) AS missed, 0 AS count, score AS least, 0 AS most"
    " FROM (SELECT * FROM found $where ORDER BY $order LIMIT $limit OFFSET $offset) AS page"
)
_TOTAL = Template("SELECT 'count', NULL, NULL, count(DISTINCT vendor_id), 0, count(*), 0, 0 FROM $found")
# PostgreSQL counts all facets in one pass.
_SETS = Template(
    "SELECT CASE WHEN grouping(category_path) = 0 THEN 'category' WHEN grouping(vendor_id) = 0 THEN 'vendor'"
    " ELSE 'bits' END, coalesce(category_path, village_code), subsector_slug, coalesce(vendor_id, bits),"
    " $missed, count(*), min(price_min), max(price_max) FROM found GROUP BY GROUPING SETS"
    " ((category_path, subsector_slug$also), (vendor_id, village_code$also), (bits$also))"
)
_GROUPS = (
    Template(
        "SELECT 'category', category_path, subsector_slug, 0, $missed, count(*), 0, 0"
        " FROM found GROUP BY category_path$also"
    ),
    Template(
        "SELECT 'vendor', village_code, NULL, vendor_id, $missed, count(*), 0, 0 FROM found GROUP BY vendor_id$also"
    ),
    Template(
        "SELECT 'bits', NULL, NULL, bits, $missed, count(*), min(price_min), max(price_max)"
        " FROM found GROUP BY bits$also"
    ),
)
# The earth is flat enough between the shops of one province; a degree of longitude is narrower than one of latitude.
_BY_DISTANCE = Template(
    "CASE WHEN latitude IS NULL THEN 1 ELSE 0 END, (latitude - ($latitude)) * (latitude - ($latitude))"
    " + (longitude - ($longitude)) * (longitude - ($longitude)) * $narrowing, score DESC, product_id"
)


@dataclass(frozen=True)
class Filter:
    """A filter that is set: its kind and its condition on a listing."""

    kind: str
    condition: str
    parameters: list[Any]


def statement(request: Request, matches: Sql | None, *, is_narrowed: bool = False) -> Sql:
    """The whole statement.

    Arguments:
        matches: a SELECT of product_id and score of the documents that match, or None where no words are asked.
        is_narrowed: the facets, too, count only what passes all filters.
    """
    filters = filters_of(request)
    has_misses = bool(filters) and request.with_facets and not is_narrowed
    found, parameters = _found(request, filters, has_words=matches is not None, has_misses=has_misses)
    parts = [f"found AS MATERIALIZED ({found})"]
    if matches is not None:
        parts.insert(0, f"hits AS MATERIALIZED ({matches[0]})")
        parameters = [*matches[1], *parameters]
    selects = [_hits(request, "WHERE missed = 0" if has_misses else "")]
    if request.with_facets:
        selects += _counts("missed" if has_misses else "0", is_grouped=has_misses)
    else:
        selects.append(_TOTAL.substitute(found="found"))
    return _WHOLE.substitute(parts=", ".join(parts), selects=" UNION ALL ".join(selects)), parameters


def _found(request: Request, filters: list[Filter], *, has_words: bool, has_misses: bool) -> Sql:
    """The listings that may be seen and miss at most one kind of filter, with what the counts and the order need."""
    query = request.query
    listings, seen = _visible()
    columns = [f"{_LISTING}.{name}" for name in (*_BASE, *_sorted_by(request))]
    score, parameters = _score(request, has_words=has_words)
    columns.append(f"{score} AS score")
    if request.with_facets:
        columns.append(f"{_bits()} AS bits")
    where = [listings.where]
    if has_words:
        where.append(f"hits.product_id = {_LISTING}.product_id")
    scope, scoped = _scope(query)
    if has_misses:
        misses = " + ".join(
            f"(CASE WHEN {one.condition} THEN 0 ELSE {1 << position} END)" for position, one in enumerate(filters)
        )
        columns.append(f"{misses} AS missed")
        for one in filters:
            parameters += one.parameters
        parameters += seen + scoped
    else:
        scope += [f"({one.condition})" for one in filters]
        parameters += seen + scoped + [value for one in filters for value in one.parameters]
    source = f"hits, {listings.source}" if has_words else listings.source
    sql = _FOUND.substitute(columns=", ".join(columns), source=source, where=" AND ".join([*where, *scope]))
    if has_misses:
        wanted = ", ".join(["0", *(str(1 << position) for position in range(len(filters)))])
        sql = _NEARLY.substitute(found=sql, wanted=wanted)
    return sql, parameters


@dataclass(frozen=True)
class _Visible:
    source: str
    where: str


@lru_cache(maxsize=4)
def _compiled(vendor: str) -> tuple[_Visible, tuple[Any, ...]]:
    rows = ProductListing.objects.visible_listings().order_by().values("pk").query
    compiler = rows.get_compiler(connection=connection)
    compiler.pre_sql_setup()
    source, joined = compiler.get_from_clause()
    where, compared = compiler.compile(compiler.where)
    return _Visible(" ".join(source), f"({where})"), (*joined, *compared)


def _visible() -> tuple[_Visible, list[Any]]:
    """The listings that anyone may see, by the catalogue's own predicate."""
    visible, parameters = _compiled(connection.vendor)
    return visible, list(parameters)


def _score(request: Request, *, has_words: bool) -> Sql:
    factors = [
        "hits.score" if has_words else "1.0",
        f"(CASE WHEN {_LISTING}.stock_left > 0 THEN 1.0 ELSE {SOLD_OUT_FACTOR} END)",
        f"(1.0 + 0.001 * (CASE WHEN {_LISTING}.sold_count > 200 THEN 200 ELSE {_LISTING}.sold_count END))",
    ]
    if not (has_words and request.asked_categories):
        return " * ".join(factors), []
    condition, values = _below("category_path", tuple(sorted(request.asked_categories)), "/")
    factors.append(f"(CASE WHEN {condition} THEN {CATEGORY_BOOST} ELSE 1.0 END)")
    return " * ".join(factors), values


def _scope(query: SearchQuery) -> tuple[list[str], list[Any]]:
    """What narrows the page itself, facets included."""
    conditions: list[str] = []
    parameters: list[Any] = []
    if query.scope:
        condition, values = _below("category_path", (query.scope,), "/")
        conditions.append(f"({condition})")
        parameters += values
    if query.vendor_id is not None:
        conditions.append(f"{_LISTING}.vendor_id = %s")
        parameters.append(query.vendor_id)
    return conditions, parameters


def _below(column: str, values: tuple[str, ...], separator: str) -> Sql:
    """The column is one of these codes or lies below one."""
    name = f"{_LISTING}.{column}"
    if connection.vendor == "postgresql":
        condition = f"{name} = %s OR {name} LIKE %s"
        return " OR ".join([condition] * len(values)), [v for one in values for v in (one, f"{one}{separator}%")]
    # What sorts right behind the separator ends the range.
    end = chr(ord(separator) + 1)
    condition = f"{name} = %s OR ({name} >= %s AND {name} < %s)"
    return " OR ".join([condition] * len(values)), [
        v for one in values for v in (one, f"{one}{separator}", f"{one}{end}")
    ]


def filters_of(request: Request) -> list[Filter]:
    """The filters that are set."""
    query = request.query
    filters: list[Filter] = []
    if query.categories:
        filters.append(Filter("category", *_below("category_path", query.categories, "/")))
    if query.regions:
        filters.append(Filter("region", *_below("village_code", query.regions, ".")))
    if query.subsectors:
        marks = ", ".join(["%s"] * len(query.subsectors))
        filters.append(Filter("subsector", f"{_LISTING}.subsector_slug IN ({marks})", list(query.subsectors)))
    if query.price_min is not None or query.price_max is not None:
        condition, values = f"{_LISTING}.price_max >= %s", [query.price_min or 0]
        if query.price_max is not None:
            condition, values = f"{condition} AND {_LISTING}.price_min <= %s", [*values, query.price_max]
        filters.append(Filter("price", condition, values))
    if request.vendor_ids is not None:
        ids = sorted(request.vendor_ids)
        filters.append(
            Filter("permit", f"{_LISTING}.vendor_id IN ({', '.join(['%s'] * len(ids))})" if ids else "1 = 0", list(ids))
        )
    if query.deliveries:
        ways = {
            COURIER: f"NOT {_PRODUCT}.is_digital",
            PICKUP: f"{_LISTING}.allows_pickup",
            COD: f"{_LISTING}.allows_cod",
        }
        filters.append(Filter("delivery", " OR ".join(ways[way] for way in query.deliveries), []))
    if query.shelf_life:
        filters.append(Filter("shelf", f"{_LISTING}.shelf_life_days >= %s", [query.shelf_life]))
    if query.rating:
        filters.append(
            Filter("rating", f"{_LISTING}.rating_count > 0 AND {_LISTING}.rating_average >= %s", [query.rating])
        )
    if query.in_stock:
        filters.append(Filter("stock", f"{_LISTING}.stock_left > 0", []))
    return filters


# --- few values in one number --------------------------------------------------------------------------------------
STOCK, DIGITAL, PICKED_UP, PAID_IN_CASH = 1, 2, 4, 8
SHELF_AT, RATING_AT, LOWEST_AT, HIGHEST_AT = 4, 8, 12, 16
_NIBBLE = 15


def nibble(bits: int, at: int) -> int:
    """The small number that stands there in `bits`."""
    return bits >> at & _NIBBLE


def _steps(column: str, least: tuple[int, ...]) -> str:
    """How many of these bounds the column reaches, from the highest down."""
    cases = " ".join(f"WHEN {column} >= {bound} THEN {len(least) - i}" for i, bound in enumerate(reversed(least)))
    return f"(CASE {cases} ELSE 0 END)"


@lru_cache(maxsize=1)
def _bits() -> str:
    def flag(condition: str, value: int) -> str:
        return f"(CASE WHEN {condition} THEN {value} ELSE 0 END)"

    lows = tuple(low for low, _high in PRICE_BANDS if low is not None)
    rated = _steps(f"{_LISTING}.rating_average", tuple(sorted(RATINGS)))
    return " + ".join(
        [
            flag(f"{_LISTING}.stock_left > 0", STOCK),
            flag(f"{_PRODUCT}.is_digital", DIGITAL),
            flag(f"{_LISTING}.allows_pickup", PICKED_UP),
            flag(f"{_LISTING}.allows_cod", PAID_IN_CASH),
            f"{1 << SHELF_AT} * {_steps(f'{_LISTING}.shelf_life_days', tuple(sorted(SHELF_LIVES)))}",
            f"{1 << RATING_AT} * (CASE WHEN {_LISTING}.rating_count > 0 THEN {rated} ELSE 0 END)",
            # The first band that the lowest price may stand in, and the last that the highest may: both ends of a
            # band belong to it, so 25,000 stands in two.
            f"{1 << LOWEST_AT} * {_steps(f'{_LISTING}.price_min', tuple(low + 1 for low in lows))}",
            f"{1 << HIGHEST_AT} * {_steps(f'{_LISTING}.price_max', lows)}",
        ]
    )


# --- what is answered ----------------------------------------------------------------------------------------------
def _hits(request: Request, where: str) -> str:
    query = request.query
    return _HITS.substitute(order=_order(request), where=where, limit=int(query.page_size), offset=int(query.offset))


def _sorted_by(request: Request) -> tuple[str, ...]:
    """What the order asks of a listing besides what the facets do."""
    is_nowhere = request.query.sort == NEAREST and request.point is None
    return ("published_at",) if is_nowhere else _SORTED_BY.get(request.query.sort, ("published_at",))


def _order(request: Request) -> str:
    if request.query.sort == NEAREST and request.point is not None:
        latitude, longitude = request.point
        # Numbers, not texts: written by format(), never as they came.
        return _BY_DISTANCE.substitute(
            latitude=f"{latitude:.6f}",
            longitude=f"{longitude:.6f}",
            narrowing=f"{math.cos(math.radians(latitude)) ** 2:.6f}",
        )
    return _ORDERS.get(request.query.sort, _BY_SCORE)


def _counts(missed: str, *, is_grouped: bool) -> list[str]:
    """One row for each value of each facet and each kind of filter that is missed.

    A category has one sub-sector and a shop one village: they are counted together.
    """
    also = ", missed" if is_grouped else ""
    groups = (_SETS,) if connection.vendor == "postgresql" else _GROUPS
    return [group.substitute(missed=missed, also=also) for group in groups]
