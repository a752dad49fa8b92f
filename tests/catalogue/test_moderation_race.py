"""Two officers press at the same moment: one decision counts, whichever database is below."""

import threading

import pytest
from django.db import connection, connections
from wagtail.models import TaskState, WorkflowState

from marketplace.catalogue.models import Product
from marketplace.core.exceptions import IllegalTransition
from marketplace.notifications.models import Notification
from tests.factories.base import OfficerFactory
from tests.factories.catalogue import submitted_product
from tests.roles import Scene

pytestmark = pytest.mark.django_db(transaction=True)
OFFICERS = 6


def at_once(actions) -> list[object]:
    """Run each action in a thread with a connection of its own, all from one starting line; what they raise counts."""
    barrier, outcomes = threading.Barrier(len(actions)), []

    def run(action) -> None:
        try:
            barrier.wait(timeout=30)
            outcomes.append(action())
        except Exception as error:  # the outcome is what the test looks at
            outcomes.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes


def test_one_of_many_decisions_at_once_counts(site):
    scene = Scene()
    product = submitted_product(scene.vendor, scene.vendor_owner)
    officers = [OfficerFactory(agency=scene.vendor.agency).user for _ in range(OFFICERS)]
    Notification.objects.all().delete()
    waiting = product.current_workflow_task_state

    def decision(number: int):
        # Each holds the state as it was when their page was opened.
        seen = TaskState.objects.get(pk=waiting.pk)
        task, officer = seen.task.specific, officers[number]
        if number % 2:
            return lambda: task.on_action(seen, officer, "approve")
        return lambda: task.on_action(seen, officer, "reject", comment="Kurang jelas.")

    outcomes = at_once([decision(number) for number in range(OFFICERS)])
    refused = [outcome for outcome in outcomes if isinstance(outcome, IllegalTransition)]
    assert len(refused) == OFFICERS - 1, outcomes
    product = Product.objects.get(pk=product.pk)
    state = product.workflow_states.get()
    # Never both: on sale and "needs changes".
    assert (product.live, state.status) in {
        (True, WorkflowState.STATUS_APPROVED),
        (False, WorkflowState.STATUS_NEEDS_CHANGES),
    }
    kinds = set(Notification.objects.values_list("kind", flat=True))
    assert kinds == {"product_approved" if product.live else "product_needs_changes"}
    assert connection.is_usable()
