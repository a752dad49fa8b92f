"""Figures, counted in SQL. How many queries there are does not depend on how much there is to count."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Avg, Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncMonth, TruncWeek
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.orders.models import SubOrder
from marketplace.reference.models import Region, Subsector
from umkm.monitoring.scope import Scope, month_of, start_of, week_of, year_before
from umkm.registration.models import LegalDocument
from umkm.vendors.models import Vendor
from umkm.verification import clock
from umkm.verification.models import Decision, Outcome

QUIET_DAYS = 90


# --- cases by age ------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class AgeGroup:
    """Waiting cases of about the same age, in working days: from `least` up to `most` (without end when None)."""

    key: str
    least: int
    most: int | None

    @property
    def label(self) -> str:
        """The ages of the group in words."""
        if self.most is None:
            return _("more than %(days)s working days") % {"days": self.least - 1}
        return _("%(least)s–%(most)s working days") % {"least": self.least, "most": self.most}


AGE_GROUPS = (
    AgeGroup("0-1", 0, 1),
    AgeGroup("2-3", 2, 3),
    AgeGroup("4-5", 4, 5),
    AgeGroup("6-10", 6, 10),
    AgeGroup("11", 11, None),
)


def age_filter(group: AgeGroup, today: date | None = None) -> Q:
    """Cases that were submitted as many working days ago as the group says."""
    today = today or timezone.localdate()
    condition = Q()
    if group.most is not None:
        condition &= Q(submitted_at__gte=start_of(_oldest_day(today, group.most)))
    if group.least:
        condition &= Q(submitted_at__lt=start_of(_oldest_day(today, group.least - 1)))
    return condition


def _oldest_day(today: date, days: int) -> date:
    """The earliest day from which at most `days` working days have passed until today."""
    day = today
    while clock.working_days_between(day - timedelta(days=1), today) <= days:
        day -= timedelta(days=1)
    return day


@dataclass(frozen=True)
class CasesOfAge:
    group: AgeGroup
    waiting: int
    late: int
    free: int


def cases_by_age(scope: Scope) -> list[CasesOfAge]:
    """Waiting cases by age, with how many are past their deadline and how many nobody has taken. One query."""
    counts: dict[str, Any] = {}
    now = timezone.now()
    for index, group in enumerate(AGE_GROUPS):
        of_age = age_filter(group)
        counts[f"waiting_{index}"] = Count("pk", filter=of_age)
        counts[f"late_{index}"] = Count("pk", filter=of_age & Q(due_at__lt=now))
        counts[f"free_{index}"] = Count("pk", filter=of_age & Q(claimed_by=None))
    found = scope.cases().waiting().order_by().aggregate(**counts)  # type: ignore[attr-defined]
    return [
        CasesOfAge(group, found[f"waiting_{index}"], found[f"late_{index}"], found[f"free_{index}"])
        for index, group in enumerate(AGE_GROUPS)
    ]


# --- businesses --------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Place:
    """A district or sub-sector: open businesses now and a year ago, orders and sales of the last twelve months."""

    code: str
    name: str
    now: int
    then: int
    orders: int
    sales: int
    latitude: float | None = None
    longitude: float | None = None

    @property
    def change(self) -> int:
        """How many more there are now than then; negative when there are fewer."""
        return self.now - self.then


def last_year(today: date | None = None) -> tuple[date, date]:
    """The twelve months that sales are counted over: from the first of the month eleven months back, until today."""
    today = today or timezone.localdate()
    return month_of(today, 11), today


def _sold_by(scope: Scope, key: str) -> dict[Any, dict[str, int]]:
    since, _until = last_year()
    rows = (
        scope.sales()
        .filter(confirmed_at__gte=start_of(since))
        .order_by()
        .values(key)
        .annotate(orders=Count("pk"), sales=Sum("remaining"))
    )
    return {row[key]: row for row in rows}


def vendors_by_district(scope: Scope) -> list[Place]:
    """Every district of the region, the fullest first. Three queries."""
    then = start_of(year_before(timezone.localdate()))
    is_open = Q(status=Vendor.Status.ACTIVE)
    counted: dict[Any, Any] = {
        row["village__parent"]: row
        for row in scope.vendors()
        .order_by()
        .values("village__parent")
        .annotate(
            now=Count("pk", filter=is_open),
            then=Count("pk", filter=is_open & Q(opened_at__lte=then)),
            latitude=Avg("latitude"),
            longitude=Avg("longitude"),
        )
    }
    sold = _sold_by(scope, "vendor__village__parent")
    nothing: dict[str, Any] = {}
    districts = Region.objects.filter(parent_id=scope.agency.region_id)
    if scope.district:
        districts = districts.filter(pk=scope.district.pk)
    places = [
        Place(
            code=code,
            name=name,
            now=counted.get(code, nothing).get("now", 0),
            then=counted.get(code, nothing).get("then", 0),
            orders=sold.get(code, {}).get("orders", 0),
            sales=sold.get(code, {}).get("sales", 0) or 0,
            latitude=_number(counted.get(code, nothing).get("latitude")),
            longitude=_number(counted.get(code, nothing).get("longitude")),
        )
        for code, name in districts.values_list("code", "name")
    ]
    return sorted(places, key=lambda place: (-place.now, place.name))


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def vendors_by_subsector(scope: Scope) -> list[Place]:
    """Every sub-sector in which the region has a business, the fullest first. Three queries."""
    then = start_of(year_before(timezone.localdate()))
    is_open = Q(status=Vendor.Status.ACTIVE)
    counted = {
        row["subsector"]: row
        for row in scope.vendors()
        .order_by()
        .values("subsector")
        .annotate(now=Count("pk", filter=is_open), then=Count("pk", filter=is_open & Q(opened_at__lte=then)))
    }
    sold = _sold_by(scope, "vendor__subsector")
    places = [
        Place(
            code=subsector.slug,
            name=subsector.display_name,
            now=counted[subsector.pk]["now"],
            then=counted[subsector.pk]["then"],
            orders=sold.get(subsector.pk, {}).get("orders", 0),
            sales=sold.get(subsector.pk, {}).get("sales", 0) or 0,
        )
        for subsector in Subsector.objects.all()
        if subsector.pk in counted
    ]
    return sorted(places, key=lambda place: (-place.now, place.name))


# --- sales -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Month:
    """Orders and sales of a month, beside those of the same month a year before."""

    first: date
    orders: int
    sales: int
    orders_then: int
    sales_then: int


def sales_by_month(scope: Scope, months: int = 12) -> list[Month]:
    """The last months, the running one last. One query over twice the time."""
    today = timezone.localdate()
    rows = (
        scope.sales()
        .filter(confirmed_at__gte=start_of(month_of(today, months + 11)))
        .order_by()
        .annotate(month=TruncMonth("confirmed_at"))
        .values("month")
        .annotate(orders=Count("pk"), sales=Sum("remaining"))
    )
    found = {timezone.localtime(row["month"]).date(): row for row in rows}
    nothing = {"orders": 0, "sales": 0}
    result = []
    for back in range(months - 1, -1, -1):
        first = month_of(today, back)
        now, then = found.get(first, nothing), found.get(month_of(today, back + 12), nothing)
        result.append(Month(first, now["orders"], now["sales"], then["orders"], then["sales"]))
    return result


@dataclass(frozen=True)
class Week:
    """A week's approvals and sales, beside those of the same week a year (52 weeks) before."""

    monday: date
    approved: int
    approved_then: int
    sales: int
    sales_then: int


def weeks(scope: Scope, count: int = 12) -> list[Week]:
    """The last weeks, the running one last. Two queries."""
    today = timezone.localdate()
    since = start_of(week_of(today, count + 51))
    approved = (
        Decision.objects.filter(application__agency=scope.agency, outcome=Outcome.APPROVED, at__gte=since)
        .order_by()
        .annotate(week=TruncWeek("at"))
        .values("week")
        .annotate(number=Count("pk"))
    )
    sold = (
        scope.sales()
        .filter(confirmed_at__gte=since)
        .order_by()
        .annotate(week=TruncWeek("confirmed_at"))
        .values("week")
        .annotate(number=Sum("remaining"))
    )
    per_week: dict[str, dict[date, int]] = {
        name: {timezone.localtime(row["week"]).date(): row["number"] for row in rows}
        for name, rows in (("approved", approved), ("sales", sold))
    }
    result = []
    for back in range(count - 1, -1, -1):
        monday, then = week_of(today, back), week_of(today, back + 52)
        result.append(
            Week(
                monday,
                per_week["approved"].get(monday, 0),
                per_week["approved"].get(then, 0),
                per_week["sales"].get(monday, 0),
                per_week["sales"].get(then, 0),
            )
        )
    return result


# --- quiet shops -------------------------------------------------------------------------------------------------
def is_quiet(days: int = QUIET_DAYS) -> Q:
    """Open shops, open for so long at least, that sold nothing in the last `days` days."""
    since = timezone.now() - timedelta(days=days)
    recent = SubOrder.objects.sold().filter(vendor=OuterRef("pk"), order__placed_at__gte=since)
    return Q(~Exists(recent), status=Vendor.Status.ACTIVE, opened_at__lte=since)


def vendors_without_sale(scope: Scope, days: int = QUIET_DAYS) -> "QuerySet[Vendor]":
    """The shops that sold nothing for `days` days; `last_sale` says when they last did."""
    last = SubOrder.objects.sold().filter(vendor=OuterRef("pk")).order_by("-order__placed_at")
    return scope.vendors().filter(is_quiet(days)).annotate(last_sale=Subquery(last.values("order__placed_at")[:1]))


# --- papers ------------------------------------------------------------------------------------------------------
def expiring_papers(scope: Scope, days: int = 60) -> "QuerySet[LegalDocument]":
    """Papers of open businesses that run out within `days` days, the first to run out first."""
    today = timezone.localdate()
    return (
        scope.papers()
        .filter(expires_on__gte=today, expires_on__lte=today + timedelta(days=days))
        .select_related("kind", "vendor")
        .order_by("expires_on", "pk")
    )


@dataclass(frozen=True)
class ExpiringKind:
    """A kind of paper with how many run out in each of the coming months."""

    slug: str
    name: str
    months: tuple[int, ...]

    @property
    def total(self) -> int:
        """How many run out in all of the months together."""
        return sum(self.months)


def expiring_by_month(scope: Scope, months: int = 4) -> tuple[list[date], list[ExpiringKind], int]:
    """The months, the kinds with their numbers, and how many papers have run out already. Two queries."""
    today = timezone.localdate()
    firsts = [month_of(today, -ahead) for ahead in range(months + 1)]
    rows = (
        scope.papers()
        .filter(expires_on__gte=today, expires_on__lt=firsts[-1])
        .order_by()
        .annotate(month=TruncMonth("expires_on"))
        .values("kind__slug", "kind__name", "kind__position", "month")
        .annotate(number=Count("pk"))
    )
    found: dict[tuple[int, str, str], dict[date, int]] = defaultdict(dict)
    for row in rows:
        found[(row["kind__position"], row["kind__slug"], row["kind__name"])][row["month"]] = row["number"]
    kinds = [
        ExpiringKind(slug, name, tuple(numbers.get(first, 0) for first in firsts[:-1]))
        for (_position, slug, name), numbers in sorted(found.items())
    ]
    return firsts[:-1], kinds, scope.papers().filter(expires_on__lt=today).count()
