"""Codes are short, so nobody may try many: what the basket and the checkout count against whoever types them."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from marketplace.core.ratelimit import is_over
from marketplace.promotions.rules import Offer

GROUP, RATE = "voucher-guess", "10/m"


def may_look_up(request: HttpRequest) -> bool:
    """Whether this address may try a code: no while it tries one after the other."""
    return not is_over(request, GROUP, rate=RATE, counts=False)


def count_guess(request: HttpRequest, offer: Offer) -> None:
    """Remember it against this address when the code does not exist."""
    if offer.voucher is None:
        is_over(request, GROUP, rate=RATE, counts=True)


def too_many() -> Offer:
    """What somebody is told who tried too many."""
    return Offer(None, (), _("Too many codes that do not exist. Wait a minute, then try again."))
