"""Where parcels can go: the villages of Malang Raya, and the districts of everywhere else."""

from collections.abc import Iterable

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from marketplace.reference.models import Region
from marketplace.reference.services import MALANG_RAYA

# Never the boundary, which is by far the largest part of a region.
_SHOWN = [
    f"{path}{name}"
    for path in ("", "parent__", "parent__parent__", "parent__parent__parent__")
    for name in ("name", "level", "parent", "postal_code")
]
MAX_FOUND = 12
MAX_WORDS = 5


def destinations() -> "QuerySet[Region]":
    """Regions that an address can lie in, with those around them loaded."""
    in_malang_raya = Q()
    for code in MALANG_RAYA:
        in_malang_raya |= Q(code__startswith=f"{code}.")
    return (
        Region.objects.filter(Q(level=Region.Level.VILLAGE) | Q(level=Region.Level.DISTRICT) & ~in_malang_raya)
        .select_related("parent__parent__parent")
        .only(*_SHOWN)
    )


def find_destinations(text: str) -> list[Region]:
    """The regions that somebody may mean: by post code, or by words of the village's, district's or city's name.

    Nearby ones and those whose own name begins with the text come first; at most MAX_FOUND.
    """
    words = text.replace(",", " ").split()[:MAX_WORDS]
    if not words or len("".join(words)) < 3:
        return []
    found = destinations()
    for word in words:
        found = found.filter(
            Q(postal_code__startswith=word)
            if word.isascii() and word.isdigit()
            else Q(name__icontains=word) | Q(parent__name__icontains=word) | Q(parent__parent__name__icontains=word)
        )
    return list(
        found.order_by(_first(Q(name__istartswith=words[0])), _first(Q(code__startswith="35.")), "name")[:MAX_FOUND]
    )


def _first(condition: Q) -> Case:
    return Case(When(condition, then=Value(0)), default=Value(1), output_field=IntegerField())


def destination(code: str) -> Region | None:
    """The region with this code if parcels can go there."""
    return next(iter(destinations().filter(code=code)), None) if code else None


def full_name(region: Region) -> str:
    """`Polowijen, Blimbing, Kota Malang, Jawa Timur`."""
    return ", ".join(part.name for part in _upwards(region))


def _upwards(region: Region) -> Iterable[Region]:
    here: Region | None = region
    while here is not None:
        yield here
        here = here.parent
