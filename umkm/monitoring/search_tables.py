"""What people search for, as tables: the same rows for a page and for a spreadsheet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from search.insight import selectors
from search.insight.selectors import Period, Sums
from search.insight.services import LAST_POSITION, NARROWED
from search.queries import PAGE_SIZE
from umkm.monitoring import charts

DAYS = (7, 30, 90)
DEFAULT_DAYS = 30
Row = dict[str, Any]


def percent(row: Row) -> int:
    """How many of a hundred searches led to a product."""
    return Sums(searches=row["searches"]).share(row["followed"])


@dataclass(frozen=True)
class ListColumn:
    """A column of a list of queries: its heading, its value for a spreadsheet, and how a page writes it."""

    heading: str | Promise
    value: Callable[[Row], int]
    show: Callable[[Row], str] | None = None

    def shown(self, row: Row) -> str:
        return self.show(row) if self.show else charts.number(self.value(row))


SEARCHES = ListColumn(gettext_lazy("Searches"), lambda row: row["searches"])
WITHOUT = ListColumn(gettext_lazy("Without results"), lambda row: row["without"])
SIMILAR = ListColumn(gettext_lazy("Only similar"), lambda row: row["loosened"])
FOLLOWED = ListColumn(gettext_lazy("Led to a product"), lambda row: row["followed"])
SHARE = ListColumn(gettext_lazy("Led on (%)"), percent, lambda row: f"{percent(row)}%")
RESULTS = ListColumn(pgettext_lazy("search", "Products found"), lambda row: row["results"])
CLICKS = ListColumn(gettext_lazy("Clicks there"), lambda row: row["clicks"])


class QueryList(NamedTuple):
    """A list of queries: what it is called, what it is for, and its columns, the telling one first."""

    title: str | Promise
    help: str | Promise
    columns: tuple[ListColumn, ...]


LISTS = {
    selectors.TOP: QueryList(
        gettext_lazy("Most searched"),
        gettext_lazy("What people look for most."),
        (SEARCHES, SHARE, RESULTS),
    ),
    selectors.WITHOUT: QueryList(
        gettext_lazy("Without results"),
        gettext_lazy("Nothing was found: another word for what is sold here, or something that nobody sells."),
        (WITHOUT, SEARCHES, RESULTS),
    ),
    selectors.UNFOLLOWED: QueryList(
        gettext_lazy("Results that nobody opened"),
        gettext_lazy("Something was found, but not what was meant. A synonym or a pinned product may help."),
        (SEARCHES, RESULTS),
    ),
    selectors.SIMILAR: QueryList(
        gettext_lazy("Only similar things found"),
        gettext_lazy("Another spelling, or only some of the words, had to be searched."),
        (SIMILAR, SEARCHES, SHARE),
    ),
    selectors.FOLLOWED: QueryList(
        gettext_lazy("Led to a product"),
        gettext_lazy("Somebody opened a product from the results."),
        (FOLLOWED, SEARCHES, SHARE),
    ),
}
POSITION_LIST = QueryList(
    gettext_lazy("Opened at this position"),
    gettext_lazy("From the results of these, the product at this position was opened."),
    (CLICKS, SEARCHES, SHARE),
)


# --- positions ---------------------------------------------------------------------------------------------------
class Bucket(NamedTuple):
    """Some positions that are counted together."""

    key: str
    label: str | Promise
    first: int
    last: int


FIRST_ONES, ALWAYS_SHOWN = 10, 5
BUCKETS = {
    bucket.key: bucket
    for bucket in (
        *(Bucket(str(position), str(position), position, position) for position in range(1, FIRST_ONES + 1)),
        Bucket(f"{FIRST_ONES + 1}-{PAGE_SIZE}", f"{FIRST_ONES + 1}–{PAGE_SIZE}", FIRST_ONES + 1, PAGE_SIZE),
        Bucket(f"{PAGE_SIZE + 1}-", gettext_lazy("Further pages"), PAGE_SIZE + 1, LAST_POSITION),
        Bucket("0", gettext_lazy("Filtered or sorted"), NARROWED, NARROWED),
    )
}


class PositionRow(NamedTuple):
    """Clicks at some positions, now and in the period before, and of how many of a hundred searches."""

    bucket: Bucket
    clicks: int
    before: int
    share: int
    per_search: float


def position_rows(clicks: dict[int, tuple[int, int]], searches: int) -> list[PositionRow]:
    """A row for each bucket that something was opened at, and for the first few.

    Arguments:
        searches: how many of them found something.
    """
    total = sum(now for now, _before in clicks.values())
    rows = []
    for bucket in BUCKETS.values():
        here = [clicks[position] for position in clicks if bucket.first <= position <= bucket.last]
        now, before = sum(pair[0] for pair in here), sum(pair[1] for pair in here)
        if not (now or before) and not 1 <= bucket.first <= ALWAYS_SHOWN:
            continue
        share = round(100 * now / total) if total else 0
        rows.append(PositionRow(bucket, now, before, share, round(100 * now / searches, 1) if searches else 0.0))
    return rows


# --- addresses and spreadsheets ----------------------------------------------------------------------------------
def address(name: str, **wanted: object) -> str:
    """`searches:<name>` with these parameters; what is empty is left out."""
    query = urlencode({key: value for key, value in wanted.items() if value not in (None, "")})
    url = reverse(f"searches:{name}")
    return f"{url}?{query}" if query else url


def day_headings() -> list[str]:
    """The headings of the table of days."""
    return [_("Day"), *(str(column.heading) for column in (SEARCHES, WITHOUT, SIMILAR, FOLLOWED))]


def day_rows(period: Period, days: Sequence[Sums]) -> list[list[Any]]:
    """The table of days."""
    return [
        [date, day.searches, day.without, day.loosened, day.followed]
        for date, day in zip(period.dates, days, strict=True)
    ]


def position_headings() -> list[str]:
    """The headings of the table of positions."""
    return [_("Position"), _("Clicks"), _("Share of clicks (%)"), _("Clicks per 100 searches"), _("Clicks before")]
