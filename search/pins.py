"""Pinned results: what people have put first for a search. Above the engines, so that both show it alike.

A pin counts on the plain list only: words, the order by relevance, no filter. There the pinned products stand first and
are left out where they would stand by themselves, on this page and on later ones; one that the words would not find is
one more in the count.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.db import transaction
from django.utils import timezone

from marketplace.accounts.models import User
from marketplace.catalogue.models import Product, ProductListing
from marketplace.catalogue.shown import visible_listings_of
from marketplace.core import pagecache
from search.analysis import Analyser
from search.engines.base import Engine, Hit
from search.finding import Found
from search.lexicon import current_analyser
from search.models import PinnedProduct, PinnedResult
from search.queries import LAST_PAGE, PAGE_SIZE, RELEVANCE, SearchQuery
from search.trail import SAVED, write_down


# --- which products ------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Pin:
    """A pinned result as each process keeps it."""

    product_ids: tuple[int, ...]
    starts_on: date | None
    ends_on: date | None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on this day."""
        return (self.starts_on is None or self.starts_on <= day) and (self.ends_on is None or day <= self.ends_on)


def key_of(text: str, analyser: Analyser) -> str:
    """What two searches have in common that mean the same to a pin: the stems of their words without stop words."""
    return " ".join(stem for term in analyser.query(text).terms for stem in term.stems)[:255]


def pinned_ids(query: SearchQuery, analyser: Analyser) -> tuple[int, ...]:
    """The products that people put first for this search, in their order; none with a filter or in another order."""
    if not query.text or query.scope or query.vendor_id or query.has_filters or query.sort != RELEVANCE:
        return ()
    pins = _pins(analyser)
    pin = pins.get(key_of(query.text, analyser)) if pins else None
    return pin.product_ids if pin and pin.holds_on(timezone.localdate()) else ()


def _pins(analyser: Analyser) -> dict[str, Pin]:
    """Every pin in use by its key, kept in this process for as long as no pin and no word changes."""
    return pagecache.remember("pins", pagecache.PINS, lambda: _read(analyser), is_shared=False)


def _read(analyser: Analyser) -> dict[str, Pin]:
    products: dict[int, list[int]] = {}
    rows = PinnedProduct.objects.filter(result__is_active=True).order_by("result_id", "sort_order", "pk")
    found: dict[int, tuple[str, date | None, date | None]] = {}
    for pk, text, starts_on, ends_on, product_id in rows.values_list(
        "result_id", "result__query", "result__starts_on", "result__ends_on", "product_id"
    ):
        found[pk] = (text, starts_on, ends_on)
        products.setdefault(pk, []).append(product_id)
    pins: dict[str, Pin] = {}
    for pk, (text, starts_on, ends_on) in found.items():
        # By the words as they are now. Where a new spelling made two searches one, the older pin holds.
        pins.setdefault(key_of(text, analyser), Pin(tuple(products[pk]), starts_on, ends_on))
    pins.pop("", None)
    return pins


def pinned_listings(query: SearchQuery, analyser: Analyser) -> list[ProductListing]:
    """The cards of what is pinned for this search, without what may not be seen now or cannot be bought."""
    ids = pinned_ids(query, analyser)
    if not ids:
        return []
    found = {listing.pk: listing for listing in visible_listings_of(ids) if not listing.is_sold_out}
    return [found[product_id] for product_id in ids if product_id in found]


# --- where they stand ----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Placed:
    """One page of a list that begins with pins, and what they add to what the words find."""

    hits: list[Hit]
    more_products: int = 0
    more_shops: int = 0


def with_room(query: SearchQuery) -> SearchQuery:
    """The query for everything up to the end of this page: where a page begins depends on the pins before it."""
    return replace(query, page=1, page_size=query.offset + query.page_size)


def place_pins(pinned: list[ProductListing], query: SearchQuery, found: Found, *, engine: Engine) -> Placed:
    """This page of the pins followed by the hits that are no pins.

    Arguments:
        found: what `with_room(query)` found.
        engine: who found it, to be asked about pins that are not among the hits.
    """
    hits, total, request = found.answer.hits, found.answer.total, found.request
    scores = {hit.product_id: hit.score for hit in hits}
    first = {listing.pk: listing for listing in pinned}
    ranked = [Hit(pk, scores.get(pk, 0.0)) for pk in first] + [hit for hit in hits if hit.product_id not in first]
    page = ranked[query.offset : query.offset + query.page_size]
    unseen = [listing for pk, listing in first.items() if pk not in scores]
    shops = frozenset(listing.vendor_id for listing in unseen)
    if not unseen or not total:
        return Placed(page, len(unseen), len(shops))
    # Further down, or not found by these words at all? Their shops are asked, and tell whether they count anew as well.
    whole = replace(request.query, page=1, page_size=LAST_PAGE * PAGE_SIZE)
    answer = engine.search(replace(request, query=whole, vendor_ids=shops, with_facets=False))
    further_down = {hit.product_id for hit in answer.hits}
    strangers = sum(listing.pk not in further_down for listing in unseen)
    return Placed(page, more_products=strangers, more_shops=max(len(shops) - answer.shops, 0))


# --- keeping them --------------------------------------------------------------------------------------------------
def same_search(text: str, *, but_not: int | None = None) -> PinnedResult | None:
    """The pin that means the same search as `text`, in force or not."""
    analyser = current_analyser()
    key = key_of(text, analyser)
    pins = PinnedResult.objects.order_by("pk") if key else ()
    return next((pin for pin in pins if pin.pk != but_not and key_of(pin.query, analyser) == key), None)


@transaction.atomic
def pin_products(*, query: str, products: Iterable[Product], actor: User | None = None) -> PinnedResult:
    """Put these products first for this search from now on, in place of what was pinned for it."""
    pin = same_search(query) or PinnedResult(query=query)
    pin.key = key_of(query, current_analyser())
    pin.is_active = True
    chosen = [PinnedProduct(product=product, sort_order=place) for place, product in enumerate(products)]
    pin.products.set(chosen)
    pin.save()
    write_down(row=pin, actor=actor, verb=SAVED)
    return pin


def refresh_keys() -> None:
    """Write the keys anew after words changed; a pin that now means the same search as an older one keeps its own."""
    analyser = current_analyser()
    with transaction.atomic():
        pins = list(PinnedResult.objects.select_for_update().order_by("pk"))
        taken = {pin.key for pin in pins}
        for pin in pins:
            key = key_of(pin.query, analyser)
            if key and key not in taken:
                taken.add(key)
                PinnedResult.objects.filter(pk=pin.pk).update(key=key)
