"""The step of Wagtail's workflow in which an officer judges a product.

A model that calls services: `CatalogueConfig` loads it with the models, and models.py stays free of services.
"""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Task, TaskState

from marketplace.accounts.selectors import is_operator, officer_of
from marketplace.audit.services import record
from marketplace.catalogue.lock_objects import lock_product
from marketplace.catalogue.models import Product
from marketplace.catalogue.notices import tell_members
from marketplace.catalogue.policies import may_moderate
from marketplace.catalogue.variants import settle_reviewed_variants
from marketplace.core.exceptions import DomainError, IllegalTransition, NotAllowed

APPROVE, REJECT = "approve", "reject"


class ProductModerationTask(Task):
    """An officer of the vendor's own agency, or an operator, passes a product or asks for changes."""

    # Our own check in on_action() is the permission; nobody needs Wagtail's "publish", whose holders publish unread.
    approval_publishes = True

    class Meta:
        verbose_name = gettext_lazy("product moderation")
        verbose_name_plural = gettext_lazy("product moderations")

    def user_can_access_editor(self, obj: Product, user: Any) -> bool:
        return may_moderate(user=user, product=obj)[0]

    def get_actions(self, obj: Product, user: Any) -> list[tuple[str, str, bool]]:
        """Approve and ask for changes, for those who may judge this product; nothing for everyone else."""
        if not may_moderate(user=user, product=obj)[0]:
            return []
        return [(REJECT, _("Ask for changes"), True), (APPROVE, _("Approve"), False)]

    @transaction.atomic
    def on_action(self, task_state: TaskState, user: Any, action_name: str, **kwargs: Any) -> None:
        """Approve or ask for changes, once, by somebody who may, about the text that they saw.

        Raises NotAllowed, IllegalTransition (somebody was faster, or the owner changed the product) and DomainError
        (code reason_missing).
        """
        product = lock_product(int(task_state.revision.object_id))
        # What the caller holds may be minutes old: whoever decided meanwhile has changed the row.
        current = TaskState.objects.select_for_update().select_related("workflow_state").get(pk=task_state.pk)
        allowed, reason = may_moderate(user=user, product=product)
        if not allowed:
            raise NotAllowed(reason)
        if current.status != TaskState.STATUS_IN_PROGRESS:
            raise IllegalTransition(_stale_message(current), code="moderation.stale")
        if action_name == REJECT and not kwargs.get("comment", "").strip():
            raise DomainError(_("Write what the owner has to change."), code="reason_missing", field="comment")
        super().on_action(current, user, action_name, **kwargs)
        if action_name == APPROVE:
            _after_approval(product, current, user)
        elif action_name == REJECT:
            record(action="catalogue.changes_asked", target=product, actor=user, data={"revision": current.revision_id})
            tell_members(product=product, kind="product_needs_changes", reason=kwargs["comment"].strip())

    def get_task_states_user_can_moderate(self, user: Any, **kwargs: Any) -> "models.QuerySet[TaskState]":
        """What waits for this person: their agency's products without their own business's, oldest first."""
        officer = officer_of(user)
        products = Product.objects.exclude(vendor__members__in=user.vendor_memberships.filter(is_active=True))
        if not is_operator(user):
            if officer is None:
                return TaskState.objects.none()
            products = products.filter(vendor__agency_id=officer.agency_id)
        return TaskState.objects.filter(
            task=self,
            status=TaskState.STATUS_IN_PROGRESS,
            revision__base_content_type=ContentType.objects.get_for_model(Product),
            revision__object_id__in=products.annotate(
                key=Cast("pk", output_field=models.CharField(max_length=255))
            ).values("key"),
        ).order_by("started_at", "pk")

    @classmethod
    def get_description(cls) -> str:
        return _("Officers judge the products of their own agency's businesses")


def _stale_message(state: TaskState) -> str:
    if state.status == TaskState.STATUS_CANCELLED:
        return _("Nothing was saved: the owner changed or withdrew this product after you opened it. Look at it again.")
    return _("Nothing was saved: %(person)s has already decided about this product.") % {"person": state.finished_by}


def _after_approval(product: Product, state: TaskState, user: Any) -> None:
    published = Product.objects.filter(pk=product.pk, live=True, live_revision_id=state.revision_id).exists()
    if not published:
        # A newer text was waiting; Wagtail has started the review anew with it.
        return
    settle_reviewed_variants(product)
    record(action="catalogue.approved", target=product, actor=user, data={"revision": state.revision_id})
    tell_members(product=product, kind="product_approved")
