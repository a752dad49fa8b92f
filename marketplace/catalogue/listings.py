"""Keeping the prepared rows (ProductListing) true. Everything that changes what a card shows ends here."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Max, Min, PositiveIntegerField, Q, Value, When
from wagtail.images import get_image_model

from marketplace.catalogue.images import RENDITION_TOPIC, make_renditions, rendition_addresses
from marketplace.catalogue.models import Product, ProductImage, ProductListing
from marketplace.core import pagecache
from marketplace.core.locking import lock_rows
from marketplace.outbox.services import enqueue, enqueue_all
from marketplace.reference.models import Region

SEARCH_TOPIC = "search.index"
# A card says how many are left from this number on.
LAST_FEW = 5
# "Best rated" lets every product begin with so many ratings of so many stars: one five does not beat a hundred.
PRIOR_RATINGS, PRIOR_STARS = 5, 3.5
# Not rewritten from the product: stock comes from inventory, sales from orders, ratings from reviews, the version only
# counts up.
_KEPT = {
    "product", "stock_left", "sold_count", "rating_average", "rating_count", "rating_score", "search_version",
}  # fmt: skip
_WRITTEN = [field.name for field in ProductListing._meta.concrete_fields if field.name not in _KEPT]


def refresh_listings(*, product_ids: Iterable[int]) -> None:
    """Rewrite the prepared rows of these products from what is live now, and tell the search index.

    Call it inside the transaction that changes what a card shows: text, price, picture, shop, visibility.
    """
    ids = sorted(set(product_ids))
    if not ids:
        return
    with transaction.atomic():
        products = list(
            Product.objects.filter(pk__in=ids).select_related("vendor__village__parent", "category__subsector")
        )
        pictures = _first_pictures(ids)
        addresses = rendition_addresses(picture.image_id for picture in pictures.values())
        prices = _price_ranges(ids)
        ProductListing.objects.bulk_create(
            [_row(product, pictures.get(product.pk), addresses, prices) for product in products],
            update_conflicts=True,
            unique_fields=["product"],
            update_fields=_WRITTEN,
        )
        # Nobody sees a draft, so writing one must not empty the cache of pages.
        _announce(ids, is_seen=any(product.live for product in products))


def set_listing_stock(*, product_id: int, stock_left: int) -> None:
    """Write how many of a product can still be bought. Inventory calls it in the transaction that changes the stock.

    Arguments:
        stock_left: over all variants that are on sale, without what is reserved.
    """
    set_listings_stock(stock_left={product_id: stock_left})


def set_listings_stock(*, stock_left: Mapping[int, int]) -> None:
    """The same for several products at once, in four queries however many they are.

    Arguments:
        stock_left: for each product's id how many can still be bought.
    """
    with transaction.atomic():
        rows = lock_rows(ProductListing.objects.filter(pk__in=stock_left).only("pk", "stock_left"))
        changed = [row.pk for row in rows if row.stock_left != stock_left[row.pk]]
        if not changed:
            return
        ProductListing.objects.filter(pk__in=changed).update(
            stock_left=Case(
                *(When(pk=pk, then=Value(stock_left[pk])) for pk in changed), output_field=PositiveIntegerField()
            )
        )
        # Twelve or eleven left looks the same on a card and in a search: only what can be seen is told.
        seen = [row.pk for row in rows if _shown_stock(row.stock_left) != _shown_stock(stock_left[row.pk])]
        if seen:
            _announce(seen, is_seen=True)


def set_listings_sold(*, sold: Mapping[int, int]) -> int:
    """Write how many of each product were sold, by which lists are ordered; returns how many rows changed.

    Orders call it a moment after a sale. No page is drawn anew for it: the order of a list may lag.
    """
    with transaction.atomic():
        rows = lock_rows(ProductListing.objects.filter(pk__in=sold).only("pk", "sold_count"))
        changed = [row.pk for row in rows if row.sold_count != sold[row.pk]]
        if changed:
            ProductListing.objects.filter(pk__in=changed).update(
                sold_count=Case(
                    *(When(pk=pk, then=Value(sold[pk])) for pk in changed), output_field=PositiveIntegerField()
                )
            )
    return len(changed)


def set_listing_rating(*, product_id: int, average: float, count: int) -> None:
    """Write how buyers rate a product. Call it in the transaction that publishes or withdraws a review.

    Arguments:
        average: of all published ratings, 0 without any.
        count: how many there are.
    """
    stars = average * count + PRIOR_STARS * PRIOR_RATINGS
    with transaction.atomic():
        changed = ProductListing.objects.filter(pk=product_id).update(
            rating_average=average if count else 0.0,
            rating_count=count,
            rating_score=stars / (count + PRIOR_RATINGS) if count else 0.0,
        )
        if changed:
            _announce([product_id], is_seen=True)


def _shown_stock(left: int) -> int:
    return min(left, LAST_FEW + 1)


def refresh_vendor_listings(*, vendor_id: int) -> None:
    """Rewrite the rows of everything a vendor sells: its name, place, status or ways to deliver changed."""
    refresh_listings(product_ids=Product.objects.filter(vendor_id=vendor_id).values_list("pk", flat=True))


def _announce(product_ids: list[int], *, is_seen: bool) -> None:
    if is_seen:
        pagecache.bump(pagecache.CATALOGUE)
    ProductListing.objects.filter(pk__in=product_ids).update(search_version=F("search_version") + 1)
    enqueue_all(topic=SEARCH_TOPIC, payloads={str(pk): {"product_id": pk} for pk in product_ids})


def _first_pictures(product_ids: list[int]) -> dict[int, ProductImage]:
    found: dict[int, ProductImage] = {}
    for picture in ProductImage.objects.filter(product_id__in=product_ids).order_by("sort_order", "pk"):
        found.setdefault(picture.product_id, picture)
    return found


def _price_ranges(product_ids: list[int]) -> dict[int, dict[str, int]]:
    on_sale = Q(variants__is_active=True)
    rows = (
        Product.objects.filter(pk__in=product_ids)
        .order_by()
        .values("pk")
        .annotate(lowest=Min("variants__price", filter=on_sale), highest=Max("variants__price", filter=on_sale))
    )
    return {row["pk"]: row for row in rows}


def _row(
    product: Product,
    picture: ProductImage | None,
    addresses: dict[int, dict[int, str]],
    prices: dict[int, dict[str, int]],
) -> ProductListing:
    vendor, category = product.vendor, product.category
    place = vendor.village
    district = place.parent if place.level == Region.Level.VILLAGE and place.parent else place
    made = addresses.get(picture.image_id, {}) if picture else {}
    return ProductListing(
        product=product,
        vendor=vendor,
        slug=product.slug,
        name=product.name,
        name_en=product.name_en,
        vendor_name=vendor.name,
        vendor_slug=vendor.slug,
        category_path=category.path,
        subsector_slug=category.subsector.slug,
        village_code=place.code,
        district_code=place.district_code,
        district_name=district.name,
        price_min=prices[product.pk]["lowest"] or 0,
        price_max=prices[product.pk]["highest"] or 0,
        picture_240=made.get(240, ""),
        picture_480=made.get(480, ""),
        picture_alt=(picture.alt or product.name) if picture else "",
        picture_alt_en=(picture.alt_en or product.name_en) if picture else "",
        shelf_life_days=product.shelf_life_days,
        allows_cod=vendor.accepts_cod,
        allows_pickup=vendor.accepts_pickup,
        latitude=None if vendor.latitude is None else float(vendor.latitude),
        longitude=None if vendor.longitude is None else float(vendor.longitude),
        published_at=product.first_published_at or product.created_at,
    )


def follow_vendor(payload: dict[str, Any]) -> None:
    """Outbox handler for "vendor.status_changed": a shop that closes or opens takes its products along."""
    refresh_vendor_listings(vendor_id=payload["vendor_id"])


def render_pictures(payload: dict[str, Any]) -> None:
    """Outbox handler: make the renditions of one photo, then let the cards that begin with it show them."""
    image_id = payload["image_id"]
    # Drawing takes a second: outside the transaction that writes.
    if not make_renditions(image_id):
        return
    refresh_listings(
        product_ids=ProductImage.objects.filter(image_id=image_id).values_list("product_id", flat=True).distinct()
    )


def unrendered_images(*, limit: int = 200) -> list[int]:
    """Photos of products that have no rendition yet: what a lost outbox message or a restored backup leaves."""
    rendered = get_image_model().get_rendition_model().objects.values("image_id")
    return list(
        ProductImage.objects.exclude(image_id__in=rendered).values_list("image_id", flat=True).distinct()[:limit]
    )


def ask_for_missing_renditions() -> int:
    """Periodic job: let the worker draw what is missing, and return for how many photos it was asked."""
    missing = unrendered_images()
    for image_id in missing:
        enqueue(topic=RENDITION_TOPIC, key=str(image_id), payload={"image_id": image_id})
    return len(missing)
