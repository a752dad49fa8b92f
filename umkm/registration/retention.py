"""Papers that came to nothing go after a term, with a line in the audit for each registration (UU PDP 27/2022)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from marketplace.audit.services import record
from umkm.registration.files_kept import forget_stray_files
from umkm.registration.lock_objects import lock_application
from umkm.registration.models import LegalDocument, VendorApplication
from umkm.registration.services import forget_document

STATUS = VendorApplication.Status
BATCH = 200


def papers_kept_days() -> int:
    """The term that the consent text names."""
    return settings.PAPERS_KEPT_DAYS


def forget_old_papers() -> dict[str, int]:
    """Delete the papers of registrations that were rejected, taken back or abandoned longer ago than the term.

    A draft that nobody sent goes whole: no officer ever saw it. One that its owner never fixed counts as taken back.
    Of the others the answers and the decision stay as the agency's record. Harmless to run twice.
    """
    before = timezone.now() - timedelta(days=papers_kept_days())
    done = {"drafts": 0, "registrations": 0, "stray_files": forget_stray_files(LegalDocument, "file", "papers")}
    for pk in _over(before).values_list("pk", flat=True)[:BATCH]:
        kind = _forget(pk, before)
        if kind:
            done[kind] += 1
    return done


def _over(before: datetime) -> "models.QuerySet[VendorApplication]":
    closed = Q(status=STATUS.REJECTED, decided_at__lt=before) | Q(status=STATUS.WITHDRAWN, saved_at__lt=before)
    abandoned = Q(status__in=[STATUS.DRAFT, STATUS.RETURNED], saved_at__lt=before)
    has_papers = Q(documents__isnull=False)
    return (
        VendorApplication.objects.filter((closed & has_papers) | abandoned)
        .filter(Q(submitted_at=None) | Q(submitted_at__lt=before))
        .order_by("pk")
        .distinct()
    )


@transaction.atomic
def _forget(pk: int, before: datetime) -> str:
    application = lock_application(pk)
    if not _over(before).filter(pk=pk).exists():
        # Its owner came back in the meantime.
        return ""
    is_draft = application.status == STATUS.DRAFT
    documents = list(application.documents.all())
    for document in documents:
        forget_document(document)
    data = {"papers": len(documents), "status": application.status}
    record(action="registration.papers_forgotten", target=application, data=data)
    if is_draft:
        application.delete()
        return "drafts"
    if application.status == STATUS.RETURNED:
        VendorApplication.MACHINE.advance(
            application, STATUS.WITHDRAWN, version=application.version + 1, claimed_by=None, claimed_at=None
        )
    return "registrations"
