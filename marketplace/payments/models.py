"""Paying for an order: attempts, the provider's messages, refunds, and what needs an operator's eye.

Amounts are whole rupiah; only a provider's adapter knows in which unit it counts. Transitions: docs/payments.md.
"""

import secrets

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketplace.core.transitions import StateMachine
from marketplace.orders.models import Order, PaymentMethod


class ProviderName(models.TextChoices):
    STRIPE = "stripe", "Stripe"
    OFFLINE = "offline", _("cash")


def new_key() -> str:
    """An idempotency key that nobody guesses and that no second attempt shares."""
    return secrets.token_hex(16)


class PaymentAttempt(models.Model):
    """One try to get an order paid. At most one is live; several may end up paid, and all but one go back."""

    class Status(models.TextChoices):
        CREATED = "created", _("being prepared")
        OPEN = "open", _("waiting for the buyer")
        PROCESSING = "processing", _("waiting for the bank")
        PAID = "paid", _("paid")
        FAILED = "failed", _("failed")
        EXPIRED = "expired", _("expired")

    LIVE = (Status.CREATED, Status.OPEN, Status.PROCESSING)
    MACHINE = StateMachine(
        "attempt",
        {
            # A provider may know more than we stored: after a crash an attempt is paid before we saw it open.
            Status.CREATED: (Status.OPEN, Status.PROCESSING, Status.PAID, Status.FAILED, Status.EXPIRED),
            Status.OPEN: (Status.PROCESSING, Status.PAID, Status.FAILED, Status.EXPIRED),
            Status.PROCESSING: (Status.PAID, Status.FAILED, Status.EXPIRED),
            # Money counts, whenever it comes.
            Status.FAILED: (Status.PAID,),
            Status.EXPIRED: (Status.PAID,),
            Status.PAID: (),
        },
    )

    order = models.ForeignKey(Order, models.PROTECT, related_name="payment_attempts", verbose_name=_("order"))
    provider = models.CharField(_("provider"), max_length=16, choices=ProviderName)
    method = models.CharField(_("payment method"), max_length=16, choices=PaymentMethod)
    amount = models.BigIntegerField(_("amount"))
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.CREATED)
    # Stored before the provider is called, and sent again unchanged after a crash. Also our reference at the provider.
    idempotency_key = models.CharField(_("idempotency key"), max_length=64, unique=True, default=new_key)
    request_json = models.JSONField(_("request"), default=dict)
    session_id = models.CharField(_("session"), max_length=120, blank=True)
    payment_id = models.CharField(_("payment"), max_length=120, blank=True)
    url = models.TextField(_("payment page"), blank=True)
    failure = models.CharField(_("why it failed"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    expires_at = models.DateTimeField(_("payable until"), null=True, blank=True)
    checked_at = models.DateTimeField(_("last checked with the provider"), null=True, blank=True)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed without payment"), null=True, blank=True)

    class Meta:
        verbose_name = _("payment attempt")
        verbose_name_plural = _("payment attempts")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="attempt_amount_not_negative"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(status__in=["created", "open", "processing"]), name="attempt_one_live"
            ),
            models.UniqueConstraint(
                fields=["provider", "session_id"], condition=~Q(session_id=""), name="attempt_session_once"
            ),
        ]
        indexes = [
            models.Index(fields=["status", "checked_at"], name="attempt_to_check"),
            models.Index(fields=["payment_id"], name="attempt_payment"),
        ]

    def __str__(self) -> str:
        return f"{self.order} · {self.get_status_display()}"

    @property
    def is_live(self) -> bool:
        """Whether the buyer can still pay it, or has paid and the money is on its way."""
        return self.status in self.LIVE


class WebhookEvent(models.Model):
    """A message from a provider, stored as it came before anything is done about it."""

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        DONE = "done", _("done")
        IGNORED = "ignored", _("nothing to do")
        FAILED = "failed", _("needs an operator")

    provider = models.CharField(_("provider"), max_length=16, choices=ProviderName)
    account = models.CharField(_("account"), max_length=60, blank=True)
    event_id = models.CharField(_("event"), max_length=120)
    kind = models.CharField(_("kind"), max_length=80)
    body = models.TextField(_("body"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RECEIVED)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    handled_at = models.DateTimeField(_("done at"), null=True, blank=True)

    class Meta:
        verbose_name = _("provider message")
        verbose_name_plural = _("provider messages")
        ordering = ["-received_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["provider", "account", "event_id"], name="webhook_event_once")]
        indexes = [models.Index(fields=["state", "received_at"], name="webhook_to_do")]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"


class Refund(models.Model):
    """Money that goes back to the buyer."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("to be sent")
        SUBMITTED = "submitted", _("sent to the bank")
        SUCCEEDED = "succeeded", _("done")
        FAILED = "failed", _("failed")

    class Reason(models.TextChoices):
        LATE = "late", _("paid too late, sold out meanwhile")
        DUPLICATE = "duplicate", _("paid twice")

    MACHINE = StateMachine(
        "refund",
        {
            Status.REQUESTED: (Status.SUBMITTED, Status.SUCCEEDED, Status.FAILED),
            Status.SUBMITTED: (Status.SUCCEEDED, Status.FAILED),
            # A bank can send a refund back days after the provider called it done.
            Status.SUCCEEDED: (Status.FAILED,),
            Status.FAILED: (),
        },
    )

    attempt = models.ForeignKey(
        PaymentAttempt, models.PROTECT, related_name="refunds", verbose_name=_("payment attempt")
    )
    amount = models.BigIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.REQUESTED)
    idempotency_key = models.CharField(_("idempotency key"), max_length=64, unique=True)
    request_json = models.JSONField(_("request"), default=dict)
    provider_refund_id = models.CharField(_("refund at the provider"), max_length=120, blank=True, db_index=True)
    failure = models.CharField(_("why it failed"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_positive"),
            # What goes back by itself goes back once.
            models.UniqueConstraint(fields=["attempt", "reason"], name="refund_once_per_reason"),
        ]
        indexes = [models.Index(fields=["status", "created_at"], name="refund_to_do")]

    def __str__(self) -> str:
        return f"{self.attempt.order} −{self.amount}"


class ReconciliationCursor(models.Model):
    """Up to when the provider's list of events has been read."""

    provider = models.CharField(_("provider"), max_length=16, choices=ProviderName, unique=True)
    reached_at = models.DateTimeField(_("read up to"))

    class Meta:
        verbose_name = _("reconciliation cursor")
        verbose_name_plural = _("reconciliation cursors")

    def __str__(self) -> str:
        return f"{self.provider} {self.reached_at}"


class Finding(models.Model):
    """Something that the daily check of the books found, until it is no longer so."""

    class Kind(models.TextChoices):
        ENTRY_OUT_OF_BALANCE = "entry_out_of_balance", _("journal entry out of balance")
        STOCK_OUT_OF_STEP = "stock_out_of_step", _("promised stock does not match its promises")

    kind = models.CharField(_("kind"), max_length=24, choices=Kind)
    reference = models.CharField(_("about"), max_length=120)
    detail = models.CharField(_("details"), max_length=255)
    found_at = models.DateTimeField(_("found"), default=timezone.now)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["-found_at"]
        constraints = [models.UniqueConstraint(fields=["kind", "reference"], name="finding_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"
