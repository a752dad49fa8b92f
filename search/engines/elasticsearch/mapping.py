"""What a product looks like in the cluster. The words come from our own analyser, so the cluster's stay plain."""

from datetime import datetime
from typing import Any

from django.conf import settings
from elasticsearch_dsl import (
    Boolean,
    Date,
    Document,
    Float,
    GeoPoint,
    Integer,
    Keyword,
    Long,
    MetaField,
    Object,
    RankFeature,
    SearchAsYouType,
    Text,
)

from search.engines.base import Document as Prepared
from search.engines.base import Facts
from search.queries import COD, COURIER, PICKUP, PRICE_BANDS, PriceBand

LIVE, GONE = "live", "gone"
# What was sold more often than this does not rise further.
MOST_SOLD = 200
# Names of places hold at most that many; a facet that listed fewer would miss some.
ALL_BUCKETS = 2000


class ProductDocument(Document):
    """One product; its id is the product's. One that is no longer shown stays as a tombstone with its version.

    Unknown fields are refused (strict): a typing mistake in an indexer must not make a field of its own.
    """

    product_id = Long()
    search_version = Long()
    status = Keyword()
    title = Object(
        dynamic="strict",
        properties={
            "surface": Text(analyzer="whitespace"),
            "stem": Text(analyzer="whitespace"),
            "ac": SearchAsYouType(analyzer="whitespace", max_shingle_size=2),
        },
    )
    # Positions for phrases; beginnings, since a category or a shop may be typed, too.
    label = Text(analyzer="whitespace", index_prefixes={"min_chars": 2, "max_chars": 10})
    body = Text(analyzer="whitespace")
    vendor_id = Integer()
    # The product's own; and with all those above.
    category = Keyword()
    category_path = Keyword()
    subsector = Keyword()
    village = Keyword()
    region = Keyword()
    price = Object(dynamic="strict", properties={"min": Long(), "max": Long(), "bands": Keyword()})
    in_stock = Boolean()
    deliveries = Keyword()
    shelf_life_days = Integer()
    published_at = Date()
    popularity = RankFeature()
    # Only of products that somebody rated.
    rating = Float()
    rating_score = Float()
    location = GeoPoint()

    class Meta:
        dynamic = MetaField("strict")


def mappings() -> dict[str, Any]:
    """The mapping as the cluster takes it."""
    return ProductDocument._doc_type.mapping.to_dict()


def index_settings(*, loading: bool = False) -> dict[str, Any]:
    """The settings of an index; while it is `loading`, without copies and without being searchable."""
    return {
        "number_of_shards": settings.ELASTICSEARCH["shards"],
        "number_of_replicas": 0 if loading else settings.ELASTICSEARCH["replicas"],
        "refresh_interval": "-1" if loading else "1s",
        # Pages beyond are not offered.
        "max_result_window": 10_000,
    }


def band_name(band: PriceBand) -> str:
    """A range of prices as a keyword: `25000-50000`, `500000-`."""
    low, high = band
    return f"{low or 0}-{high if high is not None else ''}"


def source_of(document: Prepared) -> dict[str, Any]:
    """A prepared document as the cluster keeps it."""
    source: dict[str, Any] = {
        "product_id": document.product_id,
        "search_version": document.search_version,
        "status": LIVE,
        "title": {"surface": document.surface, "stem": document.stem, "ac": document.surface},
        "label": document.label,
        "body": document.body,
    }
    if document.facts is not None:
        source |= _facts(document.facts)
    return source


def _facts(facts: Facts) -> dict[str, Any]:
    ways = ((COURIER, not facts.is_digital), (PICKUP, facts.allows_pickup), (COD, facts.allows_cod))
    bands = [band for band in PRICE_BANDS if _touches(band, facts.price_min, facts.price_max)]
    known: dict[str, Any] = {
        "vendor_id": facts.vendor_id,
        "category": facts.category_path,
        "category_path": _above(facts.category_path, "/"),
        "subsector": facts.subsector,
        "village": facts.village_code,
        "region": _above(facts.village_code, ".")[1:],
        "price": {"min": facts.price_min, "max": facts.price_max, "bands": [band_name(band) for band in bands]},
        "in_stock": facts.stock_left > 0,
        "deliveries": [way for way, is_offered in ways if is_offered],
        "published_at": milliseconds(facts.published_at),
        "popularity": 1 + min(facts.sold_count, MOST_SOLD),
        "rating_score": facts.rating_score,
    }
    if facts.shelf_life_days is not None:
        known["shelf_life_days"] = facts.shelf_life_days
    if facts.rating_count:
        known["rating"] = facts.rating_average
    if facts.point is not None:
        known["location"] = {"lat": facts.point.latitude, "lon": facts.point.longitude}
    return known


def _touches(band: PriceBand, price_min: int, price_max: int) -> bool:
    low, high = band
    return price_max >= (low or 0) and (high is None or price_min <= high)


def _above(path: str, separator: str) -> list[str]:
    """A path and all that stand above it: `a/b/c` → a, a/b, a/b/c."""
    parts = path.split(separator)
    return [separator.join(parts[: length + 1]) for length in range(len(parts))]


def milliseconds(moment: datetime) -> int:
    """A moment as the cluster counts it."""
    return int(moment.timestamp() * 1000)


def tombstone(product_id: int, version: int) -> dict[str, Any]:
    """What stays of a product that is not shown: so that a late, older write cannot bring it back."""
    return {"product_id": product_id, "search_version": version, "status": GONE}
