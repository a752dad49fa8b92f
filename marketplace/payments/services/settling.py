"""The one place where money becomes a paid order, whoever noticed it: webhook, success page or reconciler."""

from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from marketplace.audit.services import record
from marketplace.core.exceptions import DomainError
from marketplace.ledger.models import Account
from marketplace.ledger.services import Line, post_entry
from marketplace.orders.lock_objects import lock_order
from marketplace.orders.models import Order
from marketplace.orders.services import (
    flag_for_review,
    mark_paid,
    mark_paid_late,
    reserve_again,
    start_refunding,
)
from marketplace.outbox.services import enqueue
from marketplace.payments.models import PaymentAttempt, Refund
from marketplace.payments.providers.base import Snapshot, State
from marketplace.payments.services.refunds import request_refund
from marketplace.payments.services.shares import sale_lines

Status = PaymentAttempt.Status
CURRENCY = "idr"
FEE_KIND = "payment.fee"
CLOSE_TOPIC = "payments.close_attempt"


class Outcome(StrEnum):
    """What `settle` found or did."""

    WAITING = "waiting"  # nobody has paid yet
    PROCESSING = "processing"  # promised, on its way
    CLOSED = "closed"  # failed or expired
    PAID = "paid"  # the order is paid by this
    ALREADY = "already"  # it was settled before
    REFUNDED = "refunded"  # the money goes back: paid twice, or too late and sold out
    REVIEW = "review"  # something does not add up; an operator looks


@transaction.atomic
def settle(*, attempt_id: int, snapshot: Snapshot) -> Outcome:
    """Bring an attempt and its order to what the provider says. Harmless to repeat, in any order, in parallel.

    Arguments:
        snapshot: fresh from the provider, fetched before this transaction began.
    """
    order_id = PaymentAttempt.objects.values_list("order_id", flat=True).get(pk=attempt_id)
    order = lock_order(order_id=order_id)
    attempt = PaymentAttempt.objects.select_for_update().get(pk=attempt_id)
    PaymentAttempt.objects.filter(pk=attempt.pk).update(checked_at=timezone.now())
    if _is_settled(attempt):
        _book_fee(attempt, snapshot)
        return Outcome.ALREADY
    if attempt.session_id and snapshot.session_id != attempt.session_id:
        return _review(order, gettext_noop("The provider answered with another payment than the one we asked for."))
    if snapshot.state == State.PAID:
        return _settle_paid(order, attempt, snapshot)
    if not attempt.is_live:
        return Outcome.CLOSED
    if snapshot.state == State.OPEN:
        if attempt.status == Status.CREATED:
            PaymentAttempt.MACHINE.advance(
                attempt, Status.OPEN, session_id=snapshot.session_id, url=snapshot.url, payment_id=snapshot.payment_id
            )
        return Outcome.WAITING
    if snapshot.state == State.PROCESSING:
        PaymentAttempt.MACHINE.advance(
            attempt, Status.PROCESSING, session_id=snapshot.session_id, payment_id=snapshot.payment_id
        )
        return Outcome.PROCESSING
    return _close(attempt, snapshot)


def _is_settled(attempt: PaymentAttempt) -> bool:
    """Whether this attempt's money is in the books. Read under the order's lock; nothing leads out of it."""
    return attempt.status == Status.PAID


def _what_is_wrong(attempt: PaymentAttempt, snapshot: Snapshot) -> str:
    """Why this money cannot be for this attempt, in an operator's words; empty when it is."""
    if snapshot.amount != attempt.amount or snapshot.currency.lower() != CURRENCY:
        return gettext_noop("The amount or currency that was paid is not the order's.")
    if snapshot.reference != attempt.idempotency_key:
        return gettext_noop("The payment carries another reference than the order's.")
    return ""


def _close(attempt: PaymentAttempt, snapshot: Snapshot) -> Outcome:
    to = Status.FAILED if snapshot.state == State.FAILED else Status.EXPIRED
    now = timezone.now()
    # A page that closed by itself closed at its own time, however late we look.
    closed_at = min(now, attempt.expires_at) if to == Status.EXPIRED and attempt.expires_at else now
    if PaymentAttempt.MACHINE.advance(
        attempt, to, session_id=snapshot.session_id, failure=snapshot.failure[:255], closed_at=closed_at
    ):
        record(action=f"payments.attempt_{to}", target=attempt, data={"failure": snapshot.failure})
    return Outcome.CLOSED


def _settle_paid(order: Order, attempt: PaymentAttempt, snapshot: Snapshot) -> Outcome:
    if doubt := _what_is_wrong(attempt, snapshot):
        return _review(order, doubt)
    PaymentAttempt.MACHINE.advance(
        attempt,
        Status.PAID,
        session_id=snapshot.session_id,
        payment_id=snapshot.payment_id,
        paid_at=snapshot.paid_at or timezone.now(),
        failure="",
    )
    record(action="payments.paid", target=attempt, data={"order": order.number, "amount": attempt.amount})
    outcome = _apply(order, attempt)
    _book_fee(attempt, snapshot)
    for other in PaymentAttempt.objects.filter(order=order, status__in=PaymentAttempt.LIVE).exclude(pk=attempt.pk):
        # The buyer must not pay again on a page that is still open somewhere.
        enqueue(topic=CLOSE_TOPIC, key=str(other.pk), payload={"attempt_id": other.pk})
    return outcome


def _apply(order: Order, attempt: PaymentAttempt) -> Outcome:
    """Let the money pay for the order, or send it back when there is nothing (more) to pay for."""
    if order.status == Order.Status.PENDING:
        mark_paid(order_id=order.pk, paid_at=attempt.paid_at)
        _book_sale(order, attempt)
        return Outcome.PAID
    if order.status not in (Order.Status.EXPIRED, Order.Status.CANCELLED):
        _book_suspense(attempt)
        request_refund(attempt=attempt, amount=attempt.amount, reason=Refund.Reason.DUPLICATE)
        return Outcome.REFUNDED
    mark_paid_late(order_id=order.pk)
    try:
        reserve_again(order_id=order.pk)
    except DomainError as error:
        start_refunding(order_id=order.pk, reason=error.code)
        _book_suspense(attempt)
        request_refund(attempt=attempt, amount=attempt.amount, reason=Refund.Reason.LATE)
        return Outcome.REFUNDED
    mark_paid(order_id=order.pk, paid_at=attempt.paid_at)
    _book_sale(order, attempt)
    return Outcome.PAID


def _review(order: Order, reason: str) -> Outcome:
    """Put the order on the operators' list; what an operator has looked at does not come back for the same reason."""
    if order.review_reason != reason:
        flag_for_review(order_id=order.pk, reason=reason)
    return Outcome.REVIEW


# --- booking -----------------------------------------------------------------------------------------------------
def _book_sale(order: Order, attempt: PaymentAttempt) -> None:
    """The provider holds the buyer's money; each vendor is owed its share, the rest is ours."""
    lines = [Line(Account.GATEWAY_CLEARING, attempt.amount)]
    for part in order.suborders.order_by("pk"):
        lines.extend(sale_lines(part))
    post_entry(kind="payment", reference=attempt.idempotency_key, postings=lines, occurred_at=_paid_at(attempt))


def _book_suspense(attempt: PaymentAttempt) -> None:
    """Money without a delivery: it is the buyer's until it is back."""
    post_entry(
        kind="payment",
        reference=attempt.idempotency_key,
        postings=[Line(Account.GATEWAY_CLEARING, attempt.amount), Line(Account.BUYER_SUSPENSE, -attempt.amount)],
        occurred_at=_paid_at(attempt),
    )


def _book_fee(attempt: PaymentAttempt, snapshot: Snapshot) -> None:
    """What the provider keeps, once it says so; often some seconds after the payment."""
    if snapshot.state != State.PAID or not snapshot.fee:
        return
    post_entry(
        kind=FEE_KIND,
        reference=attempt.idempotency_key,
        postings=[Line(Account.GATEWAY_FEE, snapshot.fee), Line(Account.GATEWAY_CLEARING, -snapshot.fee)],
        occurred_at=_paid_at(attempt),
    )


def _paid_at(attempt: PaymentAttempt) -> datetime:
    return attempt.paid_at or timezone.now()
