"""After the sale: what buyers ask back and shops decide, with everything that was said and done about it.

Amounts are whole rupiah. The money itself is payments' affair; here stands why it goes back and who decided.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from marketplace.core.transitions import StateMachine
from marketplace.orders.models import OrderLine, SubOrder
from marketplace.payments.models import Refund
from umkm.registration.models import private_storage


@register_setting(icon="time", order=310)
class AftersalesTerms(BaseGenericSetting):
    """How long shops and buyers have. Operators set it; what runs already keeps the term that it was given."""

    days_to_decide = models.PositiveSmallIntegerField(
        _("days to decide"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(14)],
        help_text=_("For the shop, from the request. It is reminded a day before; then operators decide."),
    )
    days_to_send = models.PositiveSmallIntegerField(
        _("days to send back"),
        default=7,
        validators=[MinValueValidator(2), MaxValueValidator(30)],
        help_text=_("For the buyer, once the shop agreed to take the goods back. After that the request is closed."),
    )
    days_to_receive = models.PositiveSmallIntegerField(
        _("days to receive"),
        default=7,
        validators=[MinValueValidator(2), MaxValueValidator(30)],
        help_text=_("For the shop, from the buyer's tracking number. Then operators decide."),
    )
    days_to_pay_by_hand = models.PositiveSmallIntegerField(
        _("days to pay back by hand"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(14)],
        help_text=_("For the shop that took the money itself (cash, transfer). Then operators decide."),
    )
    days_to_disagree = models.PositiveSmallIntegerField(
        _("days to disagree"),
        default=7,
        validators=[MinValueValidator(2), MaxValueValidator(30)],
        help_text=_("For the buyer, after a shop refused, to bring it before the operators."),
    )

    class Meta:
        verbose_name = _("terms after the sale")


class RefundRequest(models.Model):
    """Somebody asks that money of one shop's part goes back, with or without the goods."""

    class AskedBy(models.TextChoices):
        BUYER = "buyer", _("the buyer")
        SHOP = "shop", _("the shop")

    class Reason(models.TextChoices):
        NOT_ARRIVED = "not_arrived", _("The parcel did not arrive")
        DAMAGED = "damaged", _("It is damaged or spoiled")
        WRONG = "wrong", _("It is something else, or not all of it")
        NOT_AS_DESCRIBED = "not_as_described", _("It is not as described")
        CHANGED_MIND = "changed_mind", _("I no longer want it")
        OTHER = "other", _("Something else")

    class Scope(models.TextChoices):
        WHOLE = "whole", _("everything from this shop")
        LINES = "lines", _("single things")
        AMOUNT = "amount", _("an amount")

    class Status(models.TextChoices):
        ASKED = "asked", _("the shop decides")
        ESCALATED = "escalated", _("the operators decide")
        RETURNING = "returning", _("goods to be sent back")
        SENT_BACK = "sent_back", _("goods on their way back")
        REFUNDING = "refunding", _("money on its way")
        DONE = "done", _("paid back")
        DECLINED = "declined", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    OPEN = (Status.ASKED, Status.ESCALATED, Status.RETURNING, Status.SENT_BACK, Status.REFUNDING)
    MACHINE = StateMachine(
        "refund_request",
        {
            Status.ASKED: (
                Status.RETURNING,
                Status.REFUNDING,
                Status.DECLINED,
                Status.ESCALATED,
                Status.WITHDRAWN,
            ),
            Status.ESCALATED: (Status.RETURNING, Status.REFUNDING, Status.DECLINED, Status.WITHDRAWN),
            # Straight to the money only where somebody sent it back at the provider meanwhile.
            Status.RETURNING: (Status.SENT_BACK, Status.REFUNDING, Status.WITHDRAWN),
            Status.SENT_BACK: (Status.REFUNDING, Status.ESCALATED),
            # The refund failed, or the shop did not pay it by hand.
            Status.REFUNDING: (Status.DONE, Status.ESCALATED),
            # The buyer disagrees with the shop; with the operators' decision it ends.
            Status.DECLINED: (Status.ESCALATED,),
            # A bank can send a refund back days after it called it done.
            Status.DONE: (Status.ESCALATED,),
            Status.WITHDRAWN: (),
        },
    )

    suborder = models.ForeignKey(SubOrder, models.PROTECT, related_name="refund_requests", verbose_name=_("order part"))
    asked_by = models.CharField(_("asked by"), max_length=6, choices=AskedBy)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    reason = models.CharField(_("reason"), max_length=16, choices=Reason)
    text = models.TextField(_("what happened"), max_length=1000, blank=True)
    scope = models.CharField(_("what"), max_length=6, choices=Scope)
    with_shipping = models.BooleanField(_("with the delivery cost"), default=False)
    # Whether the buyer would send the goods back; the decision may say otherwise.
    sends_back = models.BooleanField(_("goods go back"), default=False)
    amount_asked = models.BigIntegerField(_("asked for"))
    amount_granted = models.BigIntegerField(_("granted"), null=True, blank=True)
    # In part of what was asked, and of what was granted: refunds that did not settle all of it.
    amount_outside = models.BigIntegerField(_("sent back at the payment provider meanwhile"), default=0)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ASKED)
    # An operator has decided; nobody else decides after that.
    is_final = models.BooleanField(_("decided by an operator"), default=False)
    # The end of whoever's turn it is.
    due_at = models.DateTimeField(_("until"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)
    courier = models.CharField(_("courier"), max_length=60, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=60, blank=True)
    created_at = models.DateTimeField(_("asked"), default=timezone.now)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("refund request")
        verbose_name_plural = _("refund requests")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["suborder"],
                condition=Q(status__in=["asked", "escalated", "returning", "sent_back", "refunding"]),
                name="request_one_open",
            ),
            models.CheckConstraint(
                condition=Q(amount_outside__gte=0, amount_asked__gt=F("amount_outside"))
                & (
                    Q(amount_granted=None)
                    | Q(amount_granted__gt=F("amount_outside"), amount_granted__lte=F("amount_asked"))
                ),
                name="request_amounts",
            ),
        ]
        indexes = [models.Index(fields=["status", "due_at"], name="request_due")]

    def __str__(self) -> str:
        return f"{self.suborder}: {self.get_status_display()}"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has something to do."""
        return self.status in self.OPEN

    @property
    def amount(self) -> int:
        """What goes back: as decided, or as asked while nobody has decided; without what went back meanwhile."""
        agreed = self.amount_asked if self.amount_granted is None else self.amount_granted
        return agreed - self.amount_outside


class RequestLine(models.Model):
    """How many of a thing a request is about."""

    request = models.ForeignKey(RefundRequest, models.CASCADE, related_name="lines", verbose_name=_("request"))
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="+", verbose_name=_("order line"))
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        verbose_name = _("thing asked back")
        verbose_name_plural = _("things asked back")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "line"], name="request_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="request_line_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.line} × {self.quantity}"


def photo_name(instance: Any, filename: str) -> str:
    """Where a photo lies: its name says nothing and cannot be guessed."""
    name = secrets.token_urlsafe(24)
    return f"requests/{name[:2].lower()}/{name}.jpg"


class RequestPhoto(models.Model):
    """A photo that shows what is wrong; seen by the buyer, the shop and operators only."""

    request = models.ForeignKey(RefundRequest, models.CASCADE, related_name="photos", verbose_name=_("request"))
    file = models.FileField(_("file"), storage=private_storage, upload_to=photo_name, max_length=120)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("photo of a request")
        verbose_name_plural = _("photos of requests")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.sha256[:8]}"


class RequestEvent(models.Model):
    """A step of a request: who did what, and what they wrote about it."""

    class Kind(models.TextChoices):
        ASKED = "asked", _("asked")
        OFFERED = "offered", _("offered")
        APPROVED = "approved", _("agreed")
        DECLINED = "declined", _("refused")
        ESCALATED = "escalated", _("brought before the operators")
        SENT_BACK = "sent_back", _("sent back")
        RECEIVED = "received", _("came back to the shop")
        REFUNDED = "refunded", _("paid back")
        FAILED = "failed", _("refund failed")
        WITHDRAWN = "withdrawn", _("withdrawn")
        LAPSED = "lapsed", _("closed: nothing was sent back in time")
        SETTLED = "settled", _("settled by a refund made at the payment provider")
        PARTLY = "partly", _("partly settled by a refund made at the payment provider")

    class By(models.TextChoices):
        BUYER = "buyer", _("buyer")
        SHOP = "shop", _("shop")
        OPERATOR = "operator", _("operator")
        SITE = "site", _("the site")

    request = models.ForeignKey(RefundRequest, models.CASCADE, related_name="events", verbose_name=_("request"))
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    by = models.CharField(_("by"), max_length=8, choices=By)
    note = models.CharField(_("note"), max_length=500, blank=True)
    # The refund that somebody made at the provider, and how much of it is of this part.
    refund = models.ForeignKey(
        Refund, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("refund")
    )
    amount = models.BigIntegerField(_("amount"), null=True, blank=True)
    happened_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("step of a request")
        verbose_name_plural = _("steps of requests")
        ordering = ["happened_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "refund"], condition=Q(refund__isnull=False), name="request_counts_refund_once"
            ),
            models.CheckConstraint(
                condition=Q(refund=None, amount=None) | Q(refund__isnull=False, amount__gt=0),
                name="request_event_refund_amount",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.kind}"
