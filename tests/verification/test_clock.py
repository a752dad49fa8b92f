"""Deadlines in working days, and their words."""

from datetime import date, datetime

import pytest
from django.utils import timezone
from django.utils.translation import override

from umkm.verification import clock
from umkm.verification.clock import DueGroup


def at(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime(year, month, day, hour, minute))


NOW = at(2026, 11, 25, 9, 10)  # a Wednesday


@pytest.mark.parametrize(
    "start, end, days",
    [
        (date(2026, 11, 25), date(2026, 11, 25), 0),
        (date(2026, 11, 25), date(2026, 11, 26), 1),
        (date(2026, 11, 27), date(2026, 11, 30), 1),  # over a weekend
        (date(2026, 11, 27), date(2026, 11, 29), 0),
        (date(2026, 11, 30), date(2026, 11, 25), -3),
        (date(2026, 12, 24), date(2026, 12, 28), 1),  # Christmas is no working day
    ],
)
def test_days_between_are_working_days(start, end, days):
    assert clock.working_days_between(start, end) == days


@pytest.mark.parametrize(
    "due, group",
    [
        (at(2026, 11, 25, 9, 9), DueGroup.LATE),
        (at(2026, 11, 25, 15), DueGroup.TODAY),
        (at(2026, 11, 26, 15), DueGroup.TOMORROW),
        (at(2026, 11, 27, 15), DueGroup.THIS_WEEK),
        (at(2026, 12, 2, 15), DueGroup.THIS_WEEK),
        (at(2026, 12, 3, 15), DueGroup.LATER),
    ],
)
def test_a_deadline_belongs_to_one_group(due, group):
    assert clock.due_group(due, NOW) == group
    within = [
        candidate
        for candidate, (since, until) in clock.group_bounds(NOW).items()
        if (since is None or due >= since) and (until is None or due < until)
    ]
    assert within == [group]


def test_on_a_friday_monday_is_tomorrow():
    assert clock.due_group(at(2026, 11, 30, 15), at(2026, 11, 27, 9)) == DueGroup.TOMORROW


@pytest.mark.parametrize(
    "due, state, words, exact",
    [
        (at(2026, 11, 23, 15), "late", "Lewat 2 hari", "Senin 23 Nov, 15.00"),
        (at(2026, 11, 25, 8), "late", "Lewat sejak 08.00", "Rabu 25 Nov, 08.00"),
        (at(2026, 11, 25, 15), "today", "Hari ini 15.00", "sisa 5 jam 50 menit"),
        (at(2026, 11, 25, 9, 29), "today", "Hari ini 09.29", "sisa 19 menit"),
        (at(2026, 11, 25, 10, 10), "today", "Hari ini 10.10", "sisa 1 jam"),
        (at(2026, 11, 26, 15), "soon", "Besok", "Kamis 26 Nov, 15.00"),
        (at(2026, 12, 1, 15), "later", "4 hari lagi", "Selasa 1 Des, 15.00"),
    ],
)
def test_a_deadline_in_words(due, state, words, exact):
    with override("id"):
        said = clock.due_words(due, NOW)
    assert (said.state, said.words, said.exact) == (state, words, exact)


def test_the_same_in_english():
    with override("en"):
        assert clock.due_words(at(2026, 11, 23, 15), NOW).words == "2 days late"
        assert clock.due_words(at(2026, 11, 25, 9, 11), NOW).exact == "1 minute left"
        assert clock.due_words(at(2026, 11, 25, 15), NOW).exact == "5 hours 50 min left"


def test_no_deadline_has_no_words():
    assert clock.due_words(None) is None
