"""Filters as a page shows them: groups of choices with counts, chips of what is chosen, sentences about the result."""

from dataclasses import dataclass, field, replace

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from marketplace.core.money import format_rupiah
from search.places import CategoryTree, category_tree, permit_kinds, place_name, regencies, subsector_names
from search.queries import DELIVERIES, PRICE_BANDS, RATINGS, SHELF_LIVES, PriceBand, SearchQuery
from search.services import SearchResult

# A facet with more choices than this shows those that lead somewhere.
MOST_CHOICES = 12


@dataclass(frozen=True)
class Choice:
    """One choice of a filter, as the facet component takes it."""

    name: str
    value: str
    label: str
    count: int
    is_checked: bool = False
    is_sub: bool = False


@dataclass(frozen=True)
class PriceRange:
    """The two fields of the price filter, and ranges to choose at a touch."""

    name_min: str = "harga_min"
    name_max: str = "harga_max"
    minimum: int | None = None
    maximum: int | None = None
    bands: "list[Band]" = field(default_factory=list)


@dataclass(frozen=True)
class Band:
    """A range of prices to choose: a link, since one price range at a time makes sense."""

    label: str
    count: int
    query: SearchQuery
    is_chosen: bool


@dataclass(frozen=True)
class Group:
    """One filter with its choices."""

    title: str
    choices: list[Choice] = field(default_factory=list)
    range: PriceRange | None = None
    is_open: bool = True


@dataclass(frozen=True)
class Chip:
    """A filter that is in force, and the query without it."""

    label: str
    query: SearchQuery


def groups_of(result: SearchResult) -> list[Group]:
    """All filters with counts; each choice counts what it would show together with the filters of the other kinds."""
    query, facets = result.query, result.facets
    groups = [
        _categories(query, facets.categories),
        Group(
            _("Price"),
            range=PriceRange(
                minimum=query.price_min, maximum=query.price_max, bands=_price_bands(query, facets.prices)
            ),
        ),
        _permits(query, facets.permits),
        _regions(query, facets.villages, facets.districts),
        _subsectors(query, facets.subsectors),
        _deliveries(query, facets.deliveries),
        _shelf_lives(query, facets.shelf_lives),
        _ratings(query, facets.ratings),
        Group(
            _("Stock"),
            [Choice("stok", "ada", _("In stock"), facets.in_stock, query.in_stock)],
            is_open=query.in_stock,
        ),
    ]
    return [group for group in groups if group.choices or group.range]


def _categories(query: SearchQuery, counts: dict[str, int]) -> Group:
    tree = category_tree()
    totals = _totals_below(counts, tree)
    level = _level_of(query.scope, totals, tree)
    choices = [
        Choice("kategori", node.path, node.label, totals.get(node.path, 0), node.path in query.categories)
        for node in tree.children_of(level)
    ]
    if len(choices) > MOST_CHOICES:
        choices = [choice for choice in choices if choice.count or choice.is_checked]
    listed = {choice.value for choice in choices}
    choices += [
        Choice("kategori", path, node.label, totals.get(path, 0), True)
        for path in query.categories
        if path not in listed and (node := tree.get(path))
    ]
    return Group(_("Category"), choices)


def _level_of(scope: str, totals: dict[str, int], tree: CategoryTree) -> str:
    """The deepest category that holds everything that was found: its children are what there is to choose from."""
    level = scope
    while True:
        filled = [node for node in tree.children_of(level) if totals.get(node.path)]
        if (
            len(filled) != 1
            or not filled[0].children
            or totals[filled[0].path]
            != sum(totals[node.path] for node in tree.children_of(level) if node.path in totals)
        ):
            return level
        level = filled[0].path


def _totals_below(counts: dict[str, int], tree: CategoryTree) -> dict[str, int]:
    totals: dict[str, int] = {}
    for path, count in counts.items():
        for node in tree.way_to(path):
            totals[node.path] = totals.get(node.path, 0) + count
    return totals


def _price_bands(query: SearchQuery, counts: dict[PriceBand, int]) -> list[Band]:
    bands = []
    for band in PRICE_BANDS:
        is_chosen = band == (query.price_min, query.price_max)
        low, high = (None, None) if is_chosen else band
        wanted = replace(query, page=1, price_min=low, price_max=high)
        count = counts.get(band, 0)
        if count or is_chosen:
            bands.append(Band(price_label(*band), count, wanted, is_chosen))
    return bands if len(bands) > 1 or any(band.is_chosen for band in bands) else []


def _permits(query: SearchQuery, counts: dict[str, int]) -> Group:
    choices = [
        Choice("izin", kind.slug, kind.label, counts.get(kind.slug, 0), kind.slug in query.permits)
        for kind in permit_kinds()
        if kind.vendor_ids or kind.slug in query.permits
    ]
    return Group(_("Permits and labels"), choices)


def _regions(query: SearchQuery, villages: dict[str, int], districts: dict[str, int]) -> Group:
    choices = []
    for regency in regencies():
        below = {code: districts.get(code, 0) for code in regency.districts}
        choices.append(
            Choice("wilayah", regency.code, regency.name, sum(below.values()), regency.code in query.regions)
        )
        choices += [
            Choice("wilayah", code, regency.districts[code], count, code in query.regions, is_sub=True)
            for code, count in below.items()
            if count or code in query.regions
        ]
        # Villages are many: those that somebody chose, by a link, can be taken away here again.
        choices += [
            Choice("wilayah", code, name, villages.get(code, 0), True, is_sub=True)
            for code in query.regions
            if len(code) > len(regency.code) + 3 and code.startswith(f"{regency.code}.") and (name := place_name(code))
        ]
    return Group(_("Where the shop is"), choices)


def _subsectors(query: SearchQuery, counts: dict[str, int]) -> Group:
    is_english = (get_language() or "").startswith("en")
    choices = [
        Choice("subsektor", slug, english if is_english and english else name, counts.get(slug, 0), chosen)
        for slug, (name, english) in subsector_names().items()
        if (chosen := slug in query.subsectors) or counts.get(slug)
    ]
    # A single sub-sector leaves nothing to choose.
    if len(choices) < 2 and not query.subsectors:
        choices = []
    return Group(_("Creative sub-sector"), choices, is_open=bool(query.subsectors))


def _ratings(query: SearchQuery, counts: dict[int, int]) -> Group:
    choices = [
        Choice("nilai", str(stars), _stars(stars), counts.get(stars, 0), stars == query.rating) for stars in RATINGS
    ]
    if not any(choice.count or choice.is_checked for choice in choices):
        choices = []
    return Group(_("Rating"), choices, is_open=bool(query.rating))


def _stars(stars: int) -> str:
    return _("%(stars)s stars or more") % {"stars": stars}


def _deliveries(query: SearchQuery, counts: dict[str, int]) -> Group:
    return Group(
        _("How to receive it"),
        [
            Choice("terima", way, str(label), counts.get(way, 0), way in query.deliveries)
            for way, label in DELIVERIES.items()
        ],
    )


def _shelf_lives(query: SearchQuery, counts: dict[int, int]) -> Group:
    choices = [
        Choice("tahan", str(days), _keeps(days), counts.get(days, 0), days == query.shelf_life) for days in SHELF_LIVES
    ]
    if not any(choice.count or choice.is_checked for choice in choices):
        choices = []
    return Group(pgettext("how long it keeps", "Keeps"), choices, is_open=bool(query.shelf_life))


def _keeps(days: int) -> str:
    return ngettext("%(days)s day or more", "%(days)s days or more", days) % {"days": days}


def chips_of(query: SearchQuery) -> list[Chip]:
    """What narrows the result, each with the query that goes without it."""
    tree = category_tree()
    first = replace(query, page=1)
    chips = [
        Chip(node.label, query.toggled("categories", path)) for path in query.categories if (node := tree.get(path))
    ]
    chips += [
        Chip(kind.label, query.toggled("permits", kind.slug)) for kind in permit_kinds() if kind.slug in query.permits
    ]
    price = price_label(query.price_min, query.price_max)
    if price:
        chips.append(Chip(price, replace(first, price_min=None, price_max=None)))
    chips += [Chip(name, query.toggled("regions", code)) for code in query.regions if (name := place_name(code))]
    names = subsector_names()
    position = 1 if (get_language() or "").startswith("en") else 0
    chips += [
        Chip(names[slug][position] or names[slug][0], query.toggled("subsectors", slug))
        for slug in query.subsectors
        if slug in names
    ]
    chips += [Chip(str(DELIVERIES[way]), query.toggled("deliveries", way)) for way in query.deliveries]
    if query.shelf_life:
        chips.append(Chip(_keeps(query.shelf_life), replace(first, shelf_life=None)))
    if query.rating:
        chips.append(Chip(_stars(query.rating), replace(first, rating=None)))
    if query.in_stock:
        chips.append(Chip(_("In stock"), replace(first, in_stock=False)))
    return chips


def price_label(low: int | None, high: int | None) -> str:
    """A range of prices in words, or nothing for one that is open at both ends."""
    if low is not None and high is not None:
        return f"{format_rupiah(low)} – {format_rupiah(high)}"
    if high is not None:
        return _("Up to %(price)s") % {"price": format_rupiah(high)}
    if low is not None:
        return _("From %(price)s") % {"price": format_rupiah(low)}
    return ""
