"""The questions that pages, the search index and the checkout ask about products."""

from django.db import models
from django.db.models import Q


def is_visible(prefix: str = "") -> Q:
    """The one predicate that says whether a product may be seen and bought.

    Arguments:
        prefix: the lookup path to the product, e.g. `"product__"`, for queries on another model.
    """
    return Q(
        **{
            f"{prefix}live": True,
            f"{prefix}archived_at": None,
            f"{prefix}vendor__status": "active",
            f"{prefix}category__is_active": True,
        }
    )


class ProductQuerySet(models.QuerySet):
    def visible_products(self) -> "ProductQuerySet":
        """Products that anyone may see and buy now."""
        return self.filter(is_visible())

    def in_category(self, path: str) -> "ProductQuerySet":
        """Products of the category with this path and of everything below it."""
        return self.filter(Q(category__path=path) | Q(category__path__startswith=f"{path}/"))


class ListingQuerySet(models.QuerySet):
    def visible_listings(self) -> "ListingQuerySet":
        """Cards of products that anyone may see and buy now."""
        return self.filter(is_visible("product__"))

    def in_category(self, path: str) -> "ListingQuerySet":
        """Cards of the category with this path and of everything below it."""
        return self.filter(Q(category_path=path) | Q(category_path__startswith=f"{path}/"))
