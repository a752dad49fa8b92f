"""Work that must happen after a transaction commits: mail, search, calls to providers."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OutboxMessage(models.Model):
    """One piece of work, written in the transaction that causes it and done later by the worker, at least once."""

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        PROCESSING = "processing", _("being done")
        DONE = "done", _("done")
        DEAD = "dead", _("given up")

    topic = models.CharField(_("topic"), max_length=80)
    key = models.CharField(_("key"), max_length=200, blank=True)
    payload = models.JSONField(_("payload"), default=dict)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    available_at = models.DateTimeField(_("not before"), default=timezone.now)
    last_error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    processed_at = models.DateTimeField(_("done at"), null=True, blank=True)

    class Meta:
        verbose_name = _("outbox message")
        verbose_name_plural = _("outbox messages")
        ordering = ["id"]
        constraints = [
            # Coalescing: one waiting message per topic and key. One that is being done no longer counts, since it may
            # have read the state before the newest change.
            models.UniqueConstraint(
                fields=["topic", "key"], condition=Q(state="pending") & ~Q(key=""), name="outbox_one_pending_per_key"
            )
        ]
        indexes = [models.Index(fields=["state", "available_at"], name="outbox_due")]

    def __str__(self) -> str:
        return f"{self.topic} {self.key or self.pk}"


class PeriodicRun(models.Model):
    """When a periodic job last ran, so that several workers together run it once."""

    name = models.CharField(_("job"), max_length=80, unique=True)
    last_started_at = models.DateTimeField(_("last start"), null=True)
    last_finished_at = models.DateTimeField(_("last end"), null=True)
    last_error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("periodic job")
        verbose_name_plural = _("periodic jobs")

    def __str__(self) -> str:
        return self.name
