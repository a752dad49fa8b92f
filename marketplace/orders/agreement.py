"""The nine items that an electronic contract must carry (PP 80/2019, article 53(1)): for page, mail and PDF."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from marketplace.core.dates import format_local_date
from marketplace.core.everyday import seller_words
from marketplace.core.money import format_rupiah
from marketplace.core.pdf import Document
from marketplace.orders.models import Order, OrderLine, SubOrder
from marketplace.orders.services import CASH_METHODS
from marketplace.orders.tracking import quote_of
from marketplace.orders.vouchers import voucher_label


@dataclass(frozen=True)
class Item:
    """One item of the agreement: its heading and what it says, line by line."""

    title: str
    lines: tuple[str, ...]


def agreement_of(*, order: Order, parts: Sequence[SubOrder], badges: Mapping[int, Sequence[Any]]) -> list[Item]:
    """The nine items, in their order, in the active language.

    Arguments:
        parts: with `vendor__village__parent` and their lines loaded.
        badges: the permits of each vendor by its id (`umkm.registration.selectors.public_badges`).
    """
    return [
        Item(_("The parties"), (_buyer(order), *(_seller(part) for part in parts))),
        Item(
            _("The goods"),
            tuple(
                f"{line.quantity} × {_line_name(line)} ({part.vendor.name})"
                for part in parts
                for line in part.lines.all()
            ),
        ),
        Item(_("Their legality"), tuple(_legality(part, badges.get(part.vendor_id, ())) for part in parts)),
        Item(_("The value"), (_value(order, parts),)),
        Item(_("Payment"), (_payment(order),)),
        Item(pgettext("agreement", "Delivery"), tuple(_delivery(part) for part in parts)),
        Item(
            _("If it isn't what was agreed"),
            (
                _(
                    "Tell us within 2 working days after you received it, with a photo. The shop exchanges it or gives "
                    "the money back; it also pays the way back."
                ),
            ),
        ),
        Item(
            _("Cancelling"),
            (
                _(
                    "Before a shop has packed, an order that is not paid can be cancelled on this page at no cost. A "
                    "paid one is cancelled through “Report a problem”."
                ),
            ),
        ),
        Item(
            _("Disputes"),
            (
                _(
                    "First between buyer and seller with our help; then the consumer dispute settlement body (BPSK) of "
                    "Malang, or the court at the buyer's place of residence."
                ),
            ),
        ),
    ]


def receipt_pdf(*, order: Order, parts: Sequence[SubOrder], badges: Mapping[int, Sequence[Any]]) -> bytes:
    """The proof of an order as PDF: what was bought at which price, and the nine items. Never a tax invoice."""
    document = Document(
        title=_("Proof of order"),
        subtitle=f"{order.number} · {format_local_date(order.placed_at, 'datetime')}",
        footer=f"{settings.SITE_NAME} · {order.number}",
    )
    for part in parts:
        document.heading(part.vendor.name)
        rows = [
            (_line_name(line), format_rupiah(line.unit_price), str(line.quantity), format_rupiah(line.total))
            for line in part.lines.all()
        ]
        rows.append((quote_of(part).label, "", "", format_rupiah(part.shipping_total)))
        if part.discount_total:
            rows.append((voucher_label(order, [part]), "", "", format_rupiah(-part.discount_total)))
        document.table(
            (_("Goods"), _("Each"), _("Pieces"), _("Sum")), rows, widths=(0.52, 0.18, 0.1, 0.2), numbers=(1, 2, 3)
        )
    document.table((_("Total"), format_rupiah(order.total)), [], widths=(0.7, 0.3), numbers=(1,))
    document.heading(_("What was agreed (PP 80/2019, article 53)"))
    for position, item in enumerate(agreement_of(order=order, parts=parts, badges=badges), start=1):
        document.heading(f"{position}. {item.title}")
        document.paragraph("\n".join(item.lines))
    document.space()
    document.paragraph(
        _("This is not a tax invoice (faktur pajak).")
        + " "
        + _("Made on %(day)s by %(site)s.")
        % {"day": format_local_date(timezone.now(), "datetime"), "site": settings.SITE_NAME},
        is_small=True,
    )
    return document.render()


def _buyer(order: Order) -> str:
    return _("Buyer: %(name)s, %(email)s.") % {"name": order.recipient_name, "email": order.email}


def _seller(part: SubOrder) -> str:
    vendor = part.vendor
    place = ", ".join(
        text
        for text in (
            vendor.address,
            vendor.village.name,
            vendor.village.parent.name if vendor.village.parent else "",
            f"NIB {vendor.nib}" if vendor.nib else "",
        )
        if text
    )
    return f"{_('Seller:')} {vendor.name}, {place}."


def _line_name(line: OrderLine) -> str:
    return f"{line.display_name}, {seller_words(line.variant_label)}" if line.variant_label else line.display_name


def _legality(part: SubOrder, permits: Sequence[Any]) -> str:
    valid = [
        f"{permit.label} …{permit.number_tail}" + (f" ({permit.agency})" if permit.agency else "")
        for permit in permits
        if permit.is_valid
    ]
    words = ", ".join(valid) or _("a business that its department has checked.")
    return f"{part.vendor.name}: {words}"


def _value(order: Order, parts: Sequence[SubOrder]) -> str:
    amounts = {
        "items": format_rupiah(order.items_total),
        "shipping": format_rupiah(order.shipping_total),
        "discount": format_rupiah(order.discount_total),
        "voucher": voucher_label(order, parts),
        "total": format_rupiah(order.total),
    }
    if order.discount_total:
        return (
            _("Goods %(items)s, delivery %(shipping)s, less %(discount)s (%(voucher)s), together %(total)s.") % amounts
        )
    return _("Goods %(items)s, delivery %(shipping)s, together %(total)s.") % amounts


def _payment(order: Order) -> str:
    label = str(order.get_payment_method_display())
    sentence = f"{label[:1].upper()}{label[1:]}."
    if order.payment_method in CASH_METHODS:
        return f"{sentence} {_('To be paid when the goods are handed over.')}"
    if order.paid_at:
        when = {"time": format_local_date(order.paid_at, "datetime")}
        return f"{sentence} {_('Paid %(time)s.') % when}"
    if order.expires_at:
        when = {"time": format_local_date(order.expires_at, "datetime")}
        return f"{sentence} {_('To be paid before %(time)s.') % when}"
    return sentence


def _delivery(part: SubOrder) -> str:
    quote = quote_of(part)
    return f"{part.vendor.name}: {', '.join(text for text in (quote.label, quote.promise) if text)}."
