"""Vouchers: a code that makes an order cheaper, given out by a shop or by the site, which then bears it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketplace.catalogue.models import Product
from marketplace.core.money import format_rupiah
from marketplace.reference.models import Category
from umkm.vendors.models import Vendor

CODE_MOST = 20


class VoucherQuerySet(models.QuerySet["Voucher"]):
    def of_shop(self, vendor: Vendor) -> "VoucherQuerySet":
        """Those that a shop gives out and bears."""
        return self.filter(vendor=vendor)

    def of_site(self) -> "VoucherQuerySet":
        """Those that the site gives out and bears."""
        return self.filter(vendor=None)


class Voucher(models.Model):
    """A code with what it is worth and its limits. Without a business it is the site's, and the site bears it."""

    class Kind(models.TextChoices):
        PERCENT = "percent", _("a percentage")
        FIXED = "fixed", _("an amount")

    code = models.CharField(
        _("code"),
        max_length=CODE_MOST,
        unique=True,
        validators=[RegexValidator(r"^[A-Z0-9]{4,20}$", _("4 to 20 capital letters and digits, without spaces."))],
    )
    vendor = models.ForeignKey(
        Vendor, models.CASCADE, null=True, blank=True, related_name="vouchers", verbose_name=_("business")
    )
    kind = models.CharField(_("kind of discount"), max_length=8, choices=Kind, default=Kind.PERCENT)
    percent = models.PositiveSmallIntegerField(
        _("percent"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    # The amount of a fixed discount; the most that a percentage takes off.
    amount = models.BigIntegerField(_("amount (Rp)"), null=True, blank=True, validators=[MinValueValidator(1)])
    min_basket = models.BigIntegerField(_("goods for at least (Rp)"), default=0, validators=[MinValueValidator(0)])
    valid_from = models.DateTimeField(_("valid from"), default=timezone.now)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    categories = models.ManyToManyField(Category, blank=True, related_name="+", verbose_name=_("only for categories"))
    products = models.ManyToManyField(Product, blank=True, related_name="+", verbose_name=_("only for products"))
    limit_total = models.PositiveIntegerField(_("how often in all"), null=True, blank=True)
    limit_per_buyer = models.PositiveSmallIntegerField(_("how often per buyer"), null=True, blank=True, default=1)
    # Orders that hold or used it. The database refuses to give out more than there are.
    used = models.PositiveIntegerField(_("given out"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("made by")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    objects = VoucherQuerySet.as_manager()

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        ordering = ["-is_active", "-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(limit_total__isnull=True) | Q(used__lte=F("limit_total")), name="voucher_within_limit"
            ),
            models.CheckConstraint(
                condition=Q(kind="percent", percent__gte=1, percent__lte=100)
                | Q(kind="fixed", percent__isnull=True, amount__isnull=False),
                name="voucher_says_what_it_is_worth",
            ),
            models.CheckConstraint(
                condition=(Q(amount__isnull=True) | Q(amount__gt=0)) & Q(min_basket__gte=0),
                name="voucher_amounts_positive",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="voucher_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def giver(self) -> str:
        """Who gives it out and bears it, by name. Load `vendor` with it."""
        return self.vendor.name if self.vendor else str(settings.SITE_NAME)

    @property
    def worth(self) -> str:
        """What it takes off, in words."""
        if self.kind == self.Kind.FIXED:
            return format_rupiah(self.amount or 0)
        if self.amount:
            return _("%(percent)d%%, at most %(most)s") % {"percent": self.percent, "most": format_rupiah(self.amount)}
        return f"{self.percent}%"

    @property
    def is_over(self) -> bool:
        """Whether its time is over."""
        return self.valid_until is not None and self.valid_until <= timezone.now()

    @property
    def is_ahead(self) -> bool:
        """Whether its time has not come."""
        return self.valid_from > timezone.now()

    @property
    def last_day(self) -> datetime | None:
        """A moment on the last day on which it is valid."""
        return self.valid_until - timedelta(seconds=1) if self.valid_until else None

    @property
    def is_used_up(self) -> bool:
        """Whether none is left."""
        return self.limit_total is not None and self.used >= self.limit_total


class VoucherRedemption(models.Model):
    """That an order has a voucher: held while it waits for its payment, used once it is paid, else released."""

    class State(models.TextChoices):
        HELD = "held", _("held")
        USED = "used", _("used")
        RELEASED = "released", _("released")

    voucher = models.ForeignKey(Voucher, models.PROTECT, related_name="redemptions", verbose_name=_("voucher"))
    # The number of the order. Orders stand left of promotions, so no key.
    reference = models.CharField(_("order"), max_length=20, unique=True)
    # Whose it is, as a keyed digest of the mail address: enough to count, useless to anybody who reads it.
    buyer = models.CharField(_("buyer"), max_length=64)
    # The buyer's first, second, … use: unique, so that two orders at once cannot both be the last one allowed.
    slot = models.PositiveSmallIntegerField(_("use of this buyer"), default=1)
    amount = models.BigIntegerField(_("amount"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.HELD)
    # Off when money came late, after the voucher had been given to somebody else: it stands beside the limits.
    is_counted = models.BooleanField(_("counts"), default=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("use of a voucher")
        verbose_name_plural = _("uses of vouchers")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="redemption_amount_positive"),
            models.UniqueConstraint(
                fields=["voucher", "buyer", "slot"],
                condition=Q(state__in=("held", "used"), is_counted=True),
                name="redemption_once_per_slot",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.voucher} {self.reference}"
