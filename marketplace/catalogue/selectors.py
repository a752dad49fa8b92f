"""Questions about products."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from marketplace.catalogue.models import Product
from marketplace.catalogue.querysets import ProductQuerySet
from umkm.vendors.models import Vendor


def products_of_vendor(vendor: Vendor) -> ProductQuerySet:
    """What a vendor lists, in every state: the vendor's own pages begin here, so others' products are not there."""
    return Product.objects.filter(vendor=vendor)


@dataclass(frozen=True)
class Missing:
    """Something that a product needs before it can be sent for review, and the field where to give it."""

    field: str
    message: str


def what_is_missing(draft: Product) -> list[Missing]:
    """What the vendor still has to do before `draft` (the newest revision as an object) can be reviewed."""
    missing = []
    if not draft.images.all():
        missing.append(Missing("photos", _("Add at least one photo.")))
    if not draft.description.strip():
        missing.append(Missing("description", _("Write a description: what it is, of what, how large.")))
    if not draft.category.is_active:
        missing.append(Missing("category", _("This category is no longer used. Choose another one.")))
    variants = list(draft.variants.all())
    if not any(variant.is_active or variant.awaits_review for variant in variants):
        missing.append(Missing("variants", _("Give a price for at least one variant that is on sale.")))
    elif not draft.is_digital and any(
        variant.weight_grams == 0 for variant in variants if variant.is_active or variant.awaits_review
    ):
        missing.append(Missing("variants", _("Give the weight of each variant, so that shipping can be counted.")))
    return missing
