"""Questions about what people search for. Words that were asked too seldom are counted, never shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery, Sum

from search.insight.models import ClickDay, SearchDay, SearchedWords

# What a list of queries is about.
TOP, WITHOUT, SIMILAR, UNFOLLOWED, FOLLOWED = "teratas", "tanpa-hasil", "mirip", "tanpa-klik", "berlanjut"
_LISTS: dict[str, tuple[Q, str]] = {
    TOP: (Q(searches__gt=0), "searches"),
    WITHOUT: (Q(without__gt=0), "without"),
    SIMILAR: (Q(loosened__gt=0), "loosened"),
    UNFOLLOWED: (Q(followed=0, searches__gt=F("without")), "searches"),
    FOLLOWED: (Q(followed__gt=0), "followed"),
}
KINDS = tuple(_LISTS)


@dataclass(frozen=True)
class Period:
    """So many days up to `last`, and as many before them to compare with."""

    days: int
    last: date

    @property
    def first(self) -> date:
        """Its first day."""
        return self.last - timedelta(days=self.days - 1)

    @property
    def first_before(self) -> date:
        """The first day of as many days before."""
        return self.first - timedelta(days=self.days)

    @property
    def dates(self) -> list[date]:
        """Its days in order."""
        return [self.first + timedelta(days=number) for number in range(self.days)]

    def covers(self) -> Q:
        """The days of the period, as a condition."""
        return Q(day__range=(self.first, self.last))

    def covers_both(self) -> Q:
        """The days of the period and of the one before."""
        return Q(day__range=(self.first_before, self.last))


@dataclass
class Sums:
    """What was counted in some time.

    Arguments:
        seldom: searches for words that were asked too seldom to be shown.
    """

    searches: int = 0
    without: int = 0
    loosened: int = 0
    followed: int = 0
    seldom: int = 0

    def share(self, part: int) -> int:
        """A part of the searches in per cent."""
        return min(round(100 * part / self.searches), 100) if self.searches else 0


def sums_of(days: Iterable[Sums]) -> Sums:
    """All of them together."""
    total = Sums()
    for day in days:
        for name in ("searches", "without", "loosened", "followed", "seldom"):
            setattr(total, name, getattr(total, name) + getattr(day, name))
    return total


def sums_by_day(*, period: Period, text: str = "") -> tuple[list[Sums], list[Sums]]:
    """Each day of the period, and each day of the one before; one query.

    Arguments:
        text: of this query only.
    """
    rows: Any = SearchDay.objects.filter(period.covers_both(), **({"words__text": text} if text else {}))
    # Before the sums: they take the names of their columns.
    seldom = {"seldom": Sum("searches", filter=Q(words__text=""), default=0)}
    found = {row.pop("day"): Sums(**row) for row in rows.values("day").annotate(**seldom, **_SUMS)}
    now = [found.get(day, Sums()) for day in period.dates]
    before = [found.get(day - timedelta(days=period.days), Sums()) for day in period.dates]
    return now, before


_SUMS = {
    "searches": Sum("searches"),
    "without": Sum("without_results"),
    "loosened": Sum("loosened"),
    "followed": Sum("followed"),
}


def queries_in(
    *, period: Period, kind: str = TOP, containing: str = "", positions: tuple[int, int] | None = None
) -> "QuerySet[Any, Any]":
    """Queries of a period with their sums (`searches without loosened followed results`), the most telling first.

    Arguments:
        kind: one of KINDS.
        containing: only those with these letters.
        positions: only those from which a product between these positions was opened; `clicks` says how often.
    """
    condition, order = _LISTS[kind]
    rows = SearchDay.objects.filter(period.covers()).exclude(words__text="")
    if containing:
        rows = rows.filter(words__text__icontains=containing)
    found = rows.values(text=F("words__text")).annotate(**_SUMS, results=Max("words__results"))
    if positions is None:
        return found.filter(condition).order_by(f"-{order}", "text")
    there = (
        ClickDay.objects.filter(period.covers(), words__text=OuterRef("text"), position__range=positions)
        .values("words__text")
        .annotate(sum=Sum("clicks"))
    )
    return found.annotate(clicks=Subquery(there.values("sum"))).filter(clicks__gt=0).order_by("-clicks", "text")


def clicks_by_position(*, period: Period, text: str = "") -> dict[int, tuple[int, int]]:
    """How often each position was opened in the period and in the one before; one query."""
    rows = ClickDay.objects.filter(period.covers_both(), **({"words__text": text} if text else {}))
    counted = rows.values("position").annotate(
        now=Sum("clicks", filter=period.covers(), default=0), all=Sum("clicks", default=0)
    )
    return {row["position"]: (row["now"], row["all"] - row["now"]) for row in counted.order_by("position")}


def shown_words(text: str) -> SearchedWords | None:
    """What is known of a query, if it was asked often enough to be shown."""
    return SearchedWords.objects.filter(text=text).order_by("-last_day").first() if text else None
