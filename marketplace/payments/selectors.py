"""Questions about payments."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import F, Prefetch, QuerySet

from marketplace.orders.models import Order, SubOrder
from marketplace.payments.models import Dispute, Finding, PaymentAttempt, Refund, WebhookEvent
from marketplace.payments.refund_plans import by_part, of_amount, remaining_of

# How the keys of refunds begin that were made at the provider.
OUTSIDE_KEY = "outside-"


def is_stripe_configured() -> bool:
    """Whether online payment can be offered at all."""
    return bool(settings.STRIPE_SECRET_KEY)


def attempt_of_session(*, session_id: str) -> PaymentAttempt | None:
    """The attempt that a provider's session belongs to, with its order."""
    if not session_id:
        return None
    return PaymentAttempt.objects.select_related("order").filter(session_id=session_id).first()


def live_attempt(*, order: Order) -> PaymentAttempt | None:
    """The attempt that can still be paid, if there is one."""
    return PaymentAttempt.objects.filter(order=order, status__in=PaymentAttempt.LIVE).first()


def review_lists() -> dict[str, QuerySet]:
    """Everything about money that waits for an operator, by kind."""
    return {
        "orders": orders_to_review(),
        "refunds": refunds_to_review(),
        "by_hand": refunds_by_hand(),
        "disputes": open_disputes(),
        "to_assign": refunds_to_assign(),
        "events": events_to_review(),
        "findings": findings(),
    }


def orders_to_review() -> QuerySet[Order]:
    """Orders whose money does not add up, newest first, with their attempts."""
    return Order.objects.filter(needs_review=True).prefetch_related("payment_attempts__refunds")


def events_to_review() -> QuerySet[WebhookEvent]:
    """Provider messages that nothing could be done about, or that keep failing."""
    failed = WebhookEvent.objects.filter(state=WebhookEvent.State.FAILED)
    stuck = WebhookEvent.objects.filter(state=WebhookEvent.State.RECEIVED, tries__gte=3)
    return (failed | stuck).order_by("-received_at")


def latest_event() -> WebhookEvent | None:
    """The provider's message that came last."""
    return WebhookEvent.objects.order_by("-received_at", "-pk").first()


def refunds_to_review() -> QuerySet[Refund]:
    """Refunds that failed and did not go another way yet: the buyer still waits."""
    failed = Refund.objects.filter(status=Refund.Status.FAILED, replaced_by=None)
    # Made at the provider, failed there, and never put down to a shop: nothing is owed.
    failed = failed.exclude(reason=Refund.Reason.OUTSIDE, lines=None)
    return failed.select_related("attempt__order").prefetch_related("lines__suborder__vendor")


def refunds_by_hand() -> QuerySet[Refund]:
    """Refunds that the operator pays by hand and has not confirmed yet."""
    waiting = Refund.objects.filter(status=Refund.Status.REQUESTED, channel=Refund.Channel.OPERATOR)
    return waiting.select_related("attempt__order").order_by("created_at")


def refunds_made_outside() -> QuerySet[Refund]:
    """Refunds that were made at the provider itself, the newest first, with what each was put down to."""
    outside = Refund.objects.filter(idempotency_key__startswith=OUTSIDE_KEY)
    return outside.select_related("attempt__order").prefetch_related("lines__suborder__vendor")


def refunds_to_assign() -> QuerySet[Refund]:
    """Those of them that nobody has put down to a shop yet, the oldest first."""
    parts = Prefetch("attempt__order__suborders", SubOrder.objects.select_related("vendor").order_by("pk"))
    open_ones = Refund.objects.filter(reason=Refund.Reason.OUTSIDE, lines=None).exclude(status=Refund.Status.FAILED)
    return (
        open_ones.select_related("attempt__order")
        .prefetch_related(parts, "attempt__order__suborders__lines")
        .order_by("created_at", "pk")
    )


@dataclass(frozen=True)
class Share:
    """What a part of an order could give back of a refund: all that is left of it, and its share by proportion."""

    part: SubOrder
    left: int
    proposed: int


def proposed_shares(*, refund: Refund) -> list[Share]:
    """How a refund of `refunds_to_assign` would be put down in proportion to what is left of each part.

    Less than the refund where a bank has taken the payment back meanwhile: no part has that much left to give.
    """
    parts = list(refund.attempt.order.suborders.all())
    left = {part.pk: remaining_of(part).total for part in parts}
    fits = min(refund.amount, sum(left.values()))
    shares = by_part(of_amount(parts, fits)) if fits else {}
    return [Share(part, left[part.pk], shares.get(part.pk, 0)) for part in parts]


def open_disputes() -> QuerySet[Dispute]:
    """Disputes that the bank has not decided, those whose evidence is due first."""
    disputes = Dispute.objects.filter(status__in=Dispute.OPEN).select_related("attempt__order")
    return disputes.order_by(F("evidence_due_at").asc(nulls_last=True), "pk")


def disputes_of(*, order: Order) -> QuerySet[Dispute]:
    """Every dispute about an order's payments, newest first."""
    return Dispute.objects.filter(attempt__order=order)


def refunds_of(*, order: Order) -> QuerySet[Refund]:
    """An order's refunds with what each is for, oldest first; those that another one stands for are left out."""
    refunds = Refund.objects.filter(attempt__order=order, replaced_by=None)
    return refunds.select_related("vendor").prefetch_related("lines").order_by("created_at", "pk")


def findings() -> QuerySet[Finding]:
    """What does not add up now, oldest first."""
    return Finding.objects.filter(resolved_at=None).select_related("handled_by").order_by("found_at", "pk")


def settled_findings() -> QuerySet[Finding]:
    """What did not add up and is in order again, the latest first."""
    return Finding.objects.exclude(resolved_at=None).select_related("handled_by").order_by("-resolved_at")
