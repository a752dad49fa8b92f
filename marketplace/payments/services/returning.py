"""The buyer comes back from the provider's page, perhaps before any webhook."""

from marketplace.payments.models import PaymentAttempt, ProviderName
from marketplace.payments.providers import PROVIDERS
from marketplace.payments.providers.base import ProviderRefused, ProviderUnavailable
from marketplace.payments.selectors import attempt_of_session
from marketplace.payments.services.reconciliation import refresh_attempt
from marketplace.payments.services.settling import Outcome, settle


def settle_returning(*, session_id: str) -> tuple[PaymentAttempt, Outcome | None]:
    """Settle the session with which a buyer comes back. No transaction may be open.

    Returns the attempt and the outcome; None for the outcome when the provider does not answer (the worker will know).
    Raises PaymentAttempt.DoesNotExist for a session that is not ours.
    """
    attempt = attempt_of_session(session_id=session_id)
    if attempt is None:
        return _settle_unknown(session_id)
    if attempt.status == PaymentAttempt.Status.PAID:
        return attempt, Outcome.ALREADY
    return attempt, ask_provider(attempt=attempt)


def ask_provider(*, attempt: PaymentAttempt) -> Outcome | None:
    """Settle an attempt by what the provider says now; None when it does not answer."""
    try:
        return refresh_attempt(attempt_id=attempt.pk)
    except (ProviderRefused, ProviderUnavailable):
        return None


def _settle_unknown(session_id: str) -> tuple[PaymentAttempt, Outcome | None]:
    """A session that we opened and did not get to note: the provider knows our reference."""
    try:
        snapshot = PROVIDERS[ProviderName.STRIPE].retrieve(session_id=session_id)
    except (ProviderRefused, ProviderUnavailable) as error:
        raise PaymentAttempt.DoesNotExist("no such session") from error
    attempt = PaymentAttempt.objects.select_related("order").get(
        provider=ProviderName.STRIPE, idempotency_key=snapshot.reference
    )
    return attempt, settle(attempt_id=attempt.pk, snapshot=snapshot)
