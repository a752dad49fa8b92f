"""What the clock does with papers of open businesses: owners are reminded before one runs out, old files go."""

from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from marketplace.audit.services import record
from marketplace.notifications.services import notify
from umkm.registration.files_kept import forget_stray_files
from umkm.registration.models import LegalDocument, VendorApplication
from umkm.registration.services import forget_document
from umkm.vendors.models import Vendor, VendorMember
from umkm.verification.models import FieldCheck, PaperRenewal
from umkm.verification.renewals import papers_address

# Days ahead of the last day; 0 stands for the day after it.
STAGES = (30, 7, 0)
BATCH = 500
Status = PaperRenewal.Status


def remind_owners(today: date | None = None) -> int:
    """Tell owners that a paper runs out in a month, in a week, and that it has; each once. Returns how many were told.

    Nobody is told about a paper of which a newer one waits for an officer.
    """
    today = today or timezone.localdate()
    told = 0
    for stage in reversed(STAGES):
        last = today - timedelta(days=1) if stage == 0 else today + timedelta(days=stage)
        due = (
            LegalDocument.objects.current()
            .filter(kind__is_identity=False, expires_on__lte=last, vendor__isnull=False)
            .filter(Q(reminded_days=None) | Q(reminded_days__gt=stage))
            .exclude(vendor__status=Vendor.Status.CLOSED)
        )
        for pk in due.order_by("pk").values_list("pk", flat=True)[:BATCH]:
            told += _remind(pk, stage, today)
    return told


@transaction.atomic
def _remind(pk: int, stage: int, today: date) -> bool:
    fresh = Q(reminded_days=None) | Q(reminded_days__gt=stage)
    if not LegalDocument.objects.filter(fresh, pk=pk).update(reminded_days=stage):
        return False
    paper = LegalDocument.objects.select_related("vendor__agency", "kind").get(pk=pk)
    vendor = paper.vendor
    if vendor is None or paper.expires_on is None:
        return False
    if PaperRenewal.objects.filter(vendor=vendor, kind=paper.kind, status=Status.WAITING).exists():
        return False
    context = {
        "shop": vendor.name,
        "agency": vendor.agency.name,
        "paper": paper.kind.name,
        "days": (paper.expires_on - today).days,
    }
    owners = vendor.members.filter(role=VendorMember.Role.OWNER, is_active=True).select_related("user")
    for member in owners:
        notify(
            user=member.user,
            kind="paper_expiring",
            context=context,
            url=f"{papers_address(vendor)}{paper.kind.slug}/",
            key=f"paper-expiring:{paper.pk}:{stage}:{member.user_id}",
        )
    return True


def forget_old_files() -> dict[str, int]:
    """Delete renewed papers that were not accepted or never sent, and evidence about rejected registrations.

    All after the same term. The decisions themselves stay. Harmless to run twice.
    """
    before = timezone.now() - timedelta(days=settings.PAPERS_KEPT_DAYS)
    done = {"renewals": 0, "evidence": 0, "stray_files": forget_stray_files(FieldCheck, "evidence_file", "evidence")}
    unsuccessful = Q(status__in=[Status.RETURNED, Status.WITHDRAWN], decided_at__lt=before)
    never_sent = Q(status=Status.DRAFT, created_at__lt=before)
    over = PaperRenewal.objects.filter(unsuccessful | never_sent, document__isnull=False)
    for pk in over.order_by("pk").values_list("pk", flat=True)[:BATCH]:
        done["renewals"] += _forget_renewal(pk)
    checks = FieldCheck.objects.filter(
        application__status=VendorApplication.Status.REJECTED, application__decided_at__lt=before
    ).exclude(evidence_file="", evidence="")
    for pk in checks.order_by("pk").values_list("pk", flat=True)[:BATCH]:
        done["evidence"] += forget_evidence(pk)
    return done


@transaction.atomic
def _forget_renewal(pk: int) -> bool:
    renewal = PaperRenewal.objects.select_for_update().filter(pk=pk).exclude(status=Status.WAITING).first()
    if renewal is None or renewal.document is None:
        return False
    document, is_draft = renewal.document, renewal.status == Status.DRAFT
    record(action="renewals.file_forgotten", target=renewal, data={"kind": renewal.kind_id, "status": renewal.status})
    if is_draft:
        renewal.delete()
    forget_document(document)
    return True


@transaction.atomic
def forget_evidence(pk: int) -> bool:
    """Delete what an officer kept as evidence of one check; its result and reason stay."""
    check = FieldCheck.objects.filter(pk=pk).first()
    if check is None:
        return False
    storage, name = check.evidence_file.storage, str(check.evidence_file.name or "")
    FieldCheck.objects.filter(pk=pk).update(evidence="", evidence_file="", evidence_type="")
    record(action="verification.evidence_forgotten", target=check, data={"key": check.key})
    if name:
        transaction.on_commit(lambda: storage.delete(name))
    return True
