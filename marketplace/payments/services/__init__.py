"""The verbs of payments. Each says in its docstring whether it wants a transaction around it or none."""

from marketplace.payments.services.attempts import create_attempt, open_session, retry_payment
from marketplace.payments.services.books import check_books
from marketplace.payments.services.expiry import close_attempt, expire_due_orders, expire_order
from marketplace.payments.services.reconciliation import reconcile, refresh_attempt
from marketplace.payments.services.refunds import note_refund, request_refund, submit_refund
from marketplace.payments.services.returning import ask_provider, settle_returning
from marketplace.payments.services.review import mark_reviewed
from marketplace.payments.services.settling import Outcome, settle
from marketplace.payments.services.webhooks import handle_event, receive_event, retry_event

__all__ = [
    "Outcome",
    "ask_provider",
    "check_books",
    "close_attempt",
    "create_attempt",
    "expire_due_orders",
    "expire_order",
    "handle_event",
    "mark_reviewed",
    "note_refund",
    "open_session",
    "receive_event",
    "reconcile",
    "refresh_attempt",
    "request_refund",
    "retry_event",
    "retry_payment",
    "settle",
    "settle_returning",
    "submit_refund",
]
