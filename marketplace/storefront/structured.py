"""What search engines and shared links read: JSON-LD and the addresses of pictures."""

import json
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from marketplace.catalogue.models import Product
from marketplace.storefront.selectors import BuyBox, Picture
from umkm.vendors.models import Vendor

_CONTEXT = "https://schema.org"
_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def json_ld(data: dict[str, Any]) -> SafeString:
    """A data block for search engines; nothing in it can end the element, and no browser runs it."""
    text = json.dumps(data, ensure_ascii=False).translate(_ESCAPES)
    safe = mark_safe(text)  # noqa: S308  nothing that HTML gives a meaning is left in it
    return format_html('<script type="application/ld+json">{}</script>', safe)


def product_data(request: HttpRequest, product: Product, pictures: list[Picture], box: BuyBox) -> dict[str, Any]:
    """A product with its offer, as schema.org describes it."""
    availability = "OutOfStock" if product.listing.is_sold_out else "InStock"
    offer: dict[str, Any] = {
        "@type": "AggregateOffer" if box.price_from != box.price_to else "Offer",
        "priceCurrency": "IDR",
        "availability": f"{_CONTEXT}/{availability}",
        "url": request.build_absolute_uri(product.get_absolute_url()),
        "seller": {"@type": "Organization", "name": product.vendor.name},
    }
    if box.price_from != box.price_to:
        offer |= {"lowPrice": box.price_from, "highPrice": box.price_to, "offerCount": len(box.choices)}
    else:
        offer["price"] = box.price_from
    return {
        "@context": _CONTEXT,
        "@type": "Product",
        "name": product.display_name,
        "description": product.display_description,
        "image": [request.build_absolute_uri(picture.large_url) for picture in pictures],
        "category": product.category.display_name,
        "brand": {"@type": "Brand", "name": product.vendor.name},
        "offers": offer,
    }


def shop_data(request: HttpRequest, vendor: Vendor, picture_url: str) -> dict[str, Any]:
    """A shop, as schema.org describes it."""
    village = vendor.village
    data: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "Store",
        "name": vendor.name,
        "description": vendor.display_story,
        "url": request.build_absolute_uri(vendor.get_absolute_url()),
        "address": {
            "@type": "PostalAddress",
            "addressLocality": village.parent.name if village.parent else village.name,
            "postalCode": village.postal_code,
            "addressCountry": "ID",
        },
    }
    if picture_url:
        data["image"] = request.build_absolute_uri(picture_url)
    if vendor.opening_hours:
        data["description"] = f"{vendor.display_story} {vendor.opening_hours}".strip()
    return data


def way_data(request: HttpRequest, items: Iterable[dict[str, str]]) -> dict[str, Any]:
    """Breadcrumbs, as schema.org describes them. items: label and, but for the last, url."""
    elements = []
    for position, item in enumerate(items, 1):
        element: dict[str, Any] = {"@type": "ListItem", "position": position, "name": str(item["label"])}
        if item.get("url"):
            element["item"] = request.build_absolute_uri(item["url"])
        elements.append(element)
    return {"@context": _CONTEXT, "@type": "BreadcrumbList", "itemListElement": elements}
