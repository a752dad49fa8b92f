"""What is in a basket, with what has changed since it went in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models import Sum as SumOf
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.carts.models import Cart, CartLine
from marketplace.catalogue.images import avatar_addresses
from marketplace.catalogue.models import Product, Variant
from marketplace.catalogue.querysets import is_visible
from marketplace.core.money import format_rupiah
from marketplace.promotions.rules import Goods, Offer
from marketplace.promotions.selectors import offer_for
from umkm.vendors.models import Vendor

# How long a line that was taken out can be put back from the page of the basket.
UNDO_FOR = timedelta(minutes=10)

# A basket's row joins eight tables: only what the basket, the quotes and the order need of each.
_PRODUCT, _VENDOR = "variant__product__", "variant__product__vendor__"
_SHOWN = (
    *("cart", "variant", "quantity", "price_seen", "added_at", "removed_at"),
    *(f"variant__{name}" for name in ("product", "label", "price", "weight_grams", "is_active")),
    *(f"variant__stock__{name}" for name in ("variant", "on_hand", "reserved")),
    *(f"{_PRODUCT}{name}" for name in ("vendor", "slug", "name", "name_en", "is_digital")),
    *(f"{_PRODUCT}listing__{name}" for name in ("product", "picture_240")),
    *(f"{_VENDOR}{name}" for name in ("slug", "name", "status", "village", "address", "avatar")),
    *(
        f"{_VENDOR}{name}"
        for name in ("accepts_cod", "cod_limit", "accepts_transfer", "accepts_pickup", "opening_hours")
    ),
    *(f"{_VENDOR}village__{name}" for name in ("name", "parent", "parent__name")),
)
SHOP_CLOSED, NOT_SOLD, SOLD_OUT, SHORT = "shop_closed", "not_sold", "sold_out", "short"


@dataclass(frozen=True)
class Line:
    """One line as it stands now: price, stock and visibility are read afresh, never from the prepared rows."""

    pk: int
    variant: Variant
    quantity: int
    price_seen: int
    available: int
    problem: str = ""
    is_removed: bool = False

    @property
    def product(self) -> Product:
        """The product of the variant."""
        return self.variant.product

    @property
    def vendor(self) -> Vendor:
        """The shop that sells it."""
        return self.variant.product.vendor

    @property
    def price(self) -> int:
        """What one costs now."""
        return self.variant.price

    @property
    def total(self) -> int:
        """What all of them cost now."""
        return self.variant.price * self.quantity

    @property
    def is_countable(self) -> bool:
        """Whether it is part of the totals and can be ordered."""
        return not self.problem and not self.is_removed

    @property
    def can_be_mended(self) -> bool:
        """Whether fewer pieces would make it orderable."""
        return self.problem == SHORT

    @property
    def price_change(self) -> str:
        """How the price moved since the buyer saw it; empty when it did not."""
        if self.price == self.price_seen:
            return ""
        moved = _("Up, was %(price)s") if self.price > self.price_seen else _("Down, was %(price)s")
        return moved % {"price": format_rupiah(self.price_seen)}

    @property
    def problem_text(self) -> str:
        """What is wrong with the line and what to do about it; empty when nothing is."""
        if self.problem == SHORT:
            return ngettext("Only %(count)d left. Take fewer.", "Only %(count)d left. Take fewer.", self.available) % {
                "count": self.available
            }
        return {
            "": "",
            SHOP_CLOSED: _("This shop is not selling for now. Take it out, or leave it here for later."),
            NOT_SOLD: _("No longer sold. Take it out and look for something like it."),
            SOLD_OUT: _("Sold out. Take it out, or leave it here until there is more."),
        }[self.problem]

    @property
    def pk_text(self) -> str:
        """For ids in templates."""
        return str(self.pk)

    @property
    def picture(self) -> str:
        """The prepared address of the product's picture; empty while there is none."""
        listing = getattr(self.variant.product, "listing", None)
        return listing.picture_240 if listing else ""


@dataclass
class VendorGroup:
    """The lines of one vendor, in the order in which they went in."""

    vendor: Vendor
    lines: list[Line] = field(default_factory=list)
    picture: str = ""
    # What the basket's voucher takes off each countable line; only set where that was asked (`offer_on`).
    discounts: tuple[int, ...] = ()

    @property
    def countable(self) -> list[Line]:
        """The lines that are part of the totals."""
        return [line for line in self.lines if line.is_countable]

    @property
    def items_total(self) -> int:
        """What the countable lines cost."""
        return sum(line.total for line in self.countable)

    @property
    def discount(self) -> int:
        """What the basket's voucher takes off this shop's goods."""
        return sum(self.discounts)

    @property
    def weight_grams(self) -> int:
        """What the parcel weighs."""
        return sum(line.variant.weight_grams * line.quantity for line in self.countable if not line.product.is_digital)

    @property
    def is_digital(self) -> bool:
        """Whether nothing of it needs sending."""
        return bool(self.countable) and all(line.product.is_digital for line in self.countable)


@dataclass
class CartContents:
    """A basket as its page and the checkout see it."""

    cart: Cart | None
    groups: list[VendorGroup] = field(default_factory=list)

    @property
    def orderable(self) -> list[VendorGroup]:
        """The vendors of whom something can be ordered now."""
        return [group for group in self.groups if group.countable]

    @property
    def lines(self) -> list[Line]:
        """Every line, shop by shop."""
        return [line for group in self.groups for line in group.lines]

    @property
    def items_total(self) -> int:
        """What everything countable costs."""
        return sum(group.items_total for group in self.groups)

    @property
    def discount_total(self) -> int:
        """What the basket's voucher takes off."""
        return sum(group.discount for group in self.groups)

    @property
    def total(self) -> int:
        """What the goods come to, the voucher taken off."""
        return self.items_total - self.discount_total

    @property
    def quantity(self) -> int:
        """How many pieces are counted."""
        return sum(line.quantity for group in self.groups for line in group.countable)

    @property
    def problems(self) -> list[Line]:
        """The lines that cannot be ordered as they stand."""
        return [line for line in self.lines if line.problem and not line.is_removed]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in it but what was taken out."""
        return not any(not line.is_removed for line in self.lines)


def cart_contents(cart: Cart | None, *, with_removed: bool = False) -> CartContents:
    """Everything in a basket, grouped by vendor, in one query.

    Arguments:
        with_removed: include what was taken out a moment ago, for the row that offers to put it back.
    """
    contents = CartContents(cart=cart)
    if cart is None:
        return contents
    rows = CartLine.objects.filter(cart=cart)
    if with_removed:
        rows = rows.filter(Q(removed_at=None) | Q(removed_at__gte=timezone.now() - UNDO_FOR))
    else:
        rows = rows.filter(removed_at=None)
    groups: dict[int, VendorGroup] = {}
    for line in (_as_line(row) for row in _with_truth(rows)):
        groups.setdefault(line.vendor.pk, VendorGroup(vendor=line.vendor)).lines.append(line)
    contents.groups = list(groups.values())
    return contents


def add_shop_pictures(contents: CartContents) -> None:
    """Give each group the shop's avatar, for pages; one query, or none while nobody has one."""
    avatars = avatar_addresses(group.vendor for group in contents.groups)
    for group in contents.groups:
        group.picture = avatars.get(group.vendor.pk, "")


def offer_on(contents: CartContents, code: str, *, email: str = "") -> Offer | None:
    """What a voucher does to what can be ordered of a basket, noted on each shop's group; None without either.

    Arguments:
        email: of the person who is signed in: then what they have had already counts.
    """
    groups = contents.orderable
    for group in groups:
        group.discounts = ()
    if not code.strip() or not groups:
        return None
    offer = offer_for(code, [each for group in groups for each in _goods(group)], email=email)
    discounts = iter(offer.discounts)
    for group in groups:
        group.discounts = tuple(islice(discounts, len(group.countable)))
    return offer


def _goods(group: VendorGroup) -> list[Goods]:
    return [Goods(vendor_id=group.vendor.pk, product_id=line.product.pk, total=line.total) for line in group.countable]


def _with_truth(rows: "QuerySet[CartLine]") -> "QuerySet[CartLine]":
    return (
        rows.select_related(
            "variant__stock",
            "variant__product__vendor__village__parent",
            "variant__product__listing",
        )
        .only(*_SHOWN)
        .annotate(
            is_sold=ExpressionWrapper(
                is_visible("variant__product__") & Q(variant__is_active=True), output_field=BooleanField()
            )
        )
    )


def _as_line(row: CartLine) -> Line:
    stock = getattr(row.variant, "stock", None)
    available = stock.available if stock else 0
    return Line(
        pk=row.pk,
        variant=row.variant,
        quantity=row.quantity,
        price_seen=row.price_seen,
        available=available,
        problem=_problem(row, available),
        is_removed=row.removed_at is not None,
    )


def _problem(row: CartLine, available: int) -> str:
    if not row.variant.product.vendor.is_open:
        return SHOP_CLOSED
    if not row.is_sold:  # type: ignore[attr-defined]  # annotated in _with_truth
        return NOT_SOLD
    if available <= 0:
        return SOLD_OUT
    return SHORT if row.quantity > available else ""


def cart_quantity(cart: Cart | None) -> int:
    """How many pieces are in a basket: the count on its icon."""
    if cart is None:
        return 0
    return CartLine.objects.filter(cart=cart, removed_at=None).aggregate(total=SumOf("quantity"))["total"] or 0


def buyable_variants(variant_ids: Iterable[int]) -> "QuerySet[Variant]":
    """Those of these variants that may be put into a basket now, with stock and shop loaded."""
    return (
        Variant.objects.filter(is_visible("product__"), pk__in=variant_ids, is_active=True)
        .select_related("stock", "product__vendor")
        .order_by("pk")
    )
