"""The cards of products that search and pages have chosen, read as they are this moment."""

from collections.abc import Iterable

from django.db.models import QuerySet

from marketplace.catalogue.models import ProductListing
from marketplace.core import prepared


def visible_listings_of(ids: Iterable[int]) -> list[ProductListing]:
    """Those of these products that may be seen, in no order; one query, none where nothing is asked for."""
    asked = list(dict.fromkeys(ids))
    return prepared.read("visible-listings", _visible_listings_of, *asked) if asked else []


def _visible_listings_of(*ids: int) -> QuerySet[ProductListing]:
    return ProductListing.objects.visible_listings().order_by().filter(pk__in=ids)
