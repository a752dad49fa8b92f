"""Questions about payouts: who is due, what a payout is made of, what shops sold in a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.core.money import format_rupiah
from marketplace.orders.models import SubOrder
from marketplace.orders.turnover import turned_over
from marketplace.payouts.balances import Standing, standings, terms
from marketplace.payouts.models import BankAccount, CommissionRule, Payout, PayoutItem, StripeAccount, TaxDeclaration
from marketplace.payouts.policies import why_not
from umkm.vendors.models import Vendor

DECLARATION_LIMIT = 500_000_000


@dataclass(frozen=True)
class DueRow:
    """One shop with money, and whether it can be paid out now. `reason` says why not; empty when it is due."""

    vendor: Vendor
    standing: Standing
    account: BankAccount | None
    reason: str

    @property
    def is_due(self) -> bool:
        """Whether a payout can be prepared."""
        return not self.reason


def due_rows(*, vendors: QuerySet[Vendor], now: datetime | None = None) -> list[DueRow]:
    """Every shop of `vendors` with money in the books: what is due first, then the largest sums; seven queries."""
    now = now or timezone.now()
    found = standings(now=now)
    rows = vendors.filter(pk__in=found).select_related("agency")
    accounts = {
        account.vendor_id: account
        for account in BankAccount.objects.filter(vendor__in=found, replaced_at=None).defer("number", "holder")
    }
    by_stripe = set(StripeAccount.objects.filter(can_receive=True).values_list("vendor_id", flat=True))
    minimum = terms().minimum
    due = [
        DueRow(
            vendor,
            found[vendor.pk],
            accounts.get(vendor.pk),
            _reason(vendor, found, accounts, minimum, now, by_stripe=vendor.pk in by_stripe),
        )
        for vendor in rows
    ]
    return sorted(due, key=lambda row: (not row.is_due, -row.standing.available, row.vendor.name))


def _reason(
    vendor: Vendor,
    found: dict[int, Standing],
    accounts: dict[int, BankAccount],
    minimum: int,
    now: datetime,
    *,
    by_stripe: bool,
) -> str:
    standing = found[vendor.pk]
    if standing.available < 0:
        return _("It owes %(amount)s; that is set off against its next sales.") % {
            "amount": format_rupiah(-standing.available)
        }
    if standing.prepared:
        return _("A payout is being prepared.")
    if standing.available < minimum:
        return _("Less than the smallest payout.")
    return why_not(vendor=vendor, account=accounts.get(vendor.pk), now=now, by_stripe=by_stripe)


def payouts_in(*, payouts: QuerySet[Payout], status: str = "", vendor_id: int | None = None) -> QuerySet[Payout]:
    """The payouts in a state, newest first, with what lists show of each."""
    if status:
        payouts = payouts.filter(status=status)
    if vendor_id is not None:
        payouts = payouts.filter(vendor_id=vendor_id)
    return (
        payouts.select_related("vendor", "account", "prepared_by", "approved_by")
        .defer("account__number", "account__holder")
        .order_by("-prepared_at", "-pk")
    )


def counts_by_status(*, payouts: QuerySet[Payout]) -> dict[str, tuple[int, int]]:
    """How many payouts, and how much, stand in each state; one query."""
    rows = payouts.order_by().values_list("status").annotate(count=Count("pk"), total=Sum("amount"))
    return {status: (count, total) for status, count, total in rows}


def items_of(*, payout: Payout) -> QuerySet[PayoutItem]:
    """What a payout is made of, with the order of each item."""
    return payout.items.select_related("suborder__order", "posting__entry").order_by(
        "posting__entry__occurred_at", "pk"
    )


def accounts_to_check() -> QuerySet[BankAccount]:
    """Bank accounts that wait for an operator, the oldest first."""
    waiting = BankAccount.objects.filter(replaced_at=None, check_result=BankAccount.Check.WAITING)
    return waiting.select_related("vendor__identity", "entered_by").order_by("created_at", "pk")


def commission_rules() -> QuerySet[CommissionRule]:
    """Every commission rule, the latest day first."""
    return CommissionRule.objects.select_related("vendor", "category", "created_by").order_by("-valid_from", "-pk")


@dataclass(frozen=True)
class MonthRow:
    """What a shop sold in a month, as the tax office asks: gross before commission, and what went back of it.

    What counts is in `marketplace.orders.turnover`; officers' figures add up the same.
    """

    vendor: Vendor
    month: date
    orders: int
    gross: int
    refunded: int
    commission: int

    @property
    def remaining(self) -> int:
        """Gross less what went back to buyers."""
        return self.gross - self.refunded


def monthly_gross(*, vendors: QuerySet[Vendor], month: date) -> list[MonthRow]:
    """The sales of each shop in a month: parts confirmed in it that were not called off, by name; two queries."""
    return [_month_row(found, month) for found in _grouped(vendors, *month_bounds(month), by=("vendor_id",))]


def months_of(*, vendor: Vendor, year: int) -> list[MonthRow]:
    """One shop's sales of a year, month by month, those without sales left out; two queries."""
    first, last = month_bounds(date(year, 1, 1))[0], month_bounds(date(year, 12, 1))[1]
    return [
        _month_row(found, date(year, found["month"], 1))
        for found in _grouped(
            Vendor.objects.filter(pk=vendor.pk), first, last, by=("vendor_id", "month"), with_month=True
        )
    ]


def month_bounds(month: date) -> tuple[datetime, datetime]:
    """The first moment of a month and the first of the next, in the site's time."""
    first = month.replace(day=1)
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    zone = timezone.get_current_timezone()
    return datetime(first.year, first.month, 1, tzinfo=zone), datetime(after.year, after.month, 1, tzinfo=zone)


def _grouped(
    vendors: QuerySet[Vendor], start: datetime, end: datetime, *, by: Sequence[str], with_month: bool = False
) -> list[dict[str, Any]]:
    parts = turned_over(SubOrder.objects.filter(vendor__in=vendors, confirmed_at__gte=start, confirmed_at__lt=end))
    if with_month:
        parts = parts.annotate(month=F("confirmed_at__month"))
    rows = list(
        parts.order_by(*by)
        .values(*by)
        .annotate(
            orders=Count("pk"),
            gross_sum=Coalesce(Sum("turnover"), 0),
            refunded_sum=Coalesce(Sum("went_back"), 0),
            commission_sum=Coalesce(Sum(F("commission") - F("refunded_commission")), 0),
        )
    )
    known = Vendor.objects.in_bulk({row["vendor_id"] for row in rows})
    for row in rows:
        row["vendor"] = known[row["vendor_id"]]
    return sorted(rows, key=lambda row: (row["vendor"].name, row.get("month", 0)))


def _month_row(found: dict[str, Any], month: date) -> MonthRow:
    return MonthRow(
        vendor=found["vendor"],
        month=month,
        orders=found["orders"],
        gross=found["gross_sum"],
        refunded=found["refunded_sum"],
        commission=found["commission_sum"],
    )


def declaration_of(*, vendor: Vendor, year: int) -> TaxDeclaration | None:
    """The newest word of a shop about its turnover of a year."""
    return TaxDeclaration.objects.filter(vendor=vendor, year=year).first()
