"""What is asked of the search: words, filters, order and page, read from an address and written back to one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PAGE_SIZE = 24
LAST_PAGE = 400
MAX_PRICE = 1_000_000_000_000
MAX_CHOICES = 20

RELEVANCE, NEWEST, CHEAPEST, DEAREST = "cocok", "baru", "termurah", "termahal"
BEST_RATED, NEAREST = "terbaik", "terdekat"
SORTS: dict[str, str | Promise] = {
    RELEVANCE: _("Best match"),
    NEWEST: _("Newest"),
    CHEAPEST: _("Lowest price"),
    DEAREST: _("Highest price"),
    BEST_RATED: _("Best rated"),
    NEAREST: _("Nearest"),
}
# Ways to receive the goods, as the address names them.
COURIER, PICKUP, COD = "kurir", "ambil", "cod"
DELIVERIES: dict[str, str | Promise] = {
    COURIER: _("By courier"),
    PICKUP: _("Pickup at the shop"),
    COD: _("Cash on delivery"),
}
SHELF_LIVES = (7, 30, 90)
# At least so many stars.
RATINGS = (4, 3)
# Ranges of whole rupiah to choose from; both ends belong to them, None is open.
PriceBand = tuple[int | None, int | None]
PRICE_BANDS: tuple[PriceBand, ...] = (
    (None, 25_000),
    (25_000, 50_000),
    (50_000, 100_000),
    (100_000, 250_000),
    (250_000, 500_000),
    (500_000, None),
)

# A regency, a district or a village by its Kemendagri code.
_REGION_CODE = re.compile(r"^\d\d\.\d\d(\.\d\d(\.\d{4})?)?$")
_POINT = re.compile(r"^(-?\d{1,2}(?:\.\d{1,10})?),(-?\d{1,3}(?:\.\d{1,10})?)$")
_SLUG = re.compile(r"^[a-z0-9-]{1,60}$")
_PATH = re.compile(r"^[a-z0-9-]+(/[a-z0-9-]+){0,4}$")


class Point(NamedTuple):
    """A place on earth, in degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class SearchQuery:
    """A question to the search. Filters of one kind widen each other, filters of different kinds narrow.

    Arguments:
        text: what was typed.
        scope: the category path that the page itself stands in; filters stay inside it.
        categories: chosen category paths.
        vendor_id: only what this shop sells; the scope of a shop's own page.
        regions: chosen codes of regencies (35.73), districts (35.73.01) and villages (35.73.01.1007).
        subsectors: chosen slugs of sub-sectors of the creative economy.
        price_min, price_max: whole rupiah.
        permits: slugs of kinds of permits of which the shop holds a valid one.
        deliveries: keys of DELIVERIES.
        shelf_life: keeps for at least this many days.
        in_stock: only what can be bought now.
        rating: at least so many stars, one of RATINGS.
        near: from where distances count: a region's code, or "latitude,longitude" with three decimals.
        literal: don't correct the spelling.
    """

    text: str = ""
    scope: str = ""
    vendor_id: int | None = None
    categories: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    subsectors: tuple[str, ...] = ()
    price_min: int | None = None
    price_max: int | None = None
    permits: tuple[str, ...] = ()
    deliveries: tuple[str, ...] = ()
    shelf_life: int | None = None
    in_stock: bool = False
    rating: int | None = None
    near: str = ""
    sort: str = RELEVANCE
    page: int = 1
    page_size: int = PAGE_SIZE
    literal: bool = False

    @property
    def has_filters(self) -> bool:
        """Whether anything but words narrows the results."""
        return bool(
            self.categories
            or self.regions
            or self.subsectors
            or self.permits
            or self.deliveries
            or self.in_stock
            or self.shelf_life
            or self.rating
            or self.price_min is not None
            or self.price_max is not None
        )

    @property
    def filter_count(self) -> int:
        """How many choices are set, as the filter button counts them."""
        has_price = self.price_min is not None or self.price_max is not None
        singles = (self.in_stock, self.shelf_life, self.rating, has_price)
        return (
            len(self.categories)
            + len(self.regions)
            + len(self.subsectors)
            + len(self.permits)
            + len(self.deliveries)
            + sum(map(bool, singles))
        )

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.page_size

    def without_filters(self) -> "SearchQuery":
        """The same words and order without anything that narrows."""
        return SearchQuery(
            text=self.text,
            scope=self.scope,
            vendor_id=self.vendor_id,
            near=self.near,
            sort=self.sort,
            literal=self.literal,
        )

    def parameters(self) -> list[tuple[str, str]]:
        """The query as the parameters of an address, in one fixed order; what is at its default is left out."""
        pairs: list[tuple[str, str]] = []
        if self.text:
            pairs.append(("q", self.text))
        pairs += [("kategori", value) for value in self.categories]
        pairs += [("wilayah", value) for value in self.regions]
        pairs += [("subsektor", value) for value in self.subsectors]
        if self.price_min is not None:
            pairs.append(("harga_min", str(self.price_min)))
        if self.price_max is not None:
            pairs.append(("harga_max", str(self.price_max)))
        pairs += [("izin", value) for value in self.permits]
        pairs += [("terima", value) for value in self.deliveries]
        if self.shelf_life:
            pairs.append(("tahan", str(self.shelf_life)))
        if self.in_stock:
            pairs.append(("stok", "ada"))
        if self.rating:
            pairs.append(("nilai", str(self.rating)))
        if self.near:
            pairs.append(("dekat", self.near))
        if self.sort != RELEVANCE:
            pairs.append(("urut", self.sort))
        if self.literal:
            pairs.append(("ejaan", "asli"))
        if self.page > 1:
            pairs.append(("page", str(self.page)))
        return pairs

    def query_string(self) -> str:
        """`?q=…`, or nothing for a query without anything."""
        pairs = self.parameters()
        return f"?{urlencode(pairs)}" if pairs else ""

    def toggled(self, name: str, value: str) -> "SearchQuery":
        """The query with one choice of the filter `name` set, or taken away where it was set; back on page 1."""
        chosen: tuple[str, ...] = getattr(self, name)
        changed: Any = tuple(one for one in chosen if one != value) if value in chosen else (*chosen, value)
        return replace(self, page=1, **{name: changed})


def parse(data: QueryDict, *, scope: str = "") -> SearchQuery:
    """Read a query from an address. What makes no sense is left out: a shared link never breaks."""
    price_min, price_max = _amount(data.get("harga_min")), _amount(data.get("harga_max"))
    if price_min is not None and price_max is not None and price_min > price_max:
        price_min, price_max = price_max, price_min
    sort = data.get("urut", RELEVANCE)
    return SearchQuery(
        text=clean_text(data.get("q", "")),
        scope=scope,
        categories=_choices(data.getlist("kategori"), _PATH),
        regions=_choices(data.getlist("wilayah"), _REGION_CODE),
        subsectors=_choices(data.getlist("subsektor"), _SLUG),
        price_min=price_min,
        price_max=price_max,
        permits=_choices(data.getlist("izin"), _SLUG),
        deliveries=tuple(value for value in DELIVERIES if value in data.getlist("terima")),
        shelf_life=_one_of(data.get("tahan", ""), SHELF_LIVES),
        in_stock=data.get("stok") == "ada",
        rating=_one_of(data.get("nilai", ""), RATINGS),
        near=clean_place(data.get("dekat", "")),
        sort=sort if sort in SORTS else RELEVANCE,
        page=_page(data.get("page", "")),
        literal=data.get("ejaan") == "asli",
    )


def clean_text(text: str) -> str:
    """Typed text without control characters and double spaces, at most 200 characters."""
    printable = "".join(character if character.isprintable() else " " for character in text[:1000])
    return " ".join(printable.split())[:200].strip()


def clean_place(text: str) -> str:
    """A region's code, or a position to about a hundred metres, as `SearchQuery.near` holds it; nothing for others.

    Nobody's doorstep ends up in a link that is passed on, or in a log.
    """
    text = text.strip()
    if _REGION_CODE.fullmatch(text):
        return text
    found = _POINT.fullmatch(text)
    if found is None:
        return ""
    latitude, longitude = float(found.group(1)), float(found.group(2))
    return f"{latitude:.3f},{longitude:.3f}" if abs(latitude) <= 90 and abs(longitude) <= 180 else ""


def _one_of(value: str, allowed: tuple[int, ...]) -> int | None:
    return next((number for number in allowed if str(number) == value), None)


def _choices(values: Iterable[str], allowed: re.Pattern[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if allowed.fullmatch(value)))[:MAX_CHOICES]


def _amount(value: str | None) -> int | None:
    """`25000`, `25.000` or `Rp25.000` as whole rupiah; None for anything else."""
    digits = re.sub(r"^\s*rp\s*|[\s.,]", "", value or "", flags=re.IGNORECASE)
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 15:
        return None
    return min(int(digits), MAX_PRICE)


def _page(value: str) -> int:
    if not (value.isascii() and value.isdigit()) or len(value) > 6:
        return 1
    return min(max(int(value), 1), LAST_PAGE)
