"""Reading the audit trail."""

from django.db import models

from marketplace.audit.models import AuditEvent


def events_about(target: models.Model) -> "models.QuerySet[AuditEvent]":
    """Every event about `target`, newest first, with who did it."""
    return AuditEvent.objects.filter(target_type=target._meta.label_lower, target_id=str(target.pk)).select_related(
        "actor"
    )
