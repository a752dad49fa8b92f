"""Counting searches and what came of them. Sums are added up by the database, so that processes may count at once.

Nothing here moves a version of the page cache or writes to the outbox: counting leaves every page where it is.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from django.db import connection, transaction
from django.utils import timezone

from search.insight.models import ClickDay, SearchDay, SearchedWords
from search.insight.words import counted_words, key_of

# A query is written down in words once it was asked so many times; until then there is only its hash.
OCCASIONS = 3
# A query that was not asked so often is forgotten when nobody asks it for a while.
SELDOM_KEPT_DAYS = 30
# 13 months: a month can be compared with the same month a year before.
KEPT_DAYS = 396
# The position of what was opened from a list that the visitor filtered or ordered.
NARROWED = 0
# This position and everything after it.
LAST_POSITION = 97

_WORDS = """
INSERT INTO search_insight_words AS known (key, text, asked, results, last_day) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (key) DO UPDATE SET
  asked = known.asked + EXCLUDED.asked,
  text = CASE WHEN known.asked + EXCLUDED.asked >= %s THEN %s ELSE known.text END,
  results = CASE WHEN EXCLUDED.last_day >= known.last_day THEN EXCLUDED.results ELSE known.results END,
  last_day = CASE WHEN EXCLUDED.last_day > known.last_day THEN EXCLUDED.last_day ELSE known.last_day END
"""
_SEARCHES = """
INSERT INTO search_insight_day AS known (words_id, day, searches, without_results, loosened, followed, results)
VALUES (%s, %s, %s, %s, %s, 0, %s)
ON CONFLICT (words_id, day) DO UPDATE SET
  searches = known.searches + EXCLUDED.searches,
  without_results = known.without_results + EXCLUDED.without_results,
  loosened = known.loosened + EXCLUDED.loosened,
  results = EXCLUDED.results
"""
_UNKNOWN_WORDS = """
INSERT INTO search_insight_words (key, text, asked, results, last_day) VALUES (%s, '', 0, 0, %s)
ON CONFLICT (key) DO NOTHING
"""
_FOLLOWED = """
INSERT INTO search_insight_day AS known (words_id, day, searches, without_results, loosened, followed, results)
VALUES (%s, %s, 0, 0, 0, %s, 0)
ON CONFLICT (words_id, day) DO UPDATE SET followed = known.followed + EXCLUDED.followed
"""
_CLICKS = """
INSERT INTO search_insight_click AS known (words_id, day, position, clicks) VALUES (%s, %s, %s, %s)
ON CONFLICT (words_id, day, position) DO UPDATE SET clicks = known.clicks + EXCLUDED.clicks
"""


def count_search(
    *, text: str, results: int, is_loosened: bool = False, day: date | None = None, times: int = 1
) -> bool:
    """Count that `text` was searched for; False when the text is not for counting (no words, something personal).

    Arguments:
        results: how many products there were.
        is_loosened: they were found by another spelling or by some of the words only.
        day: when; today if nothing is said.
        times: so many searches at once.
    """
    words = counted_words(text)
    if not words:
        return False
    key, day = key_of(words), day or timezone.localdate()
    written = words if times >= OCCASIONS else ""
    without, loosened = (0 if results else times), (times if is_loosened and results else 0)
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(_WORDS, [key, written, times, results, day, OCCASIONS, words])
        cursor.execute(_SEARCHES, [key, day, times, without, loosened, results])
    return True


def count_clicks(*, text: str, clicks: Mapping[int, int], followed: int = 0, day: date | None = None) -> bool:
    """Count products that were opened from the results of `text`; False when the text is not for counting.

    Arguments:
        clicks: how many at which position: 1 is the first, NARROWED for a list that was filtered or ordered.
        followed: for how many searches these were the first products that were opened.
        day: when; today if nothing is said.
    """
    words = counted_words(text)
    if not words:
        return False
    key, day = key_of(words), day or timezone.localdate()
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(_UNKNOWN_WORDS, [key, day])
        if followed:
            cursor.execute(_FOLLOWED, [key, day, followed])
        for position in sorted(clicks):
            cursor.execute(_CLICKS, [key, day, min(position, LAST_POSITION), clicks[position]])
    return True


def forget_old_searches(*, today: date | None = None) -> int:
    """Delete days that are older than 13 months, and queries that were asked too seldom for a while.

    Returns how many rows went. Harmless to repeat.
    """
    today = today or timezone.localdate()
    oldest = today - timedelta(days=KEPT_DAYS)
    seldom = SearchedWords.objects.filter(asked__lt=OCCASIONS, last_day__lt=today - timedelta(days=SELDOM_KEPT_DAYS))
    gone = SearchDay.objects.filter(day__lt=oldest).delete()[0]
    gone += ClickDay.objects.filter(day__lt=oldest).delete()[0]
    gone += seldom.delete()[0]
    return gone + SearchedWords.objects.filter(last_day__lt=oldest).delete()[0]
