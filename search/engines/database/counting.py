"""Reading the answer of the statement: hits, totals and facets."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from search.engines.base import Answer, FacetCounts, Hit, Request
from search.engines.database import statement as s
from search.queries import COD, COURIER, PICKUP, PRICE_BANDS, RATINGS, SHELF_LIVES, PriceBand


class Row(NamedTuple):
    """A row of the statement; what its numbers mean depends on its kind."""

    kind: str
    name: str
    other: str
    number: int
    missed: int
    products: int
    least: float
    most: float


def read(answered: Iterable[tuple[Any, ...]], request: Request, kinds: Sequence[str]) -> Answer:
    """The answer in the rows of the statement.

    Arguments:
        kinds: the kinds of the filters that are set, in the order of their bits in `missed`.
    """
    rows = [Row._make(row) for row in answered]
    hits = sorted((row for row in rows if row.kind == s.HIT), key=lambda row: row.missed)
    found = [Hit(row.number, float(row.least)) for row in hits]
    if not request.with_facets:
        count = next(row for row in rows if row.kind == s.COUNT)
        return Answer(hits=found, total=count.products, shops=count.number)
    masks = {kind: 1 << position for position, kind in enumerate(kinds)}
    packed = [row for row in rows if row.kind == s.BITS]
    shops = [row for row in rows if row.kind == s.VENDOR]
    return Answer(
        hits=found,
        total=sum(row.products for row in packed if not row.missed),
        shops=sum(1 for row in shops if not row.missed),
        facets=_facets(rows, packed, shops, masks, request),
    )


def _facets(
    rows: Sequence[Row], packed: Sequence[Row], shops: Sequence[Row], masks: dict[str, int], request: Request
) -> FacetCounts:
    kinds = [row for row in rows if row.kind == s.CATEGORY]
    prices = _under(packed, masks.get("price", 0))
    stock = _under(packed, masks.get("stock", 0))
    deliveries = _under(packed, masks.get("delivery", 0))
    shelves = _under(packed, masks.get("shelf", 0))
    ratings = _under(packed, masks.get("rating", 0))
    return FacetCounts(
        categories=_named(((row.name, row) for row in kinds), masks.get("category", 0)),
        villages=_named(((row.name, row) for row in shops), masks.get("region", 0)),
        subsectors=_named(((row.other, row) for row in kinds), masks.get("subsector", 0)),
        permits=_permits(shops, masks.get("permit", 0), request),
        deliveries={
            COURIER: sum(row.products for row in deliveries if not row.number & s.DIGITAL),
            PICKUP: sum(row.products for row in deliveries if row.number & s.PICKED_UP),
            COD: sum(row.products for row in deliveries if row.number & s.PAID_IN_CASH),
        },
        shelf_lives=_reached(shelves, s.SHELF_AT, SHELF_LIVES),
        prices=_bands(prices),
        ratings=_reached(ratings, s.RATING_AT, RATINGS),
        in_stock=sum(row.products for row in stock if row.number & s.STOCK),
        any_stock=sum(row.products for row in stock),
        price_min=min((int(row.least) for row in prices), default=None),
        price_max=max((int(row.most) for row in prices), default=None),
        any_price=sum(row.products for row in prices),
    )


def _under(rows: Sequence[Row], own: int) -> Sequence[Row]:
    """The rows that miss no filter but this one."""
    return [row for row in rows if not row.missed or row.missed == own]


def _named(rows: Iterable[tuple[str, Row]], own: int) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name, row in rows:
        if not row.missed or row.missed == own:
            counts[name] = counts.get(name, 0) + row.products
    return counts


def _permits(shops: Sequence[Row], own: int, request: Request) -> dict[str, int]:
    counts: dict[int, int] = {}
    for row in _under(shops, own):
        counts[row.number] = counts.get(row.number, 0) + row.products
    return {
        slug: sum(counts[vendor_id] for vendor_id in counts.keys() & holders)
        for slug, holders in request.permit_holders.items()
    }


def _reached(packed: Sequence[Row], at: int, bounds: Sequence[int]) -> dict[int, int]:
    """How many reach each bound."""
    steps = sorted(bounds)
    counts = [0] * (len(steps) + 1)
    for row in packed:
        counts[s.nibble(row.number, at)] += row.products
    return {bound: sum(counts[steps.index(bound) + 1 :]) for bound in bounds}


def _bands(packed: Sequence[Row]) -> dict[PriceBand, int]:
    counts = [0] * len(PRICE_BANDS)
    for row in packed:
        for number in range(s.nibble(row.number, s.LOWEST_AT), s.nibble(row.number, s.HIGHEST_AT) + 1):
            counts[number] += row.products
    return dict(zip(PRICE_BANDS, counts, strict=True))
