"""What an officer watches: their agency's businesses, cases and sales, optionally of one district or sub-sector."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from marketplace.accounts.models import Agency, Officer
from marketplace.orders.models import SubOrder
from marketplace.orders.turnover import turned_over
from marketplace.reference.models import Region, Subsector
from umkm.registration.models import LegalDocument, VendorApplication
from umkm.vendors.models import Vendor


@dataclass(frozen=True)
class Scope:
    """Everything is counted inside this. Personal data is never read through it."""

    officer: Officer
    district: Region | None = None
    subsector: Subsector | None = None

    @property
    def agency(self) -> Agency:
        return self.officer.agency

    def _narrow(self, prefix: str) -> dict[str, Any]:
        wanted: dict[str, Any] = {}
        if self.district:
            wanted[f"{prefix}village__parent"] = self.district
        if self.subsector:
            wanted[f"{prefix}subsector"] = self.subsector
        return wanted

    def vendors(self) -> "QuerySet[Vendor]":
        """Businesses of the agency, whatever their status."""
        return Vendor.objects.scoped_to(self.officer).filter(**self._narrow(""))

    def cases(self) -> "QuerySet[VendorApplication]":
        """Applications of the agency that were ever submitted."""
        return VendorApplication.objects.scoped_to(self.officer).filter(**self._narrow(""))

    def sales(self) -> "QuerySet[SubOrder]":
        """Parts of orders that count as sales, of the agency's businesses, with what `remaining` of each is."""
        return turned_over(SubOrder.objects.filter(vendor__agency=self.agency, **self._narrow("vendor__")))

    def papers(self) -> "QuerySet[LegalDocument]":
        """Current papers of the agency's open businesses."""
        return LegalDocument.objects.current().filter(
            vendor__agency=self.agency, vendor__status=Vendor.Status.ACTIVE, **self._narrow("vendor__")
        )


def scope_from(officer: Officer, query: QueryDict) -> Scope:
    """The scope that an address asks for; what does not exist in the officer's region narrows nothing."""
    district = Region.objects.filter(code=query.get("kecamatan", ""), parent_id=officer.agency.region_id).first()
    subsector = Subsector.objects.filter(slug=query.get("subsektor", "")).first()
    return Scope(officer, district, subsector)


def start_of(day: date) -> datetime:
    """Midnight at the beginning of `day`, where the agency is."""
    return timezone.make_aware(datetime.combine(day, time.min))


def month_of(day: date, back: int = 0) -> date:
    """The first of the month, `back` months before that of `day`."""
    months = day.year * 12 + day.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


def week_of(day: date, back: int = 0) -> date:
    """The Monday, `back` weeks before that of `day`."""
    return day - timedelta(days=day.weekday() + 7 * back)


def year_before(day: date) -> date:
    """The same day a year earlier; 28 February for a leap day."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
