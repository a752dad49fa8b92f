"""Questions about payments."""

from django.conf import settings
from django.db.models import QuerySet

from marketplace.orders.models import Order
from marketplace.payments.models import Finding, PaymentAttempt, Refund, WebhookEvent


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


def orders_to_review() -> QuerySet[Order]:
    """Orders whose money does not add up, newest first, with their attempts."""
    return Order.objects.filter(needs_review=True).prefetch_related("payment_attempts__refunds")


def events_to_review() -> QuerySet[WebhookEvent]:
    """Provider messages that nothing could be done about, or that keep failing."""
    failed = WebhookEvent.objects.filter(state=WebhookEvent.State.FAILED)
    stuck = WebhookEvent.objects.filter(state=WebhookEvent.State.RECEIVED, tries__gte=3)
    return (failed | stuck).order_by("-received_at")


def refunds_to_review() -> QuerySet[Refund]:
    """Refunds that failed: the buyer still waits."""
    return Refund.objects.filter(status=Refund.Status.FAILED).select_related("attempt__order")


def findings() -> QuerySet[Finding]:
    """What the daily check of the books found."""
    return Finding.objects.all()
