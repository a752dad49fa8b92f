"""After a soak: finish what waits, then hold stock, orders, books and the local Stripe against each other.

Run by soak.py inside Django: `python -m tools.bench.auditing`. Prints a JSON object: what was looked at, what is wrong.
"""

import json
import sqlite3
import sys
import time
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.db.models import Count, F, Sum  # noqa: E402
from django.utils import timezone  # noqa: E402

from marketplace.inventory.models import StockItem, StockReservation  # noqa: E402
from marketplace.ledger.models import Account, Posting  # noqa: E402
from marketplace.ledger.selectors import balance  # noqa: E402
from marketplace.orders.models import Order, SubOrder  # noqa: E402
from marketplace.outbox.models import OutboxMessage  # noqa: E402
from marketplace.outbox.services import process_due  # noqa: E402
from marketplace.payments.models import Finding, PaymentAttempt, Refund, WebhookEvent  # noqa: E402
from marketplace.payments.services import check_books, compare_balance, reconcile  # noqa: E402

ROUNDS = 40
HOUR = timedelta(hours=1)


def settle_everything() -> None:
    """Let what is on its way arrive: outbox, reconciler, refunds, until nothing moves any more."""
    quiet = 0
    for _round in range(ROUNDS):
        before = _moving()
        # What waits for its next try, or was being done when the worker was killed, is tried now.
        OutboxMessage.objects.filter(state__in=("pending", "processing")).update(available_at=timezone.now() - HOUR)
        while process_due():
            pass
        # Young attempts and events are left alone by the reconciler for some minutes: in a soak's end nobody waits.
        PaymentAttempt.objects.filter(status__in=PaymentAttempt.LIVE).update(
            created_at=F("created_at") - HOUR, checked_at=None
        )
        Refund.objects.filter(status__in=("requested", "submitted")).update(created_at=F("created_at") - HOUR)
        WebhookEvent.objects.filter(state="received").update(received_at=F("received_at") - HOUR)
        try:
            reconcile()
        except Exception as error:  # said, and tried again in the next round
            print(f"reconcile: {error!r}", file=sys.stderr)
        quiet = quiet + 1 if _moving() == before else 0
        if quiet >= 3:
            return
        time.sleep(0.5)


def _moving() -> tuple[int, ...]:
    return (
        PaymentAttempt.objects.filter(status__in=PaymentAttempt.LIVE).count(),
        Refund.objects.filter(status__in=("requested", "submitted")).count(),
        WebhookEvent.objects.filter(state="received").count(),
        OutboxMessage.objects.filter(state__in=("pending", "processing")).count(),
        Posting.objects.count(),
    )


def at_stripe(path: str) -> dict[str, int]:
    """What the local Stripe has taken and given back, whole rupiah, from its own file."""
    connection = sqlite3.connect(path)
    kinds: dict[str, list[dict[str, Any]]] = {}
    for kind, data in connection.execute("SELECT kind, data FROM object"):
        kinds.setdefault(kind, []).append(json.loads(data))
    charges = [row for row in kinds.get("charge", []) if row["status"] == "succeeded"]
    refunds = [row for row in kinds.get("refund", []) if row["status"] in ("succeeded", "pending")]
    return {
        "captured": sum(row["amount_captured"] for row in charges) // 100,
        "refunded": sum(row["amount"] for row in refunds) // 100,
    }


def look(stripe_file: str) -> dict[str, Any]:
    wrong: list[str] = []
    oversold = (
        StockItem.objects.filter(on_hand__lt=0).count() + StockItem.objects.filter(reserved__gt=F("on_hand")).count()
    )
    held = StockReservation.objects.filter(state="held").aggregate(n=Sum("quantity"))["n"] or 0
    reserved = StockItem.objects.aggregate(n=Sum("reserved"))["n"] or 0
    if held != reserved:
        wrong.append(f"promised stock {reserved} is not what is held {held}")
    if total := Posting.objects.aggregate(n=Sum("amount"))["n"]:
        wrong.append(f"all postings come to {total}")
    findings = check_books()
    difference = compare_balance()
    if findings:
        wrong += [f"{row.kind} {row.reference}: {row.detail}" for row in Finding.objects.filter(resolved_at=None)[:10]]
    if difference:
        wrong.append(f"the provider's balance differs by {difference}")
    stripe = at_stripe(stripe_file)
    paid = PaymentAttempt.objects.filter(provider="stripe", status="paid").aggregate(n=Sum("amount"))["n"] or 0
    back = (
        Refund.objects.filter(channel="provider", status__in=("succeeded", "submitted")).aggregate(n=Sum("amount"))["n"]
        or 0
    )
    unexplained = abs(stripe["captured"] - paid) + abs(stripe["refunded"] - back)
    if unexplained:
        wrong.append(
            f"Stripe took {stripe['captured']} and gave back {stripe['refunded']}; we know of {paid} and {back}"
        )
    for order in Order.objects.filter(status="paid").exclude(payment_method__in=("cod", "pickup")):
        if order.total != sum(order.suborders.values_list("gross", flat=True)):
            wrong.append(f"{order.number}: parts do not come to the order")
    failed = WebhookEvent.objects.filter(state="failed").count()
    review = Order.objects.filter(needs_review=True).count()
    return {
        "orders": Order.objects.count(),
        "parts": SubOrder.objects.count(),
        "by_status": {row["status"]: row["n"] for row in _count(Order)},
        "refunds": {row["status"]: row["n"] for row in _count(Refund)},
        "oversold": oversold,
        "unexplained_rupiah": unexplained + abs(difference or 0),
        "captured": stripe["captured"],
        "clearing": balance(account=Account.GATEWAY_CLEARING),
        "messages_given_up": failed,
        "needs_review": review,
        "wrong": wrong,
    }


def _count(model: Any) -> Any:
    return model.objects.order_by().values("status").annotate(n=Count("pk"))


if __name__ == "__main__":
    settle_everything()
    print(json.dumps(look(sys.argv[1])))
