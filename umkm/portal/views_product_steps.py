"""What becomes of a product: preview, send, take back, archive, restore."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from marketplace.catalogue.images import picture_address, rendition_addresses
from marketplace.catalogue.revisions import current_draft
from marketplace.catalogue.selectors import what_is_missing
from marketplace.catalogue.services import archive_product, restore_product, submit_product, withdraw_product
from marketplace.core.exceptions import DomainError
from umkm.portal.access import View, frame, member_view
from umkm.portal.selectors import stock_of
from umkm.portal.views_products import product_or_404
from umkm.vendors.models import VendorMember


@member_view
@require_GET
def product_preview(request: HttpRequest, member: VendorMember, pk: int) -> HttpResponse:
    """The newest draft as buyers will see it."""
    product = product_or_404(member.vendor, pk)
    draft = current_draft(product)
    pictures = list(draft.images.all())
    for picture in pictures:
        # A revision's picture knows the product by its key only; the draft has the words.
        picture.product = draft
    made = rendition_addresses(picture.image_id for picture in pictures)
    variants = list(product.variants.filter(is_retired=False, goes_at_review=False).order_by("position", "pk"))
    stock = stock_of(variants)
    offered = [variant for variant in variants if variant.is_active or variant.awaits_review]
    prices = [variant.price for variant in offered]
    context = {
        **frame(member, "products"),
        "product": product,
        "draft": draft,
        "pictures": [
            {
                "large_url": picture_address(picture.image, 960, made),
                "small_url": picture_address(picture.image, 240, made),
                "alt": picture.display_alt,
            }
            for picture in pictures
        ],
        "variants": [
            {
                "value": variant.pk,
                "label": variant.label,
                "price": variant.price,
                "is_sold_out": not (variant.pk in stock and stock[variant.pk].available),
            }
            for variant in offered
        ],
        "price_min": min(prices, default=0),
        "price_max": max(prices, default=0),
        "missing": what_is_missing(draft),
    }
    return render(request, "portal/product_preview.html", context)


def _step(service: Callable[..., Any], done: Callable[[], str], back_to: str) -> View:
    """A page that does one step by POST and says how it went."""

    @member_view
    @require_POST
    def step(request: HttpRequest, member: VendorMember, pk: int) -> HttpResponse:
        product = product_or_404(member.vendor, pk)
        try:
            service(product_id=product.pk, actor=request.user)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("portal:product-edit", member.vendor.slug, product.pk)
        messages.success(request, done())
        if back_to == "portal:products":
            return redirect(back_to, member.vendor.slug)
        return redirect(back_to, member.vendor.slug, product.pk)

    return step


product_submit = _step(
    submit_product,
    lambda: _("Sent. The office looks at it now; we will tell you what becomes of it."),
    "portal:products",
)
product_withdraw = _step(
    withdraw_product, lambda: _("Taken back. Change it in peace and send it again."), "portal:product-edit"
)
product_archive = _step(
    archive_product, lambda: _("Archived. Buyers no longer see it; you find it under “Archived”."), "portal:products"
)
product_restore = _step(restore_product, lambda: _("Restored as it was."), "portal:product-edit")
