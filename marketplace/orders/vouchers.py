"""The voucher of an order in words: for pages, mails and the proof of order."""

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext as _

from marketplace.orders.models import Order, SubOrder


def voucher_label(order: Order, parts: Sequence[SubOrder]) -> str:
    """Which voucher made these parts cheaper, and who gave it; empty when nothing did.

    Arguments:
        parts: of this order, all or some, with `vendor` loaded.
    """
    cheaper = [part for part in parts if part.discount_total]
    if not cheaper:
        return ""
    if not order.voucher_code:
        return _("Discount")
    giver = settings.SITE_NAME if cheaper[0].site_discount else cheaper[0].vendor.name
    return _("Voucher %(code)s from %(giver)s") % {"code": order.voucher_code, "giver": giver}
