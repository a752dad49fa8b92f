"""The provider's messages: stored first, handled by the worker, each once, none lost and none silent."""

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_noop

from marketplace.core.exceptions import DomainError
from marketplace.outbox.services import enqueue
from marketplace.payments.models import PaymentAttempt, Refund, WebhookEvent
from marketplace.payments.providers import PROVIDERS
from marketplace.payments.providers.base import ProviderRefused
from marketplace.payments.providers.stripe import LIVE_KEYS
from marketplace.payments.services.disputes import note_dispute
from marketplace.payments.services.outside_refunds import note_outside_refund
from marketplace.payments.services.refunds import note_refund
from marketplace.payments.services.settling import Outcome, settle

WEBHOOK_TOPIC = "payments.webhook"
State = WebhookEvent.State
SETTLED = (Outcome.PAID, Outcome.ALREADY, Outcome.REFUNDED)
TOO_MUCH_BACK = gettext_noop(
    "More went back there than is left of the payment here. When a refund of ours has ended, handle this again."
)


class NeedsOperator(Exception):
    """A message that nothing here can act on and that must not be passed over in silence."""


@transaction.atomic
def receive_event(*, provider: str, body: str) -> bool:
    """Store a message whose signature was verified, and let the worker handle it. False when it was known already.

    Raises ValueError for a body that is no event.
    """
    event = json.loads(body)
    if not isinstance(event, dict) or not event.get("id") or not event.get("type"):
        raise ValueError("not an event")
    try:
        with transaction.atomic():
            row = WebhookEvent.objects.create(
                provider=provider,
                account=event.get("account") or "",
                event_id=event["id"],
                kind=event["type"][:80],
                body=body,
            )
    except IntegrityError:
        return False
    enqueue(topic=WEBHOOK_TOPIC, key=str(row.pk), payload={"event": row.pk})
    return True


def handle_event(*, event_pk: int) -> None:
    """Act on a stored message: ask the provider how the thing stands now, and settle that. No transaction may be open.

    The message only says where to look, so its order and age do not matter. Raises ProviderUnavailable (try later).
    """
    row = WebhookEvent.objects.get(pk=event_pk)
    if row.state in (State.DONE, State.IGNORED):
        return
    WebhookEvent.objects.filter(pk=row.pk).update(tries=F("tries") + 1)
    try:
        state, error = _act(row), ""
    except NeedsOperator as problem:
        state, error = State.FAILED, str(problem)
    except Exception as problem:  # noted for the operator's list, then the outbox tries again
        WebhookEvent.objects.filter(pk=row.pk).update(last_error=repr(problem)[:500])
        raise
    WebhookEvent.objects.filter(pk=row.pk).update(state=state, last_error=error[:500], handled_at=timezone.now())


@transaction.atomic
def retry_event(*, event_pk: int) -> None:
    """Let the worker handle a message again that needed an operator."""
    changed = WebhookEvent.objects.filter(pk=event_pk, state=State.FAILED).update(state=State.RECEIVED, last_error="")
    if changed:
        enqueue(topic=WEBHOOK_TOPIC, key=str(event_pk), payload={"event": event_pk})


Follower = Callable[[str, dict[str, Any]], None]
# Slices above payments that follow some of the messages; they register in their AppConfig.ready().
followers: dict[str, Follower] = {}


def register_follower(prefix: str, follower: Follower) -> None:
    """Let `follower(kind, subject)` act on messages whose kind begins with `prefix`. It may raise NeedsOperator."""
    followers[prefix] = follower


def _act(row: WebhookEvent) -> str:
    event = json.loads(row.body)
    follower = next((each for prefix, each in followers.items() if row.kind.startswith(prefix)), None)
    subject = event["data"]["object"]
    # What a connected account is told about itself comes with its own name on it.
    if not _is_for_us(row) and not (follower and row.account == subject.get("id")):
        raise NeedsOperator(gettext_noop("It is for another account than ours."))
    if not _is_of_our_mode(event):
        raise NeedsOperator(gettext_noop("It comes from the other mode (test or live) than our key."))
    if follower is not None:
        follower(row.kind, subject)
        return State.DONE
    if row.kind.startswith("checkout.session."):
        return _settle_session(row.provider, subject)
    if row.kind.startswith("refund."):
        return _follow_refund(row.provider, subject)
    if row.kind.startswith("charge.dispute."):
        return _follow_dispute(row.provider, subject)
    return State.IGNORED


def _is_for_us(row: WebhookEvent) -> bool:
    """Whether a message is about our own account; those about connected ones carry their name."""
    return not row.account


def _is_of_our_mode(event: dict[str, Any]) -> bool:
    """Whether a message and our key are both live or both for tests."""
    return bool(event.get("livemode")) == settings.STRIPE_SECRET_KEY.startswith(LIVE_KEYS)


def _settle_session(provider: str, session: dict[str, Any]) -> str:
    attempt = PaymentAttempt.objects.filter(provider=provider, session_id=session["id"]).first()
    if attempt is None:
        # A crash between the provider's answer and our note of it: the reference is ours.
        reference = session.get("client_reference_id") or ""
        attempt = PaymentAttempt.objects.filter(provider=provider, idempotency_key=reference, session_id="").first()
    if attempt is None:
        raise NeedsOperator(gettext_noop("No payment of ours belongs to it."))
    settle(attempt_id=attempt.pk, snapshot=PROVIDERS[provider].retrieve(session_id=session["id"]))
    return State.DONE


def _follow_refund(provider: str, subject: dict[str, Any]) -> str:
    refund = Refund.objects.filter(provider_refund_id=subject["id"]).first()
    if refund is None:
        reference = (subject.get("metadata") or {}).get("refund", "")
        refund = Refund.objects.filter(idempotency_key=reference).first()
    if refund is not None:
        note_refund(refund_id=refund.pk, snapshot=PROVIDERS[provider].retrieve_refund(refund_id=subject["id"]))
        return State.DONE
    attempt = _paid_attempt(provider, subject)
    try:
        note_outside_refund(
            attempt_id=attempt.pk, snapshot=PROVIDERS[provider].retrieve_refund(refund_id=subject["id"])
        )
    except ProviderRefused as refused:
        raise NeedsOperator(gettext_noop("The provider does not know the refund that it is about.")) from refused
    except DomainError as refused:
        raise NeedsOperator(TOO_MUCH_BACK) from refused
    return State.DONE


def _paid_attempt(provider: str, subject: dict[str, Any]) -> PaymentAttempt:
    """The attempt whose payment a message is about, settled first when the message overtook that of the payment."""
    payment_id = subject.get("payment_intent") or ""
    attempt = PaymentAttempt.objects.filter(provider=provider, payment_id=payment_id).exclude(payment_id="").first()
    if attempt is not None and attempt.status == PaymentAttempt.Status.PAID:
        return attempt
    try:
        snapshot = PROVIDERS[provider].find_by_payment(payment_id=payment_id) if payment_id else None
    except ProviderRefused:
        snapshot = None
    reference = snapshot.reference if snapshot else ""
    attempt = PaymentAttempt.objects.filter(provider=provider, idempotency_key=reference).first()
    if snapshot is None or attempt is None:
        raise NeedsOperator(gettext_noop("It is about a payment that is not ours."))
    if settle(attempt_id=attempt.pk, snapshot=snapshot) not in SETTLED:
        raise NeedsOperator(gettext_noop("Its payment is not settled here. Settle that, then handle this again."))
    return attempt


def _follow_dispute(provider: str, subject: dict[str, Any]) -> str:
    attempt = _paid_attempt(provider, subject)
    note_dispute(attempt_id=attempt.pk, snapshot=PROVIDERS[provider].retrieve_dispute(dispute_id=subject["id"]))
    return State.DONE
