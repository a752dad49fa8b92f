"""Photos that stand nowhere go after a while; what a product, a shop or a kept version shows stays."""

from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.images import get_image_model

from marketplace.audit.models import AuditEvent
from marketplace.catalogue.unused import forget_unused_photos
from tests.factories import catalogue

pytestmark = pytest.mark.django_db


def aged(*images) -> None:
    when = timezone.now() - timedelta(days=40)
    get_image_model().objects.filter(pk__in=[image.pk for image in images]).update(created_at=when)


def is_there(image) -> bool:
    return get_image_model().objects.filter(pk=image.pk).exists()


def test_an_unused_photo_goes(scene):
    """Its file goes with it: Wagtail's own background task sees to that."""
    image = catalogue.stored_photo(scene.vendor_owner)
    aged(image)
    assert forget_unused_photos() == 1
    assert not is_there(image)
    assert AuditEvent.objects.filter(action="catalogue.unused_photo_forgotten", target_id=str(image.pk)).exists()
    assert forget_unused_photos() == 0


def test_used_and_young_photos_stay(scene):
    avatar, young = catalogue.stored_photo(scene.vendor_owner), catalogue.stored_photo(scene.vendor_owner)
    scene.vendor.avatar = avatar
    scene.vendor.save(update_fields=["avatar"])
    draft = catalogue.draft_product(scene.vendor, scene.vendor_owner)
    shown = get_image_model().objects.exclude(pk__in=[avatar.pk, young.pk])
    assert draft.pk
    assert shown.exists()
    aged(avatar, *shown)
    assert forget_unused_photos() == 0
    assert is_there(avatar)
    assert is_there(young)


def test_photos_of_the_editors_are_left_alone(scene):
    image = catalogue.stored_photo(scene.vendor_owner)
    image.collection = image.collection.get_root()
    image.save()
    aged(image)
    assert forget_unused_photos() == 0
