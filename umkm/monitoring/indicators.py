"""Indicators of the department's report, and how far new businesses come."""

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from marketplace.catalogue.models import Product
from marketplace.orders.models import SubOrder
from umkm.monitoring.scope import Scope, start_of, year_before
from umkm.monitoring.selectors import last_year
from umkm.registration.models import ApplicationRound, LegalDocument
from umkm.vendors.models import Vendor
from umkm.verification import clock
from umkm.verification.models import Decision, Outcome

FOOD = "kuliner"
FOOD_PERMITS = ("pirt", "bpom_md", "bpom_tr")
HALAL = ("halal",)


@dataclass(frozen=True)
class Indicator:
    """A figure of the department's report: `value` and a year ago, a number of businesses or a share of `base`."""

    key: str
    value: int
    then: int
    base: int | None = None
    base_then: int | None = None

    @property
    def share(self) -> float | None:
        """In per cent; None where the figure is no share."""
        return None if self.base is None else 100 * self.value / self.base if self.base else 0.0

    @property
    def share_then(self) -> float | None:
        return None if self.base_then is None else 100 * self.then / self.base_then if self.base_then else 0.0


def has_paper(kinds: tuple[str, ...], on: date) -> Exists:
    """Whether a business had one of these papers, checked by an officer and valid on that day."""
    return Exists(
        LegalDocument.objects.filter(
            Q(expires_on=None) | Q(expires_on__gte=on),
            vendor=OuterRef("pk"),
            kind__slug__in=kinds,
            checked_at__lt=start_of(on + timedelta(days=1)),
        )
    )


def indicators(scope: Scope) -> list[Indicator]:
    """Open businesses, and the shares with NIB, food permit and halal certificate, now and a year ago. One query."""
    today = timezone.localdate()
    then = year_before(today)
    is_open = Q(status=Vendor.Status.ACTIVE)
    was_open = is_open & Q(opened_at__lt=start_of(then + timedelta(days=1)))
    food = Q(subsector__slug=FOOD)
    counts = (
        scope.vendors()
        .annotate(
            on_sale=Exists(Product.objects.filter(vendor=OuterRef("pk"), live=True, archived_at=None)),
            permit=has_paper(FOOD_PERMITS, today),
            permit_then=has_paper(FOOD_PERMITS, then),
            halal=has_paper(HALAL, today),
            halal_then=has_paper(HALAL, then),
        )
        .order_by()
        .aggregate(
            n_open=Count("pk", filter=is_open),
            n_open_then=Count("pk", filter=was_open),
            n_on_sale=Count("pk", filter=is_open & Q(on_sale=True)),
            n_nib=Count("pk", filter=is_open & ~Q(nib="")),
            n_nib_then=Count("pk", filter=was_open & ~Q(nib="")),
            n_food=Count("pk", filter=is_open & food),
            n_food_then=Count("pk", filter=was_open & food),
            n_permit=Count("pk", filter=is_open & food & Q(permit=True)),
            n_permit_then=Count("pk", filter=was_open & food & Q(permit_then=True)),
            n_halal=Count("pk", filter=is_open & food & Q(halal=True)),
            n_halal_then=Count("pk", filter=was_open & food & Q(halal_then=True)),
        )
    )
    return [
        Indicator("open", counts["n_open"], counts["n_open_then"]),
        Indicator("on_sale", counts["n_on_sale"], counts["n_on_sale"], counts["n_open"], None),
        Indicator("nib", counts["n_nib"], counts["n_nib_then"], counts["n_open"], counts["n_open_then"]),
        Indicator("permit", counts["n_permit"], counts["n_permit_then"], counts["n_food"], counts["n_food_then"]),
        Indicator("halal", counts["n_halal"], counts["n_halal_then"], counts["n_food"], counts["n_food_then"]),
    ]


def median_days_to_decide(scope: Scope, since: date, until: date) -> float | None:
    """The median of the working days from a round's submission to its decision, of decisions in this time. One query.

    Time with the owner is not counted: each round has its own submission.
    """
    decided = Decision.objects.filter(
        application__in=scope.cases(), at__gte=start_of(since), at__lt=start_of(until + timedelta(days=1))
    ).values_list("round__submitted_at", "at")
    days = [
        max(clock.working_days_between(timezone.localtime(sent).date(), timezone.localtime(at).date()), 0)
        for sent, at in decided
    ]
    return float(median(days)) if days else None


@dataclass(frozen=True)
class Step:
    """A step of the funnel: how many came this far, and the median of the days since the step before."""

    key: str
    number: int
    median_days: float | None = None


def funnel(scope: Scope) -> list[Step]:
    """Of the businesses that first submitted in the last twelve months: how far they came, and how long it took.

    Four queries: the first submissions, decisions, first listings and first sales.
    """
    since = start_of(last_year()[0])
    rounds = ApplicationRound.objects.filter(number=1, submitted_at__gte=since, application__in=scope.cases())
    sent = dict(rounds.values_list("application_id", "submitted_at"))
    decided: dict[int, Any] = {}
    approved: dict[int, Any] = {}
    vendor_of: dict[int, int] = {}
    rows = Decision.objects.filter(application_id__in=rounds.values("application_id")).order_by("at")
    for application_id, outcome, at, vendor_id in rows.values_list(
        "application_id", "outcome", "at", "application__vendor"
    ):
        decided.setdefault(application_id, at)
        if outcome == Outcome.APPROVED and vendor_id:
            approved[application_id] = at
            vendor_of[vendor_id] = application_id
    listed = _first(
        Product.objects.filter(
            vendor__application__in=rounds.values("application_id"), first_published_at__isnull=False
        ),
        "first_published_at",
    )
    sold = _first(
        SubOrder.objects.sold().filter(vendor__application__in=rounds.values("application_id")), "order__placed_at"
    )
    return [
        Step("sent", len(sent)),
        Step("decided", len(decided), _median_gap(sent, decided)),
        Step("approved", len(approved), _median_gap(sent, approved)),
        Step("listed", len(listed), _median_gap(approved, listed)),
        Step("sold", len(sold), _median_gap(listed, sold)),
    ]


def _first(rows: "QuerySet[Any]", field: str) -> dict[int, Any]:
    found = rows.order_by().values("vendor").annotate(first=Min(field))
    return {row["vendor"]: row["first"] for row in found}


def _median_gap(before: dict[int, Any], after: dict[int, Any]) -> float | None:
    gaps = [max((moment - before[key]).total_seconds() / 86_400, 0) for key, moment in after.items() if key in before]
    return float(median(gaps)) if gaps else None
