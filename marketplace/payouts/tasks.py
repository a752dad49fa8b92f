"""What the clock does for payouts. Payouts themselves are prepared and approved by people."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from marketplace.accounts.models import OPERATORS
from marketplace.accounts.selectors import people_in
from marketplace.audit.models import AuditEvent
from marketplace.audit.services import record
from marketplace.core.money import format_rupiah
from marketplace.notifications.services import notify
from marketplace.payouts.balances import next_payout_day, terms
from marketplace.payouts.selectors import due_rows
from marketplace.payouts.services import connect
from umkm.vendors.models import Vendor

REMINDED = "payouts.operators_reminded"


def remind() -> int:
    """On a payout day tell the operators, once, how many shops are due and how much. Returns how many shops."""
    today = timezone.localdate()
    if next_payout_day(today=today) != today:
        return 0
    if AuditEvent.objects.filter(action=REMINDED, data__day=str(today)).exists():
        return 0
    due = [row for row in due_rows(vendors=Vendor.objects.all()) if row.is_due]
    if not due:
        return 0
    record(action=REMINDED, target=terms(), data={"day": str(today), "shops": len(due)})
    for person in people_in(OPERATORS):
        notify(
            kind="payouts_due",
            user=person,
            url=reverse("payouts_admin:due"),
            context={"count": len(due), "amount": format_rupiah(sum(row.standing.available for row in due))},
            key=f"payouts_due:{today}:{person.pk}",
        )
    return len(due)


def send_transfer(payload: dict[str, Any]) -> None:
    """A payout waits to be moved by the provider."""
    connect.send_transfer(payout_id=payload["payout_id"])


def take_transfer_back(payload: dict[str, Any]) -> None:
    """A payout that was taken back waits to be asked back from the provider."""
    connect.take_transfer_back(payout_id=payload["payout_id"])
