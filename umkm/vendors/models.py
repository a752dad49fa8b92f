"""A business on the site, and who may act for it."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from encrypted_fields.fields import EncryptedCharField, EncryptedIntegerField
from wagtail.images import get_image_model_string

from marketplace.accounts.models import Agency, Officer
from marketplace.core.transitions import StateMachine
from marketplace.reference.models import Kbli, Region, Subsector


class SizeClass(models.TextChoices):
    """PP 7/2021, article 35."""

    MICRO = "micro", _("micro")
    SMALL = "small", _("small")
    MEDIUM = "medium", _("medium")


class VendorQuerySet(models.QuerySet["Vendor"]):
    def open(self) -> "VendorQuerySet":
        """Shops that anyone may visit and buy from."""
        return self.filter(status=Vendor.Status.ACTIVE)

    def scoped_to(self, officer: Officer) -> "VendorQuerySet":
        """Shops that this officer's agency watches."""
        return self.filter(agency_id=officer.agency_id)


class Vendor(models.Model):
    """A micro, small or medium business whose registration was approved."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("open")
        SUSPENDED = "suspended", _("suspended")
        CLOSED = "closed", _("closed")

    MACHINE = StateMachine(
        "vendor",
        {
            Status.ACTIVE: (Status.SUSPENDED, Status.CLOSED),
            Status.SUSPENDED: (Status.ACTIVE, Status.CLOSED),
            # Only operators take a closing back (policies.can_restore).
            Status.CLOSED: (Status.ACTIVE,),
        },
    )

    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    name = models.CharField(_("business name"), max_length=120)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE, db_index=True)
    status_reason = models.CharField(_("reason"), max_length=255, blank=True)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="vendors", verbose_name=_("agency"))
    story = models.TextField(_("story"), blank=True)
    story_en = models.TextField(_("English story"), blank=True)
    subsector = models.ForeignKey(Subsector, models.PROTECT, related_name="vendors", verbose_name=_("sub-sector"))
    kbli = models.ForeignKey(
        Kbli, models.SET_NULL, null=True, blank=True, related_name="vendors", verbose_name=_("KBLI code")
    )
    village = models.ForeignKey(Region, models.PROTECT, related_name="vendors", verbose_name=_("village"))
    address = models.CharField(_("address"), max_length=255, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    size_class = models.CharField(_("size class"), max_length=10, choices=SizeClass, default=SizeClass.MICRO)
    founded_year = models.PositiveSmallIntegerField(_("founded"), null=True, blank=True)
    nib = models.CharField(_("NIB"), max_length=13, blank=True)
    avatar = models.ForeignKey(
        get_image_model_string(), models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("avatar")
    )
    cover = models.ForeignKey(
        get_image_model_string(), models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("cover")
    )
    # What the shop offers its buyers; money and areas stand with shipping and payments.
    accepts_cod = models.BooleanField(_("cash on delivery"), default=True)
    # Whole rupiah up to which one order may be paid in cash; empty: any sum.
    cod_limit = models.BigIntegerField(_("cash up to"), null=True, blank=True)
    # Kept in step with the shop's account by marketplace.transfers.
    accepts_transfer = models.BooleanField(_("transfer to the shop"), default=False)
    accepts_pickup = models.BooleanField(_("pickup at the shop"), default=True)
    opening_hours = models.CharField(_("opening hours"), max_length=120, blank=True)
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)

    objects = VendorQuerySet.as_manager()

    class Meta:
        verbose_name = _("business")
        verbose_name_plural = _("businesses")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("storefront:shop", kwargs={"slug": self.slug})

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.ACTIVE

    @property
    def position(self) -> str:
        """`-7.954127, 112.644462`, as maps give it; empty when the shop has not said."""
        return f"{self.latitude}, {self.longitude}" if self.latitude is not None and self.longitude is not None else ""

    @property
    def map_url(self) -> str:
        """The place on OpenStreetMap: a link that people follow, never something that our pages load."""
        if not self.position:
            return ""
        place = f"mlat={self.latitude}&mlon={self.longitude}#map=17/{self.latitude}/{self.longitude}"
        return f"https://www.openstreetmap.org/?{place}"

    @property
    def display_story(self) -> str:
        """The story in the active language."""
        return self.story_en if self.story_en and (get_language() or "").startswith("en") else self.story


class VendorIdentity(models.Model):
    """Who stands behind a business. Personal data: encrypted, apart from what pages read, every view of it logged."""

    vendor = models.OneToOneField(Vendor, models.CASCADE, related_name="identity", verbose_name=_("business"))
    owner_name = models.CharField(_("owner's name"), max_length=150)
    nik = EncryptedCharField(_("NIK"), max_length=16, null=True, blank=True)
    npwp = EncryptedCharField(_("NPWP"), max_length=16, null=True, blank=True)
    phone = EncryptedCharField(_("phone"), max_length=20, null=True, blank=True)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")

    def __str__(self) -> str:
        return str(self.vendor)


class VendorTurnover(models.Model):
    """A year's turnover in whole rupiah. Personal finance (UU PDP 27/2022, article 4): encrypted, access logged."""

    vendor = models.ForeignKey(Vendor, models.CASCADE, related_name="turnovers", verbose_name=_("business"))
    year = models.PositiveSmallIntegerField(_("year"))
    amount = EncryptedIntegerField(_("turnover"), null=True, blank=True)

    class Meta:
        verbose_name = _("turnover")
        verbose_name_plural = _("turnovers")
        ordering = ["-year"]
        constraints = [models.UniqueConstraint(fields=["vendor", "year"], name="turnover_once_a_year")]

    def __str__(self) -> str:
        return f"{self.vendor} {self.year}"


class VendorMember(models.Model):
    """A person who may act for a business."""

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        STAFF = "staff", _("staff")

    vendor = models.ForeignKey(Vendor, models.CASCADE, related_name="members", verbose_name=_("business"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="vendor_memberships", verbose_name=_("user")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.STAFF)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [models.UniqueConstraint(fields=["vendor", "user"], name="member_once_per_vendor")]

    def __str__(self) -> str:
        return f"{self.user} · {self.vendor} ({self.get_role_display()})"


class VendorInvitation(models.Model):
    """A letter to somebody whom the owner wants in the team. Whoever signs in with that address may accept it."""

    vendor = models.ForeignKey(Vendor, models.CASCADE, related_name="invitations", verbose_name=_("business"))
    email = models.EmailField(_("email address"))
    token = models.CharField(_("token"), max_length=64, unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("invited by")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    expires_at = models.DateTimeField(_("valid until"))

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["vendor", "email"], name="invitation_once_per_address")]

    def __str__(self) -> str:
        return f"{self.email} · {self.vendor}"
