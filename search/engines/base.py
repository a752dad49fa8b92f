"""What a search engine must be able to do. The seam between the site and whichever engine answers.

An engine gets analysed queries and prepared documents; it neither knows requests nor templates. Whatever it answers,
the site shows only listings that are visible when it reads them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from search.analysis import AnalysedQuery
from search.queries import SearchQuery


@dataclass(frozen=True)
class Document:
    """A product's text as the analyser reads it, ready to be written to an index."""

    product_id: int
    search_version: int
    surface: str
    stem: str
    label: str
    body: str


@dataclass(frozen=True)
class Hit:
    """One product that answers a query, best first."""

    product_id: int
    score: float


@dataclass(frozen=True)
class FacetCounts:
    """How many products each choice would show, each counted under all filters but those of its own kind."""

    categories: dict[str, int] = field(default_factory=dict)
    districts: dict[str, int] = field(default_factory=dict)
    vendors: dict[int, int] = field(default_factory=dict)
    deliveries: dict[str, int] = field(default_factory=dict)
    shelf_lives: dict[int, int] = field(default_factory=dict)
    in_stock: int = 0
    any_stock: int = 0
    price_min: int | None = None
    price_max: int | None = None
    any_price: int = 0


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
        vendor_ids: None, or the only shops that count (those that hold the chosen permits).
        any_term: one matching term is enough; otherwise all must match.
        prefixes: words that may also be the beginning of a longer one.
        with_facets: whether the facets are wanted.
    """

    query: SearchQuery
    analysed: AnalysedQuery
    vendor_ids: frozenset[int] | None = None
    any_term: bool = False
    prefixes: frozenset[str] = frozenset()
    with_facets: bool = True


class Engine(Protocol):
    """A search engine of the site."""

    name: str

    def search(self, request: Request) -> Answer:
        """Answer a request. Without words it browses: every visible product, narrowed by the filters."""

    def complete(self, analysed: AnalysedQuery, *, limit: int) -> list[int]:
        """Products that go on as typed, the last word being unfinished, best first."""

    def explain(self, request: Request) -> str:
        """How the engine understood the request, for people who tune it."""

    def write(self, documents: Sequence[Document]) -> None:
        """Put documents into the index; an older version of a document never replaces a newer one."""

    def remove(self, product_ids: Iterable[int]) -> None:
        """Take products out of the index; those that are not in it do no harm."""

    def known_words(self, words: Iterable[str]) -> frozenset[str]:
        """Those of `words` that some product is named with."""

    def begins_a_word(self, beginning: str) -> bool:
        """Whether some word in use begins like this."""

    def similar_words(self, word: str, *, limit: int = 20) -> list[tuple[str, int]]:
        """Words in use that look like `word`, each with the number of its products, in no particular order."""

    def optimise(self) -> None:
        """Tidy up after many writes."""
