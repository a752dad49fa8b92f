"""Photos that were uploaded and stand nowhere: a form that was never saved, a picture that was taken out."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from wagtail.images import get_image_model
from wagtail.models import ReferenceIndex, Revision

from marketplace.audit.services import record
from marketplace.catalogue.images import COLLECTION
from marketplace.catalogue.models import Product

BATCH = 200
LOOKED_AT = 5000


def forget_unused_photos() -> int:
    """Delete shops' photos that nothing shows, older than the term; return how many. Editors' images are left alone.

    A photo counts as used by a product, a shop, a page, or any kept version of a product: an owner may go back to it.
    """
    before = timezone.now() - timedelta(days=settings.UNUSED_PHOTOS_KEPT_DAYS)
    image_model = get_image_model()
    old = image_model.objects.filter(collection__name=COLLECTION, created_at__lt=before)
    for relation in _relations(image_model):
        shown = relation.related_model._base_manager.filter(**{f"{relation.field.name}__isnull": False})
        old = old.exclude(pk__in=shown.values(relation.field.name))
    deleted = 0
    for pk in old.order_by("pk").values_list("pk", flat=True)[:LOOKED_AT]:
        deleted += _forget(pk)
        if deleted >= BATCH:
            break
    return deleted


def _relations(image_model: Any) -> list[Any]:
    """Every foreign key of every model that may show a photo; renditions are made from it and go with it."""
    renditions = image_model.get_rendition_model()
    return [
        relation
        for relation in image_model._meta.get_fields(include_hidden=True)
        if (relation.one_to_many or relation.one_to_one)
        and relation.auto_created
        and not relation.concrete
        and relation.related_model is not renditions
    ]


@transaction.atomic
def _forget(pk: int) -> bool:
    image = get_image_model().objects.select_for_update().filter(pk=pk).first()
    if image is None or _is_kept(image):
        return False
    record(action="catalogue.unused_photo_forgotten", target=image, data={"uploaded": image.created_at.isoformat()})
    image.delete()
    return True


def _is_kept(image: Any) -> bool:
    """Whether a page refers to the photo, or a kept version of a product."""
    if ReferenceIndex.get_references_to(image).exists():
        return True
    versions = Revision.objects.filter(base_content_type=ContentType.objects.get_for_model(Product))
    # As both databases write JSON: with a blank after the colon; the id ends with a comma or brace.
    wanted = [f'"image": {image.pk},', f'"image": {image.pk}}}']
    return any(versions.filter(content__icontains=words).exists() for words in wanted)
