"""Every few minutes: find what no webhook told us, and finish what a crash left half done."""

import json
import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from marketplace.audit.services import record
from marketplace.ledger.models import JournalEntry
from marketplace.ledger.services import post_entry
from marketplace.orders.models import Order, SubOrder
from marketplace.orders.services import note_money_back
from marketplace.outbox.services import enqueue
from marketplace.payments.models import PaymentAttempt, ProviderName, ReconciliationCursor, Refund, WebhookEvent
from marketplace.payments.providers import PROVIDERS
from marketplace.payments.selectors import is_stripe_configured
from marketplace.payments.services.boundaries import require_no_transaction
from marketplace.payments.services.expiry import close_attempt
from marketplace.payments.services.refunds import money_back, note_refund, submit_refund
from marketplace.payments.services.settling import FEE_KIND, Outcome, settle
from marketplace.payments.services.shares import direct_receipt_lines, direct_sale_lines
from marketplace.payments.services.webhooks import WEBHOOK_TOPIC, receive_event

logger = logging.getLogger(__name__)

Status = PaymentAttempt.Status
# Events come late and out of order: each reading goes back this far. What is known already is skipped.
OVERLAP = timedelta(hours=1)
FIRST_LOOK_BACK = timedelta(days=3)
# A buyer is on the page meanwhile, and the webhook usually comes first.
STALE_AFTER = timedelta(minutes=3)
STUCK_AFTER = timedelta(minutes=10)
BATCH = 200
# Money that goes from the buyer to the shop and never through us.
OUTSIDE = (ProviderName.OFFLINE, ProviderName.MANUAL)


def refresh_attempt(*, attempt_id: int) -> Outcome:
    """Ask the provider how an attempt stands and settle it. No transaction may be open.

    An attempt without a session is looked up by our reference. Raises ProviderUnavailable, ProviderRefused.
    """
    attempt = PaymentAttempt.objects.get(pk=attempt_id)
    provider = PROVIDERS[attempt.provider]
    if not provider.has_page:
        return Outcome.ALREADY if attempt.status == Status.PAID else Outcome.WAITING
    require_no_transaction()
    if attempt.session_id:
        snapshot = provider.retrieve(session_id=attempt.session_id)
    else:
        found = provider.find(reference=attempt.idempotency_key, created_after=attempt.created_at)
        if found is None:
            PaymentAttempt.objects.filter(pk=attempt.pk).update(checked_at=timezone.now())
            return Outcome.WAITING
        snapshot = found
    return settle(attempt_id=attempt.pk, snapshot=snapshot)


def reconcile() -> dict[str, int]:
    """Do all of it and return how many of each were looked at. No transaction may be open; harmless to repeat.

    One thing that fails does not stop the others; the first error is raised when all are done, so that it is seen.
    """
    failures: list[Exception] = []
    done = {"cash": _close_cash_attempts(), "stuck_events": _wake_stuck_events()}
    if is_stripe_configured():
        try:
            done["events"] = _read_events(ProviderName.STRIPE)
        except Exception as error:  # kept and raised at the end
            failures.append(error)
        done["attempts"] = _each(_stale_attempts(), lambda pk: refresh_attempt(attempt_id=pk), failures)
        done["abandoned"] = _each(_abandoned_attempts(), lambda pk: close_attempt(attempt_id=pk), failures)
        done["fees"] = _each(_attempts_without_fee(), lambda pk: refresh_attempt(attempt_id=pk), failures)
        done["refunds"] = _each(_pending_refunds(), _push_refund, failures)
    if failures:
        raise failures[0]
    return done


def _each(ids: Iterable[int], work: Callable[[int], object], failures: list[Exception]) -> int:
    count = 0
    for pk in ids:
        try:
            work(pk)
        except Exception as error:  # kept and raised at the end
            logger.warning("reconcile: %s: %r", pk, error)
            failures.append(error)
        count += 1
    return count


def _read_events(provider: str) -> int:
    cursor = ReconciliationCursor.objects.filter(provider=provider).first()
    since = cursor.reached_at - OVERLAP if cursor else timezone.now() - FIRST_LOOK_BACK
    latest = cursor.reached_at if cursor else since
    new = 0
    for body in PROVIDERS[provider].events_since(moment=since):
        new += receive_event(provider=provider, body=body)
        latest = max(latest, datetime.fromtimestamp(json.loads(body)["created"], tz=UTC))
    ReconciliationCursor.objects.update_or_create(provider=provider, defaults={"reached_at": latest})
    return new


def _stale_attempts() -> list[int]:
    before = timezone.now() - STALE_AFTER
    stale = PaymentAttempt.objects.filter(
        Q(checked_at=None) | Q(checked_at__lte=before),
        provider=ProviderName.STRIPE,
        status__in=PaymentAttempt.LIVE,
        created_at__lte=before,
    )
    return list(stale.order_by(F("checked_at").asc(nulls_first=True)).values_list("pk", flat=True)[:BATCH])


def _abandoned_attempts() -> list[int]:
    """Live attempts of orders that are no longer to be paid: their pages must close."""
    live = PaymentAttempt.objects.filter(provider=ProviderName.STRIPE, status__in=(Status.CREATED, Status.OPEN))
    return list(live.exclude(order__status=Order.Status.PENDING).order_by("pk").values_list("pk", flat=True)[:BATCH])


def _attempts_without_fee() -> list[int]:
    """Paid attempts whose fee the provider had not told yet: asked once an hour for three days."""
    now = timezone.now()
    booked = JournalEntry.objects.filter(kind=FEE_KIND, reference=OuterRef("idempotency_key"))
    paid = PaymentAttempt.objects.filter(
        ~Exists(booked),
        provider=ProviderName.STRIPE,
        status=Status.PAID,
        paid_at__gte=now - FIRST_LOOK_BACK,
        checked_at__lte=now - timedelta(hours=1),
    )
    return list(paid.order_by("checked_at").values_list("pk", flat=True)[:BATCH])


def _pending_refunds() -> list[int]:
    before = timezone.now() - STALE_AFTER
    pending = Refund.objects.filter(
        status__in=(Refund.Status.REQUESTED, Refund.Status.SUBMITTED),
        channel=Refund.Channel.PROVIDER,
        created_at__lte=before,
    )
    return list(pending.order_by("pk").values_list("pk", flat=True)[:BATCH])


def _push_refund(refund_id: int) -> None:
    refund = Refund.objects.select_related("attempt").get(pk=refund_id)
    if not refund.provider_refund_id:
        submit_refund(refund_id=refund_id)
        return
    snapshot = PROVIDERS[refund.attempt.provider].retrieve_refund(refund_id=refund.provider_refund_id)
    note_refund(refund_id=refund_id, snapshot=snapshot)


def _wake_stuck_events() -> int:
    """Messages that are stored but not handled, because the outbox gave them up."""
    stuck = WebhookEvent.objects.filter(
        state=WebhookEvent.State.RECEIVED, received_at__lte=timezone.now() - STUCK_AFTER
    )
    ids = list(stuck.order_by("pk").values_list("pk", flat=True)[:BATCH])
    for pk in ids:
        enqueue(topic=WEBHOOK_TOPIC, key=str(pk), payload={"event": pk})
    return len(ids)


def _close_cash_attempts() -> int:
    """Cash is handed over where orders are fulfilled; the attempt follows, and so does the commission on it."""
    open_cash = PaymentAttempt.objects.filter(provider__in=OUTSIDE, status__in=PaymentAttempt.LIVE)
    closed = 0
    for attempt in open_cash.exclude(order__status=Order.Status.PENDING).select_related("order")[:BATCH]:
        with transaction.atomic():
            if attempt.order.paid_at:
                closed += PaymentAttempt.MACHINE.advance(attempt, Status.PAID, paid_at=attempt.order.paid_at)
                _book_direct_sale(attempt)
                # A part may have been paid back by hand before the last one was handed over.
                note_money_back(order_id=attempt.order_id, amount=money_back(order_id=attempt.order_id))
                record(action="payments.cash_collected", target=attempt, data={"amount": attempt.amount})
            else:
                closed += PaymentAttempt.MACHINE.advance(attempt, Status.FAILED, closed_at=timezone.now())
    return closed


def _book_direct_sale(attempt: PaymentAttempt) -> None:
    """The vendor has the buyer's money already; what is left in the books is the commission that it owes us.

    Also on what was returned: the refund gives its commission back by itself.
    """
    # What was refused at the door came back without having been received: nobody paid for it.
    handed_over = Q(status__in=SubOrder.SOLD_STATUSES) | Q(status=SubOrder.Status.RETURNED, delivered_at__isnull=False)
    parts = list(attempt.order.suborders.filter(handed_over, gross__gt=0).order_by("pk"))
    for kind, lines_of in (("cash.sale", direct_sale_lines), ("cash.received", direct_receipt_lines)):
        if parts:
            post_entry(
                kind=kind,
                reference=attempt.idempotency_key,
                postings=[line for part in parts for line in lines_of(part)],
                occurred_at=attempt.paid_at or timezone.now(),
            )
