"""Paying out what shops earned: bank accounts, payouts with what each is for, commission, and what the tax office asks.

Amounts are whole rupiah. What a shop is owed stands in the ledger and nowhere else; a payout item says which posting of
the ledger a payout settles, so that nothing is paid out twice.
"""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _
from encrypted_fields.fields import EncryptedCharField
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from marketplace.core.transitions import StateMachine
from marketplace.ledger.models import Posting
from marketplace.orders.models import SubOrder
from marketplace.reference.models import Category
from umkm.vendors.models import Vendor


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")


@register_setting(icon="calendar", order=310)
class PayoutTerms(BaseGenericSetting):
    """When and from which sum shops are paid out. Operators set it."""

    class Rhythm(models.TextChoices):
        WEEKLY = "weekly", _("every week")
        DAILY = "daily", _("every working day")

    rhythm = models.CharField(_("how often"), max_length=10, choices=Rhythm, default=Rhythm.WEEKLY)
    weekday = models.PositiveSmallIntegerField(
        _("day of the week"), choices=Weekday, default=Weekday.TUESDAY, help_text=_("When paid out every week.")
    )
    minimum = models.BigIntegerField(
        _("smallest payout"),
        default=50_000,
        validators=[MinValueValidator(1)],
        help_text=_("In rupiah. What is less waits for the next payout."),
    )
    hold_days = models.PositiveSmallIntegerField(
        _("days to hold after delivery"),
        default=7,
        validators=[MinValueValidator(2), MaxValueValidator(60)],
        help_text=_("Money of a sale can be paid out so many days after the buyer has the goods."),
    )
    account_hold_days = models.PositiveSmallIntegerField(
        _("days to hold a changed account"),
        default=3,
        validators=[MinValueValidator(0), MaxValueValidator(30)],
        help_text=_("A new bank account is used only after so many days, so that the owner can object."),
    )

    class Meta:
        verbose_name = _("terms of payouts")


class BankAccount(models.Model):
    """Where a shop's payouts go. Personal finance (UU PDP 27/2022, article 4): encrypted, each look at it logged.

    Never changed: a new account replaces the old one, and payouts keep the one to which they went.
    """

    class Check(models.TextChoices):
        WAITING = "waiting", _("waiting for a check")
        PASSED = "passed", _("checked")
        REFUSED = "refused", _("refused")

    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="bank_accounts", verbose_name=_("business"))
    bank = models.CharField(_("bank"), max_length=60)
    number = EncryptedCharField(_("account number"), max_length=30, null=True, blank=True)
    holder = EncryptedCharField(_("account holder"), max_length=100, null=True, blank=True)
    # The last digits, so that lists need not decrypt.
    number_tail = models.CharField(_("last digits"), max_length=4)
    check_result = models.CharField(_("check"), max_length=10, choices=Check, default=Check.WAITING)
    check_note = models.CharField(_("note of the check"), max_length=255, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("checked by")
    )
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("entered by")
    )
    usable_from = models.DateTimeField(_("used from"))
    created_at = models.DateTimeField(_("entered"), default=timezone.now)
    replaced_at = models.DateTimeField(_("replaced"), null=True, blank=True)

    class Meta:
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["vendor"], condition=Q(replaced_at=None), name="bank_account_one_current"),
        ]

    def __str__(self) -> str:
        return f"{self.bank} …{self.number_tail}"

    @property
    def is_checked(self) -> bool:
        """Whether an operator found it to be the shop's."""
        return self.check_result == self.Check.PASSED


class StripeAccount(models.Model):
    """A shop's own account at Stripe, for shops that have one: their payouts then go there instead of to a bank."""

    vendor = models.OneToOneField(Vendor, models.CASCADE, related_name="stripe_account", verbose_name=_("business"))
    account_id = models.CharField(_("account at Stripe"), max_length=60, unique=True)
    # What Stripe said last; kept in step by its messages.
    can_receive = models.BooleanField(_("can receive money"), default=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("account at Stripe")
        verbose_name_plural = _("accounts at Stripe")

    def __str__(self) -> str:
        return f"Stripe {self.account_id}"


class Payout(models.Model):
    """Money on its way to one shop. Prepared by one person, approved by another."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("prepared")
        APPROVED = "approved", _("approved")
        SENT = "sent", _("on its way")
        PAID = "paid", _("paid")
        RETURNED = "returned", _("came back")
        CANCELLED = "cancelled", _("called off")

    class Channel(models.TextChoices):
        BANK = "bank", _("bank transfer")
        STRIPE = "stripe", "Stripe Connect"

    LIVE = (Status.DRAFT, Status.APPROVED, Status.SENT)
    MACHINE = StateMachine(
        "payout",
        {
            Status.DRAFT: (Status.APPROVED, Status.CANCELLED),
            Status.APPROVED: (Status.SENT, Status.CANCELLED),
            Status.SENT: (Status.PAID, Status.RETURNED),
            # A bank sends money back days after it took it.
            Status.PAID: (Status.RETURNED,),
            Status.RETURNED: (),
            Status.CANCELLED: (),
        },
    )

    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="payouts", verbose_name=_("business"))
    channel = models.CharField(_("way"), max_length=10, choices=Channel, default=Channel.BANK)
    account = models.ForeignKey(
        BankAccount, models.PROTECT, null=True, blank=True, related_name="payouts", verbose_name=_("bank account")
    )
    number = models.CharField(_("number"), max_length=20, unique=True)
    amount = models.BigIntegerField(_("amount"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("prepared by")
    )
    prepared_at = models.DateTimeField(_("prepared"), default=timezone.now)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    # When it first stood in a file for the bank, which is then not made again unasked.
    exported_at = models.DateTimeField(_("exported"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    returned_at = models.DateTimeField(_("came back"), null=True, blank=True)
    return_reason = models.CharField(_("why"), max_length=255, blank=True)
    bank_reference = models.CharField(_("reference of the bank"), max_length=80, null=True, blank=True, unique=True)

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        ordering = ["-prepared_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payout_amount_positive"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=models.F("prepared_by")), name="payout_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "cancelled"]) | Q(approved_by__isnull=False),
                name="payout_goes_approved",
            ),
            models.CheckConstraint(
                condition=~Q(status="paid") | Q(bank_reference__isnull=False), name="payout_paid_has_reference"
            ),
            models.UniqueConstraint(
                fields=["vendor"], condition=Q(status__in=["draft", "approved"]), name="payout_one_being_prepared"
            ),
        ]
        indexes = [models.Index(fields=["status", "prepared_at"], name="payout_by_status")]

    def __str__(self) -> str:
        return self.number


class PayoutItem(models.Model):
    """What a payout settles: one posting of the ledger about one part of an order."""

    class Kind(models.TextChoices):
        SALE = "sale", _("sale")
        DIRECT_SALE = "direct_sale", _("sale that you were paid for directly")
        DIRECT_RECEIPT = "direct_receipt", _("received by you directly")
        REFUND = "refund", _("refund")
        DISPUTE = "dispute", _("lost dispute")
        CORRECTION = "correction", _("correction")

    # Such a thing happens once to a part of an order; refunds may happen several times.
    ONCE = (Kind.SALE, Kind.DIRECT_SALE, Kind.DIRECT_RECEIPT)

    payout = models.ForeignKey(Payout, models.PROTECT, related_name="items", verbose_name=_("payout"))
    suborder = models.ForeignKey(
        SubOrder, models.PROTECT, null=True, blank=True, related_name="payout_items", verbose_name=_("order part")
    )
    posting = models.ForeignKey(Posting, models.PROTECT, related_name="payout_items", verbose_name=_("posting"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    # As the shop sees it: positive is money for the shop.
    amount = models.BigIntegerField(_("amount"))
    # False once the payout came back or was called off: then the money waits for the next one.
    is_live = models.BooleanField(_("settled by this payout"), default=True)

    class Meta:
        verbose_name = _("payout item")
        verbose_name_plural = _("payout items")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["posting"], condition=Q(is_live=True), name="payout_item_posting_once"),
            models.UniqueConstraint(
                fields=["suborder", "kind"],
                condition=Q(is_live=True, kind__in=["sale", "direct_sale", "direct_receipt"]),
                name="payout_item_once",
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="payout_item_not_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.payout}: {self.amount:+d}"


class CommissionRule(models.Model):
    """What the site keeps of a sale, from a day on. The most particular rule in force counts: shop, category, all."""

    valid_from = models.DateField(_("from"))
    vendor = models.ForeignKey(
        Vendor,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="commission_rules",
        verbose_name=_("only this business"),
    )
    category = models.ForeignKey(
        Category,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("only this category"),
        help_text=_("With all below it."),
    )
    basis_points = models.PositiveIntegerField(
        _("commission"),
        default=0,
        validators=[MaxValueValidator(5_000)],
        help_text=_("In hundredths of a percent of the goods: 250 is 2.5 %. 0 is nothing."),
    )
    fixed_fee = models.BigIntegerField(
        _("fee for each order"),
        default=0,
        validators=[MinValueValidator(0)],
        help_text=_("In rupiah, on top, once for each shop of an order. Rules for a category have none."),
    )
    site_sends = models.BooleanField(
        _("the site pays the couriers"),
        default=False,
        help_text=_("Then the delivery that buyers pay for courier parcels is the site's. Else it is the shop's."),
    )
    note = models.CharField(_("reason"), max_length=255, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("set by")
    )
    created_at = models.DateTimeField(_("set"), default=timezone.now)

    class Meta:
        verbose_name = _("commission rule")
        verbose_name_plural = _("commission rules")
        ordering = ["-valid_from", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(basis_points__lte=5_000), name="commission_at_most_half"),
            models.CheckConstraint(condition=Q(fixed_fee__gte=0), name="commission_fee_not_negative"),
            models.CheckConstraint(
                condition=Q(category=None) | Q(vendor=None, fixed_fee=0, site_sends=False),
                name="commission_for_one_thing",
            ),
            models.UniqueConstraint(
                fields=["valid_from"], condition=Q(vendor=None, category=None), name="commission_for_all_once_a_day"
            ),
            models.UniqueConstraint(
                fields=["valid_from", "vendor"],
                condition=Q(vendor__isnull=False),
                name="commission_of_vendor_once_a_day",
            ),
            models.UniqueConstraint(
                fields=["valid_from", "category"],
                condition=Q(category__isnull=False),
                name="commission_of_category_once_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.valid_from}: {self.percent_text}"

    @property
    def percent_text(self) -> str:
        """`2,5 %` or `2.5 %`."""
        return f"{localize(self.basis_points / 100)}\u00a0%"


class TaxDeclaration(models.Model):
    """A shop's word for a calendar year: whether it stays within Rp500 million (PMK 37/2025). The newest counts."""

    vendor = models.ForeignKey(Vendor, models.CASCADE, related_name="tax_declarations", verbose_name=_("business"))
    year = models.PositiveSmallIntegerField(_("year"))
    is_within_limit = models.BooleanField(_("within Rp500 million"))
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("declared by")
    )
    declared_at = models.DateTimeField(_("declared"), default=timezone.now)

    class Meta:
        verbose_name = _("tax declaration")
        verbose_name_plural = _("tax declarations")
        ordering = ["-declared_at", "-pk"]
        indexes = [models.Index(fields=["vendor", "year"], name="tax_declaration_of_year")]

    def __str__(self) -> str:
        return f"{self.vendor} {self.year}"
