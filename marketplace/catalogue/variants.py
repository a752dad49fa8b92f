"""The forms of a product and their prices. Prices change at once; a new text on sale waits for the review."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.audit.services import record
from marketplace.catalogue.content import VariantDraft
from marketplace.catalogue.listings import refresh_listings
from marketplace.catalogue.lock_objects import lock_product
from marketplace.catalogue.models import Product, Variant
from marketplace.catalogue.revisions import current_draft, refuse_if_locked, save_draft
from marketplace.core.exceptions import DomainError
from marketplace.outbox.services import enqueue

# Inventory stands above and counts what is left over the variants on sale: it hears of a change by the outbox.
CHANGED_TOPIC = "catalogue.variants_changed"
MAX_VARIANTS = 60
MAX_PRICE = 1_000_000_000
MAX_WEIGHT_GRAMS = 1_000_000


def save_variants(*, product_id: int, actor: Any, variants: Sequence[VariantDraft]) -> list[Variant]:
    """Make the forms of a product those that are given and return them in the same order.

    A form that is not given any more goes off sale; it is deleted only if nobody can have bought it. On a product that
    is on sale a form with a new text waits for the review (`awaits_review`), and what it replaces stays on sale until
    then (`goes_at_review`). Raises DomainError with the field `variant-<index>-<what>`.
    """
    _check(variants)
    with transaction.atomic():
        product = lock_product(product_id)
        existing = {variant.pk: variant for variant in product.variants.select_for_update().order_by("pk")}
        by_label = {variant.label.casefold(): variant for variant in existing.values()}
        pairs = []
        for draft in variants:
            variant = existing.get(draft.variant_id or 0) or by_label.get(draft.label.casefold())
            if variant is not None and variant.pk not in existing:
                variant = None
            if variant is not None:
                existing.pop(variant.pk)
            pairs.append((draft, variant or Variant(product=product)))
        has_new_text = _needs_review(product, pairs)
        if has_new_text:
            refuse_if_locked(product=product, actor=actor)
        _retire(product, list(existing.values()), at_review=has_new_text)
        _free_labels(pairs)
        for position, (draft, variant) in enumerate(pairs):
            _write(product, variant, draft, position)
        if has_new_text:
            save_draft(product=product, draft=current_draft(product), actor=actor)
        _announce(product)
        record(action="catalogue.variants_saved", target=product, actor=actor, data={"variants": len(pairs)})
    return [variant for _draft, variant in pairs]


def change_price(*, variant_id: int, price: int, actor: Any) -> None:
    """Set a new price, at once. Carts tell the buyer; orders keep the price they were placed at."""
    check_price(price)
    with transaction.atomic():
        variant = Variant.objects.select_for_update(of=("self",)).get(pk=variant_id)
        old = variant.price
        if old == price:
            return
        Variant.objects.filter(pk=variant_id).update(price=price)
        refresh_listings(product_ids=[variant.product_id])
        record(action="catalogue.price_changed", target=variant, actor=actor, data={"from": old, "to": price})


def check_price(price: int | None, *, field: str = "price") -> None:
    """Raise DomainError for a price that cannot be: none, zero, negative or absurd."""
    if price is None:
        raise DomainError(_("Write a price."), code="price_missing", field=field)
    if price <= 0:
        raise DomainError(_("The price must be more than Rp0."), code="price_not_positive", field=field)
    if price > MAX_PRICE:
        raise DomainError(_("The price may be at most Rp1.000.000.000."), code="price_too_high", field=field)


def _check(variants: Sequence[VariantDraft]) -> None:
    if not variants:
        raise DomainError(_("A product needs at least one price."), code="no_variant", field="variants")
    if len(variants) > MAX_VARIANTS:
        raise DomainError(
            _("A product can have at most %(most)s variants.") % {"most": MAX_VARIANTS},
            code="too_many_variants",
            field="variants",
        )
    seen: set[str] = set()
    for index, draft in enumerate(variants):
        check_price(draft.price, field=f"variant-{index}-price")
        if not 0 <= draft.weight_grams <= MAX_WEIGHT_GRAMS:
            raise DomainError(
                _("The weight must be between 0 and 1,000,000 grams."), code="weight", field=f"variant-{index}-weight"
            )
        label = draft.label.casefold()
        if label in seen or (len(variants) > 1 and not label):
            raise DomainError(
                _("Two variants have the same name. Tell them apart."),
                code="label_twice",
                field=f"variant-{index}-label",
            )
        if len(draft.label) > 120:
            raise DomainError(_("This name is too long."), code="label_long", field=f"variant-{index}-label")
        seen.add(label)


def settle_reviewed_variants(product: Product) -> None:
    """The review has passed: what waited for it goes on sale, what it replaces goes off."""
    product.variants.filter(goes_at_review=True).update(goes_at_review=False, is_active=False, is_retired=True)
    product.variants.filter(awaits_review=True).update(awaits_review=False, is_active=True)
    _announce(product)


def _announce(product: Product) -> None:
    refresh_listings(product_ids=[product.pk])
    enqueue(topic=CHANGED_TOPIC, key=str(product.pk), payload={"product_id": product.pk})


def _is_new_text(draft: VariantDraft, variant: Variant) -> bool:
    return variant.pk is None or variant.label.casefold() != draft.label.casefold()


def _needs_review(product: Product, pairs: list[tuple[VariantDraft, Variant]]) -> bool:
    return product.live and any(_is_new_text(draft, variant) for draft, variant in pairs)


def _retire(product: Product, left_over: list[Variant], *, at_review: bool) -> None:
    """Off sale, not deleted: carts and orders know it. What never was on sale goes for good."""
    never_on_sale = product.first_published_at is None and not product.live
    for variant in left_over:
        row = Variant.objects.filter(pk=variant.pk)
        if never_on_sale or variant.awaits_review:
            row.delete()
        elif at_review and variant.is_active:
            row.update(goes_at_review=True)
        else:
            row.update(is_active=False, is_retired=True, goes_at_review=False)


def _free_labels(pairs: list[tuple[VariantDraft, Variant]]) -> None:
    """Two forms may swap names: a unique label must be free before the other one takes it."""
    for draft, variant in pairs:
        if variant.pk is not None and variant.label != draft.label:
            Variant.objects.filter(pk=variant.pk).update(label=f"\u2060{variant.pk}")


def _write(product: Product, variant: Variant, draft: VariantDraft, position: int) -> None:
    is_new_text = _is_new_text(draft, variant)
    variant.options = [dict(option) for option in draft.options]
    variant.label = draft.label
    variant.price = draft.price
    variant.weight_grams = draft.weight_grams
    variant.sku = draft.sku.strip()
    variant.position = position
    variant.awaits_review = product.live and (is_new_text or variant.awaits_review)
    variant.is_active = draft.is_active and not variant.awaits_review
    variant.goes_at_review = variant.is_retired = False
    variant.save()
