"""What a moderator sees: which products wait, and what is proposed beside what is on sale."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.images import get_image_model
from wagtail.models import TaskState

from marketplace.catalogue.findings import Finding, findings_in
from marketplace.catalogue.models import Product, ProductImage, Variant
from marketplace.catalogue.moderation_setup import ensure_product_workflow
from marketplace.core.money import format_rupiah
from umkm.registration.clock import due_after

NOTHING = "–"


@dataclass(frozen=True)
class Waiting:
    """A product that waits for a moderator."""

    state: TaskState
    product: Product

    @property
    def since(self) -> datetime:
        return self.state.started_at

    @property
    def due(self) -> datetime:
        """When it should be decided."""
        return due_after(self.state.started_at, settings.MODERATION_WORKING_DAYS)

    @property
    def name(self) -> str:
        """As proposed."""
        return str(self.state.revision.content.get("name") or self.product.name)

    @property
    def is_change(self) -> bool:
        """Whether an older version is on sale meanwhile."""
        return self.product.live


def waiting_states(user: Any) -> Any:
    """The task states that `user` may decide, oldest first."""
    tasks = ensure_product_workflow().tasks
    states = [task.specific.get_task_states_user_can_moderate(user) for task in tasks]
    return states[0] if states else TaskState.objects.none()


def waiting_products(user: Any) -> list[Waiting]:
    """Everything that waits for `user`, oldest first, in a fixed number of queries."""
    states = list(waiting_states(user).select_related("revision"))
    products = (
        Product.objects.filter(pk__in=[int(state.revision.object_id) for state in states])
        .select_related("vendor__village__parent", "category")
        .in_bulk()
    )
    return [
        Waiting(state, products[int(state.revision.object_id)])
        for state in states
        if int(state.revision.object_id) in products
    ]


@dataclass(frozen=True)
class Row:
    """One answer of the listing: what is on sale and what is proposed."""

    label: str
    before: str
    after: str

    @property
    def is_changed(self) -> bool:
        return self.before != self.after


@dataclass
class Review:
    """A proposed listing beside the one on sale."""

    waiting: Waiting
    draft: Product
    rows: list[Row]
    pictures: list[ProductImage]
    pictures_before: list[ProductImage]
    findings: list[Finding] = field(default_factory=list)

    @property
    def changed(self) -> list[Row]:
        return [row for row in self.rows if row.is_changed]

    @property
    def unchanged(self) -> list[Row]:
        return [row for row in self.rows if not row.is_changed]

    @property
    def has_new_pictures(self) -> bool:
        return [item.image_id for item in self.pictures] != [item.image_id for item in self.pictures_before]

    @property
    def phrases(self) -> list[str]:
        """What the findings point at in the text."""
        return [phrase for finding in self.findings for phrase in finding.phrases]


def review_of(waiting: Waiting) -> Review:
    """The proposed listing beside the one on sale. A product that was never on sale has nothing beside it."""
    product = (
        Product.objects.select_related("vendor__village__parent", "vendor__agency", "category__parent")
        .prefetch_related(
            Prefetch("images", ProductImage.objects.select_related("image").order_by("sort_order")), "variants"
        )
        .get(pk=waiting.product.pk)
    )
    draft = waiting.state.revision.as_object()
    draft.vendor = product.vendor
    variants = list(product.variants.all())
    images = get_image_model().objects.in_bulk([picture.image_id for picture in draft.images.all()])
    pictures = []
    for picture in draft.images.all():
        if picture.image_id in images:
            picture.image = images[picture.image_id]
            pictures.append(picture)
    before = _answers(product, variants, proposed=False) if product.live else {}
    after = _answers(draft, variants, proposed=True)
    return Review(
        waiting=waiting,
        draft=draft,
        rows=[Row(label, before.get(label, ""), after[label]) for label in after if before.get(label) or after[label]],
        pictures=pictures,
        pictures_before=list(product.images.all()) if product.live else [],
        findings=findings_in(draft, variants=variants, pictures=pictures),
    )


def _answers(product: Product, variants: list[Variant], *, proposed: bool) -> dict[str, str]:
    category = product.category
    path = " › ".join(item.display_name for item in (category.parent, category) if item)
    days = product.shelf_life_days
    return {
        _("Name"): product.name,
        _("English name"): product.name_en,
        _("Description"): product.description,
        _("English description"): product.description_en,
        _("Category"): path,
        _("Variants and prices"): _variant_words(variants, proposed=proposed),
        _("Keywords"): product.tags,
        _("Keeps for"): ngettext("%(days)s day", "%(days)s days", days) % {"days": days} if days else "",
        _("Shipping"): _("nothing to ship") if product.is_digital else "",
    }


def _variant_words(variants: list[Variant], *, proposed: bool) -> str:
    shown = [
        variant
        for variant in variants
        if (
            (variant.is_active and not variant.goes_at_review) or variant.awaits_review
            if proposed
            else variant.is_active
        )
    ]
    return (
        "; ".join(
            f"{variant.label}: {format_rupiah(variant.price)}" if variant.label else format_rupiah(variant.price)
            for variant in shown
        )
        or NOTHING
    )
