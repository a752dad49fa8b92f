"""Questions about regions and categories."""

from collections.abc import Iterable

from django.db import models

from marketplace.reference.models import Category, CategoryRequirement


def requirements_of(categories: Iterable[Category]) -> "list[CategoryRequirement]":
    """What the papers of somebody who sells in `categories` must hold, with the kind of document loaded."""
    return list(
        CategoryRequirement.objects.filter(category__in=list(categories))
        .select_related("document_kind", "category")
        .order_by("document_kind__position")
    )


def leaf_categories() -> "models.QuerySet[Category]":
    """Categories that products can be put into: those without children."""
    return Category.objects.filter(children=None, is_active=True).select_related("parent__parent")
