"""A product as search reads it: which of its words stand in which field, for every engine alike."""

from collections.abc import Iterable

from django.db.models import F

from marketplace.catalogue.models import Product
from search.analysis import Analyser
from search.engines.base import Document

# Nobody describes a product in more; an engine's limits lie far beyond.
MAX_BODY = 20_000


def documents_of(product_ids: Iterable[int], analyser: Analyser) -> list[Document]:
    """The documents of those of these products that are live, read afresh.

    surface: the name in both languages. stem: its stems. label: category, keywords, shop, place. body: description.
    """
    products = (
        Product.objects.filter(pk__in=list(product_ids), live=True, archived_at=None)
        .select_related("vendor__village__parent", "category__parent__parent", "category__subsector")
        .annotate(listing_version=F("listing__search_version"))
    )
    return [_document(product, analyser) for product in products]


def _document(product: Product, analyser: Analyser) -> Document:
    name = f"{product.name} {product.name_en}".strip()
    category, place = product.category, product.vendor.village
    above = [node for node in (category, category.parent, category.parent and category.parent.parent) if node]
    label = " . ".join(
        [
            product.tags,
            *(f"{node.name} {node.name_en}" for node in above),
            product.vendor.name,
            place.name,
            place.parent.name if place.parent else "",
        ]
    )
    return Document(
        product_id=product.pk,
        search_version=product.listing_version or 0,
        surface=_bounded(analyser.surface_text(name)),
        stem=_bounded(analyser.stem_text(name)),
        label=_bounded(analyser.full_text(label)),
        body=_bounded(analyser.full_text(f"{product.description} {product.description_en}"[:MAX_BODY])),
    )


def _bounded(text: str) -> str:
    """Without words that no one types and no engine takes."""
    return " ".join(word for word in text.split() if len(word) <= 60)
