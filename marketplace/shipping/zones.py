"""How far two places are apart, by their Kemendagri codes, and which day it will be."""

import datetime

from lokal import HOLIDAY_YEARS, holidays_on

from marketplace.reference.services import MALANG_RAYA

DISTRICT, CITY, GREATER_MALANG, EAST_JAVA, JAVA, OUTSIDE = (
    "district",
    "city",
    "malang-raya",
    "east-java",
    "java",
    "outside",
)
# Jakarta, West and Central Java, Yogyakarta, East Java, Banten.
PROVINCES_OF_JAVA = frozenset({"31", "32", "33", "34", "35", "36"})


def zone_between(origin: str, destination: str) -> str:
    """The slug of the zone for a parcel between two regions, each a code of a village, district or regency.

    `35.73.01.1002` to `35.73.01.1005` is the same district; a code without a district is at best the same city.
    """
    here, there = origin.split("."), destination.split(".")
    if len(here) > 2 and len(there) > 2 and here[:3] == there[:3]:
        return DISTRICT
    if here[:2] == there[:2] and len(here) > 1:
        return CITY
    if ".".join(here[:2]) in MALANG_RAYA and ".".join(there[:2]) in MALANG_RAYA:
        return GREATER_MALANG
    if here[0] == there[0] == "35":
        return EAST_JAVA
    if here[0] in PROVINCES_OF_JAVA and there[0] in PROVINCES_OF_JAVA:
        return JAVA
    return OUTSIDE


def lies_in(code: str, region_code: str) -> bool:
    """Whether the region `code` is `region_code` or lies in it."""
    return code == region_code or code.startswith(f"{region_code}.")


def add_delivery_days(start: datetime.date, days: int) -> datetime.date:
    """The day that is `days` delivery days after `start`, Sundays and the national holidays we know of left out."""
    day = start
    while days > 0 or not _is_delivery_day(day):
        day += datetime.timedelta(days=1)
        if _is_delivery_day(day):
            days -= 1
    return day


def _is_delivery_day(day: datetime.date) -> bool:
    if day.weekday() == 6:
        return False
    return day.year not in HOLIDAY_YEARS or not any(
        holiday.type == "libur_nasional" for holiday in holidays_on(day.isoformat())
    )
