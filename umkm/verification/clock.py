"""Deadlines in working days: counting them, and saying them the way an officer reads them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from umkm.registration.clock import add_working_days, is_working_day

__all__ = ["add_working_days", "is_working_day"]


def working_days_between(start: date, end: date) -> int:
    """How many working days lie after `start` up to and including `end`; negative when `end` is earlier."""
    if end < start:
        return -working_days_between(end, start)
    days = (start + timedelta(days=step) for step in range(1, (end - start).days + 1))
    return sum(is_working_day(day) for day in days)


def next_working_day(day: date) -> date:
    """The first working day after `day`."""
    return add_working_days(day, 1)


class DueGroup(IntEnum):
    """How pressing a deadline is; the order of the queue's headings."""

    LATE = 0
    TODAY = 1
    TOMORROW = 2
    THIS_WEEK = 3
    LATER = 4


def group_label(group: DueGroup) -> str:
    """The heading above the cases of a group."""
    return {
        DueGroup.LATE: _("Past the deadline"),
        DueGroup.TODAY: _("Due today"),
        DueGroup.TOMORROW: _("Tomorrow"),
        DueGroup.THIS_WEEK: _("2–5 working days"),
        DueGroup.LATER: _("More than 5 working days"),
    }[group]


def group_bounds(now: datetime | None = None) -> dict[DueGroup, tuple[datetime | None, datetime | None]]:
    """For each group the times between which its deadlines lie: from (inclusive) and until (exclusive)."""
    now = now or timezone.now()
    today = timezone.localtime(now).date()
    tomorrow = next_working_day(today)
    week = add_working_days(today, 5)
    end_of_today, end_of_tomorrow, end_of_week = (_midnight_after(day) for day in (today, tomorrow, week))
    return {
        DueGroup.LATE: (None, now),
        DueGroup.TODAY: (now, end_of_today),
        DueGroup.TOMORROW: (end_of_today, end_of_tomorrow),
        DueGroup.THIS_WEEK: (end_of_tomorrow, end_of_week),
        DueGroup.LATER: (end_of_week, None),
    }


def _midnight_after(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def due_group(due: datetime, now: datetime | None = None) -> DueGroup:
    """The group that a deadline belongs to."""
    for group, (_since, until) in group_bounds(now).items():
        if until is None or due < until:
            return group
    return DueGroup.LATER


@dataclass(frozen=True)
class DueWords:
    """A deadline in words: `state` for the colour and icon, `words` in short, `exact` with day and time."""

    state: str
    words: str
    exact: str


def due_words(due: datetime | None, now: datetime | None = None) -> DueWords | None:
    """How a deadline is shown. Days are working days; on the last day the hours that are left."""
    if due is None:
        return None
    now = now or timezone.now()
    local, today = timezone.localtime(due), timezone.localtime(now).date()
    clock = short_time(local)
    exact = date_format(local, pgettext("date format", "l j M, H:i"))
    if due < now:
        late = working_days_between(local.date(), today)
        words = (
            ngettext("%(days)s day late", "%(days)s days late", late) % {"days": late}
            if late
            else _("Late since %(time)s") % {"time": clock}
        )
        return DueWords("late", words, exact)
    if local.date() == today:
        minutes = int((due - now).total_seconds() // 60)
        return DueWords("today", _("Today %(time)s") % {"time": clock}, _time_left(minutes))
    days = working_days_between(today, local.date())
    if days <= 1:
        return DueWords("soon", _("Tomorrow"), exact)
    return DueWords("later", ngettext("%(days)s day left", "%(days)s days left", days) % {"days": days}, exact)


def _time_left(minutes: int) -> str:
    """Hours and minutes until a deadline, without the part that is nothing."""
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return ngettext("%(minutes)s minute left", "%(minutes)s minutes left", minutes) % {"minutes": minutes}
    if not minutes:
        return ngettext("%(hours)s hour left", "%(hours)s hours left", hours) % {"hours": hours}
    return ngettext("%(hours)s hour %(minutes)s min left", "%(hours)s hours %(minutes)s min left", hours) % {
        "hours": hours,
        "minutes": minutes,
    }


def age_words(days: int) -> str:
    """An age in working days."""
    if days <= 0:
        return _("Today")
    return ngettext("%(days)s working day", "%(days)s working days", days) % {"days": days}


def short_time(moment: datetime) -> str:
    """The time of day, `15.00` in Indonesian."""
    return date_format(timezone.localtime(moment), pgettext("date format", "H:i"))


def short_date(day: date | datetime) -> str:
    """Day and short month; the year too when it is not the current one."""
    local = timezone.localtime(day) if isinstance(day, datetime) else day
    this_year = timezone.localdate().year == local.year
    return date_format(local, "j M" if this_year else "j M Y")


def moment_words(moment: datetime) -> str:
    """When something happened: today with the time, otherwise date and time."""
    local = timezone.localtime(moment)
    if local.date() == timezone.localdate():
        return _("today %(time)s") % {"time": short_time(local)}
    return f"{short_date(local)} {short_time(local)}"
