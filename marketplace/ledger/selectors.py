"""Reading the books."""

from collections.abc import Iterable, Sequence

from django.db.models import Sum

from marketplace.ledger.models import Account, JournalEntry, Posting


def balance(*, account: Account, vendor_id: int | None = None) -> int:
    """The sum of an account (of one vendor). What we owe is negative: a vendor with Rp10.000 to come has -10000."""
    postings = Posting.objects.filter(account=account)
    if vendor_id is not None:
        postings = postings.filter(vendor_id=vendor_id)
    return postings.aggregate(total=Sum("amount"))["total"] or 0


def balance_of_part(*, account: Account, order_part: int) -> int:
    """The sum of an account for one part of an order."""
    postings = Posting.objects.filter(account=account, order_part=order_part)
    return postings.aggregate(total=Sum("amount"))["total"] or 0


def balances(*, vendor_ids: Iterable[int], account: Account = Account.VENDOR_PAYABLE) -> dict[int, int]:
    """The sums of one account for several vendors, in one query; a vendor without postings has 0."""
    wanted = list(vendor_ids)
    rows = (
        Posting.objects.filter(account=account, vendor_id__in=wanted)
        .order_by()
        .values_list("vendor_id")
        .annotate(total=Sum("amount"))
    )
    found = {vendor_id: total for vendor_id, total in rows if vendor_id is not None}
    return {vendor_id: found.get(vendor_id, 0) for vendor_id in wanted}


def entries_out_of_balance() -> Sequence[JournalEntry]:
    """Entries whose postings do not add up to zero, or that have none. Empty when the books are right."""
    entries = JournalEntry.objects.annotate(total=Sum("postings__amount"))
    return list(entries.exclude(total=0)) + list(entries.filter(total=None))


def sum_of_all_postings() -> int:
    """All postings together; anything but zero means that the books are wrong."""
    return Posting.objects.aggregate(total=Sum("amount"))["total"] or 0
