"""An owner's application to sell on the site, its papers, and what was asked back in which round."""

import json
import secrets
from typing import Any

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from encrypted_fields.fields import EncryptedCharField, EncryptedIntegerField, EncryptedTextField

from marketplace.accounts.models import Agency, Officer
from marketplace.core.transitions import StateMachine
from marketplace.reference.models import Category, DocumentKind, Kbli, Region, Subsector
from umkm.registration.querysets import LegalDocumentQuerySet, VendorApplicationQuerySet
from umkm.vendors.models import SizeClass, Vendor


class ApplicationStatus(models.TextChoices):
    DRAFT = "draft", _("being written")
    SUBMITTED = "submitted", _("waiting for an officer")
    IN_REVIEW = "in_review", _("being checked")
    RETURNED = "returned", _("to be fixed by the owner")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")


class VendorApplication(models.Model):
    """A registration, from the first saved step until it is decided."""

    Status = ApplicationStatus
    AWAITING = (Status.SUBMITTED, Status.IN_REVIEW)
    EDITABLE = (Status.DRAFT, Status.RETURNED)
    DECIDED = (Status.APPROVED, Status.REJECTED)

    # Claiming moves submitted → in_review, releasing moves back; returning and resubmitting may repeat.
    MACHINE = StateMachine(
        "application",
        {
            Status.DRAFT: (Status.SUBMITTED, Status.WITHDRAWN),
            Status.SUBMITTED: (
                Status.IN_REVIEW,
                Status.RETURNED,
                Status.APPROVED,
                Status.REJECTED,
                Status.WITHDRAWN,
            ),
            Status.IN_REVIEW: (
                Status.SUBMITTED,
                Status.RETURNED,
                Status.APPROVED,
                Status.REJECTED,
                Status.WITHDRAWN,
            ),
            Status.RETURNED: (Status.SUBMITTED, Status.WITHDRAWN),
            Status.APPROVED: (),
            Status.REJECTED: (),
            Status.WITHDRAWN: (),
        },
    )

    code = models.CharField(_("code"), max_length=20, unique=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="vendor_applications", verbose_name=_("owner")
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="applications", verbose_name=_("agency")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT, db_index=True)
    # 0 while a draft; each submission begins the next round.
    round = models.PositiveSmallIntegerField(_("round"), default=0)
    # Counts every change; a form carries the number it was drawn with, so that nobody overwrites what they did not see.
    version = models.PositiveIntegerField(_("version"), default=1)

    # --- identity ---
    owner_name = models.CharField(_("owner's name"), max_length=150, blank=True)
    nik = EncryptedCharField(_("NIK"), max_length=16, null=True, blank=True)
    npwp = EncryptedCharField(_("NPWP"), max_length=16, null=True, blank=True)
    phone = EncryptedCharField(_("phone"), max_length=20, null=True, blank=True)
    nib = models.CharField(_("NIB"), max_length=13, blank=True)
    has_no_nib = models.BooleanField(_("has no NIB yet"), default=False)

    # --- business ---
    name = models.CharField(_("business name"), max_length=120, blank=True)
    story = models.TextField(_("story"), blank=True)
    subsector = models.ForeignKey(
        Subsector, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("sub-sector")
    )
    kbli = models.ForeignKey(
        Kbli, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("KBLI code")
    )
    categories = models.ManyToManyField(
        Category, blank=True, related_name="applications", verbose_name=_("what they sell")
    )
    village = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("village")
    )
    address = models.CharField(_("address"), max_length=255, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    size_class = models.CharField(_("size class"), max_length=10, choices=SizeClass, default=SizeClass.MICRO)
    founded_year = models.PositiveSmallIntegerField(_("founded"), null=True, blank=True)
    # Last year's turnover in whole rupiah: personal finance, given voluntarily.
    turnover = EncryptedIntegerField(_("turnover"), null=True, blank=True)

    # Papers the owner does not have yet and wants help with; a note to the officer, never a reason to refuse.
    wants_assistance_with = models.ManyToManyField(
        DocumentKind, blank=True, related_name="+", verbose_name=_("wants assistance with")
    )

    consent_version = models.CharField(_("consent"), max_length=20, blank=True)
    consented_at = models.DateTimeField(_("consented"), null=True, blank=True)

    # --- time ---
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    saved_at = models.DateTimeField(_("saved"), default=timezone.now)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)  # of the latest round
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    # While the application is with the owner the clock stands still, with this many working days left on it.
    paused_at = models.DateTimeField(_("clock stopped"), null=True, blank=True)
    paused_days_left = models.PositiveSmallIntegerField(_("working days left"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    # What the officer wrote to the owner with the latest decision, and until when returned answers wait.
    letter = models.TextField(_("officer's letter"), blank=True)
    fix_by = models.DateField(_("to be fixed by"), null=True, blank=True)

    claimed_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="claimed_applications", verbose_name=_("officer")
    )
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True)
    vendor = models.OneToOneField(
        Vendor, models.PROTECT, null=True, blank=True, related_name="application", verbose_name=_("business")
    )

    objects = VendorApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ["submitted_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner"], condition=Q(status="draft"), name="one_draft_per_owner"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "withdrawn"])
                | Q(
                    agency__isnull=False,
                    village__isnull=False,
                    subsector__isnull=False,
                    submitted_at__isnull=False,
                    consented_at__isnull=False,
                    round__gte=1,
                ),
                name="application_submitted_whole",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["submitted", "in_review"]) | Q(due_at__isnull=False),
                name="application_waiting_has_due_date",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["approved", "rejected"], decided_at__isnull=False)
                | (~Q(status__in=["approved", "rejected"]) & Q(decided_at__isnull=True)),
                name="application_decided_when",
            ),
            models.CheckConstraint(
                condition=Q(vendor__isnull=True) | Q(status="approved"), name="application_vendor_when_approved"
            ),
            models.CheckConstraint(
                condition=Q(claimed_by__isnull=True, claimed_at__isnull=True)
                | Q(claimed_by__isnull=False, claimed_at__isnull=False),
                name="application_claimed_by_and_when",
            ),
        ]
        indexes = [models.Index(fields=["agency", "status", "due_at"], name="application_queue")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()

    def get_absolute_url(self) -> str:
        return reverse("registration:status", kwargs={"code": self.code})

    @property
    def is_editable(self) -> bool:
        """Whether the next step is the owner's."""
        return self.status in self.EDITABLE

    @property
    def upcoming_round(self) -> int:
        """The round to which what is uploaded now will belong."""
        return self.round + 1


class ApplicationRound(models.Model):
    """What was submitted, as it was: later corrections do not change it."""

    application = models.ForeignKey(
        VendorApplication, models.CASCADE, related_name="rounds", verbose_name=_("application")
    )
    number = models.PositiveSmallIntegerField(_("round"))
    submitted_at = models.DateTimeField(_("submitted"), default=timezone.now)
    # JSON of {"fields": {key: text}, "documents": {kind slug: {...}}}; encrypted, since it repeats NIK and phone.
    snapshot = EncryptedTextField(_("as submitted"))

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["application", "number"], name="round_once")]

    def __str__(self) -> str:
        return f"{self.application.code} #{self.number}"

    @property
    def as_submitted(self) -> dict[str, Any]:
        """`{"fields": {key: text}, "documents": {kind slug: {id, number, issued_on, expires_on, sha256}}}`."""
        return json.loads(self.snapshot)


class FieldReturn(models.Model):
    """Why one answer or paper was returned; the owner reads it at that very place."""

    DOCUMENT_PREFIX = "document:"

    round = models.ForeignKey(ApplicationRound, models.CASCADE, related_name="returns", verbose_name=_("round"))
    # A field of the application (`nib`, `address`, …) or `document:<kind slug>`.
    field = models.CharField(_("field"), max_length=60)
    reason = models.TextField(_("reason"))
    officer = models.ForeignKey(Officer, models.PROTECT, null=True, related_name="+", verbose_name=_("officer"))
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    # Why the owner leaves it as it is, instead of fixing it.
    answer = models.TextField(_("owner's answer"), blank=True)
    resolved_at = models.DateTimeField(_("fixed"), null=True, blank=True)

    class Meta:
        verbose_name = _("returned field")
        verbose_name_plural = _("returned fields")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["round", "field"], name="return_once_per_field")]

    def __str__(self) -> str:
        return f"{self.round}: {self.field}"

    @property
    def is_resolved(self) -> bool:
        return self.resolved_at is not None

    @property
    def document_kind(self) -> str:
        """The slug of the kind of paper that was returned, or nothing for an answer."""
        return self.field.removeprefix(self.DOCUMENT_PREFIX) if self.field.startswith(self.DOCUMENT_PREFIX) else ""


_EXTENSIONS = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "application/pdf": ".pdf"}


def private_storage() -> Storage:
    """Where papers lie: outside the public media, opened only through a view that checks and logs."""
    return storages["private"]


def extension_of(content_type: str) -> str:
    """The ending of a file of this type, among those that are taken; `.bin` for any other."""
    return _EXTENSIONS.get(content_type, ".bin")


def unguessable_name(document: "LegalDocument", filename: str) -> str:
    """A path that tells nothing of whose paper it is."""
    extension = extension_of(document.content_type)
    name = secrets.token_urlsafe(24)
    return f"papers/{name[:2].lower()}/{name}{extension}"


class LegalDocument(models.Model):
    """A paper (KTP, NIB, P-IRT, halal, …) of an application, and of the business once it is approved."""

    application = models.ForeignKey(
        VendorApplication,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("application"),
    )
    vendor = models.ForeignKey(
        Vendor, models.PROTECT, null=True, blank=True, related_name="documents", verbose_name=_("business")
    )
    kind = models.ForeignKey(DocumentKind, models.PROTECT, related_name="documents", verbose_name=_("kind"))
    # The round with which the officer sees it first.
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    number = models.CharField(_("number"), max_length=40, blank=True)
    issued_on = models.DateField(_("issued"), null=True, blank=True)
    expires_on = models.DateField(_("expires"), null=True, blank=True)
    file = models.FileField(_("file"), storage=private_storage, upload_to=unguessable_name, max_length=120)
    content_type = models.CharField(_("type"), max_length=40)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    width = models.PositiveIntegerField(_("width"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height"), null=True, blank=True)
    # What the machine noticed in a photo (`dark`, `small`): a hint, never a refusal.
    quality_hint = models.CharField(_("hint"), max_length=20, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    is_current = models.BooleanField(_("current"), default=True)
    # Evidence of the check: who of which agency found it in order, and when.
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    checked_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("checked by")
    )

    # The smallest number of days ahead of its last day at which the owner was reminded.
    reminded_days = models.PositiveSmallIntegerField(_("reminded (days before)"), null=True, blank=True)

    objects = LegalDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["kind__position", "-round", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "kind"], condition=Q(is_current=True), name="one_current_paper_per_kind"
            ),
            models.UniqueConstraint(
                fields=["vendor", "kind"],
                condition=Q(is_current=True, vendor__isnull=False),
                name="one_current_paper_per_kind_of_vendor",
            ),
            models.CheckConstraint(
                condition=Q(application__isnull=False) | Q(vendor__isnull=False), name="paper_belongs_somewhere"
            ),
            models.CheckConstraint(
                condition=Q(issued_on__isnull=True)
                | Q(expires_on__isnull=True)
                | Q(expires_on__gt=models.F("issued_on")),
                name="paper_expires_after_issue",
            ),
        ]
        indexes = [models.Index(fields=["vendor", "is_current", "expires_on"], name="paper_expiry")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}".strip()

    def get_absolute_url(self) -> str:
        return reverse("registration:document", kwargs={"pk": self.pk})

    @property
    def is_pdf(self) -> bool:
        return self.content_type == "application/pdf"

    @property
    def is_expired(self) -> bool:
        """Whether its last day has passed."""
        return self.expires_on is not None and self.expires_on < timezone.localdate()
