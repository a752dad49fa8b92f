"""A year of searches, with what came of them, counted by the service that the site's own pages use."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from random import Random

from django.db import transaction
from django.utils import timezone

from search.insight.services import NARROWED, count_clicks, count_search
from search.queries import SearchQuery
from search.services import search_products

DAYS = 365
# What people type, and how often on a good day. Some find nothing: nobody sells it, or it is called otherwise here.
COMMON = {
    "keripik tempe": 14, "kripik tempe": 9, "oleh oleh malang": 12, "bakpia": 8, "kopi dampit": 8, "batik malangan": 7,
    "sambal": 7, "keripik buah": 6, "tas rajut": 5, "topeng malangan": 5, "kaos malang": 5, "hampers": 5,
    "kopi": 6, "kue kering": 4, "sepatu kulit": 3, "iphone": 3,
}  # fmt: skip
RARE = {
    "keripik apel": 4, "sari apel": 4, "kaos arema": 4, "dompet kulit": 3, "mainan kayu": 3, "gantungan kunci": 3,
    "sabun herbal": 2, "vas keramik": 3, "madu": 3, "jilbab": 3, "souvenir pernikahan": 3, "bakso malang": 4,
    "nasi tumpeng": 2, "televisi": 2, "tahu campur": 2, "skincare": 2, "boneka rajut": 2, "lampu hias": 2, "ongkir": 2,
    "ledre": 2, "krupuk": 2, "cemilan pedas": 3, "mukena": 2, "sepeda": 1, "frozen food": 2, "jenang": 2, "wayang": 1,
    "kopi luwak": 2, "baju adat": 2, "tempe goreng": 2, "oskab": 1, "kerajinan rotan": 1, "kursi rotan": 1,
}  # fmt: skip
# What these find is not what was meant.
NOT_MEANT = frozenset({"iphone", "wayang", "tempe goreng"})
# Weeks in which more is looked for, as a present, counted back from today.
BUSY_WEEKS = {1: 1.3, 14: 1.5, 15: 1.4, 36: 1.8, 37: 2.1, 38: 1.6, 47: 1.5}
# Rare words only of the last months: enough for every period of the screens.
RARE_DAYS = 190
# Of a hundred people who open something, so many open the first product, the second …
BY_POSITION = (31, 17, 11, 8, 6, 5, 4, 3, 3, 2, 2, 1, 1, 1)
ON_LATER_PAGES = 26


class Searches:
    """Counts a year of searches. Needs the index: what a query finds is what it finds in the demo's catalogue."""

    def __init__(self, *, seed: int = 3573) -> None:
        self.random = Random(seed)  # noqa: S311 - the same demo every time, nothing secret

    @transaction.atomic
    def count(self) -> None:
        """Count them all."""
        found = {text: search_products(SearchQuery(text=text), with_facets=False) for text in (*COMMON, *RARE)}
        today = timezone.localdate()
        for ago in range(DAYS, -1, -1):
            for text, times in self._asked(today - timedelta(days=ago), ago):
                result = found[text]
                day = today - timedelta(days=ago)
                is_loosened = bool(result.corrected or result.is_partial)
                count_search(text=text, results=result.total, is_loosened=is_loosened, day=day, times=times)
                clicks, followed = self._clicks(times, result.total, is_loosened)
                if clicks and text not in NOT_MEANT:
                    count_clicks(text=text, clicks=clicks, followed=followed, day=day)

    def _asked(self, day: date, ago: int) -> Iterator[tuple[str, int]]:
        """What is searched for on one day, and how often; more from month to month, and at the weekend."""
        pace = (1.1 - 0.7 * ago / DAYS) * BUSY_WEEKS.get(ago // 7, 1.0) * (1.25 if day.weekday() >= 5 else 1.0)
        words = COMMON | (RARE if ago < RARE_DAYS else {})
        for text, usual in words.items():
            times = round(usual * pace * self.random.uniform(0.3, 1.5))
            if times:
                yield text, times

    def _clicks(self, times: int, results: int, is_loosened: bool) -> tuple[Mapping[int, int], int]:
        """Which positions were opened, and by how many of the searches."""
        clicks: dict[int, int] = {}
        followed = 0
        for _search in range(times if results else 0):
            if self.random.random() > (0.22 if is_loosened else 0.62):
                continue
            followed += 1
            for _opened in range(1 if self.random.random() < 0.8 else 2):
                position = self._position(results)
                clicks[position] = clicks.get(position, 0) + 1
        return clicks, followed

    def _position(self, results: int) -> int:
        chance = self.random.random()
        if chance < 0.06:
            return NARROWED
        if chance < 0.09 and results > ON_LATER_PAGES:
            return self.random.randint(ON_LATER_PAGES - 1, results)
        seen = BY_POSITION[:results]
        return self.random.choices(range(1, len(seen) + 1), weights=seen)[0]
