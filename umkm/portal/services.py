"""Writes of the owner that span slices: text in the catalogue and stock in the inventory, saved together or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import ngettext

from marketplace.catalogue.content import PhotoDraft, ProductContent, VariantDraft
from marketplace.catalogue.models import Product, Variant
from marketplace.catalogue.services import (
    change_price,
    create_product,
    refresh_vendor_listings,
    save_variants,
    update_product,
)
from marketplace.core.exceptions import DomainError
from marketplace.inventory.models import StockItem
from marketplace.inventory.services import set_stock
from umkm.vendors.models import Vendor
from umkm.vendors.services import ProfileChanges, update_profile


@dataclass(frozen=True)
class Count:
    """How many there are, as the vendor says.

    Arguments:
        on_hand: what they wrote.
        was: what their page showed; None for a variant that has no stock yet.
    """

    on_hand: int
    was: int | None = None


def save_product(
    *,
    vendor: Vendor,
    product: Product | None,
    actor: Any,
    content: ProductContent,
    photos: Sequence[PhotoDraft],
    variants: Sequence[VariantDraft],
    counts: Sequence[Count],
) -> Product:
    """Save a whole form: text, photos, variants, prices and stock; all of it or nothing.

    Arguments:
        product: what is changed; None makes a new one.
        counts: one for each of `variants`.
    """
    with transaction.atomic():
        if product is None:
            product = create_product(vendor=vendor, actor=actor, content=content, photos=photos)
        else:
            update_product(product_id=product.pk, actor=actor, content=content, photos=photos)
        saved = save_variants(product_id=product.pk, actor=actor, variants=variants)
        for index, (variant, count) in enumerate(zip(saved, counts, strict=True)):
            _count(variant.pk, count, actor, field=f"variant-{index}-stock")
    return product


def save_prices_and_stock(*, product: Product, actor: Any, rows: Sequence[tuple[int, int, Count]]) -> None:
    """Set price and stock of several variants of one product, at once and without a review.

    Arguments:
        rows: (variant id, price, count) for each.
    """
    own = set(Variant.objects.filter(product=product).values_list("pk", flat=True))
    with transaction.atomic():
        for index, (variant_id, price, count) in enumerate(rows):
            if variant_id in own:
                change_price(variant_id=variant_id, price=price, actor=actor)
                _count(variant_id, count, actor, field=f"variant-{index}-stock")


def save_shop(*, vendor: Vendor, actor: Any, changes: ProfileChanges) -> None:
    """Save what the shop says of itself; its cards show the new ways to deliver at once."""
    with transaction.atomic():
        update_profile(vendor_id=vendor.pk, actor=actor, changes=changes)
        refresh_vendor_listings(vendor_id=vendor.pk)


def _count(variant_id: int, count: Count, actor: Any, *, field: str) -> None:
    """A stock that was not touched stays as it is now, whatever the page showed: orders may have come in meanwhile."""
    if count.was is not None and count.on_hand == count.was:
        return
    now = StockItem.objects.filter(variant_id=variant_id).values_list("on_hand", flat=True).first()
    if count.was is not None and now is not None and now != count.was:
        raise DomainError(
            ngettext(
                "The stock changed while you were writing: there is %(now)s now. Count again and write the number.",
                "The stock changed while you were writing: there are %(now)s now. Count again and write the number.",
                now,
            )
            % {"now": now},
            code="stock_moved",
            field=field,
        )
    try:
        set_stock(variant_id=variant_id, on_hand=count.on_hand, actor=actor)
    except DomainError as error:
        raise DomainError(error.message, code=error.code, field=field) from error
