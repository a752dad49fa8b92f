"""Writes of payouts: bank accounts, payouts step by step, commission, tax declarations."""

from marketplace.payouts.services.accounts import check_account, record_account_view, save_account
from marketplace.payouts.services.connect import link_stripe_account
from marketplace.payouts.services.payouts import (
    approve_payout,
    cancel_payout,
    mark_paid,
    mark_returned,
    mark_sent,
    note_export,
    prepare_payout,
)
from marketplace.payouts.services.rules import declare_turnover, remove_commission_rule, set_commission_rule

__all__ = [
    "approve_payout",
    "cancel_payout",
    "check_account",
    "declare_turnover",
    "link_stripe_account",
    "mark_paid",
    "mark_returned",
    "mark_sent",
    "note_export",
    "prepare_payout",
    "record_account_view",
    "remove_commission_rule",
    "save_account",
    "set_commission_rule",
]
