"""What vendors and the office do with products. Variants and their prices: variants.py; prepared rows: listings.py."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.actions.unpublish import UnpublishAction
from wagtail.images import get_image_model
from wagtail.models import WorkflowState

from marketplace.audit.services import record
from marketplace.catalogue.content import PhotoDraft, ProductContent
from marketplace.catalogue.listings import (
    refresh_listings,
    refresh_vendor_listings,
    set_listing_stock,
    set_listings_sold,
    set_listings_stock,
)
from marketplace.catalogue.lock_objects import lock_product
from marketplace.catalogue.models import Product, ProductImage
from marketplace.catalogue.moderation_setup import ensure_product_workflow
from marketplace.catalogue.notices import tell_members
from marketplace.catalogue.policies import may_moderate, may_submit
from marketplace.catalogue.revisions import current_draft, refuse_if_locked, save_draft
from marketplace.catalogue.selectors import what_is_missing
from marketplace.catalogue.variants import change_price, save_variants
from marketplace.core import pagecache
from marketplace.core.exceptions import DomainError, NotAllowed
from umkm.vendors.models import Vendor

__all__ = [
    "archive_product",
    "change_price",
    "create_product",
    "refresh_listings",
    "refresh_vendor_listings",
    "restore_product",
    "save_variants",
    "set_listing_stock",
    "set_listings_sold",
    "set_listings_stock",
    "submit_product",
    "take_down_product",
    "update_product",
    "withdraw_product",
]

MAX_PHOTOS = 8


def create_product(
    *, vendor: Vendor, actor: Any, content: ProductContent, photos: Sequence[PhotoDraft] = ()
) -> Product:
    """Make a draft that nobody but the vendor sees, with its first revision and its (hidden) prepared row."""
    with transaction.atomic():
        product = Product(vendor=vendor, slug=_free_slug(content.name), live=False)
        _write_content(product, content)
        _write_photos(product, photos)
        product.save()
        product.save_revision(user=actor)
        refresh_listings(product_ids=[product.pk])
        record(action="catalogue.created", target=product, actor=actor)
    return product


def update_product(
    *, product_id: int, actor: Any, content: ProductContent, photos: Sequence[PhotoDraft] | None = None
) -> Product:
    """Write the vendor's changes into a new revision. What is on sale stays as it is until the review passes.

    Arguments:
        photos: all pictures in their order; None leaves them as they are.

    A product that is being reviewed goes back to the start of the review with the new text. Nothing changed means
    nothing happens. Raises NotAllowed when the office has locked the product.
    """
    with transaction.atomic():
        product = lock_product(product_id)
        refuse_if_locked(product=product, actor=actor)
        draft = current_draft(product)
        before = draft.serializable_data()
        _write_content(draft, content)
        if photos is not None:
            _write_photos(draft, photos)
        if draft.serializable_data() != before:
            save_draft(product=product, draft=draft, actor=actor)
            record(action="catalogue.changed", target=product, actor=actor, data={"revision": draft.latest_revision_id})
    return draft


def submit_product(*, product_id: int, actor: Any) -> None:
    """Send the newest draft to the office. Already being reviewed, or nothing new, means nothing happens.

    Raises DomainError (code incomplete) that says what is missing, NotAllowed for a suspended shop.
    """
    with transaction.atomic():
        product = lock_product(product_id)
        allowed, reason = may_submit(product=product)
        if not allowed:
            raise NotAllowed(reason)
        refuse_if_locked(product=product, actor=actor)
        draft = current_draft(product)
        missing = what_is_missing(draft)
        if missing:
            raise DomainError(missing[0].message, code="incomplete", field=missing[0].field)
        state = product.current_workflow_state
        if state is not None and state.status == WorkflowState.STATUS_IN_PROGRESS:
            return
        if product.live and not product.has_unpublished_changes:
            return
        if product.latest_revision_id is None:
            draft.save_revision(user=actor)
            product.refresh_from_db()
        if state is not None:
            state.resume(user=actor)
        else:
            ensure_product_workflow().start(product, actor)
        record(action="catalogue.submitted", target=product, actor=actor, data={"revision": product.latest_revision_id})


def withdraw_product(*, product_id: int, actor: Any) -> None:
    """Take a product back from the review; what is on sale stays on sale. Not being reviewed means nothing happens."""
    with transaction.atomic():
        product = lock_product(product_id)
        if _stop_review(product, actor):
            record(action="catalogue.withdrawn", target=product, actor=actor)


def archive_product(*, product_id: int, actor: Any) -> None:
    """Take a product off sale, also out of the review, without losing anything. Repeating does nothing."""
    with transaction.atomic():
        product = lock_product(product_id)
        if Product.objects.filter(pk=product_id, archived_at=None).update(archived_at=timezone.now()):
            _stop_review(product, actor)
            refresh_listings(product_ids=[product_id])
            record(action="catalogue.archived", target=product, actor=actor)


def restore_product(*, product_id: int, actor: Any) -> None:
    """Bring an archived product back as it was: on sale at once if the office had passed it. Repeating does nothing."""
    with transaction.atomic():
        product = lock_product(product_id)
        if Product.objects.filter(pk=product_id, archived_at__isnull=False).update(archived_at=None):
            refresh_listings(product_ids=[product_id])
            record(action="catalogue.restored", target=product, actor=actor)


def take_down_product(*, product_id: int, actor: Any, reason: str) -> None:
    """The office takes a product off sale and says why; the owner may mend it and send it again.

    What is off sale already is left alone. Raises NotAllowed for somebody else, DomainError without a reason.
    """
    with transaction.atomic():
        product = lock_product(product_id)
        allowed, refusal = may_moderate(user=actor, product=product)
        if not allowed:
            raise NotAllowed(refusal)
        if not reason.strip():
            raise DomainError(_("Write what the owner has to change."), code="reason_missing", field="reason")
        if not product.live:
            return
        # may_moderate() is the permission here, as in the review.
        UnpublishAction(product, user=actor).execute(skip_permission_checks=True)
        refresh_listings(product_ids=[product_id])
        pagecache.bump(pagecache.CATALOGUE)
        record(action="catalogue.taken_down", target=product, actor=actor, data={"reason": reason.strip()})
        tell_members(product=product, kind="product_taken_down", reason=reason.strip())


def _free_slug(name: str) -> str:
    """The name as an address, numbered when another product has it already."""
    base = slugify(name)[:110] or "produk"
    taken = set(Product.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    if base not in taken:
        return base
    return next(slug for number in range(2, len(taken) + 3) if (slug := f"{base}-{number}") not in taken)


def _write_content(product: Product, content: ProductContent) -> None:
    if not content.name.strip():
        raise DomainError(_("Give the product a name."), code="name_missing", field="name")
    product.name = content.name.strip()
    product.name_en = content.name_en.strip()
    product.description = content.description.strip()
    product.description_en = content.description_en.strip()
    product.category_id = content.category_id
    product.tags = content.tags.strip()
    product.shelf_life_days = content.shelf_life_days
    product.is_digital = content.is_digital


def _write_photos(product: Product, photos: Sequence[PhotoDraft]) -> None:
    if len(photos) > MAX_PHOTOS:
        raise DomainError(
            _("A product shows at most %(most)s photos. Remove some.") % {"most": MAX_PHOTOS},
            code="too_many_photos",
            field="photos",
        )
    images = get_image_model().objects.in_bulk([photo.image_id for photo in photos])
    known = {picture.image_id: picture for picture in product.images.all()} if product.pk else {}
    pictures = []
    for position, photo in enumerate(photos):
        if photo.image_id not in images:
            raise DomainError(_("One of the photos is gone. Upload it again."), code="photo_gone", field="photos")
        picture = known.pop(photo.image_id, None) or ProductImage(product=product, image_id=photo.image_id)
        picture.alt, picture.alt_en = photo.alt.strip()[:200], photo.alt_en.strip()[:200]
        picture.sort_order = position
        pictures.append(picture)
    product.images.set(pictures)


def _stop_review(product: Product, actor: Any) -> bool:
    state = product.current_workflow_state
    if state is None:
        return False
    was_waiting = state.status == WorkflowState.STATUS_IN_PROGRESS
    state.cancel(user=actor)
    return was_waiting
