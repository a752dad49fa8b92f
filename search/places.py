"""Small trees that pages and filters name things by: categories, the districts of Malang Raya, permits of shops."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Avg, Q
from django.utils.translation import get_language

from marketplace.accounts.models import Agency
from marketplace.catalogue.models import ProductListing
from marketplace.core import pagecache
from marketplace.reference.models import Category, DocumentKind, Region, Subsector
from search.queries import Point
from umkm.registration.selectors import public_badges
from umkm.vendors.models import Vendor

# Names may lag behind an operator's change this long; what is visible is asked of the database every time.
_SECONDS = 300
EARTH_KILOMETRES = 6371.0088


@dataclass(frozen=True)
class CategoryNode:
    """A category with its place in the tree."""

    path: str
    name: str
    name_en: str
    depth: int
    children: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The name in the active language."""
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


@dataclass(frozen=True)
class CategoryTree:
    """All active categories, in their order."""

    nodes: dict[str, CategoryNode] = field(default_factory=dict)
    roots: tuple[str, ...] = ()

    def get(self, path: str) -> CategoryNode | None:
        return self.nodes.get(path)

    def children_of(self, path: str) -> list[CategoryNode]:
        """The categories directly below `path`; the top ones for an empty path."""
        paths = self.nodes[path].children if path in self.nodes else self.roots if not path else ()
        return [self.nodes[child] for child in paths]

    def way_to(self, path: str) -> list[CategoryNode]:
        """The categories from the top down to `path`."""
        parts = path.split("/")
        return [self.nodes[one] for i in range(len(parts)) if (one := "/".join(parts[: i + 1])) in self.nodes]

    def __iter__(self) -> Iterator[CategoryNode]:
        return iter(self.nodes.values())


def category_tree() -> CategoryTree:
    """The tree of categories; one query in five minutes."""
    return pagecache.remember("categories", pagecache.CONTENT, _category_tree, seconds=_SECONDS)


def _category_tree() -> CategoryTree:
    rows = Category.objects.filter(is_active=True).order_by("position", "pk").values_list("path", "name", "name_en")
    children: dict[str, list[str]] = {}
    for path, *_rest in rows:
        children.setdefault(path.rpartition("/")[0], []).append(path)
    nodes = {
        path: CategoryNode(path, name, name_en, path.count("/") + 1, tuple(children.get(path, ())))
        for path, name, name_en in rows
    }
    return CategoryTree(nodes, tuple(children.get("", ())))


def subsector_names() -> dict[str, tuple[str, str]]:
    """The names of all sub-sectors, Indonesian and English, by slug in their official order."""
    return pagecache.remember("subsectors", pagecache.CONTENT, _subsector_names, seconds=_SECONDS)


def _subsector_names() -> dict[str, tuple[str, str]]:
    rows = Subsector.objects.order_by("number").values_list("slug", "name", "name_en")
    return {slug: (name, name_en) for slug, name, name_en in rows}


@dataclass(frozen=True)
class Regency:
    """A city or regency whose shops sell here, with its districts."""

    code: str
    name: str
    districts: dict[str, str]


def regencies() -> list[Regency]:
    """The regencies that have a department on the site, with their districts by name; two queries in five minutes."""
    return pagecache.remember("regencies", pagecache.CONTENT, _regencies, seconds=_SECONDS)


def _regencies() -> list[Regency]:
    own = list(
        Agency.objects.select_related("region").order_by("-region__code").values_list("region_id", "region__name")
    )
    districts = list(
        Region.objects.filter(level=Region.Level.DISTRICT, parent_id__in=[code for code, _name in own])
        .order_by("name")
        .values_list("code", "name")
    )
    # The city first, then those around it.
    own.sort(key=lambda pair: (not pair[1].startswith("Kota Malang"), pair[1]))
    return [
        Regency(code, name, {key: label for key, label in districts if key.startswith(f"{code}.")})
        for code, name in own
    ]


def place_name(code: str) -> str | None:
    """The name of a regency, district or village of Malang Raya, or None."""
    for regency in regencies():
        if regency.code == code:
            return regency.name
        if code in regency.districts:
            return regency.districts[code]
        if code.startswith(f"{regency.code}."):
            return village_names(regency.code).get(code)
    return None


def village_names(regency_code: str) -> dict[str, str]:
    """The names of a regency's villages by code."""
    return pagecache.remember(
        f"villages:{regency_code}",
        pagecache.CONTENT,
        lambda: dict(
            Region.objects.filter(level=Region.Level.VILLAGE, code__startswith=f"{regency_code}.")
            .order_by("name")
            .values_list("code", "name")
        ),
        seconds=_SECONDS,
    )


@dataclass(frozen=True)
class SearchPlace:
    """From where distances count: a region, or a position that a browser gave."""

    point: Point
    # Empty for a bare position.
    label: str = ""
    code: str = ""


def place_of(near: str) -> SearchPlace | None:
    """The place that a query names in `near`: a region with shops whose places are known, or a position."""
    if not near:
        return None
    latitude, comma, longitude = near.partition(",")
    if comma:
        return SearchPlace(Point(float(latitude), float(longitude)))
    if not any(f"{near}.".startswith(f"{regency.code}.") for regency in regencies()):
        return None
    return pagecache.remember(f"place:{near}", pagecache.CONTENT, lambda: _region_place(near), seconds=_SECONDS)


def _region_place(code: str) -> SearchPlace | None:
    """A region, in the middle of its boundary, else of its shops, else of those of the region that it lies in."""
    region = Region.objects.filter(code=code).first()
    if region is None:
        return None
    point = middle_of(region.boundary)
    around = code
    while point is None and around.count("."):
        middle = ProductListing.objects.filter(
            Q(village_code=around) | Q(village_code__startswith=f"{around}."), latitude__isnull=False
        ).aggregate(latitude=Avg("latitude"), longitude=Avg("longitude"))
        if middle["latitude"] is not None:
            point = Point(middle["latitude"], middle["longitude"])
        around = around.rpartition(".")[0]
    return SearchPlace(point, region.name, code) if point else None


def middle_of(boundary: Any) -> Point | None:
    """The middle of the box around a GeoJSON boundary."""
    corners = list(_positions(boundary["coordinates"])) if boundary else []
    if not corners:
        return None
    longitudes, latitudes = [corner[0] for corner in corners], [corner[1] for corner in corners]
    return Point((min(latitudes) + max(latitudes)) / 2, (min(longitudes) + max(longitudes)) / 2)


def _positions(coordinates: Any) -> Iterator[tuple[float, float]]:
    if coordinates and isinstance(coordinates[0], int | float):
        yield coordinates[0], coordinates[1]
        return
    for part in coordinates:
        yield from _positions(part)


def kilometres(place: SearchPlace, listing: ProductListing) -> float | None:
    """The way as the crow flies from a place to the shop of a product, or None where the shop's is not known."""
    if listing.latitude is None or listing.longitude is None:
        return None
    (from_latitude, from_longitude) = map(math.radians, place.point)
    to_latitude, to_longitude = math.radians(listing.latitude), math.radians(listing.longitude)
    half = (
        math.sin((to_latitude - from_latitude) / 2) ** 2
        + math.cos(from_latitude) * math.cos(to_latitude) * math.sin((to_longitude - from_longitude) / 2) ** 2
    )
    return 2 * EARTH_KILOMETRES * math.asin(math.sqrt(min(half, 1.0)))


@dataclass(frozen=True)
class PermitKind:
    """A permit that shops show as a badge, and which shops hold a valid one."""

    slug: str
    name: str
    name_en: str
    vendor_ids: frozenset[int]

    @property
    def label(self) -> str:
        """The name in the active language."""
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


def permit_kinds() -> list[PermitKind]:
    """The kinds of permits with their present holders; one that ran out counts for a quarter of an hour at most."""
    return pagecache.remember("permits", pagecache.CATALOGUE, _permit_kinds, seconds=900)


def _permit_kinds() -> list[PermitKind]:
    badges = public_badges(Vendor.objects.open().order_by("pk").values_list("pk", flat=True))
    holders: dict[str, set[int]] = {}
    for vendor_id, shown in badges.items():
        for badge in shown:
            if badge.is_valid:
                holders.setdefault(badge.kind_slug, set()).add(vendor_id)
    kinds: Any = DocumentKind.objects.filter(is_public_badge=True).order_by("position")
    return [PermitKind(kind.slug, kind.name, kind.name_en, frozenset(holders.get(kind.slug, ()))) for kind in kinds]
