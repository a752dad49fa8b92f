"""A product as search reads it: which of its words stand in which field, for every engine alike."""

from collections.abc import Iterable

from marketplace.catalogue.models import Product
from marketplace.reference.models import Region
from search.analysis import Analyser
from search.engines.base import Document, Facts
from search.queries import Point

# Nobody describes a product in more; an engine's limits lie far beyond.
MAX_BODY = 20_000


def documents_of(product_ids: Iterable[int], analyser: Analyser) -> list[Document]:
    """The documents of those of these products that may be seen, read afresh.

    surface: the name in both languages. stem: its stems. label: category, keywords, shop, place. body: description.
    """
    products = (
        Product.objects.visible_products()
        .filter(pk__in=list(product_ids), listing__isnull=False)
        .select_related("listing", "vendor__village__parent__parent", "category__parent__parent")
    )
    return [_document(product, analyser) for product in products]


def _document(product: Product, analyser: Analyser) -> Document:
    name = f"{product.name} {product.name_en}".strip()
    category, place = product.category, product.vendor.village
    nodes = [node for node in (category, category.parent, category.parent and category.parent.parent) if node]
    label = " . ".join(
        [
            product.tags,
            *(f"{node.name} {node.name_en}" for node in nodes),
            product.vendor.name,
            place.name,
            *(above.name for above in _around(place)),
        ]
    )
    return Document(
        product_id=product.pk,
        search_version=product.listing.search_version,
        surface=_bounded(analyser.surface_text(name)),
        stem=_bounded(analyser.stem_text(name)),
        label=_bounded(analyser.full_text(label)),
        body=_bounded(analyser.full_text(f"{product.description} {product.description_en}"[:MAX_BODY])),
        facts=_facts(product),
    )


def _around(place: Region) -> list[Region]:
    """The district and the city or regency that a village lies in: people type "apel Batu", too."""
    around, node = [], place.parent
    while node is not None and node.level != Region.Level.PROVINCE:
        around.append(node)
        # The province was not read with the product.
        node = node.parent if node.level != Region.Level.REGENCY else None
    return around


def _facts(product: Product) -> Facts:
    listing = product.listing
    is_placed = listing.latitude is not None and listing.longitude is not None
    return Facts(
        vendor_id=listing.vendor_id,
        category_path=listing.category_path,
        subsector=listing.subsector_slug,
        village_code=listing.village_code,
        district_code=listing.district_code,
        price_min=listing.price_min,
        price_max=listing.price_max,
        stock_left=listing.stock_left,
        is_digital=product.is_digital,
        allows_pickup=listing.allows_pickup,
        allows_cod=listing.allows_cod,
        shelf_life_days=listing.shelf_life_days,
        published_at=listing.published_at,
        sold_count=listing.sold_count,
        rating_average=listing.rating_average,
        rating_count=listing.rating_count,
        rating_score=listing.rating_score,
        point=Point(listing.latitude, listing.longitude) if is_placed else None,
    )


def _bounded(text: str) -> str:
    """Without words that no one types and no engine takes."""
    return " ".join(word for word in text.split() if len(word) <= 60)
