"""The provider's codes in words, for people who don't read its documentation."""

from django.utils.translation import gettext_lazy as _

# Stripe's reasons: of a refund that failed, and of a dispute.
WORDS = {
    "charge_for_pending_refund_disputed": _("the buyer's bank asks it back already"),
    "declined": _("declined by the bank"),
    "expired_or_canceled_card": _("the card has expired or was cancelled"),
    "insufficient_funds": _("too little money in the account"),
    "lost_or_stolen_card": _("the card is lost or stolen"),
    "merchant_request": _("stopped by us"),
    "bank_cannot_process": _("the bank cannot process it"),
    "credit_not_processed": _("a refund that was promised did not come"),
    "duplicate": _("paid twice"),
    "fraudulent": _("the cardholder did not order it"),
    "general": _("no reason given"),
    "product_not_received": _("the goods did not arrive"),
    "product_unacceptable": _("the goods are not as described"),
    "unrecognized": _("the cardholder does not recognise it"),
}


def provider_words(code: str) -> str:
    """What one of the provider's codes means; any other text as it is."""
    return str(WORDS.get(code, code))
