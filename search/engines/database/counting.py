"""Reading the answer of the statement: hits, totals and facets."""

from collections.abc import Sequence
from typing import Any

from search.engines.base import Answer, FacetCounts, Hit, Request
from search.engines.database import statement as s
from search.queries import COD, COURIER, PICKUP, PRICE_BANDS, RATINGS, SHELF_LIVES, PriceBand

# Kind, name, other name, number, missed, count, least, most.
Row = tuple[str, str | None, str | None, int, int, int, Any, Any]
_NAME, _OTHER, _NUMBER, _MISSED, _COUNT, _LEAST, _MOST = range(1, 8)


def read(rows: Sequence[Row], request: Request, kinds: Sequence[str]) -> Answer:
    """The answer in the rows.

    Arguments:
        kinds: the kinds of the filters that are set, in the order of their bits in `missed`.
    """
    hits = sorted((row for row in rows if row[0] == s.HIT), key=lambda row: row[_MISSED])
    found = [Hit(row[_NUMBER], float(row[_LEAST])) for row in hits]
    if not request.with_facets:
        count = next(row for row in rows if row[0] == s.COUNT)
        return Answer(hits=found, total=count[_COUNT], shops=count[_NUMBER])
    masks = {kind: 1 << position for position, kind in enumerate(kinds)}
    packed = [row for row in rows if row[0] == s.BITS]
    shops = [row for row in rows if row[0] == s.VENDOR]
    return Answer(
        hits=found,
        total=sum(row[_COUNT] for row in packed if not row[_MISSED]),
        shops=sum(1 for row in shops if not row[_MISSED]),
        facets=_facets(rows, packed, shops, masks, request),
    )


def _facets(
    rows: Sequence[Row], packed: Sequence[Row], shops: Sequence[Row], masks: dict[str, int], request: Request
) -> FacetCounts:
    kinds = [row for row in rows if row[0] == s.CATEGORY]
    prices = _under(packed, masks.get("price", 0))
    stock = _under(packed, masks.get("stock", 0))
    deliveries = _under(packed, masks.get("delivery", 0))
    shelves = _under(packed, masks.get("shelf", 0))
    ratings = _under(packed, masks.get("rating", 0))
    return FacetCounts(
        categories=_named(kinds, _NAME, masks.get("category", 0)),
        villages=_named(shops, _NAME, masks.get("region", 0)),
        subsectors=_named(kinds, _OTHER, masks.get("subsector", 0)),
        permits=_permits(shops, masks.get("permit", 0), request),
        deliveries={
            COURIER: sum(row[_COUNT] for row in deliveries if not row[_NUMBER] & s.DIGITAL),
            PICKUP: sum(row[_COUNT] for row in deliveries if row[_NUMBER] & s.PICKED_UP),
            COD: sum(row[_COUNT] for row in deliveries if row[_NUMBER] & s.PAID_IN_CASH),
        },
        shelf_lives=_reached(shelves, s.SHELF_AT, SHELF_LIVES),
        prices=_bands(prices),
        ratings=_reached(ratings, s.RATING_AT, RATINGS),
        in_stock=sum(row[_COUNT] for row in stock if row[_NUMBER] & s.STOCK),
        any_stock=sum(row[_COUNT] for row in stock),
        price_min=min((int(row[_LEAST]) for row in prices), default=None),
        price_max=max((int(row[_MOST]) for row in prices), default=None),
        any_price=sum(row[_COUNT] for row in prices),
    )


def _under(rows: Sequence[Row], own: int) -> Sequence[Row]:
    """The rows that miss no filter but this one."""
    return [row for row in rows if not row[_MISSED] or row[_MISSED] == own]


def _named(rows: Sequence[Row], column: int, own: int) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in _under(rows, own):
        name: str = row[column]  # type: ignore[assignment]
        counts[name] = counts.get(name, 0) + row[_COUNT]
    return counts


def _permits(shops: Sequence[Row], own: int, request: Request) -> dict[str, int]:
    counts: dict[int, int] = {}
    for row in _under(shops, own):
        counts[row[_NUMBER]] = counts.get(row[_NUMBER], 0) + row[_COUNT]
    return {
        slug: sum(counts[vendor_id] for vendor_id in counts.keys() & holders)
        for slug, holders in request.permit_holders.items()
    }


def _reached(packed: Sequence[Row], at: int, bounds: Sequence[int]) -> dict[int, int]:
    """How many reach each bound."""
    steps = sorted(bounds)
    counts = [0] * (len(steps) + 1)
    for row in packed:
        counts[s.nibble(row[_NUMBER], at)] += row[_COUNT]
    return {bound: sum(counts[steps.index(bound) + 1 :]) for bound in bounds}


def _bands(packed: Sequence[Row]) -> dict[PriceBand, int]:
    counts = [0] * len(PRICE_BANDS)
    for row in packed:
        for number in range(s.nibble(row[_NUMBER], s.LOWEST_AT), s.nibble(row[_NUMBER], s.HIGHEST_AT) + 1):
            counts[number] += row[_COUNT]
    return dict(zip(PRICE_BANDS, counts, strict=True))
