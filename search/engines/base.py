"""What a search engine must be able to do. The seam between the site and whichever engine answers.

An engine gets analysed queries and prepared documents; it neither knows requests nor templates. Whatever it answers,
the site shows only listings that are visible when it reads them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from search.analysis import AnalysedQuery
from search.queries import Point, PriceBand, SearchQuery

# What stands in the category that was asked for by its name comes before what merely mentions it.
CATEGORY_BOOST = 1.5


class EngineUnavailable(Exception):
    """The engine did not answer, or not in time. The site then asks the built-in one."""


@dataclass(frozen=True)
class Facts:
    """What an engine may filter, count and order by, as the listing says it. The built-in engine asks the listing."""

    vendor_id: int
    category_path: str
    subsector: str
    village_code: str
    district_code: str
    price_min: int
    price_max: int
    stock_left: int
    is_digital: bool
    allows_pickup: bool
    allows_cod: bool
    shelf_life_days: int | None
    published_at: datetime
    sold_count: int
    rating_average: float
    rating_count: int
    # What "best rated" orders by: few ratings weigh less.
    rating_score: float
    point: Point | None


@dataclass(frozen=True)
class Document:
    """A product as an index holds it: its text as the analyser reads it, and what is asked of it besides."""

    product_id: int
    search_version: int
    surface: str
    stem: str
    label: str
    body: str
    # None in a document of which only the words are known.
    facts: Facts | None = None


@dataclass(frozen=True)
class Hit:
    """One product that answers a query, best first."""

    product_id: int
    score: float


@dataclass(frozen=True)
class FacetCounts:
    """How many products each choice would show, each counted under all filters but those of its own kind.

    Arguments:
        categories: by the path of the product's own category; those above are summed by `search.facets`.
        villages: by village code; districts and regencies are summed by `search.facets`.
        permits: by slug of the kind of permit that the shop holds.
        prices: by each of queries.PRICE_BANDS; a product whose range touches a band belongs to it.
        ratings: with at least so many stars, for each of queries.RATINGS.
        any_stock, any_price: under all filters but this one.
        price_min, price_max: the lowest and the highest price under all filters but that of the price.
    """

    categories: dict[str, int] = field(default_factory=dict)
    villages: dict[str, int] = field(default_factory=dict)
    subsectors: dict[str, int] = field(default_factory=dict)
    permits: dict[str, int] = field(default_factory=dict)
    deliveries: dict[str, int] = field(default_factory=dict)
    shelf_lives: dict[int, int] = field(default_factory=dict)
    prices: dict[PriceBand, int] = field(default_factory=dict)
    ratings: dict[int, int] = field(default_factory=dict)
    in_stock: int = 0
    any_stock: int = 0
    price_min: int | None = None
    price_max: int | None = None
    any_price: int = 0

    @property
    def districts(self) -> dict[str, int]:
        """The products by the code of the shop's district."""
        found: dict[str, int] = {}
        for code, count in self.villages.items():
            found[code[:8]] = found.get(code[:8], 0) + count
        return found


@dataclass(frozen=True)
class Answer:
    """What an engine found: one page of hits, how many there are in all, and the facets."""

    hits: list[Hit] = field(default_factory=list)
    total: int = 0
    shops: int = 0
    facets: FacetCounts = field(default_factory=FacetCounts)


@dataclass(frozen=True)
class Request:
    """A query with its words analysed.

    Arguments:
        permit_holders: for each kind of permit that is shown as a badge, the shops that hold a valid one now.
        vendor_ids: None, or the only shops that count: those that hold one of the chosen permits.
        any_term: at least `least_terms` must match, and those that have more of them stand first; otherwise all must.
        prefixes: words that may also be the beginning of a longer one.
        with_facets: whether the facets are wanted.
        point: from where distances count.
        asked_categories: paths of the categories that are called what was typed: what stands in them, or below, comes
            first, by CATEGORY_BOOST.
    """

    query: SearchQuery
    analysed: AnalysedQuery
    permit_holders: Mapping[str, frozenset[int]] = field(default_factory=dict)
    vendor_ids: frozenset[int] | None = None
    any_term: bool = False
    prefixes: frozenset[str] = frozenset()
    with_facets: bool = True
    point: Point | None = None
    asked_categories: frozenset[str] = frozenset()

    @property
    def least_terms(self) -> int:
        """How many terms must match: all, or half of them where some are enough."""
        terms = len(self.analysed.terms)
        return (terms + 1) // 2 if self.any_term else terms


class Engine(Protocol):
    """A search engine of the site. Each method but explain() may raise EngineUnavailable.

    What words are in use, and what looks like them, is asked of `search.vocabulary`, which the built-in index keeps.
    """

    name: str

    def search(self, request: Request) -> Answer:
        """Answer a request. Without words it browses: every visible product, narrowed by the filters.

        A text without a single word in it (`!!!`) finds nothing.
        """

    def complete(self, analysed: AnalysedQuery, *, limit: int) -> list[int]:
        """Products whose name, category or shop goes on as typed, the last word being unfinished, best first."""

    def explain(self, request: Request) -> str:
        """How the engine understood the request, for people who tune it."""

    def write(self, documents: Sequence[Document]) -> None:
        """Put documents into the index; an older version of a document never replaces a newer one."""

    def remove(self, product_ids: Iterable[int]) -> None:
        """Take products out of the index; those that are not in it do no harm."""

    def optimise(self) -> None:
        """Tidy up after many writes."""
