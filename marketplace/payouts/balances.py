"""What shops are owed, what of it can be paid out, and when: from the ledger and the state of their order parts alone.

A posting is settled while a payout that did not come back carries it. What is not settled can be paid out (is "ripe")
once the buyer has had the goods for the hold period and nothing about them is contested. What a shop owes counts at
once, so that it is never paid what it would have to give back; a negative sum waits for the next sales.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from marketplace.ledger.models import Account, Posting
from marketplace.orders.models import SubOrder
from marketplace.payouts.models import BankAccount, Payout, PayoutItem, PayoutTerms, StripeAccount

Status = SubOrder.Status
# Entries that payouts book themselves.
OWN_ENTRIES = "payout."


@dataclass(frozen=True)
class Standing:
    """One shop's money, as the shop sees it: positive is money for the shop.

    Arguments:
        balance: what the ledger says it is owed; always available + pending + prepared.
        available: can be paid out now; negative when the shop owes.
        pending: sold, but the hold period is not over.
        prepared: in a payout that has not been sent.
        on_its_way: sent to its bank and not confirmed.
    """

    balance: int = 0
    available: int = 0
    pending: int = 0
    prepared: int = 0
    on_its_way: int = 0


def terms() -> PayoutTerms:
    """The operator's terms of payouts."""
    return PayoutTerms.load()


def unsettled_postings(*, vendor_ids: Iterable[int] | None = None) -> QuerySet[Posting]:
    """What shops are owed or owe that no payout has settled."""
    settled = PayoutItem.objects.filter(posting=OuterRef("pk"), is_live=True)
    postings = Posting.objects.filter(~Exists(settled), account=Account.VENDOR_PAYABLE)
    if vendor_ids is not None:
        postings = postings.filter(vendor_id__in=list(vendor_ids))
    return postings.exclude(entry__kind__startswith=OWN_ENTRIES)


def with_ripeness(postings: QuerySet[Posting], *, now: datetime, hold_days: int) -> QuerySet[Posting]:
    """Each posting with `is_ripe`: whether its part's hold period is over and nothing about it is contested."""
    held_until = now - timedelta(days=hold_days)
    over = Q(status__in=(Status.DELIVERED, Status.COMPLETED), delivered_at__lte=held_until)
    ended = Q(status__in=(Status.RETURNED, Status.CANCELLED))
    ripe_parts = SubOrder.objects.filter(over | ended, pk=OuterRef("order_part"), is_contested=False)
    return postings.annotate(is_ripe=Exists(ripe_parts))


def standings(*, vendor_ids: Iterable[int] | None = None, now: datetime | None = None) -> dict[int, Standing]:
    """The money of several shops, or of all that have any; three queries. Shops without postings are left out."""
    wanted = None if vendor_ids is None else list(vendor_ids)
    sums: dict[int, dict[str, int]] = {}
    for vendor_id, part, is_ripe, total in _sums(wanted, now=now or timezone.now()):
        # Nobody's money without a part: a correction, which counts at once.
        key = "available" if is_ripe or part is None or total >= 0 else "pending"
        of_vendor = sums.setdefault(vendor_id, {"available": 0, "pending": 0})
        of_vendor[key] -= total
    moving = Payout.objects.filter(status__in=Payout.LIVE)
    if wanted is not None:
        moving = moving.filter(vendor_id__in=wanted)
    for vendor_id, status, total in moving.order_by().values_list("vendor_id", "status").annotate(total=Sum("amount")):
        of_vendor = sums.setdefault(vendor_id, {"available": 0, "pending": 0})
        key = "on_its_way" if status == Payout.Status.SENT else "prepared"
        of_vendor[key] = of_vendor.get(key, 0) + total
    return {
        vendor_id: Standing(
            balance=found["available"] + found["pending"] + found.get("prepared", 0),
            available=found["available"],
            pending=found["pending"],
            prepared=found.get("prepared", 0),
            on_its_way=found.get("on_its_way", 0),
        )
        for vendor_id, found in sums.items()
    }


def standing_of(*, vendor_id: int, now: datetime | None = None) -> Standing:
    """One shop's money."""
    return standings(vendor_ids=[vendor_id], now=now).get(vendor_id, Standing())


def payable_postings(*, vendor_id: int, now: datetime) -> list[Posting]:
    """The postings that a payout prepared now would settle, with their entries."""
    postings = with_ripeness(unsettled_postings(vendor_ids=[vendor_id]), now=now, hold_days=terms().hold_days)
    rows = list(postings.select_related("entry").order_by("pk"))
    of_part: dict[int | None, int] = {}
    for row in rows:
        of_part[row.order_part] = of_part.get(row.order_part, 0) + row.amount
    return [
        row
        for row in rows
        if row.order_part is None or row.is_ripe or of_part[row.order_part] >= 0  # type: ignore[attr-defined]
    ]


@dataclass(frozen=True)
class WaitingPart:
    """A part whose money is not due yet. `ripe_at`: when it is, once the buyer has it and nothing is contested."""

    part: SubOrder
    amount: int
    ripe_at: datetime | None


def waiting_parts(*, vendor_id: int, now: datetime | None = None) -> list[WaitingPart]:
    """What is not yet due of a shop, those that are due first first; three queries."""
    amounts = {
        part: -total
        for _vendor, part, is_ripe, total in _sums([vendor_id], now=now or timezone.now())
        if part is not None and not is_ripe and total < 0
    }
    hold = timedelta(days=terms().hold_days)
    parts = SubOrder.objects.filter(pk__in=amounts).select_related("order")
    rows = [
        WaitingPart(
            part,
            amounts[part.pk],
            part.delivered_at + hold if part.delivered_at and not part.is_contested else None,
        )
        for part in parts
    ]
    return sorted(rows, key=lambda row: (row.ripe_at is None, row.ripe_at or row.part.created_at, row.part.pk))


def current_account(*, vendor_id: int) -> BankAccount | None:
    """The bank account that a shop named last."""
    return BankAccount.objects.filter(vendor_id=vendor_id, replaced_at=None).first()


def has_stripe(*, vendor_id: int) -> bool:
    """Whether a shop is paid out to an account of its own at Stripe."""
    return StripeAccount.objects.filter(vendor_id=vendor_id, can_receive=True).exists()


def next_payout_day(*, today: date | None = None) -> date:
    """The next day on which payouts are prepared, today included."""
    rules = terms()
    day = today or timezone.localdate()
    while day.weekday() >= 5 or (rules.rhythm == PayoutTerms.Rhythm.WEEKLY and day.weekday() != rules.weekday):
        day += timedelta(days=1)
    return day


def _sums(vendor_ids: list[int] | None, *, now: datetime) -> Iterable[tuple[int, int | None, bool, int]]:
    postings = with_ripeness(unsettled_postings(vendor_ids=vendor_ids), now=now, hold_days=terms().hold_days)
    grouped = postings.order_by().values("vendor_id", "order_part", "is_ripe").annotate(total=Sum("amount"))  # type: ignore[misc]
    return [(row["vendor_id"], row["order_part"], row["is_ripe"], row["total"]) for row in grouped]
