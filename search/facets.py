"""Filters as a page shows them: groups of choices with counts, chips of what is chosen, sentences about the result."""

from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from marketplace.core.money import format_rupiah
from search.places import CategoryTree, category_tree, permit_kinds, place_name, regencies
from search.queries import DELIVERIES, SHELF_LIVES, SearchQuery
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
    """The two fields of the price filter."""

    name_min: str = "harga_min"
    name_max: str = "harga_max"
    minimum: int | None = None
    maximum: int | None = None


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
        Group(_("Price"), range=PriceRange(minimum=query.price_min, maximum=query.price_max)),
        _permits(query, facets.vendors),
        _regions(query, facets.districts),
        _deliveries(query, facets.deliveries),
        _shelf_lives(query, facets.shelf_lives),
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


def _permits(query: SearchQuery, counts: dict[int, int]) -> Group:
    choices = [
        Choice(
            "izin",
            kind.slug,
            kind.label,
            sum(counts.get(vendor_id, 0) for vendor_id in kind.vendor_ids),
            kind.slug in query.permits,
        )
        for kind in permit_kinds()
        if kind.vendor_ids or kind.slug in query.permits
    ]
    return Group(_("Permits and labels"), choices)


def _regions(query: SearchQuery, counts: dict[str, int]) -> Group:
    choices = []
    for regency in regencies():
        below = {code: counts.get(code, 0) for code in regency.districts}
        choices.append(
            Choice("wilayah", regency.code, regency.name, sum(below.values()), regency.code in query.regions)
        )
        choices += [
            Choice("wilayah", code, regency.districts[code], count, code in query.regions, is_sub=True)
            for code, count in below.items()
            if count or code in query.regions
        ]
    return Group(_("Where the shop is"), choices)


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
    price = price_label(query)
    if price:
        chips.append(Chip(price, replace(first, price_min=None, price_max=None)))
    chips += [Chip(name, query.toggled("regions", code)) for code in query.regions if (name := place_name(code))]
    chips += [Chip(str(DELIVERIES[way]), query.toggled("deliveries", way)) for way in query.deliveries]
    if query.shelf_life:
        chips.append(Chip(_keeps(query.shelf_life), replace(first, shelf_life=None)))
    if query.in_stock:
        chips.append(Chip(_("In stock"), replace(first, in_stock=False)))
    return chips


def price_label(query: SearchQuery) -> str:
    """The price filter in words, or nothing."""
    if query.price_min is not None and query.price_max is not None:
        return f"{format_rupiah(query.price_min)} – {format_rupiah(query.price_max)}"
    if query.price_max is not None:
        return _("Up to %(price)s") % {"price": format_rupiah(query.price_max)}
    if query.price_min is not None:
        return _("From %(price)s") % {"price": format_rupiah(query.price_min)}
    return ""
