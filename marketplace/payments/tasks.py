"""What the worker calls: outbox messages and periodic jobs of payments."""

from typing import Any

from marketplace.payments import services


def handle_event(payload: dict[str, Any]) -> None:
    """A provider's message waits to be handled."""
    services.handle_event(event_pk=payload["event"])


def submit_refund(payload: dict[str, Any]) -> None:
    """A refund waits to be sent."""
    services.submit_refund(refund_id=payload["refund_id"])


def close_attempt(payload: dict[str, Any]) -> None:
    """A payment page must close."""
    services.close_attempt(attempt_id=payload["attempt_id"])


def reconcile() -> object:
    """Find what no webhook told us."""
    return services.reconcile()


def expire_orders() -> object:
    """Give up on orders that nobody paid in time."""
    return services.expire_due_orders()


def check_books() -> object:
    """Look whether the books add up, by themselves and against the provider."""
    return {"findings": services.check_books(), "difference": services.compare_balance()}
