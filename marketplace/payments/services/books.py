"""The daily check of the books: what must add up, adds up, or an operator sees it."""

from django.db import transaction

from marketplace.inventory.selectors import stock_out_of_step
from marketplace.ledger.selectors import entries_out_of_balance
from marketplace.payments.models import Finding


@transaction.atomic
def check_books() -> int:
    """Look for journal entries out of balance and stock out of step; return how many findings stand.

    A finding that is no longer so is removed, a new one is added, an old one keeps the day it was found.
    """
    found: dict[tuple[str, str], str] = {}
    for entry in entries_out_of_balance():
        found[Finding.Kind.ENTRY_OUT_OF_BALANCE, f"{entry.kind} {entry.reference}"] = f"entry {entry.pk}"
    for stock_id, reserved, held in stock_out_of_step():
        found[Finding.Kind.STOCK_OUT_OF_STEP, f"stock {stock_id}"] = f"{reserved} ≠ {held}"
    for finding in Finding.objects.all():
        if found.pop((finding.kind, finding.reference), None) is None:
            finding.delete()
    Finding.objects.bulk_create(
        Finding(kind=kind, reference=reference, detail=detail) for (kind, reference), detail in found.items()
    )
    return Finding.objects.count()
