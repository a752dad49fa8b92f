"""Ways on from an empty result: other readings of the words, fewer words, fewer filters. Each leads somewhere."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from search.analysis import Analyser
from search.correcting import corrected_texts, unknown_words
from search.engines.base import Engine, Request
from search.queries import SearchQuery

MOST_WAYS = 3
# Of a long query the first words are tried.
MOST_WORDS = 4
# What each kind of filter is set back to.
_UNSET: dict[str, dict[str, object]] = {
    "categories": {"categories": ()},
    "regions": {"regions": ()},
    "subsectors": {"subsectors": ()},
    "price": {"price_min": None, "price_max": None},
    "permits": {"permits": ()},
    "deliveries": {"deliveries": ()},
    "shelf_life": {"shelf_life": None},
    "rating": {"rating": None},
    "in_stock": {"in_stock": False},
}


@dataclass(frozen=True)
class Relaxation:
    """A query that asks for less, and how many products answer it.

    Arguments:
        dropped: the word that was left out, or the kind of filter as SearchQuery names it.
        is_filter: whether it is a filter that was left out.
    """

    query: SearchQuery
    total: int
    dropped: str
    is_filter: bool = False


def other_readings(request: Request, analyser: Analyser, answering: Engine) -> list[str]:
    """Whole texts that may have been meant and that find something under the same filters."""
    unknown = unknown_words(request.analysed)
    if not unknown:
        return []
    found = (
        text
        for text in corrected_texts(request.query.text, request.analysed, unknown)
        if _total(answering, replace(request, analysed=analyser.query(text)))
    )
    return list(islice(found, MOST_WAYS))


def relaxations(request: Request, analyser: Analyser, answering: Engine) -> list[Relaxation]:
    """Queries without one kind of filter, or without one word, that find something; the fullest first."""
    found = list(_without_a_filter(request, answering))
    if not found:
        found = list(_without_a_word(request, analyser, answering))
    return sorted(found, key=lambda way: -way.total)[:MOST_WAYS]


def _without_a_filter(request: Request, answering: Engine) -> Iterator[Relaxation]:
    query = request.query
    for kind, unset in _UNSET.items():
        wider = replace(query, page=1, **unset)  # type: ignore[arg-type]
        if wider == replace(query, page=1):
            continue
        holders = None if kind == "permits" else request.vendor_ids
        total = _total(answering, replace(request, query=wider, vendor_ids=holders))
        if total:
            yield Relaxation(wider, total, kind, is_filter=True)


def _without_a_word(request: Request, analyser: Analyser, answering: Engine) -> Iterator[Relaxation]:
    text, terms = request.query.text, request.analysed.terms
    if len(terms) < 2:
        return
    for term in terms[:MOST_WORDS]:
        shorter = " ".join(f"{text[: term.start]} {text[term.end :]}".split())
        wider = replace(request.query, text=shorter, page=1)
        analysed = analyser.query(shorter)
        total = _total(answering, replace(request, query=wider, analysed=analysed)) if analysed else 0
        if total:
            yield Relaxation(wider, total, text[term.start : term.end])


def _total(answering: Engine, request: Request) -> int:
    counted = replace(request, query=replace(request.query, page=1, page_size=0), with_facets=False)
    return answering.search(counted).total
