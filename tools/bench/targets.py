"""The targets of docs/performance.md, as ratios to floors measured in the same run."""

from collections.abc import Iterator
from typing import Any

PAGES = ("home", "category", "search", "shop", "product")
Row = dict[str, Any]


def row(what: str, value: float, target: float, *, unit: str = "", at_most: bool = False, note: str = "") -> Row:
    met = value <= target if at_most else value >= target
    return {
        "what": what,
        "value": round(value, 3),
        "target": target,
        "unit": unit,
        "at_most": at_most,
        "met": met,
        "note": note,
    }


def judge(found: Row) -> list[Row]:
    """Every target that this run has the figures for."""
    return [*_pages(found), *_checkout(found)]


def _pages(found: Row) -> Iterator[Row]:
    pages, floors = found.get("pages"), found.get("floors")
    if not pages:
        return
    for name in PAGES:
        uncached, cached = pages[f"{name}, uncached"], pages[f"{name}, cached"]
        if floors:
            empty, plain = floors["empty page"]["per_second"], floors["plain view"]["per_second"]
            rate = f"{uncached['per_second']}/s of {empty}/s"
            yield row(f"{name}, uncached: × empty page", uncached["per_second"] / empty, 0.5, note=rate)
            rate = f"{cached['per_second']}/s of {plain}/s"
            yield row(f"{name}, cached: × plain view", cached["per_second"] / plain, 0.4, note=rate)
        yield row(f"{name}, uncached: queries", uncached["queries"], 12, at_most=True)
        yield row(f"{name}, uncached: p95", uncached["p95_ms"], 60, unit="ms", at_most=True)
    yield row("suggestions: p95", pages["suggestions"]["p95_ms"], 50, unit="ms", at_most=True)
    basket = pages["add to basket"]
    if floors:
        empty = floors["empty page"]["per_second"]
        rate = f"{basket['per_second']}/s of {empty}/s"
        yield row("add to basket: × empty page", basket["per_second"] / empty, 0.9, note=rate)
    yield row("add to basket: queries", basket["queries"], 10, at_most=True)


def _checkout(found: Row) -> Iterator[Row]:
    checkout = found.get("checkout")
    if not checkout:
        return
    yield row("checkout, 40 buyers: orders/s", checkout["orders_per_second"], 30)
    yield row("checkout, 3 shops: queries", checkout["queries_to_place"], 40, at_most=True)
    yield row("last 5 of one product: sold", checkout["hot"]["sold"], 5, at_most=True)
    yield row("last 5 of one product: answer p95", checkout["hot"]["answer_p95_ms"], 1000, unit="ms", at_most=True)
    for megabytes in found.get("worker_megabytes", []):
        yield row("memory of a web worker", megabytes, 130, unit="MB", at_most=True)


def table(rows: list[Row]) -> str:
    """The rows as text, each shortfall marked SHORT."""
    lines = [f"{'what':<38} {'value':>10} {'target':>12}"]
    for each in rows:
        target = f"{'≤' if each['at_most'] else '≥'} {each['target']:g} {each['unit']}".strip()
        mark = "" if each["met"] else "SHORT"
        lines.append(f"{each['what']:<38} {each['value']:>10g} {target:>12}  {mark:<5} {each['note']}".rstrip())
    return "\n".join(lines)
