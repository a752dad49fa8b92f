"""The verbs of payments. Each says in its docstring whether it wants a transaction around it or none."""

from marketplace.payments.services.attempts import create_attempt, open_session, retry_payment
from marketplace.payments.services.books import (
    book_own_payout,
    check_books,
    compare_balance,
    expected_at_provider,
    handle_finding,
)
from marketplace.payments.services.disputes import note_dispute
from marketplace.payments.services.expiry import close_attempt, expire_due_orders, expire_order
from marketplace.payments.services.outside_refunds import PUT_DOWN_TOPIC, assign_refund, note_outside_refund
from marketplace.payments.services.part_refunds import (
    confirm_by_hand,
    give_up_by_hand,
    paying_attempt,
    refund_parts,
    repeat_refund,
)
from marketplace.payments.services.reconciliation import reconcile, refresh_attempt
from marketplace.payments.services.refunds import REFUND_ENDED_TOPIC, note_refund, request_refund, submit_refund
from marketplace.payments.services.returning import ask_provider, settle_returning
from marketplace.payments.services.review import mark_reviewed
from marketplace.payments.services.settling import Outcome, settle
from marketplace.payments.services.webhooks import handle_event, receive_event, retry_event

__all__ = [
    "PUT_DOWN_TOPIC",
    "REFUND_ENDED_TOPIC",
    "Outcome",
    "ask_provider",
    "assign_refund",
    "book_own_payout",
    "check_books",
    "close_attempt",
    "compare_balance",
    "confirm_by_hand",
    "create_attempt",
    "expected_at_provider",
    "expire_due_orders",
    "expire_order",
    "give_up_by_hand",
    "handle_event",
    "handle_finding",
    "mark_reviewed",
    "note_dispute",
    "note_outside_refund",
    "note_refund",
    "open_session",
    "paying_attempt",
    "receive_event",
    "reconcile",
    "refresh_attempt",
    "refund_parts",
    "repeat_refund",
    "request_refund",
    "retry_event",
    "retry_payment",
    "settle",
    "settle_returning",
    "submit_refund",
]
