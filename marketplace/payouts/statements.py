"""A shop's statement: every movement of what it is owed, from the ledger alone, with a running balance."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.core.dates import format_local_date
from marketplace.core.money import format_rupiah
from marketplace.core.pdf import Document
from marketplace.core.spreadsheets import csv_bytes
from marketplace.ledger.models import Account, Posting
from marketplace.orders.models import SubOrder
from marketplace.payouts.balances import payable_postings
from marketplace.payouts.models import Payout
from marketplace.payouts.selectors import month_bounds
from umkm.vendors.models import Vendor

# What an entry of the ledger is to a shop.
WORDS: dict[str, str | Promise] = {
    "payment": gettext_lazy("Sale"),
    "cash.sale": gettext_lazy("Sale, paid to you directly"),
    "cash.received": gettext_lazy("You received it directly"),
    "cash.refund": gettext_lazy("Commission back after a refund"),
    "cash.commission_back": gettext_lazy("Commission back after a refund"),
    "refund.requested": gettext_lazy("Refund to the buyer"),
    "refund.assigned": gettext_lazy("Refund to the buyer"),
    "refund.failed": gettext_lazy("Refund that you still owe"),
    "refund.succeeded": gettext_lazy("Refund that you paid yourself"),
    "dispute.lost": gettext_lazy("Taken back by the buyer's bank"),
    "payout.sent": gettext_lazy("Payout"),
    "payout.sent.reversal": gettext_lazy("Payout that came back"),
}


@dataclass(frozen=True)
class StatementRow:
    """One movement. `amount` and `balance` are as the shop sees them; `commission` is what was kept of a sale."""

    happened_at: datetime
    what: str
    reference: str
    amount: int
    commission: int
    balance: int
    part: SubOrder | None = None
    payout: Payout | None = None


@dataclass(frozen=True)
class Statement:
    """The movements of a month between two balances."""

    vendor: Vendor
    month: date
    opening: int
    closing: int
    rows: list[StatementRow]

    @property
    def money_in(self) -> int:
        """Everything that was added."""
        return sum(row.amount for row in self.rows if row.amount > 0)

    @property
    def money_out(self) -> int:
        """Everything that was taken away, as a negative number."""
        return sum(row.amount for row in self.rows if row.amount < 0)


def statement(*, vendor: Vendor, month: date) -> Statement:
    """A shop's statement of a month; five queries, however long it is."""
    start, end = month_bounds(month)
    mine = Posting.objects.filter(account=Account.VENDOR_PAYABLE, vendor=vendor)
    opening = -(mine.filter(entry__occurred_at__lt=start).aggregate(total=Sum("amount"))["total"] or 0)
    postings = list(
        mine.filter(entry__occurred_at__gte=start, entry__occurred_at__lt=end)
        .select_related("entry")
        .order_by("entry__occurred_at", "entry_id", "pk")
    )
    parts = SubOrder.objects.select_related("order").in_bulk({row.order_part for row in postings if row.order_part})
    kept = _commissions(postings)
    payouts = {
        payout.number: payout
        for payout in Payout.objects.filter(
            vendor=vendor, number__in={row.entry.reference for row in postings if row.entry.kind.startswith("payout.")}
        ).select_related("vendor")
    }
    balance, rows = opening, []
    for row in postings:
        balance -= row.amount
        part = parts.get(row.order_part) if row.order_part else None
        payout = payouts.get(row.entry.reference)
        rows.append(
            StatementRow(
                happened_at=row.entry.occurred_at,
                what=words_of(row.entry.kind),
                reference=part.order.number if part else (payout.number if payout else ""),
                amount=-row.amount,
                commission=kept.get((row.entry_id, row.order_part), 0),
                balance=balance,
                part=part,
                payout=payout,
            )
        )
    return Statement(vendor, month.replace(day=1), opening, balance, rows)


@dataclass(frozen=True)
class ReadyRow:
    """Something that the next payout would settle."""

    happened_at: datetime
    what: str
    amount: int
    part: SubOrder | None


def ready_rows(*, vendor: Vendor) -> list[ReadyRow]:
    """What the amount that can be paid out is made of, oldest first; three queries."""
    postings = payable_postings(vendor_id=vendor.pk, now=timezone.now())
    parts = SubOrder.objects.select_related("order").in_bulk({row.order_part for row in postings if row.order_part})
    rows = [
        ReadyRow(
            row.entry.occurred_at,
            words_of(row.entry.kind),
            -row.amount,
            parts.get(row.order_part) if row.order_part else None,
        )
        for row in postings
    ]
    return sorted(rows, key=lambda row: row.happened_at)


def words_of(kind: str) -> str:
    """What an entry of the ledger is to a shop."""
    return str(WORDS.get(kind) or _("Correction"))


def months_with_movements(*, vendor: Vendor) -> list[date]:
    """The months that a statement has something to say about, newest first; the current one always."""
    first = (
        Posting.objects.filter(account=Account.VENDOR_PAYABLE, vendor=vendor)
        .order_by("entry__occurred_at")
        .values_list("entry__occurred_at", flat=True)
        .first()
    )
    month = timezone.localdate().replace(day=1)
    earliest = timezone.localtime(first).date().replace(day=1) if first else month
    months = []
    while month >= earliest:
        months.append(month)
        month = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
    return months


def statement_csv(found: Statement) -> bytes:
    """The statement as CSV: whole rupiah as plain numbers, dates as ISO."""
    columns = [_("Date"), _("What"), _("Reference"), _("Commission"), _("Amount"), _("Balance")]
    rows: list[list[Any]] = [[found.month.isoformat(), _("Balance at the beginning"), "", "", "", found.opening]]
    for row in found.rows:
        moment = timezone.localtime(row.happened_at).strftime("%Y-%m-%d %H:%M")
        rows.append([moment, row.what, row.reference, row.commission or "", row.amount, row.balance])
    rows.append(["", _("Balance at the end"), "", "", "", found.closing])
    return csv_bytes(columns, rows)


def statement_pdf(found: Statement) -> bytes:
    """The statement as PDF."""
    document = Document(
        title=_("Statement %(month)s") % {"month": format_local_date(found.month, "month")},
        subtitle=f"{found.vendor.name}\n"
        + _("Made on %(day)s by %(site)s.")
        % {"day": format_local_date(timezone.now(), "datetime"), "site": settings.SITE_NAME},
        footer=f"{settings.SITE_NAME} · {found.vendor.name}",
    )
    rows = [["", _("Balance at the beginning"), "", "", format_rupiah(found.opening)]]
    for row in found.rows:
        what = row.what
        if row.commission:
            what += " · " + _("commission %(amount)s") % {"amount": format_rupiah(row.commission)}
        rows.append(
            [
                format_local_date(row.happened_at),
                what,
                row.reference,
                format_rupiah(row.amount),
                format_rupiah(row.balance),
            ]
        )
    rows.append(["", _("Balance at the end"), "", "", format_rupiah(found.closing)])
    document.table(
        [_("Date"), _("What"), _("Reference"), _("Amount"), _("Balance")],
        rows,
        widths=(0.15, 0.35, 0.18, 0.16, 0.16),
        numbers=(3, 4),
        strong_rows=(0, -1),
    )
    document.space()
    document.paragraph(
        _("From the site's books. This is neither a tax invoice (faktur pajak) nor a bank statement."), is_small=True
    )
    return document.render()


def _commissions(postings: list[Posting]) -> dict[tuple[int, int | None], int]:
    """What was kept as commission in the entries of these postings, by entry and order part."""
    rows = Posting.objects.filter(
        entry__in={row.entry_id for row in postings if row.order_part},
        account=Account.COMMISSION,
        order_part__in={row.order_part for row in postings if row.order_part},
    ).values_list("entry_id", "order_part", "amount")
    return {(entry_id, part): -amount for entry_id, part, amount in rows}
