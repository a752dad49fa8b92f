"""Products on sale, made at once and found at once: for tests of pages and of the search."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from marketplace.catalogue.listings import refresh_listings, set_listing_stock
from marketplace.catalogue.models import Product, ProductListing, Variant
from marketplace.inventory.models import StockItem
from search.indexing import index_products
from tests.factories import base
from umkm.vendors.models import Vendor


def put_on_sale(
    vendor: Vendor,
    name: str,
    *,
    prices: tuple[int, ...] = (15_000,),
    stock: int = 20,
    category: str = "kuliner/keripik-tempe",
    sold: int = 0,
    days_old: int = 30,
    indexed: bool = True,
    **fields: Any,
) -> Product:
    """A live product with a variant for each price, its card and its search document."""
    slug = fields.pop("slug", name.lower().replace(" ", "-")[:100])
    product = Product.objects.create(
        vendor=vendor,
        slug=slug,
        name=name,
        category=base.category(category),
        live=True,
        first_published_at=timezone.now() - timedelta(days=days_old),
        **fields,
    )
    for position, price in enumerate(prices):
        label = f"{position + 1}" if len(prices) > 1 else ""
        options = [{"name": "Ukuran", "value": label}] if label else []
        variant = Variant.objects.create(
            product=product, price=price, weight_grams=200, position=position, label=label, options=options
        )
        StockItem.objects.create(variant=variant, on_hand=stock)
    refresh_listings(product_ids=[product.pk])
    set_listing_stock(product_id=product.pk, stock_left=stock * len(prices))
    if sold:
        ProductListing.objects.filter(pk=product.pk).update(sold_count=sold)
    if indexed:
        index_products([product.pk])
    return product
