"""Questions about the businesses that an agency watches. Everything starts from `businesses_for(user)`."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.accounts.models import Officer
from marketplace.accounts.selectors import is_operator
from marketplace.audit.models import AuditEvent
from umkm.registration.models import LegalDocument
from umkm.vendors.models import Vendor, VendorMember, VendorQuerySet
from umkm.verification.models import Decision
from umkm.verification.selectors import HistoryEntry

HISTORY_SHOWN = 40
SOON = timedelta(days=30)


def businesses_for(*, user: Any, officer: Officer | None) -> VendorQuerySet:
    """Every business that `user` may look after: operators all, officers those of their agency, others none."""
    if is_operator(user):
        return Vendor.objects.all()
    return Vendor.objects.scoped_to(officer) if officer is not None else Vendor.objects.none()


def expiring_papers() -> "QuerySet[LegalDocument]":
    """Current papers that run out some day; identity papers are nobody's concern in lists."""
    return LegalDocument.objects.current().filter(kind__is_identity=False, expires_on__isnull=False)


def with_next_expiry(businesses: VendorQuerySet) -> VendorQuerySet:
    """Each business with `next_expiry`, the first last day among its papers; None where nothing runs out."""
    papers = expiring_papers().filter(vendor=OuterRef("pk")).order_by("expires_on")
    return businesses.annotate(next_expiry=Subquery(papers.values("expires_on")[:1]))


def find_business(*, user: Any, officer: Officer | None, slug: str) -> Vendor | None:
    """The business with this slug, or None when it is not theirs to look after."""
    return (
        businesses_for(user=user, officer=officer)
        .select_related("agency", "village__parent__parent", "subsector", "kbli", "application")
        .filter(slug=slug)
        .first()
    )


@dataclass(frozen=True)
class PaperLine:
    """A paper as the page of a business lists it. The number of an identity paper is not shown."""

    document: LegalDocument
    state: str  # valid, soon, expired

    @property
    def number(self) -> str:
        return "" if self.document.kind.is_identity else self.document.number


def papers_of(vendor: Vendor, today: date | None = None) -> list[PaperLine]:
    """The current papers of a business with how long they still hold, in the order of their kinds."""
    today = today or timezone.localdate()
    documents = vendor.documents.current().select_related("kind", "application", "checked_by__user")
    return [PaperLine(document, expiry_state(document.expires_on, today)) for document in documents]


def expiry_state(day: date | None, today: date | None = None) -> str:
    """`expired`, `soon` (30 days) or `valid` for a last day."""
    today = today or timezone.localdate()
    if day is None or day > today + SOON:
        return "valid"
    return "expired" if day < today else "soon"


def members_of(vendor: Vendor) -> "list[VendorMember]":
    """Who acts for the business now, owners first."""
    return list(vendor.members.filter(is_active=True).select_related("user").order_by("role", "pk"))


def history_of_business(vendor: Vendor, papers: list[PaperLine]) -> list[HistoryEntry]:
    """What happened to the business, newest first: decisions about it, closings, its team, looks at its papers."""
    entries = [_told(event, papers) for event in _events(vendor, papers)]
    if getattr(vendor, "application", None):
        decisions = Decision.objects.filter(application=vendor.application).select_related("officer__user")
        entries += [_decided(decision, vendor.application.code) for decision in decisions]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _events(vendor: Vendor, papers: list[PaperLine]) -> "QuerySet[AuditEvent]":
    about_papers = Q(
        target_type=LegalDocument._meta.label_lower,
        target_id__in=[str(paper.document.pk) for paper in papers],
        action="registration.document_viewed",
    )
    about_vendor = Q(target_type=Vendor._meta.label_lower, target_id=str(vendor.pk), action__in=_WORDS)
    return AuditEvent.objects.filter(about_vendor | about_papers).select_related("actor")[:HISTORY_SHOWN]


_WORDS = (
    "vendors.opened",
    "vendors.suspended",
    "vendors.reopened",
    "vendors.closed",
    "vendors.restored",
    "vendors.profile_updated",
    "vendors.member_invited",
    "vendors.member_joined",
    "vendors.member_removed",
)


_DECISIONS = ("vendors.suspended", "vendors.reopened", "vendors.closed", "vendors.restored")


def _told(event: AuditEvent, papers: list[PaperLine]) -> HistoryEntry:
    words = {
        "vendors.opened": _("opened the shop"),
        "vendors.suspended": _("suspended the shop"),
        "vendors.reopened": _("opened the shop again"),
        "vendors.closed": _("closed the shop for good"),
        "vendors.restored": _("opened the closed shop again"),
        "vendors.profile_updated": _("changed what the shop says of itself"),
        "vendors.member_invited": _("invited somebody to the team"),
        "vendors.member_joined": _("joined the team"),
        "vendors.member_removed": _("ended somebody's work in the shop"),
        "registration.document_viewed": _("opened a paper"),
    }
    kinds = {str(paper.document.pk): str(paper.document.kind) for paper in papers}
    detail = kinds.get(event.target_id, "") if event.action == "registration.document_viewed" else ""
    return HistoryEntry(
        event.created_at,
        event.actor.get_full_name() if event.actor else _("The system"),
        words[event.action],
        detail or str(event.data.get("reason", "")),
        is_decision=event.action in _DECISIONS,
    )


def _decided(decision: Decision, code: str) -> HistoryEntry:
    words = {
        "returned": _("returned the registration"),
        "approved": _("approved the registration"),
        "rejected": _("rejected the registration"),
    }
    return HistoryEntry(
        decision.at, decision.officer.user.get_full_name(), words[decision.outcome], code, is_decision=True
    )
