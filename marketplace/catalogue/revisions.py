"""Drafts of products: reading the newest one, writing a new one, and what that means for a running review."""

from typing import Any

from wagtail.models import TaskState, WorkflowState

from marketplace.catalogue.listings import refresh_listings
from marketplace.catalogue.models import Product
from marketplace.catalogue.policies import may_edit
from marketplace.core.exceptions import NotAllowed


def current_draft(product: Product) -> Product:
    """The newest text of a product, published or not, as an object that can be changed."""
    return product.get_latest_revision_as_object()


def refuse_if_locked(*, product: Product, actor: Any) -> None:
    """Wagtail's lock is advisory, so every service that writes text asks here. Raises NotAllowed."""
    lock = product.get_lock()
    if lock is not None and lock.for_user(actor):
        raise NotAllowed(may_edit(user=actor, product=product)[1], code="locked")


def save_draft(*, product: Product, draft: Product, actor: Any) -> None:
    """Keep `draft` as the newest revision of the locked `product`; a running review starts anew with it."""
    if not product.live:
        # Nothing is on sale: the row itself may hold the draft, so that lists show what the vendor last wrote.
        draft.save()
    draft.save_revision(user=actor)
    restart_review(product=product, actor=actor)
    if not product.live:
        refresh_listings(product_ids=[product.pk])


def restart_review(*, product: Product, actor: Any) -> None:
    """Let the moderators see the newest revision: what they have open is cancelled and cannot be passed any more."""
    state = product.current_workflow_state
    if state is None or state.status != WorkflowState.STATUS_IN_PROGRESS:
        return
    # Freshly read: TaskState.cancel() looks at what its own workflow state remembers.
    TaskState.objects.get(pk=state.current_task_state_id).cancel(user=actor, resume=True)
