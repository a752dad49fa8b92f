"""The agency's time to decide, in working days. It stands still while an application is with its owner."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

import lokal
from django.conf import settings
from django.utils import timezone

SATURDAY = 5


@lru_cache(maxsize=4096)
def is_working_day(day: date) -> bool:
    """Whether offices work on `day`: no weekend, public holiday or joint leave (cuti bersama).

    The decrees about holidays come out a year ahead. For years without one only weekends are free.
    """
    if day.weekday() >= SATURDAY:
        return False
    try:
        return bool(lokal.is_working_day(day))
    except ValueError:
        return True


def add_working_days(start: date, days: int) -> date:
    """The date `days` working days after `start`."""
    day, left = start, days
    while left > 0:
        day += timedelta(days=1)
        left -= is_working_day(day)
    return day


def working_days_between(start: date, end: date) -> int:
    """How many working days lie after `start` up to and including `end`; 0 when `end` is not later."""
    days = (start + timedelta(days=step) for step in range(1, (end - start).days + 1))
    return sum(is_working_day(day) for day in days)


def due_after(moment: datetime, days: int) -> datetime:
    """The end of office hours, `days` working days after `moment`."""
    day = add_working_days(timezone.localtime(moment).date(), days)
    return timezone.make_aware(datetime.combine(day, time(settings.OFFICE_CLOSES_AT)))


def first_due(moment: datetime) -> datetime:
    """When an application submitted at `moment` has to be decided."""
    return due_after(moment, settings.DECISION_WORKING_DAYS)


def due_again(moment: datetime, days_left: int | None) -> datetime:
    """When an application that came back at `moment` has to be decided: what was left, but enough to look at it."""
    return due_after(moment, max(days_left or 0, settings.RESUBMISSION_WORKING_DAYS))


def days_left(moment: datetime, due_at: datetime | None) -> int:
    """The working days left at `moment` on a clock that runs out at `due_at`; what is kept while it stands still."""
    if due_at is None:
        return 0
    return working_days_between(timezone.localtime(moment).date(), timezone.localtime(due_at).date())
