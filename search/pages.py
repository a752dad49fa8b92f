"""The list of results that the search page and the category pages share, made ready for the template."""

from dataclasses import replace
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, QueryDict
from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from marketplace.core import pagecache
from search.facets import chips_of, groups_of
from search.highlight import highlighted
from search.lexicon import current_analyser
from search.places import place_name, regencies, village_names
from search.queries import LAST_PAGE, NEAREST, PAGE_SIZE, RELEVANCE, SORTS, SearchQuery
from search.services import SearchResult, search_products

# What a filter that was left out is called.
KINDS = {
    "categories": gettext_lazy("the category"),
    "regions": gettext_lazy("the place"),
    "subsectors": gettext_lazy("the kind of business"),
    "price": gettext_lazy("the price"),
    "permits": gettext_lazy("the permits"),
    "deliveries": gettext_lazy("the way to get it"),
    "shelf_life": gettext_lazy("how long it keeps"),
    "rating": gettext_lazy("the rating"),
    "in_stock": gettext_lazy("only what is in stock"),
}


class _CountedPaginator(Paginator):
    """A paginator over results that the engine has counted and cut already."""

    def __init__(self, total: int) -> None:
        super().__init__((), PAGE_SIZE)
        self.total = total

    @cached_property
    def count(self) -> int:
        return min(self.total, LAST_PAGE * PAGE_SIZE)


def list_context(request: HttpRequest, query: SearchQuery) -> dict[str, Any]:
    """What `search/_list.html` needs to show the answer to `query` at the address of `request`."""
    result = search_products(query)
    chips = chips_of(query)
    # Tens of filters and orders of one page are no pages of their own to a search engine; pages of the plain list are.
    base = replace(query, page=1)
    page_obj = page_of(result)
    return {
        "result": result,
        "query": query,
        "groups": groups_of(result),
        "chips": [{"label": chip.label, "url": request.path + chip.query.query_string()} for chip in chips],
        "sorts": sort_choices(query),
        "sort_label": SORTS[query.sort],
        "action": request.path,
        "clear_url": request.path + query.without_filters().query_string() if query.has_filters else "",
        "carried": _carried(query),
        "carried_by_sort": [pair for pair in base.parameters() if pair[0] != "urut"],
        **pages_around(request.path, query, page_obj),
        "canonical": request.build_absolute_uri(request.path + _plain(query).query_string()),
        "near": _near(request.path, result),
        "is_noindex": bool(query.text or query.has_filters or query.near or query.sort != RELEVANCE),
        "cheaper_hint": _beyond_price(request, result),
        "readings": _readings(request.path, result),
        "relaxed": _relaxed(request.path, result),
    }


def pages_around(path: str, query: SearchQuery, page: Page) -> dict[str, Any]:
    """The page and the addresses of the others: only what the search knows of the address, in its fixed order."""

    def url(number: int) -> str:
        return path + replace(query, page=number).query_string()

    return {
        "page_obj": page,
        "previous_url": url(page.number - 1) if page.has_previous() else "",
        "next_url": url(page.number + 1) if page.has_next() else "",
        "page_parameters": QueryDict(replace(query, page=page.number).query_string()[1:] or "page=1"),
    }


def page_of(result: SearchResult) -> Page:
    """The page of a result, as the pagination component takes it."""
    paginator = _CountedPaginator(result.total)
    return Page((), min(result.query.page, max(paginator.num_pages, 1)), paginator)


def sort_choices(query: SearchQuery) -> list[dict[str, Any]]:
    """The orders to choose from; the nearest only where it is known from where."""
    return [
        {"value": key, "label": label, "is_chosen": key == query.sort}
        for key, label in SORTS.items()
        if key != NEAREST or query.near
    ]


def _near(path: str, result: SearchResult) -> dict[str, Any]:
    """What the form needs that says from where distances count."""
    query = result.query
    # Without a place there is no nearest: any other order is kept when the place is taken away.
    order = RELEVANCE if query.sort == NEAREST else query.sort
    without = replace(query, near="", sort=order, page=1)
    near: dict[str, Any] = {
        "carried": [pair for pair in without.parameters() if pair[0] != "urut"],
        "clear_url": path + without.query_string(),
    }
    if not result.place:
        choice = pagecache.remember(f"near-choice:{get_language()}", pagecache.CONTENT, _choice, is_shared=False)
        return near | {"choice": choice}
    return near | {
        "value": query.near,
        "label": _place_label(query.near),
        "villages": _villages_of(query.near),
        "districts": _districts(),
    }


def _choice() -> SafeString:
    """The choice of a place where none is chosen: the same on every page of a language."""
    return render_to_string("search/_near_choice.html", {"near": {"districts": _districts()}})


def _districts() -> SafeString:
    return pagecache.remember("near-districts", pagecache.CONTENT, _district_options)


def _district_options() -> SafeString:
    return format_html_join(
        "",
        '<optgroup label="{}">{}</optgroup>',
        (
            (one.name, format_html_join("", '<option value="{}">{}</option>', one.districts.items()))
            for one in regencies()
        ),
    )


def _place_label(near: str) -> str:
    if "," in near:
        return _("your position")
    name, around = place_name(near) or near, place_name(near.rpartition(".")[0])
    return f"{name}, {around}" if around else name


def _villages_of(near: str) -> list[tuple[str, str]]:
    """The villages of the district that was chosen, to say it more exactly."""
    if near.count(".") < 2:
        return []
    regency, district = near[:5], near[:8]
    return [
        (code, name)
        for code, name in village_names(regency).items()
        if code.startswith(f"{district}.") and code != near
    ]


def _plain(query: SearchQuery) -> SearchQuery:
    return SearchQuery(text=query.text, scope=query.scope, page=query.page)


def _carried(query: SearchQuery) -> list[tuple[str, str]]:
    """What the form of the filters carries along without showing it."""
    return SearchQuery(text=query.text, sort=query.sort, near=query.near, literal=query.literal).parameters()


def _beyond_price(request: HttpRequest, result: SearchResult) -> dict[str, Any] | None:
    """How many more there are outside the chosen prices, where the price is what keeps them away."""
    query = result.query
    if query.price_min is None and query.price_max is None:
        return None
    more = result.facets.any_price - result.total
    if more <= 0:
        return None
    without = replace(query, price_min=None, price_max=None, page=1)
    return {"count": more, "url": request.path + without.query_string()}


def _readings(path: str, result: SearchResult) -> list[dict[str, str]]:
    """Other readings of words that nothing was found for, each with its address."""
    query = result.query
    return [
        {"label": text, "url": path + replace(query, text=text, literal=False, page=1).query_string()}
        for text in result.nearest_words
    ]


def _relaxed(path: str, result: SearchResult) -> list[dict[str, Any]]:
    """Queries that ask for less, each with what it leaves out, how many it finds and its address."""
    return [
        {
            "label": str(KINDS[way.dropped]) if way.is_filter else f"“{way.dropped}”",
            "count": way.total,
            "url": path + way.query.query_string(),
        }
        for way in result.relaxed
    ]


def mark_words(result: SearchResult) -> None:
    """Mark in the names of the cards what was searched for."""
    analyser = current_analyser()
    for listing in result.listings:
        listing.shown_name = highlighted(listing.shown_name, result.matched, analyser)  # type: ignore[attr-defined]


def heading_of(query: SearchQuery) -> str:
    """The heading of the search page."""
    return query.text[:1].upper() + query.text[1:] or _("All products")
