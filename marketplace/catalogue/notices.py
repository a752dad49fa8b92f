"""Telling a vendor's people what became of a product."""

from django.urls import reverse
from django.utils.translation import override

from marketplace.accounts.models import User
from marketplace.catalogue.models import Product
from marketplace.notifications.services import notify


def tell_members(*, product: Product, kind: str, reason: str = "") -> None:
    """Tell everyone who acts for the business, in the site and by mail.

    Arguments:
        kind: the notification's templates, e.g. `product_approved`.
        reason: what the office wrote, word for word.
    """
    people = User.objects.filter(
        vendor_memberships__vendor=product.vendor, vendor_memberships__is_active=True, is_active=True
    ).order_by("pk")
    for person in people:
        with override(person.language):
            url = reverse("portal:product-edit", kwargs={"vendor_slug": product.vendor.slug, "pk": product.pk})
        notify(
            user=person,
            kind=kind,
            url=url,
            context={"product": product.name, "shop": product.vendor.name, "reason": reason},
        )
