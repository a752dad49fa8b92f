"""Whose the money of a sale is: the shop's, the site's commission, and the delivery of whoever sends."""

from marketplace.ledger.models import Account
from marketplace.ledger.selectors import balance_of_part
from marketplace.ledger.services import Line
from marketplace.orders.models import SubOrder


def is_sent_by_site(part: SubOrder) -> bool:
    """Whether the site sends this part, and so keeps its delivery; frozen in the quote at the sale."""
    return part.shipping_quote.get("paid_to") == "site"


def sale_lines(part: SubOrder) -> list[Line]:
    """What a sold part makes us owe: to the shop its net, to ourselves commission and, where the site sends, delivery.

    The amounts, credits but for the site's voucher, add up to the part's gross.
    """
    delivery = part.shipping_total if is_sent_by_site(part) else 0
    return [
        # A voucher that the shop bears is out of its net already; one of the site's the shop is owed as if paid.
        Line(Account.VENDOR_PAYABLE, delivery - part.for_vendor, part.vendor_id, part.pk),
        Line(Account.PROMOTION, part.site_discount, order_part=part.pk),
        Line(Account.COMMISSION, -part.commission, order_part=part.pk),
        Line(Account.SHIPPING, -delivery, order_part=part.pk),
    ]


def refund_share_lines(part: SubOrder, *, amount: int, commission: int, is_delivery: bool) -> list[Line]:
    """What goes back of a sold part, out of what it had made us owe: the shop's share, and the commission on it.

    The amounts are debits and add up to `amount`.
    """
    if is_delivery and is_sent_by_site(part):
        return [Line(Account.SHIPPING, amount, order_part=part.pk)]
    return [
        Line(Account.VENDOR_PAYABLE, amount - commission, part.vendor_id, part.pk),
        Line(Account.COMMISSION, commission, order_part=part.pk),
    ]


def promotion_back_lines(part: SubOrder) -> list[Line]:
    """What the site takes back of a voucher that it bears, as the goods go back: the last refund takes what is left.

    Read the part after the refund was counted on it. Nothing while the sale is not in the books.
    """
    if not part.site_discount:
        return []
    booked = balance_of_part(account=Account.PROMOTION, order_part=part.pk)
    paid = part.items_total - part.discount_total
    left = paid - (part.refunded_total - part.refunded_shipping)
    back = booked - part.site_discount * left // paid if booked and paid else 0
    if back <= 0:
        return []
    return [
        Line(Account.PROMOTION, -back, order_part=part.pk),
        Line(Account.VENDOR_PAYABLE, back, part.vendor_id, part.pk),
    ]


def direct_sale_lines(part: SubOrder) -> list[Line]:
    """The same for a part that the buyer paid straight to the shop: in cash, by transfer."""
    return [*sale_lines(part), Line(Account.PAID_TO_VENDOR, part.gross, part.vendor_id, part.pk)]


def direct_receipt_lines(part: SubOrder) -> list[Line]:
    """What the shop received itself is set off against what it is owed; what is left is what it owes us."""
    return [
        Line(Account.VENDOR_PAYABLE, part.gross, part.vendor_id, part.pk),
        Line(Account.PAID_TO_VENDOR, -part.gross, part.vendor_id, part.pk),
    ]
