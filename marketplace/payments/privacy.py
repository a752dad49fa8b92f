"""What payments know of a buyer, as a holding (marketplace.accounts.privacy)."""

import json
from typing import Any

from django.utils.translation import gettext_lazy as _

from marketplace.accounts.models import User
from marketplace.accounts.own_data import NOWHERE
from marketplace.accounts.privacy import Holding
from marketplace.orders.privacy import orders_about
from marketplace.payments.models import PaymentAttempt, WebhookEvent


def export(user: User) -> list[dict[str, Any]]:
    """Every attempt to pay. Card numbers never reach this site."""
    attempts = PaymentAttempt.objects.filter(order__in=orders_about(user)).select_related("order").order_by("pk")
    return [
        {
            "order": attempt.order.number,
            "at": attempt.created_at.isoformat(),
            "amount": attempt.amount,
            "by": attempt.method,
            "status": attempt.status,
        }
        for attempt in attempts
    ]


def erase(user: User) -> None:
    """Take the buyer's addresses out of what was sent to the provider and what it sent; amounts and ids stay."""
    orders = orders_about(user)
    addresses = {user.email, *orders.values_list("email", flat=True)}
    for attempt in PaymentAttempt.objects.filter(order__in=orders):
        cleaned = _without(addresses, json.dumps(attempt.request_json))
        PaymentAttempt.objects.filter(pk=attempt.pk).update(request_json=json.loads(cleaned), url="")
    for address in addresses:
        for event in WebhookEvent.objects.filter(body__contains=address):
            WebhookEvent.objects.filter(pk=event.pk).update(body=_without(addresses, event.body))


def _without(addresses: set[str], text: str) -> str:
    for address in addresses:
        text = text.replace(address, f"dihapus@{NOWHERE}")
    return text


PAYMENTS = Holding(
    key="payments",
    label=_("Your payments: when, how much, whether it worked. Never your card."),
    kept_after=_("Amounts and dates, for ten years, without your address."),
    export=export,
    erase=erase,
    order=45,
)
