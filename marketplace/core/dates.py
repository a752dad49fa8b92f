"""Dates as people read them, in the language of the page and the time of Malang."""

import datetime

from babel.dates import format_date, format_datetime
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

# A non-breaking space keeps the number with its month.
PATTERNS = {
    "short": "d\u00a0MMM y",
    "day": "EEEE d\u00a0MMM",
    "long": "EEEE, d\u00a0MMMM y",
    "weekday": "EEEE, d\u00a0MMMM",
    "month": "MMMM y",
}
CLOCK = {"id": "HH.mm", "en": "HH:mm"}


def _language() -> str:
    return "en" if (get_language() or "id").startswith("en") else "id"


def format_local_date(value: datetime.date | datetime.datetime, style: str = "short") -> str:
    """`value` in one of the site's styles.

    short: 25 Nov 2026. day: Rabu 25 Nov. long: Rabu, 25 November 2026. weekday: Rabu, 25 November.
    month: November 2026. datetime: 25 Nov 2026, 09.41. time: 09.41.
    relative: Hari ini, 09.41; Kemarin, Besok, or the day with its time. within: the same inside a sentence.
    Raises ValueError for another style, and for a time asked of a plain date.
    """
    language = _language()
    moment = timezone.localtime(value) if isinstance(value, datetime.datetime) and timezone.is_aware(value) else value
    if style in PATTERNS:
        return format_date(moment, PATTERNS[style], locale=language)
    if style == "relative":
        return _relative(moment, language)
    if style == "within":
        return _relative(moment, language, inside=True)
    if not isinstance(moment, datetime.datetime):
        raise ValueError(f"a date has no style “{style}”")
    if style == "time":
        return format_datetime(moment, CLOCK[language], locale=language)
    if style == "datetime":
        return format_datetime(moment, f"{PATTERNS['short']}, {CLOCK[language]}", locale=language)
    raise ValueError(f"no date style “{style}”")


def _relative(moment: datetime.date | datetime.datetime, language: str, *, inside: bool = False) -> str:
    today = timezone.localdate()
    is_moment = isinstance(moment, datetime.datetime)
    day = moment.date() if isinstance(moment, datetime.datetime) else moment
    names = {0: _("Today"), -1: _("Yesterday"), 1: _("Tomorrow")}
    style = "day" if abs((day - today).days) < 180 else "short"
    name = names.get((day - today).days, "")
    # Names of days and months keep their capital.
    name = (name.lower() if inside else name) or format_date(day, PATTERNS[style], locale=language)
    if not is_moment:
        return name
    return f"{name}, {format_datetime(moment, CLOCK[language], locale=language)}"
