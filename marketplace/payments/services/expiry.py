"""Giving up on unpaid orders: the provider's page closes first, the stock goes back at least ten minutes later."""

from django.utils import timezone

from marketplace.orders.models import Order, PaymentMethod
from marketplace.orders.services import expire
from marketplace.payments.models import PaymentAttempt
from marketplace.payments.providers import PROVIDERS
from marketplace.payments.providers.base import Snapshot, State
from marketplace.payments.services.attempts import STOCK_MARGIN
from marketplace.payments.services.boundaries import require_no_transaction
from marketplace.payments.services.settling import Outcome, settle

Status = PaymentAttempt.Status
STILL_COMING = (Outcome.WAITING, Outcome.PROCESSING, Outcome.REVIEW)


def close_attempt(*, attempt_id: int) -> Outcome:
    """Close the provider's page of a live attempt and settle what it says by then. No transaction may be open.

    Raises ProviderUnavailable when the provider does not answer: then nothing changed here.
    """
    attempt = PaymentAttempt.objects.get(pk=attempt_id)
    if not attempt.is_live:
        return Outcome.ALREADY if attempt.status == Status.PAID else Outcome.CLOSED
    require_no_transaction()
    provider = PROVIDERS[attempt.provider]
    if attempt.session_id:
        snapshot = provider.expire(session_id=attempt.session_id)
    else:
        found = provider.find(reference=attempt.idempotency_key, created_after=attempt.created_at)
        # Without a session nobody can have paid; one that is being opened right now finds the attempt closed.
        snapshot = provider.expire(session_id=found.session_id) if found else _nothing(attempt)
    return settle(attempt_id=attempt.pk, snapshot=snapshot)


def expire_order(*, order_id: int) -> bool:
    """Give up on an unpaid order whose time is over. No transaction may be open.

    First its payment pages are closed and the provider is asked once more; the stock is released only when that says
    neither paid nor on its way, and the page has been closed for ten minutes. Returns True when the order expired.
    """
    order = Order.objects.get(pk=order_id)
    if order.status != Order.Status.PENDING or not order.expires_at or order.expires_at > timezone.now():
        return False
    for attempt in PaymentAttempt.objects.filter(order=order, status__in=PaymentAttempt.LIVE):
        if close_attempt(attempt_id=attempt.pk) in STILL_COMING:
            return False
    attempts = list(PaymentAttempt.objects.filter(order=order))
    released_from = timezone.now() - STOCK_MARGIN
    if any(a.is_live or a.status == Status.PAID or (a.closed_at and a.closed_at > released_from) for a in attempts):
        return False
    return expire(order_id=order_id)


def expire_due_orders(*, limit: int = 200) -> int:
    """Give up on every unpaid order whose time is over; run by the clock. Returns how many expired.

    An order whose provider does not answer is left for the next time and does not stop the others.
    """
    due = Order.objects.filter(
        status=Order.Status.PENDING, payment_method=PaymentMethod.STRIPE, expires_at__lte=timezone.now()
    ).order_by("expires_at")
    expired = 0
    failures: list[Exception] = []
    for order_id in list(due.values_list("pk", flat=True)[:limit]):
        try:
            expired += expire_order(order_id=order_id)
        except Exception as error:  # one order must not hold up the others; the first error is raised at the end
            failures.append(error)
    if failures:
        raise failures[0]
    return expired


def _nothing(attempt: PaymentAttempt) -> Snapshot:
    return Snapshot(session_id="", state=State.EXPIRED, amount=None, currency="", reference=attempt.idempotency_key)
