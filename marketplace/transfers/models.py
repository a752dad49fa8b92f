"""Paying a shop directly, by bank transfer or its QRIS: where to, what is owed, and the buyer's proofs.

Every shop of an order is paid by itself, since the money goes straight to it. Amounts are whole rupiah.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from encrypted_fields.fields import EncryptedCharField
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from marketplace.core.transitions import StateMachine
from marketplace.orders.models import SubOrder
from umkm.registration.models import private_storage
from umkm.vendors.models import Vendor


@register_setting(icon="time", order=300)
class TransferTerms(BaseGenericSetting):
    """How long buyers and shops have. Operators set it; what runs already keeps the term that it was given."""

    hours_to_pay = models.PositiveSmallIntegerField(
        _("hours to pay"),
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(168)],
        help_text=_("From the order until the buyer's proof. Without one the part ends by itself."),
    )
    hours_to_confirm = models.PositiveSmallIntegerField(
        _("hours to confirm"),
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(168)],
        help_text=_("From the proof until the shop's answer. It is reminded at half of it; then operators decide."),
    )
    days_to_keep = models.PositiveSmallIntegerField(
        _("days to keep proofs"),
        default=180,
        validators=[MinValueValidator(30), MaxValueValidator(730)],
        help_text=_("After the answer. Then the picture is deleted, the answer stays."),
    )

    class Meta:
        verbose_name = _("terms of transfers")


class TransferAccount(models.Model):
    """Where a shop receives transfers: a bank account, a static QRIS code, or both. Buyers who order see it."""

    vendor = models.OneToOneField(Vendor, models.CASCADE, related_name="transfer_account", verbose_name=_("business"))
    bank_name = models.CharField(_("bank"), max_length=60, blank=True)
    account_number = EncryptedCharField(_("account number"), max_length=30, null=True, blank=True)
    account_holder = models.CharField(_("account holder"), max_length=100, blank=True)
    qris_payload = models.TextField(_("QRIS code"), blank=True)
    qris_name = models.CharField(_("name in the QRIS code"), max_length=25, blank=True)
    qris_nmid = models.CharField(_("national merchant number"), max_length=20, blank=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("account for transfers")
        verbose_name_plural = _("accounts for transfers")

    def __str__(self) -> str:
        return f"{self.vendor}"

    @property
    def has_bank(self) -> bool:
        """Whether a bank account is given."""
        return bool(self.bank_name and self.account_number and self.account_holder)

    @property
    def is_usable(self) -> bool:
        """Whether a buyer can pay with it."""
        return self.has_bank or bool(self.qris_payload)


class TransferRequest(models.Model):
    """What a buyer owes one shop for its part, and where to: frozen at the order, so that no wrong account is paid."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting for the buyer")
        CHECKING = "checking", _("the shop is checking")
        CONFIRMED = "confirmed", _("paid")
        ENDED = "ended", _("ended without payment")

    LIVE = (Status.WAITING, Status.CHECKING)
    MACHINE = StateMachine(
        "transfer",
        {
            Status.WAITING: (Status.CHECKING, Status.CONFIRMED, Status.ENDED),
            Status.CHECKING: (Status.WAITING, Status.CONFIRMED, Status.ENDED),
            Status.CONFIRMED: (),
            Status.ENDED: (),
        },
    )

    suborder = models.OneToOneField(SubOrder, models.PROTECT, related_name="transfer", verbose_name=_("order part"))
    amount = models.BigIntegerField(_("amount"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    bank_name = models.CharField(_("bank"), max_length=60, blank=True)
    account_number = EncryptedCharField(_("account number"), max_length=30, null=True, blank=True)
    account_holder = models.CharField(_("account holder"), max_length=100, blank=True)
    qris_payload = models.TextField(_("QRIS code with the amount"), blank=True)
    qris_name = models.CharField(_("name in the QRIS code"), max_length=25, blank=True)
    # The end of whoever's turn it is: the buyer's to pay, then the shop's to confirm.
    due_at = models.DateTimeField(_("until"))
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)
    # Since when operators have to decide, because the shop did not.
    escalated_at = models.DateTimeField(_("with the operators since"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        ordering = ["created_at", "pk"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_amount_positive")]
        indexes = [models.Index(fields=["status", "due_at"], name="transfer_due")]

    def __str__(self) -> str:
        return f"{self.suborder}: {self.amount}"


def proof_name(instance: Any, filename: str) -> str:
    """Where a proof lies: its name says nothing and cannot be guessed."""
    return f"transfers/{timezone.localdate():%Y/%m}/{secrets.token_hex(16)}"


class TransferProof(models.Model):
    """What a buyer shows as a sign of having paid, and what the shop or an operator answered. Earlier ones stay."""

    class Answer(models.TextChoices):
        OPEN = "open", _("not answered yet")
        CONFIRMED = "confirmed", _("the money arrived")
        REFUSED = "refused", _("the money did not arrive")

    request = models.ForeignKey(TransferRequest, models.PROTECT, related_name="proofs", verbose_name=_("transfer"))
    file = models.FileField(_("file"), storage=private_storage, upload_to=proof_name, max_length=120, blank=True)
    content_type = models.CharField(_("kind of file"), max_length=40)
    size = models.PositiveIntegerField(_("size (bytes)"))
    sender_name = models.CharField(_("transferred from"), max_length=100, blank=True)
    sent_at = models.DateTimeField(_("sent"), default=timezone.now)
    answer = models.CharField(_("answer"), max_length=10, choices=Answer, default=Answer.OPEN)
    reason = models.CharField(_("reason"), max_length=255, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("proof of transfer")
        verbose_name_plural = _("proofs of transfer")
        ordering = ["sent_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["request"], condition=Q(answer="open"), name="transfer_one_open_proof"),
            models.CheckConstraint(
                condition=Q(answer="open", answered_at=None) | (~Q(answer="open") & Q(answered_at__gte=F("sent_at"))),
                name="transfer_answer_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request} ({self.get_answer_display()})"

    @property
    def is_pdf(self) -> bool:
        """Whether it is a document rather than a picture."""
        return self.content_type == "application/pdf"
