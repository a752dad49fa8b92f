"""The work in the background: operators only."""

from marketplace.outbox.models import OutboxMessage
from tests.permissions.matrix_row import OPERATOR_ONLY, Row
from tests.roles import Scene


def dead_message(scene: Scene) -> dict[str, object]:
    return {"pk": OutboxMessage.objects.create(topic="notifications.mail", state=OutboxMessage.State.DEAD).pk}


ROWS = [
    Row("outbox_admin:background", OPERATOR_ONLY),
    Row("outbox_admin:repeat", OPERATOR_ONLY | {"operator": 405}, kwargs=dead_message),
    Row("outbox_admin:repeat", OPERATOR_ONLY | {"operator": 302}, kwargs=dead_message, method="POST"),
]
