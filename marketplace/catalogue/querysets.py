"""The questions that pages, the search index and the checkout ask about products."""

from django.db import models
from django.db.models import CharField, Count, OuterRef, Q, Subquery
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from wagtail.models import WorkflowState


class ProductState(models.TextChoices):
    """Where a product stands for its vendor. On sale and in review may both hold: an edit of what is on sale."""

    ON_SALE = "on_sale", _("on sale")
    IN_REVIEW = "in_review", _("being checked")
    NEEDS_CHANGES = "needs_changes", _("needs changes")
    DRAFT = "draft", _("draft")
    ARCHIVED = "archived", _("archived")


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

    def with_review(self) -> "ProductQuerySet":
        """Each product with `review_status` and `review_comment` of its running review; both None without one."""
        running = WorkflowState.objects.active().filter(
            base_content_type__app_label="catalogue",
            base_content_type__model="product",
            object_id=Cast(OuterRef("pk"), CharField()),
        )
        return self.annotate(
            review_status=Subquery(running.values("status")[:1]),
            review_comment=Subquery(running.values("current_task_state__comment")[:1]),
        )

    def in_state(self, state: ProductState) -> "ProductQuerySet":
        """Products of `with_review()` that stand there."""
        return self.filter(_STATES[state])

    def count_states(self) -> dict[str, int]:
        """How many products of `with_review()` stand where, in one query."""
        return self.aggregate(**{state.value: Count("pk", filter=rule) for state, rule in _STATES.items()})


_KEPT = Q(archived_at=None)
_STATES: dict[ProductState, Q] = {
    ProductState.ON_SALE: _KEPT & Q(live=True),
    ProductState.IN_REVIEW: _KEPT & Q(review_status=WorkflowState.STATUS_IN_PROGRESS),
    ProductState.NEEDS_CHANGES: _KEPT & Q(review_status=WorkflowState.STATUS_NEEDS_CHANGES),
    ProductState.DRAFT: _KEPT & Q(live=False, review_status=None),
    ProductState.ARCHIVED: ~_KEPT,
}


class ListingQuerySet(models.QuerySet):
    def visible_listings(self) -> "ListingQuerySet":
        """Cards of products that anyone may see and buy now."""
        return self.filter(is_visible("product__"))

    def in_category(self, path: str) -> "ListingQuerySet":
        """Cards of the category with this path and of everything below it."""
        return self.filter(Q(category_path=path) | Q(category_path__startswith=f"{path}/"))
