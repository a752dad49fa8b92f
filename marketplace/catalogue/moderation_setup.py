"""The workflow that products go through: made when it is first needed, mended when somebody took it apart."""

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from wagtail.models import Workflow, WorkflowContentType, WorkflowTask

from marketplace.catalogue.models import Product
from marketplace.catalogue.tasks import ProductModerationTask

NAME = "Moderasi produk"


def ensure_product_workflow() -> Workflow:
    """The active workflow of products, made or switched on again if there is none. Safe to call any number of times."""
    assigned = _assigned_workflow()
    if assigned is not None:
        return assigned
    try:
        with transaction.atomic():
            return _make_workflow()
    except IntegrityError:
        # Two first submissions at once: the other one made it.
        return WorkflowContentType.objects.get(content_type=ContentType.objects.get_for_model(Product)).workflow


def _assigned_workflow() -> Workflow | None:
    task_type = ContentType.objects.get_for_model(ProductModerationTask)
    assignment = (
        WorkflowContentType.objects.filter(
            content_type=ContentType.objects.get_for_model(Product),
            workflow__active=True,
            workflow__workflow_tasks__task__active=True,
            workflow__workflow_tasks__task__content_type=task_type,
        )
        .select_related("workflow")
        .first()
    )
    return assignment.workflow if assignment else None


def _make_workflow() -> Workflow:
    task = ProductModerationTask.objects.filter(active=True).first() or ProductModerationTask.objects.create(name=NAME)
    workflow = Workflow.objects.filter(active=True, workflow_tasks__task_id=task.pk).first()
    if workflow is None:
        workflow = Workflow.objects.create(name=NAME)
        WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    WorkflowContentType.objects.update_or_create(
        content_type=ContentType.objects.get_for_model(Product), defaults={"workflow": workflow}
    )
    return workflow
