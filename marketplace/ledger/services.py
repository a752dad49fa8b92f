"""Booking."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction

from marketplace.ledger.models import Account, JournalEntry, Posting


class OutOfBalance(ValueError):
    """The postings of an entry do not add up to zero: a mistake in the code that booked, never of a user."""


class BookedDifferently(ValueError):
    """The same kind and reference was booked before with other postings."""


@dataclass(frozen=True)
class Line:
    """A posting to be. `amount` is signed: positive debits, negative credits. `order_part` says what it is about."""

    account: Account
    amount: int
    vendor_id: int | None = None
    order_part: int | None = None


@transaction.atomic
def post_entry(
    *,
    kind: str,
    reference: str,
    postings: Sequence[Line],
    occurred_at: datetime,
    reverses: JournalEntry | None = None,
) -> JournalEntry:
    """Book an entry once. The same kind and reference again returns the first one, if it is the same booking.

    Lines with the same account, vendor and order part are added up, and a sum of zero is left out.

    Raises OutOfBalance unless the amounts add up to zero and something is left to book, BookedDifferently when the fact
    was booked before with other amounts.
    """
    lines = _netted(postings)
    if not lines or sum(line.amount for line in lines) != 0:
        raise OutOfBalance(f"{kind} {reference}: {[(line.account.value, line.amount) for line in postings]}")
    try:
        # A savepoint and create(), because bulk_create(ignore_conflicts=True) cannot tell who was first.
        with transaction.atomic():
            entry = JournalEntry.objects.create(
                kind=kind, reference=reference, occurred_at=occurred_at, reverses=reverses
            )
    except IntegrityError:
        entry = JournalEntry.objects.get(kind=kind, reference=reference)
        if _netted(_lines_of(entry)) != lines:
            raise BookedDifferently(f"{kind} {reference} was booked before with other amounts") from None
        return entry
    Posting.objects.bulk_create(
        Posting(
            entry=entry,
            account=line.account,
            vendor_id=line.vendor_id,
            amount=line.amount,
            order_part=line.order_part,
        )
        for line in lines
    )
    return entry


def reverse_entry(*, entry: JournalEntry, occurred_at: datetime) -> JournalEntry:
    """Take an entry back by booking its opposite, once."""
    return post_entry(
        kind=f"{entry.kind}.reversal",
        reference=entry.reference,
        postings=[replace(line, amount=-line.amount) for line in _lines_of(entry)],
        occurred_at=occurred_at,
        reverses=entry,
    )


def _lines_of(entry: JournalEntry) -> list[Line]:
    return [Line(Account(p.account), p.amount, p.vendor_id, p.order_part) for p in entry.postings.all()]


def _netted(postings: Sequence[Line]) -> list[Line]:
    totals: dict[tuple[str, int, int], Line] = {}
    for line in postings:
        key = (line.account, line.vendor_id or 0, line.order_part or 0)
        before = totals[key].amount if key in totals else 0
        totals[key] = replace(line, amount=before + line.amount)
    return [totals[key] for key in sorted(totals) if totals[key].amount]
