"""Paying for an order: attempts, the provider's messages, refunds, and what needs an operator's eye.

Amounts are whole rupiah; only a provider's adapter knows in which unit it counts. Transitions: docs/payments.md.
"""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketplace.core.transitions import StateMachine
from marketplace.orders.models import Order, OrderLine, PaymentMethod, SubOrder
from umkm.vendors.models import Vendor


class ProviderName(models.TextChoices):
    STRIPE = "stripe", "Stripe"
    OFFLINE = "offline", _("cash")
    MANUAL = "manual", _("straight to the shop")


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
    # What went back of it or is on its way back: refunds that did not fail, and disputes that were lost.
    refunded = models.BigIntegerField(_("refunded"), default=0)
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
            models.CheckConstraint(
                condition=Q(refunded__gte=0, refunded__lte=F("amount")), name="attempt_refunds_within_payment"
            ),
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
        CANCELLED = "cancelled", _("cancelled")
        REQUEST = "request", _("the buyer asked for it")
        OFFERED = "offered", _("the shop offered it")
        DISPUTE = "dispute", _("the bank decided for the buyer")
        AGAIN = "again", _("again, after one that failed")
        OUTSIDE = "outside", _("made at the payment provider")

    class Channel(models.TextChoices):
        PROVIDER = "provider", _("by the payment provider")
        SHOP = "shop", _("by hand, from the shop")
        OPERATOR = "operator", _("by hand, from the operator")
        BANK = "bank", _("taken back by the buyer's bank")

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
    channel = models.CharField(_("way back"), max_length=10, choices=Channel, default=Channel.PROVIDER)
    # Who pays it back by hand.
    vendor = models.ForeignKey(
        Vendor, models.PROTECT, null=True, blank=True, related_name="refunds", verbose_name=_("business")
    )
    # The failed refund that this one stands for.
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name=_("stands for")
    )
    # What caused it, e.g. "request:12"; handlers find their way back by it.
    origin = models.CharField(_("cause"), max_length=60, blank=True, db_index=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asked for by"),
    )
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
            models.CheckConstraint(
                condition=~Q(channel="shop") | Q(vendor__isnull=False), name="refund_by_hand_of_a_shop"
            ),
        ]
        indexes = [models.Index(fields=["status", "created_at"], name="refund_to_do")]

    def __str__(self) -> str:
        return f"{self.attempt.order} −{self.amount}"

    @property
    def is_unassigned(self) -> bool:
        """Whether somebody made it at the provider and nobody has said yet whose sale it was."""
        return self.reason == self.Reason.OUTSIDE and not self.lines.exists()


class RefundLine(models.Model):
    """What a refund is for: some pieces of a line, part of its price, or the delivery of a shop's part."""

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="lines", verbose_name=_("refund"))
    suborder = models.ForeignKey(SubOrder, models.PROTECT, related_name="refund_lines", verbose_name=_("order part"))
    # Empty for the delivery.
    line = models.ForeignKey(
        OrderLine, models.PROTECT, null=True, blank=True, related_name="refund_lines", verbose_name=_("order line")
    )
    quantity = models.PositiveIntegerField(_("quantity"), default=0)
    amount = models.BigIntegerField(_("amount"))
    # The commission in it, which the site gives back.
    commission = models.BigIntegerField(_("commission"), default=0)

    class Meta:
        verbose_name = _("refund line")
        verbose_name_plural = _("refund lines")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["refund", "suborder", "line"], name="refund_line_once"),
            models.UniqueConstraint(
                fields=["refund", "suborder"], condition=Q(line__isnull=True), name="refund_delivery_once"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, commission__gte=0, commission__lte=F("amount")), name="refund_line_amounts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.refund}: {self.amount}"


class Dispute(models.Model):
    """A buyer's bank asks a payment back. Stripe decides by the evidence that the operator hands in there."""

    class Status(models.TextChoices):
        WARNING = "warning", _("asked about, no money moved")
        NEEDS_RESPONSE = "needs_response", _("waits for our evidence")
        UNDER_REVIEW = "under_review", _("the bank looks at our evidence")
        WON = "won", _("won")
        LOST = "lost", _("lost")
        CLOSED = "closed", _("closed without a decision")

    OPEN = (Status.WARNING, Status.NEEDS_RESPONSE, Status.UNDER_REVIEW)
    MACHINE = StateMachine(
        "dispute",
        {
            Status.WARNING: (Status.NEEDS_RESPONSE, Status.UNDER_REVIEW, Status.WON, Status.LOST, Status.CLOSED),
            Status.NEEDS_RESPONSE: (Status.UNDER_REVIEW, Status.WON, Status.LOST, Status.CLOSED),
            Status.UNDER_REVIEW: (Status.NEEDS_RESPONSE, Status.WON, Status.LOST, Status.CLOSED),
            Status.WON: (),
            Status.LOST: (),
            Status.CLOSED: (),
        },
    )

    attempt = models.ForeignKey(
        PaymentAttempt, models.PROTECT, related_name="disputes", verbose_name=_("payment attempt")
    )
    provider_dispute_id = models.CharField(_("dispute at the provider"), max_length=120, unique=True)
    amount = models.BigIntegerField(_("amount"))
    status = models.CharField(_("status"), max_length=16, choices=Status)
    # The provider's word: fraudulent, product_not_received, …
    reason = models.CharField(_("reason"), max_length=40)
    evidence_due_at = models.DateTimeField(_("evidence until"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        ordering = ["-opened_at", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="dispute_amount_positive")]
        indexes = [models.Index(fields=["status", "evidence_due_at"], name="dispute_to_answer")]

    def __str__(self) -> str:
        return f"{self.attempt.order} {self.provider_dispute_id}"

    @property
    def is_open(self) -> bool:
        """Whether the bank has not decided yet."""
        return self.status in self.OPEN


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
    """Something that does not add up: when found, what was done, when in order again. Never deleted."""

    class Kind(models.TextChoices):
        ENTRY_OUT_OF_BALANCE = "entry_out_of_balance", _("journal entry out of balance")
        BOOKS_OUT_OF_BALANCE = "books_out_of_balance", _("all postings together do not add up to zero")
        STOCK_OUT_OF_STEP = "stock_out_of_step", _("promised stock does not match its promises")
        REFUNDS_OUT_OF_STEP = "refunds_out_of_step", _("refunds do not match what was given back")
        CLEARING_DIFFERS = "clearing_differs", _("the provider's balance is not what the books say")
        REFUND_STUCK = "refund_stuck", _("a refund has been on its way for long")
        PAYMENT_STUCK = "payment_stuck", _("a payment has been open for long")

    kind = models.CharField(_("kind"), max_length=24, choices=Kind)
    reference = models.CharField(_("about"), max_length=120)
    detail = models.CharField(_("details"), max_length=255)
    found_at = models.DateTimeField(_("found"), default=timezone.now)
    seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    resolved_at = models.DateTimeField(_("in order again"), null=True, blank=True)
    handled_note = models.CharField(_("what was done"), max_length=500, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    handled_at = models.DateTimeField(_("done"), null=True, blank=True)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["-found_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "reference"], condition=Q(resolved_at__isnull=True), name="finding_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"
