"""What officers did with an application: each check with its evidence, each decision with its letter."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.models import Officer
from marketplace.core.transitions import StateMachine
from marketplace.reference.models import DocumentKind
from umkm.registration.models import (
    ApplicationRound,
    LegalDocument,
    VendorApplication,
    extension_of,
    private_storage,
)
from umkm.vendors.models import Vendor


def unguessable_evidence_name(check: "FieldCheck", filename: str) -> str:
    """A path that tells nothing of whose case it is."""
    name = secrets.token_urlsafe(24)
    return f"evidence/{name[:2].lower()}/{name}{extension_of(check.evidence_type)}"


class CheckResult(models.TextChoices):
    OK = "ok", _("in order")
    PROBLEM = "problem", _("not in order")
    # The register did not answer, nobody picked up the phone: to be tried again.
    UNVERIFIABLE = "unverifiable", _("could not be checked")


class Source(models.TextChoices):
    """Where an officer looked a thing up."""

    OSS = "oss", "OSS"
    BPJPH = "bpjph", "BPJPH"
    BPOM = "bpom", "BPOM"
    DJKI = "djki", "DJKI"
    DJP = "djp", "DJP"
    DOCUMENT = "document", _("the document itself")
    PHONE = "phone", _("phone call")
    VISIT = "visit", _("visit")


class FieldCheck(models.Model):
    """The result of one check in one round. It stays valid in later rounds while what was checked stays the same."""

    application = models.ForeignKey(
        VendorApplication, models.CASCADE, related_name="checks", verbose_name=_("application")
    )
    round = models.ForeignKey(ApplicationRound, models.CASCADE, related_name="checks", verbose_name=_("round"))
    # `owner`, `place`, `business`, `nib` or `document:<kind slug>` (umkm.verification.checks).
    key = models.CharField(_("check"), max_length=60)
    result = models.CharField(_("result"), max_length=12, choices=CheckResult)
    # What has to be fixed when it is not in order: a field of the application or `document:<kind slug>`.
    field = models.CharField(_("what to fix"), max_length=60, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    source = models.CharField(_("source"), max_length=10, choices=Source, blank=True)
    evidence = models.TextField(_("evidence"), blank=True)
    evidence_file = models.FileField(
        _("evidence (file)"), storage=private_storage, upload_to=unguessable_evidence_name, max_length=120, blank=True
    )
    evidence_type = models.CharField(_("type of the file"), max_length=40, blank=True)
    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name=_("officer"))
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "key"], name="check_once_per_round"),
            # An owner must be told why: no failed check without a reason and a place to fix it.
            models.CheckConstraint(
                condition=~Q(result="problem") | (~Q(reason="") & ~Q(field="")), name="check_problem_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(result__in=["ok", "problem", "unverifiable"]), name="check_result_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round} {self.key}: {self.result}"


class Outcome(models.TextChoices):
    RETURNED = "returned", _("returned")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")


class Ground(models.TextChoices):
    """Why an application is rejected for good; everything else can be fixed and is returned."""

    OUTSIDE = "outside", _("The business is outside the region")
    FORGED = "forged", _("A document is proven to be forged")
    DUPLICATE = "duplicate", _("The business is registered already")
    FORBIDDEN = "forbidden", _("What is sold is not allowed")


class Decision(models.Model):
    """How a round ended. A round is decided once."""

    application = models.ForeignKey(
        VendorApplication, models.PROTECT, related_name="decisions", verbose_name=_("application")
    )
    round = models.OneToOneField(ApplicationRound, models.PROTECT, related_name="decision", verbose_name=_("round"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    ground = models.CharField(_("ground"), max_length=10, choices=Ground, blank=True)
    letter = models.TextField(_("letter to the owner"), blank=True)
    fix_by = models.DateField(_("to be fixed by"), null=True, blank=True)
    # The version of the application that the officer had read.
    version = models.PositiveIntegerField(_("version"))
    officer = models.ForeignKey(Officer, models.PROTECT, related_name="decisions", verbose_name=_("officer"))
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["returned", "approved", "rejected"]), name="decision_outcome_known"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="rejected") | (~Q(letter="") & ~Q(ground="")),
                name="decision_rejection_has_grounds",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="returned") | Q(fix_by__isnull=False), name="decision_return_has_date"
            ),
        ]
        indexes = [models.Index(fields=["officer", "at"], name="decision_officer_at")]

    def __str__(self) -> str:
        return f"{self.round}: {self.outcome}"


class CaseNote(models.Model):
    """A remark for colleagues. The applicant never sees it."""

    application = models.ForeignKey(
        VendorApplication, models.CASCADE, related_name="notes", verbose_name=_("application")
    )
    officer = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name=_("officer"))
    text = models.TextField(_("note"))
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="note_not_empty")]

    def __str__(self) -> str:
        return f"{self.application.code}: {self.text[:40]}"


class RenewalQuerySet(models.QuerySet["PaperRenewal"]):
    def scoped_to(self, officer: Officer) -> "RenewalQuerySet":
        """What the officer's agency may see: everything of its businesses that was ever sent."""
        return self.filter(vendor__agency_id=officer.agency_id, submitted_at__isnull=False)

    def open(self) -> "RenewalQuerySet":
        """What is being filled in or waits for an officer: at most one a kind."""
        return self.filter(status__in=[PaperRenewal.Status.DRAFT, PaperRenewal.Status.WAITING])


class PaperRenewal(models.Model):
    """A newer paper of an open business, until an officer has looked at it. The older one holds meanwhile."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("not sent yet")
        WAITING = "waiting", _("waiting for an officer")
        APPROVED = "approved", _("approved")
        RETURNED = "returned", _("returned")
        WITHDRAWN = "withdrawn", _("withdrawn")

    MACHINE = StateMachine(
        "renewal",
        {
            Status.DRAFT: (Status.WAITING,),
            Status.WAITING: (Status.APPROVED, Status.RETURNED, Status.WITHDRAWN),
            Status.APPROVED: (),
            Status.RETURNED: (),
            Status.WITHDRAWN: (),
        },
    )

    vendor = models.ForeignKey(Vendor, models.CASCADE, related_name="renewals", verbose_name=_("business"))
    kind = models.ForeignKey(DocumentKind, models.PROTECT, related_name="+", verbose_name=_("kind"))
    # Empty once the retention term of a paper that was not accepted is over.
    document = models.OneToOneField(
        LegalDocument, models.SET_NULL, null=True, related_name="renewal", verbose_name=_("document")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT, db_index=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("submitted by")
    )
    created_at = models.DateTimeField(_("begun"), default=timezone.now)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("officer")
    )
    reason = models.TextField(_("reason"), blank=True)

    objects = RenewalQuerySet.as_manager()

    class Meta:
        verbose_name = _("renewed paper")
        verbose_name_plural = _("renewed papers")
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "kind"], condition=Q(status__in=["draft", "waiting"]), name="one_open_renewal"
            ),
            models.CheckConstraint(
                condition=~Q(status="waiting")
                | Q(submitted_at__isnull=False, due_at__isnull=False, document__isnull=False),
                name="renewal_waiting_whole",
            ),
            models.CheckConstraint(condition=~Q(status="returned") | ~Q(reason=""), name="renewal_return_has_reason"),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "returned"])
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="renewal_decided_by_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vendor}: {self.kind}"
