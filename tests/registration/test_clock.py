from datetime import date, datetime

import pytest
from django.utils import timezone

from umkm.registration import clock


def at(day: int, month: int = 11, year: int = 2026, hour: int = 10) -> datetime:
    return timezone.make_aware(datetime(year, month, day, hour))


def test_weekends_are_not_counted():
    assert clock.add_working_days(date(2026, 11, 26), 5) == date(2026, 12, 3)


def test_holidays_are_not_counted():
    # Christmas 2026 is a Friday, joint leave the day before.
    assert clock.add_working_days(date(2026, 12, 23), 1) == date(2026, 12, 28)


def test_years_without_a_decree_have_weekends_only():
    assert clock.is_working_day(date(2031, 12, 25))
    assert not clock.is_working_day(date(2031, 12, 27))


@pytest.mark.parametrize(
    "end, days", [(date(2026, 11, 26), 0), (date(2026, 11, 27), 1), (date(2026, 11, 30), 2), (date(2026, 11, 20), 0)]
)
def test_working_days_between(end: date, days: int):
    assert clock.working_days_between(date(2026, 11, 26), end) == days


def test_a_new_registration_is_due_at_the_end_of_the_fifth_working_day():
    assert clock.first_due(at(26)) == at(3, month=12, hour=15)


def test_what_came_back_keeps_the_days_that_were_left():
    assert clock.due_again(at(26), 4) == at(2, month=12, hour=15)


def test_what_came_back_leaves_at_least_three_days_to_look_at_it():
    assert clock.due_again(at(26), 0) == at(1, month=12, hour=15)
    assert clock.due_again(at(26), None) == at(1, month=12, hour=15)


def test_days_left():
    assert clock.days_left(at(26), at(3, month=12, hour=15)) == 5
    assert clock.days_left(at(26), None) == 0
