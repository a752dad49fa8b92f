"""Writing the audit trail."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models

from marketplace.audit.models import AuditEvent


def record(*, action: str, target: models.Model, actor: Any = None, data: dict[str, Any] | None = None) -> AuditEvent:
    """Write one audit event about `target`.

    Arguments:
        action: `slice.verb`, e.g. `registration.submitted`.
        actor: the user who did it; None or an anonymous visitor means the system.
        data: JSON details; never personal data in clear.
    """
    person = None if actor is None or isinstance(actor, AnonymousUser) else actor
    return AuditEvent.objects.create(
        actor=person, action=action, target_type=target._meta.label_lower, target_id=str(target.pk), data=data or {}
    )
