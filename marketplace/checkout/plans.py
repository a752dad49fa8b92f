"""What a checkout would come to: each shop's ways to deliver, the chosen one, the ways to pay, the sum."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from marketplace.carts.selectors import CartContents, Line, VendorGroup, offer_on
from marketplace.core.money import format_rupiah
from marketplace.orders.models import PaymentMethod
from marketplace.payments.selectors import is_stripe_configured
from marketplace.promotions.models import Voucher
from marketplace.promotions.rules import Offer
from marketplace.reference.models import Region
from marketplace.shipping.quotes import COURIER, DIGITAL, OWN_DELIVERY, PICKUP, Quote
from marketplace.shipping.selectors import RateBook, quotes_for


@dataclass(frozen=True)
class Part:
    """One shop's part of the order to be."""

    group: VendorGroup
    quotes: list[Quote]
    chosen: Quote | None
    # Whether the site bears what a voucher takes off.
    is_discount_sites: bool = False

    @property
    def field_name(self) -> str:
        """The form field that says which way was chosen."""
        return delivery_field(self.group.vendor.pk)

    @property
    def items_total(self) -> int:
        """What the goods cost."""
        return self.group.items_total

    @property
    def shipping(self) -> int:
        """What the chosen way costs; nothing while none is chosen."""
        return self.chosen.price if self.chosen else 0

    @property
    def total(self) -> int:
        """Goods and delivery together."""
        return self.items_total + self.shipping - self.discount

    @property
    def discount(self) -> int:
        """What a voucher takes off this part."""
        return self.group.discount

    @property
    def site_discount(self) -> int:
        """What of the discount the site bears."""
        return self.discount if self.is_discount_sites else 0

    @property
    def discounted_lines(self) -> list[tuple[Line, int]]:
        """Each line that is ordered with what is taken off it."""
        lines = self.group.countable
        return list(zip(lines, self.group.discounts or (0,) * len(lines), strict=True))


@dataclass(frozen=True)
class PaymentOption:
    """A way to pay, and why it cannot be chosen, if it cannot."""

    method: str
    label: str
    note: str
    reason: str = ""


@dataclass
class Plan:
    """The whole order to be. Nothing is written; `place_order` makes the same plan again inside its transaction."""

    contents: CartContents
    parts: list[Part] = field(default_factory=list)
    region: Region | None = None
    rates: RateBook = field(default_factory=RateBook)
    # What the voucher does whose code was typed; None without one.
    offer: Offer | None = None

    @property
    def items_total(self) -> int:
        """What the goods cost."""
        return sum(part.items_total for part in self.parts)

    @property
    def shipping_total(self) -> int:
        """What all deliveries cost."""
        return sum(part.shipping for part in self.parts)

    @property
    def total(self) -> int:
        """Goods and delivery together."""
        return self.items_total + self.shipping_total - self.discount_total

    @property
    def discount_total(self) -> int:
        """What the voucher takes off."""
        return sum(part.discount for part in self.parts)

    @property
    def voucher(self) -> Voucher | None:
        """The voucher that takes something off."""
        return self.offer.voucher if self.offer and self.offer.total else None

    @property
    def is_complete(self) -> bool:
        """Whether every shop's part has a way to its buyer."""
        return bool(self.parts) and all(part.chosen for part in self.parts)

    @property
    def needs_address(self) -> bool:
        """Whether anything has to be brought to the buyer, or nothing is chosen yet."""
        return any(part.chosen is None or part.chosen.needs_address for part in self.parts)

    @property
    def payments(self) -> list[PaymentOption]:
        """Every way to pay, those that cannot be chosen with the reason."""
        return [
            PaymentOption(
                PaymentMethod.STRIPE,
                _("Pay online"),
                _("By card or other online payment, once for all shops"),
                "" if is_stripe_configured() else _("Not offered for now"),
            ),
            PaymentOption(
                PaymentMethod.COD,
                _("Cash on delivery"),
                _("You pay each shop when it brings your order"),
                self._no_cod(),
            ),
            PaymentOption(
                PaymentMethod.PICKUP, _("Pay at the shop"), _("You pay each shop when you fetch it"), self._no_pickup()
            ),
            PaymentOption(
                PaymentMethod.MANUAL_TRANSFER,
                _("Transfer or QRIS"),
                _("You pay each shop's account; it packs when it has the money"),
                self._no_transfer(),
            ),
        ]

    def reason_against(self, method: str) -> str:
        """Why this way to pay cannot be chosen; empty when it can."""
        for option in self.payments:
            if option.method == method:
                return option.reason
        return _("Choose how you want to pay.")

    def _no_cod(self) -> str:
        for part in self.parts:
            shop = {"shop": part.group.vendor.name}
            if not part.group.vendor.accepts_cod:
                return _("%(shop)s does not offer this yet.") % shop
            limit = part.group.vendor.cod_limit
            if limit is not None and part.total > limit:
                return _("%(shop)s takes cash up to %(limit)s. Choose another way to pay.") % {
                    **shop,
                    "limit": format_rupiah(limit),
                }
            if part.chosen is None:
                return _("Choose how %(shop)s gets it to you first.") % shop
            if part.chosen.kind == DIGITAL:
                return _("What %(shop)s sends by mail is paid online.") % shop
            if part.chosen.kind == COURIER:
                return (
                    _("%(shop)s sends this by courier. Couriers don't take cash: choose its own delivery, if offered.")
                    % shop
                )
        if not any(part.chosen and part.chosen.kind == OWN_DELIVERY for part in self.parts):
            return _("You fetch everything yourself: choose “Pay at the shop”.")
        return ""

    def _no_transfer(self) -> str:
        for part in self.parts:
            if not part.group.vendor.accepts_transfer:
                return _("%(shop)s does not offer this yet.") % {"shop": part.group.vendor.name}
        return ""

    def _no_pickup(self) -> str:
        for part in self.parts:
            if part.chosen is None or part.chosen.kind != PICKUP:
                return _("Only if you fetch everything. %(shop)s would bring its part.") % {
                    "shop": part.group.vendor.name
                }
        return ""


def _choose(quotes: list[Quote], wanted: str, destination: str) -> Quote | None:
    """The quote with the key `wanted`, or what most buyers would take."""
    available = [quote for quote in quotes if quote.is_available]
    for quote in available:
        if quote.key == wanted or quote.kind == DIGITAL:
            return quote
    if not destination:
        # Nobody said yet that they would come and fetch it.
        return None
    brought = [quote for quote in available if quote.needs_address]
    return min(brought, key=lambda quote: quote.price) if brought else next(iter(available), None)


def delivery_field(vendor_id: int) -> str:
    """The name of the form field for one shop's way."""
    return f"delivery-{vendor_id}"


def make_plan(
    *,
    contents: CartContents,
    region: Region | None,
    deliveries: Mapping[int, str],
    rates: RateBook | None = None,
    voucher_code: str = "",
    buyer_email: str = "",
) -> Plan:
    """The plan for what can be ordered from this basket.

    Arguments:
        region: where it goes, once it is known.
        deliveries: for each shop's id the key of the chosen quote; without one, or with one that is no longer offered,
            the cheapest delivery is chosen for the buyer to see and change, once it is known where to.
        rates: read a moment ago for the same request; read anew if a shop is not in it.
        voucher_code: as the buyer typed it; what it takes off is read anew, or why it does not.
        buyer_email: of the person who is signed in: then what they have had already counts.
    """
    groups = contents.orderable
    destination = region.code if region else ""
    vendor_ids = [group.vendor.pk for group in groups]
    book = rates if rates is not None and rates.covers(vendor_ids) else RateBook.load(vendor_ids)
    offer = offer_on(contents, voucher_code, email=buyer_email)
    parts = []
    for group in groups:
        quotes = quotes_for(
            vendor=group.vendor,
            destination=destination,
            weight_grams=group.weight_grams,
            is_digital=group.is_digital,
            book=book,
        )
        wanted = deliveries.get(group.vendor.pk, "")
        parts.append(
            Part(
                group=group,
                quotes=quotes,
                chosen=_choose(quotes, wanted, destination),
                is_discount_sites=bool(offer and offer.is_borne_by_site),
            )
        )
    return Plan(contents=contents, parts=parts, region=region, rates=book, offer=offer)
