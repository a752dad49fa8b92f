"""What a voucher takes off which goods, or why not. Pure arithmetic; nothing is read or written here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from marketplace.core.dates import format_local_date
from marketplace.core.money import format_rupiah, split_by_largest_remainder
from marketplace.promotions.models import Voucher

# So much of the goods is always left to pay: no way to pay takes nothing.
LEAST_LEFT = 1_000


@dataclass(frozen=True)
class Goods:
    """One line of a basket. `category`: the path of its category, only needed by vouchers for categories."""

    vendor_id: int
    product_id: int
    total: int
    category: str = ""


@dataclass(frozen=True)
class Offer:
    """What a voucher does to a basket.

    Arguments:
        discounts: for each line in rupiah what it takes off; their sum is the discount.
        refusal: why it takes off nothing, and what to do; empty when it does.
        is_about_goods: the refusal ends once the right goods are in the basket.
    """

    voucher: Voucher | None
    discounts: tuple[int, ...]
    refusal: str = ""
    is_about_goods: bool = False

    @property
    def total(self) -> int:
        """The whole discount."""
        return sum(self.discounts)

    @property
    def code_to_keep(self) -> str:
        """The code, if it takes something off or will once the right goods are in the basket; else nothing."""
        return self.voucher.code if self.voucher is not None and (self.total or self.is_about_goods) else ""

    @property
    def is_borne_by_site(self) -> bool:
        """Whether the site pays it, not the shop."""
        return self.voucher is not None and self.voucher.vendor_id is None


@dataclass(frozen=True)
class Scope:
    """What a voucher is for: no products and no categories means everything of its shop, or of all shops."""

    product_ids: frozenset[int] = frozenset()
    categories: tuple[str, ...] = ()

    def covers(self, voucher: Voucher, goods: Goods) -> bool:
        """Whether the voucher is for these goods."""
        if voucher.vendor_id is not None and goods.vendor_id != voucher.vendor_id:
            return False
        if not self.product_ids and not self.categories:
            return True
        return goods.product_id in self.product_ids or any(
            goods.category == path or goods.category.startswith(f"{path}/") for path in self.categories
        )


def offer_of(
    voucher: Voucher, scope: Scope, goods: Sequence[Goods], *, now: datetime, shop: str = "", had: bool = False
) -> Offer:
    """What `voucher` takes off these goods now.

    Arguments:
        shop: the name of the shop that gives it out, for refusals.
        had: this buyer has used it as often as it allows.
    """
    nothing = (0,) * len(goods)
    refusal = _refusal(voucher, now) or (had_it() if had else "")
    if refusal:
        return Offer(voucher, nothing, refusal)
    fitting = [each.total if scope.covers(voucher, each) else 0 for each in goods]
    base = sum(fitting)
    if not base:
        refusal = _not_for_these(voucher, scope, shop)
    elif base < voucher.min_basket:
        refusal = _("Still %(missing)s to go: this voucher is for goods of at least %(least)s.") % {
            "missing": format_rupiah(voucher.min_basket - base),
            "least": format_rupiah(voucher.min_basket),
        }
    discount = 0 if refusal else min(_worth(voucher, base), base - LEAST_LEFT)
    if not refusal and discount <= 0:
        refusal = _("There is too little in your basket for this voucher. Put something more in, or order without it.")
    if refusal:
        return Offer(voucher, nothing, refusal, is_about_goods=True)
    return Offer(voucher, tuple(_split(discount, fitting)))


def _refusal(voucher: Voucher, now: datetime) -> str:
    if not voucher.is_active:
        return _("This voucher is no longer given out. Order without it, or try another one.")
    if voucher.valid_from > now:
        return _("This voucher is valid from %(day)s. Come back then, or order without it.") % {
            "day": format_local_date(voucher.valid_from, "datetime")
        }
    if voucher.valid_until is not None and voucher.valid_until <= now:
        return _("This voucher was valid until %(day)s. Order without it, or try another one.") % {
            "day": format_local_date(voucher.valid_until, "datetime")
        }
    return used_up() if voucher.is_used_up else ""


def used_up() -> str:
    """Why a voucher of which none is left cannot be used."""
    return _("This voucher is used up. Order without it, or try another one.")


def had_it() -> str:
    """Why a buyer who has had a voucher often enough cannot use it."""
    return _("You have used this voucher as often as it allows. Order without it, or try another one.")


def _not_for_these(voucher: Voucher, scope: Scope, shop: str) -> str:
    if voucher.vendor_id is not None and not scope.product_ids and not scope.categories:
        return _("This voucher is for goods from %(shop)s. Put some into your basket, or order without it.") % {
            "shop": shop
        }
    return _("This voucher is not for what is in your basket. Order without it, or try another one.")


def _worth(voucher: Voucher, base: int) -> int:
    if voucher.kind == Voucher.Kind.FIXED:
        return voucher.amount or 0
    share = base * (voucher.percent or 0) // 100
    return min(share, voucher.amount) if voucher.amount else share


def _split(discount: int, totals: Sequence[int]) -> list[int]:
    """The discount over the lines by largest remainder. No share is above its line, since the whole is below theirs."""
    return split_by_largest_remainder(discount, totals)
