"""Product cards, drawn once for what they show: a list of 24 costs a look-up each instead of a template each."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from marketplace.core.templatetags.ui import number, rating

register = template.Library()


class _Shown(NamedTuple):
    """Everything that components/product_card.html shows of a listing; equal values make equal cards."""

    language: str
    shown_name: str
    is_marked: bool
    url: str
    price_min: int
    price_max: int
    vendor_name: str
    district_name: str
    picture_480: str
    picture_240: str
    picture_alt: str
    stock_left: int
    is_new: bool
    is_pinned: bool = False
    rating_average: Any = None
    rating_count: int | None = None
    distance: str = ""


@register.simple_tag
def product_cards(listings: Iterable[Any], eager: int = 0) -> SafeString:
    """The cards of `listings` one after the other, for inside a product grid.

    Arguments:
        eager: how many of the first pictures are loaded at once.
    """
    language = get_language() or ""
    drawn = (_card(_shown(listing, language), index < eager) for index, listing in enumerate(listings))
    return mark_safe("".join(drawn))  # noqa: S308  each card is a template's escaped output


def _shown(listing: Any, language: str) -> _Shown:
    name = listing.shown_name
    return _Shown(
        language=language,
        # A plain string: SafeString and str are equal, and an unmarked name must never pass for safe HTML.
        shown_name=str.__str__(name),
        is_marked=isinstance(name, SafeString),
        url=listing.get_absolute_url(),
        price_min=listing.price_min,
        price_max=listing.price_max,
        vendor_name=listing.vendor_name,
        district_name=listing.district_name,
        picture_480=listing.picture_480,
        picture_240=listing.picture_240,
        picture_alt=listing.picture_alt_display,
        # Only the last few are told.
        stock_left=min(listing.stock_left, 6),
        is_new=listing.is_new,
        is_pinned=getattr(listing, "is_pinned", False),
        # A card without ratings says nothing of them.
        rating_average=listing.rating_average if listing.rating_count else None,
        rating_count=listing.rating_count or None,
        distance=_distance(getattr(listing, "distance_km", None)),
    )


def _distance(kilometres: float | None) -> str:
    """`1,2 km`; whole kilometres from ten on, since nobody goes as the crow flies."""
    if kilometres is None:
        return ""
    shown = rating(kilometres) if kilometres < 9.95 else number(round(kilometres))
    return f"{shown}\u00a0km"


@lru_cache(maxsize=8192)
def _card(shown: _Shown, eager: bool) -> str:
    listing = {
        **shown._asdict(),
        # Was safe when it came, see _shown().
        "shown_name": mark_safe(shown.shown_name) if shown.is_marked else shown.shown_name,  # noqa: S308
        "get_absolute_url": shown.url,
        "is_sold_out": shown.stock_left == 0,
    }
    return get_template("components/product_card.html").render({"listing": listing, "eager": eager})
