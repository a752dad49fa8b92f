"""Writes to baskets."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.accounts.models import User
from marketplace.carts.models import MAX_QUANTITY, Cart, CartLine
from marketplace.carts.selectors import buyable_variants
from marketplace.catalogue.models import Variant
from marketplace.core.exceptions import DomainError
from marketplace.core.locking import lock_rows

MAX_LINES = 60
# Baskets of visitors that nobody touched for so long are forgotten; those of people with an account stay.
FORGET_VISITORS_AFTER = timedelta(days=60)
FORGET_REMOVED_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Added:
    """What came of putting something into a basket.

    Arguments:
        quantity: how many of it are in the basket now.
        basket_quantity: how many pieces are in the basket altogether.
        hint: why it is not all that was asked for; empty when it is.
    """

    cart: Cart
    variant: Variant
    quantity: int
    basket_quantity: int
    hint: str = ""


def find_cart(*, user: User | None, token: str) -> Cart | None:
    """The basket of this person, or the visitors' basket with this token; None while there is none."""
    if user is not None:
        return Cart.objects.filter(user=user).first()
    return Cart.objects.filter(token=token, user=None).first() if token else None


@transaction.atomic
def adopt_cart(*, user: User, token: str) -> Cart | None:
    """At sign-in: what the visitor had collected becomes the person's. Quantities of the same thing are not added up.

    Returns the person's basket, or None if neither had one. A token that is not (or no longer) a visitor's changes
    nothing.
    """
    found = {cart.user_id: cart for cart in lock_rows(Cart.objects.filter(token=token, user=None))}
    guest = found.get(None)
    own = Cart.objects.filter(user=user).first()
    if guest is None:
        return own
    if guest.voucher_code and own is not None and not own.voucher_code:
        set_voucher(cart=own, code=guest.voucher_code)
    if own is None:
        Cart.objects.filter(pk=guest.pk).update(user=user, updated_at=timezone.now())
        guest.user = user
        return guest
    kept = {line.variant_id: line for line in own.lines.all()}
    for line in guest.lines.filter(removed_at=None):
        mine = kept.get(line.variant_id)
        if mine is None:
            CartLine.objects.filter(pk=line.pk).update(cart=own)
        elif mine.removed_at or mine.quantity < line.quantity:
            CartLine.objects.filter(pk=mine.pk).update(
                quantity=line.quantity, price_seen=line.price_seen, removed_at=None
            )
    guest.delete()
    return own


@transaction.atomic
def add_to_cart(*, cart: Cart | None, user: User | None, variant_id: int, quantity: int) -> Added:
    """Put `quantity` more of a variant into a basket, at most what there is.

    Arguments:
        cart: None makes one, for `user` or for a visitor.

    Raises DomainError when the variant cannot be bought now or the number makes no sense.
    """
    if not 1 <= quantity <= MAX_QUANTITY:
        raise DomainError(
            _("Write a number from 1 to %(most)d.") % {"most": MAX_QUANTITY}, code="bad_quantity", field="quantity"
        )
    variant = buyable_variants([variant_id]).first()
    if variant is None:
        raise DomainError(_("This is no longer sold. Look for something like it."), code="not_sold")
    available = _available(variant)
    if available <= 0:
        raise DomainError(_("Sold out just now. Try another variant, or come back later."), code="sold_out")
    if cart is None:
        cart = _new_cart(user)
    kept = {line.variant_id: line for line in CartLine.objects.filter(cart=cart)}
    line = kept.get(variant_id)
    if line is None and len(kept) >= MAX_LINES:
        raise DomainError(
            _("Your basket holds at most %(most)d different things. Order these first.") % {"most": MAX_LINES},
            code="basket_full",
        )
    others = sum(row.quantity for row in kept.values() if row.removed_at is None and row.variant_id != variant_id)
    before = line.quantity if line and line.removed_at is None else 0
    wanted = min(before + quantity, available, MAX_QUANTITY)
    # One statement for a new line and for one that is there: two clicks at once cannot collide.
    CartLine.objects.bulk_create(
        [CartLine(cart=cart, variant=variant, quantity=wanted, price_seen=variant.price)],
        update_conflicts=True,
        unique_fields=["cart", "variant"],
        update_fields=["quantity", "price_seen", "removed_at"],
    )
    _touch(cart)
    return Added(
        cart=cart,
        variant=variant,
        quantity=wanted,
        basket_quantity=others + wanted,
        hint="" if wanted == before + quantity else _only(available),
    )


def _new_cart(user: User | None) -> Cart:
    if user is None:
        return Cart.objects.create()
    # Two first clicks at once find the same basket, in one statement.
    (cart,) = Cart.objects.bulk_create(
        [Cart(user=user)], update_conflicts=True, unique_fields=["user"], update_fields=["updated_at"]
    )
    return cart


def _touch(cart: Cart) -> None:
    """Note that somebody still uses the basket; to the day is enough."""
    if timezone.now() - cart.updated_at > timedelta(days=1):
        Cart.objects.filter(pk=cart.pk).update(updated_at=timezone.now())


def _available(variant: Variant) -> int:
    stock = getattr(variant, "stock", None)
    return stock.available if stock else 0


def _only(available: int) -> str:
    return ngettext("There is only %(count)d.", "There are only %(count)d.", available) % {"count": available}


@transaction.atomic
def change_quantity(*, cart: Cart, line_id: int, quantity: int) -> str:
    """Set how many of a line; 0 takes it out. Returns a hint when there are not that many, and sets what there is.

    The price as it is now counts as seen. Raises CartLine.DoesNotExist for a line of another basket.
    """
    line = CartLine.objects.select_related("variant__stock").get(pk=line_id, cart=cart)
    if quantity <= 0:
        remove_line(cart=cart, line_id=line_id)
        return ""
    available = _available(line.variant)
    wanted = min(quantity, MAX_QUANTITY, available) if available > 0 else line.quantity
    CartLine.objects.filter(pk=line.pk).update(quantity=wanted, price_seen=line.variant.price, removed_at=None)
    _touch(cart)
    return _only(available) if 0 < available < quantity else ""


@transaction.atomic
def remove_line(*, cart: Cart, line_id: int) -> CartLine:
    """Take a line out; `restore_line` puts it back. Raises CartLine.DoesNotExist for another basket's line."""
    line = CartLine.objects.select_related("variant__product").get(pk=line_id, cart=cart)
    if line.removed_at is None:
        line.removed_at = timezone.now()
        CartLine.objects.filter(pk=line.pk).update(removed_at=line.removed_at)
    return line


@transaction.atomic
def restore_line(*, cart: Cart, line_id: int) -> CartLine:
    """Put a line back that was taken out. Raises CartLine.DoesNotExist when it is gone for good."""
    line = CartLine.objects.get(pk=line_id, cart=cart)
    CartLine.objects.filter(pk=line.pk).update(removed_at=None)
    return line


@transaction.atomic
def set_voucher(*, cart: Cart, code: str) -> None:
    """Keep a voucher's code with the basket, for its page and the checkout; empty takes it out."""
    if cart.voucher_code != code:
        cart.voucher_code = code
        Cart.objects.filter(pk=cart.pk).update(voucher_code=code, updated_at=timezone.now())


def purge_old_carts() -> int:
    """Forget visitors' baskets that nobody comes back for, and lines that were taken out; run by the clock."""
    now = timezone.now()
    CartLine.objects.filter(removed_at__lte=now - FORGET_REMOVED_AFTER).delete()
    deleted, _by_model = Cart.objects.filter(user=None, updated_at__lte=now - FORGET_VISITORS_AFTER).delete()
    return deleted
