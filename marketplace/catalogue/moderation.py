"""What happens when moderators have finished with a revision (WAGTAIL_FINISH_WORKFLOW_ACTION).

Wagtail imports this module while it loads its own models, so nothing of Wagtail is imported at the top.
"""

from typing import Any


def publish_reviewed_revision(workflow_state: Any, user: Any = None) -> None:
    """Publish the revision that the moderators saw.

    Wagtail's own default publishes the latest one, so that text written after the review would go live unread. A task
    that checks the moderator itself (`approval_publishes`) stands for Wagtail's permission to publish.
    """
    state = workflow_state.current_task_state
    checked = getattr(state.task.specific, "approval_publishes", False)
    state.revision.publish(user=user, skip_permission_checks=checked)
