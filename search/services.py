"""Searching: the one way in for pages, the command line and the API."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from django.db.models import Case, When
from django.utils import timezone

from marketplace.catalogue.models import ProductListing
from marketplace.catalogue.shown import visible_listings_of
from marketplace.core import pagecache
from search.analysis import AnalysedQuery, Analyser, Phrase
from search.engines import breaker, database_engine, engine
from search.engines.base import Engine, EngineUnavailable, FacetCounts, Hit, Request
from search.finding import Found, find
from search.lexicon import current_analyser
from search.pins import Placed, pinned_listings, place_pins, with_room
from search.places import CategoryNode, SearchPlace, category_tree, kilometres, permit_kinds, place_of
from search.queries import RELEVANCE, SearchQuery, clean_text
from search.relaxing import Relaxation
from umkm.vendors.models import Vendor

NEW_FOR = timedelta(days=14)
# So few letters fit a large part of the catalogue, and everybody types the same ones. The index follows a new product
# within seconds, so what is kept for them may be a minute late; the cards themselves are read anew.
SHORT_BEGINNING, COMPLETIONS_KEPT_SECONDS = 3, 60
_UNIT = re.compile(r"(?<=\d) (?=(?:g|gr|gram|kg|ml|l|liter|cm|m|mm|pcs|x)\b)", re.IGNORECASE)


@dataclass
class SearchResult:
    """What a search found, ready to be shown.

    Arguments:
        listings: one page of cards, best first, each with `score`, `distance_km` (or None), `is_new` and `is_pinned`.
        total, shops: how many products of how many shops there are on all pages.
        corrected: the words that were searched instead of the typed ones, or nothing.
        is_partial: nothing has all the words; these have some.
        is_simplified: the site's own engine is out of reach, the built-in one answered.
        engine: the name of the engine that answered.
        place: from where distances count, if a place is given and known.
        nearest_words, relaxed: where nothing is found, other readings of the text and queries that ask for less.
        matched: words and stems to mark in names.
    """

    query: SearchQuery
    listings: list[ProductListing] = field(default_factory=list)
    total: int = 0
    shops: int = 0
    facets: FacetCounts = field(default_factory=FacetCounts)
    corrected: str = ""
    is_partial: bool = False
    is_simplified: bool = False
    engine: str = ""
    place: SearchPlace | None = None
    nearest_words: list[str] = field(default_factory=list)
    relaxed: list[Relaxation] = field(default_factory=list)
    matched: frozenset[str] = frozenset()
    explanation: str = ""

    @property
    def hits(self) -> list[ProductListing]:
        """What was found, on this page of the results."""
        return self.listings


def search_products(
    query: SearchQuery, *, engine_name: str | None = None, with_facets: bool = True, explain: bool = False
) -> SearchResult:
    """Find products: as typed, or as it may have been meant, and say which.

    Arguments:
        engine_name: None for the site's engine, with the built-in one behind it; a name asks that engine alone, whose
            EngineUnavailable is the caller's.
    """
    analyser = current_analyser()
    place = place_of(query.near)
    holders = {kind.slug: kind.vendor_ids for kind in permit_kinds()}
    request = Request(
        query,
        analyser.query(query.text),
        permit_holders=holders,
        vendor_ids=_permit_holders(query, holders),
        with_facets=with_facets,
        point=place.point if place else None,
    )
    pinned = pinned_listings(query, analyser)
    answering = engine(engine_name)
    is_simplified = False
    try:
        found, placed = _find(answering, request, analyser, pinned)
    except EngineUnavailable:
        if engine_name is not None or answering.name == database_engine().name:
            raise
        breaker.count_fallback()
        answering, is_simplified = database_engine(), True
        found, placed = _find(answering, request, analyser, pinned)
    answer, request = found.answer, found.request
    listings = _load(placed.hits, place, frozenset(listing.pk for listing in pinned))
    return SearchResult(
        query=query,
        listings=listings,
        # The index may lag a moment behind: what is no longer visible is not counted on the page that shows it.
        total=max(answer.total + placed.more_products - (len(placed.hits) - len(listings)), 0),
        shops=answer.shops + placed.more_shops,
        facets=answer.facets,
        corrected=found.corrected,
        is_partial=request.any_term,
        is_simplified=is_simplified,
        engine=answering.name,
        place=place,
        nearest_words=found.nearest_words,
        relaxed=found.relaxed,
        matched=_words_of(request.analysed),
        explanation=answering.explain(request) if explain else "",
    )


def _find(
    answering: Engine, request: Request, analyser: Analyser, pinned: list[ProductListing]
) -> tuple[Found, Placed]:
    """What the engine finds, and which of it stands on this page once the pins have their places."""
    query = request.query
    if not pinned:
        found = find(answering, request, analyser)
        return found, Placed(found.answer.hits)
    found = find(answering, replace(request, query=with_room(query)), analyser)
    return found, place_pins(pinned, query, found, engine=answering)


def _permit_holders(query: SearchQuery, holders: Mapping[str, frozenset[int]]) -> frozenset[int] | None:
    if not query.permits:
        return None
    return frozenset().union(*(holders.get(slug, frozenset()) for slug in query.permits))


def _load(
    hits: Iterable[Hit], place: SearchPlace | None = None, pinned: frozenset[int] = frozenset()
) -> list[ProductListing]:
    """The cards of the hits, as they are now and only those that may be seen, in the order of the hits."""
    scores = {hit.product_id: hit.score for hit in hits}
    found = cards(visible_listings_of(scores))
    for listing in found:
        listing.score = scores[listing.pk]  # type: ignore[attr-defined]
        listing.distance_km = kilometres(place, listing) if place else None  # type: ignore[attr-defined]
        listing.is_pinned = listing.pk in pinned  # type: ignore[attr-defined]
    position = {product_id: index for index, product_id in enumerate(scores)}
    return sorted(found, key=lambda listing: position[listing.pk])


def cards(listings: Iterable[ProductListing]) -> list[ProductListing]:
    """Listings as a product card takes them, each with `is_new` and `shown_name`, whose units keep to their numbers."""
    since = timezone.now() - NEW_FOR
    found = list(listings)
    for listing in found:
        listing.is_new = listing.published_at >= since  # type: ignore[attr-defined]
        listing.shown_name = _UNIT.sub("\u00a0", listing.name_display)  # type: ignore[attr-defined]
    return found


def _words_of(analysed: AnalysedQuery) -> frozenset[str]:
    words: set[str] = set()
    for term in analysed.terms:
        words.update(term.original, term.stems)
        if term.simple:
            words.add(term.simple)
        for phrase in term.synonyms:
            words.update(phrase)
    return frozenset(words)


# --- suggestions -------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Suggestions:
    """What goes on as typed."""

    products: list[ProductListing] = field(default_factory=list)
    shops: list[Vendor] = field(default_factory=list)
    categories: list[CategoryNode] = field(default_factory=list)

    def __bool__(self) -> bool:
        return self.count > 0

    @property
    def count(self) -> int:
        """How many suggestions there are, of all kinds."""
        return len(self.products) + len(self.shops) + len(self.categories)


def suggest(text: str, *, products: int = 5, others: int = 3) -> Suggestions:
    """Products, shops and categories whose name goes on as `text`; nothing for fewer than two letters."""
    text = clean_text(text)
    analyser = current_analyser()
    analysed = analyser.query(text)
    if not analysed or sum(map(str.isalnum, text)) < 2:
        return Suggestions()
    analysed = _with_endings(analyser, analysed)
    ids = _complete(analysed, limit=products * 6)
    visible = ProductListing.objects.visible_listings().order_by().in_bulk(ids)
    found = [visible[product_id] for product_id in ids if product_id in visible]
    found.sort(key=lambda listing: listing.is_sold_out)
    return Suggestions(found[:products], _shops(text, others), _categories(analyser, analysed)[:others])


def _shops(text: str, most: int) -> list[Vendor]:
    """Open shops that have all the words in their names; first those that begin like it."""
    shops = Vendor.objects.open()
    for word in text.split():
        shops = shops.filter(name__icontains=word)
    begins = Case(When(name__istartswith=text, then=0), default=1)
    return list(shops.order_by(begins, "name")[:most])


def _complete(analysed: AnalysedQuery, *, limit: int) -> list[int]:
    """Products whose name goes on like this, best first. For the first letters of one word the answer is kept."""
    beginning = "".join(analysed.terms[0].original)
    if len(analysed.terms) > 1 or len(beginning) > SHORT_BEGINNING:
        return _ask_for_completions(analysed, limit)
    return pagecache.remember(
        f"completions:{engine().name}:{limit}:{beginning}",
        pagecache.CATALOGUE,
        lambda: _ask_for_completions(analysed, limit),
        seconds=COMPLETIONS_KEPT_SECONDS,
    )


def _ask_for_completions(analysed: AnalysedQuery, limit: int) -> list[int]:
    try:
        return engine().complete(analysed, limit=limit)
    except EngineUnavailable:
        breaker.count_fallback()
        return database_engine().complete(analysed, limit=limit)


def _with_endings(analyser: Analyser, analysed: AnalysedQuery) -> AnalysedQuery:
    """The last word is still being typed: everything that it may become counts as a synonym of it."""
    *firm, last = analysed.terms
    endings: tuple[Phrase, ...] = analyser.completions(last.original[-1]) if len(last.original) == 1 else ()
    return replace(analysed, terms=(*firm, replace(last, synonyms=tuple(dict.fromkeys((*last.synonyms, *endings))))))


def _categories(analyser: Analyser, analysed: AnalysedQuery) -> list[CategoryNode]:
    *firm, last = analysed.terms
    ends = {last.original[-1], *(phrase[0] for phrase in last.synonyms)}
    found = []
    for node in category_tree():
        words = set(analyser.surface_text(f"{node.name} {node.name_en}").split())
        begins = any(word.startswith(end) for word in words for end in ends)
        if begins and all(words.intersection((*term.original, *term.stems)) for term in firm):
            found.append(node)
    return sorted(found, key=lambda node: node.depth)


def browse(*, limit: int, scope: str = "", sort: str = RELEVANCE) -> list[ProductListing]:
    """The first cards of a category or of everything, without facets."""
    request = Request(SearchQuery(scope=scope, sort=sort, page_size=limit), AnalysedQuery(""), with_facets=False)
    return _load(database_engine().search(request).hits)
