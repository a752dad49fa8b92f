"""The demo's catalogue, put on sale at once: three hundred products of forty shops, without photos and orders."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from marketplace.catalogue.listings import refresh_listings
from marketplace.catalogue.models import Product, ProductListing, Variant
from marketplace.reference.models import Category, Region, Subsector
from marketplace.reference.services import load_classification, load_regions
from search.indexing import index_products
from tests.factories import base
from umkm.vendors.models import Vendor

DATA = Path(__file__).resolve().parents[2] / "marketplace" / "installation" / "demo" / "data"
# Every so many products one is sold out, so that what cannot be bought has a chance to stand in the way.
SOLD_OUT_EVERY = 17


def rows(name: str) -> list[dict[str, Any]]:
    """What the demo's file of this name holds."""
    found: list[dict[str, Any]] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return found


def stock_catalogue() -> None:
    """Put everything on sale and into the index of the engine that is in use."""
    if not Region.objects.filter(code="35.79.02.2003").exists():
        load_regions()
    if not Category.objects.filter(slug="keripik-tempe").exists():
        load_classification()
    shops = _shops()
    categories = {category.slug: category for category in Category.objects.all()}
    now = timezone.now()
    products = Product.objects.bulk_create(
        [
            Product(
                vendor=shops[row["vendor"]],
                slug=row["slug"],
                name=row["name"],
                name_en=row["name_en"],
                description=row["description"],
                description_en=row["description_en"],
                category=categories[row["category"]],
                tags=row["tags"],
                is_digital=row["weight"] == 0,
                live=True,
                # As the demo does, a few a day, in the file's order.
                first_published_at=now - timedelta(days=90, minutes=-137 * number),
            )
            for number, row in enumerate(rows("products"))
        ]
    )
    prices = {row["slug"]: row["price"] for row in rows("products")}
    Variant.objects.bulk_create(
        [Variant(product=one, price=prices[one.slug], weight_grams=200, position=0) for one in products]
    )
    ids = [product.pk for product in products]
    refresh_listings(product_ids=ids)
    ProductListing.objects.filter(pk__in=ids).update(stock_left=20)
    ProductListing.objects.filter(pk__in=ids[::SOLD_OUT_EVERY]).update(stock_left=0)
    index_products(ids)


def _shops() -> dict[str, Vendor]:
    agencies = {code: base.agency(code) for code in (base.MALANG_CITY, base.MALANG_REGENCY, base.BATU)}
    subsectors = {subsector.slug: subsector for subsector in Subsector.objects.all()}
    made = Vendor.objects.bulk_create(
        [
            Vendor(
                slug=row["slug"],
                name=row["name"],
                agency=agencies[row["village"][:5]],
                village_id=row["village"],
                subsector=subsectors[row["subsector"]],
                story=row["story"],
                latitude=row["latitude"],
                longitude=row["longitude"],
            )
            for row in rows("vendors")
        ]
    )
    return {vendor.slug: vendor for vendor in made}
