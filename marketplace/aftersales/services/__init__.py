"""The verbs after the sale. Each opens its own transaction and locks the order first."""

from marketplace.aftersales.services.asking import ask_refund, disagree, offer_refund, withdraw_request
from marketplace.aftersales.services.cancelling import cancel_parts
from marketplace.aftersales.services.clock import keep_terms
from marketplace.aftersales.services.deciding import approve_request, decline_request
from marketplace.aftersales.services.following import (
    count_outside_refund,
    dispute_hand_payment,
    follow_refund,
    hand_refund_of,
    note_paid_by_hand,
    take_over,
)
from marketplace.aftersales.services.requests import origin_of, refunds_outside
from marketplace.aftersales.services.returning import note_received, note_sent_back

__all__ = [
    "approve_request",
    "ask_refund",
    "cancel_parts",
    "count_outside_refund",
    "decline_request",
    "disagree",
    "dispute_hand_payment",
    "follow_refund",
    "hand_refund_of",
    "keep_terms",
    "note_paid_by_hand",
    "note_received",
    "note_sent_back",
    "offer_refund",
    "origin_of",
    "refunds_outside",
    "take_over",
    "withdraw_request",
]
