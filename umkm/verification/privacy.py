"""What officers wrote down about a person, and papers that a person sent later (marketplace.accounts.privacy)."""

from typing import Any

from django.utils.translation import gettext_lazy

from marketplace.accounts.models import User
from marketplace.accounts.privacy import Holding
from umkm.verification.models import CaseNote, FieldCheck, PaperRenewal
from umkm.verification.papers_clock import forget_evidence


def export(user: User) -> dict[str, list[dict[str, Any]]]:
    """Every check of the person's registrations, and every renewed paper that they sent."""
    checks = FieldCheck.objects.filter(application__owner=user).select_related("application").order_by("pk")
    renewals = PaperRenewal.objects.filter(submitted_by=user).select_related("vendor", "kind", "document")
    return {
        "checks": [
            {
                "registration": check.application.code,
                "checked": check.key,
                "result": check.result,
                "reason": check.reason,
                "looked_up": check.source,
                "evidence": check.evidence,
                "has_evidence_file": bool(check.evidence_file),
                "on": check.at.isoformat(),
            }
            for check in checks
        ],
        "renewed_papers": [
            {
                "business": renewal.vendor.name,
                "paper": renewal.kind.name,
                "number": renewal.document.number if renewal.document else "",
                "expires": renewal.document.expires_on.isoformat()
                if renewal.document and renewal.document.expires_on
                else None,
                "file": renewal.document.get_absolute_url() if renewal.document else "",
                "status": renewal.status,
                "sent": renewal.submitted_at.isoformat() if renewal.submitted_at else None,
                "reason": renewal.reason,
            }
            for renewal in renewals.order_by("pk")
        ],
    }


def erase(user: User) -> None:
    """Evidence and colleagues' remarks about the person go. Results, reasons and decisions stay: the law asks why."""
    checks = FieldCheck.objects.filter(application__owner=user).exclude(evidence="", evidence_file="")
    for pk in checks.values_list("pk", flat=True):
        forget_evidence(pk)
    CaseNote.objects.filter(application__owner=user).delete()


CHECKS = Holding(
    key="checks",
    label=gettext_lazy("How your registration was checked, and papers that you renewed"),
    kept_after=gettext_lazy("The results of the checks and the permits of the business, without evidence and remarks."),
    export=export,
    erase=erase,
    order=32,
)
