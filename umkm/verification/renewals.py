"""Papers that an open business renews: sent by its owner, looked at by an officer. The older paper holds meanwhile."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.accounts.models import Officer, User
from marketplace.audit.services import record
from marketplace.core import pagecache
from marketplace.core.exceptions import DomainError, NotAllowed
from marketplace.notifications.services import notify
from marketplace.reference.models import DocumentKind
from umkm.registration.clock import first_due
from umkm.registration.files import CheckedFile
from umkm.registration.models import LegalDocument
from umkm.registration.papers import refuse_impossible_dates, save_paper
from umkm.registration.selectors import paper_problem
from umkm.registration.services import forget_document
from umkm.vendors.lock_objects import lock_vendor
from umkm.vendors.models import Vendor, VendorMember
from umkm.vendors.policies import can_manage_team
from umkm.vendors.services import announce_change
from umkm.verification import policies
from umkm.verification.models import PaperRenewal

Status = PaperRenewal.Status


def papers_address(vendor: Vendor) -> str:
    """Where the shop's owner renews papers. The portal stands to the left of this slice, so its address is spelt."""
    return f"/portal/{vendor.slug}/dokumen/"


# --- questions ---------------------------------------------------------------------------------------------------
def renewable_kinds() -> "QuerySet[DocumentKind]":
    """Papers that a shop can bring anew: permits. Whose business it is was settled with its registration."""
    return DocumentKind.objects.filter(is_identity=False).order_by("position")


def open_renewal(vendor: Vendor, kind: DocumentKind) -> PaperRenewal | None:
    """What is being filled in, or waits for an officer."""
    return PaperRenewal.objects.open().filter(vendor=vendor, kind=kind).select_related("document__kind").first()


def last_renewals(vendor: Vendor) -> dict[int, PaperRenewal]:
    """The newest renewal of each kind, by the kind's id."""
    newest = PaperRenewal.objects.filter(vendor=vendor).select_related("kind", "document").order_by("pk")
    return {renewal.kind_id: renewal for renewal in newest}


def waiting_kinds(vendor: Vendor) -> "QuerySet[PaperRenewal, int]":
    """The ids of the kinds of which a newer paper waits for an officer."""
    waiting = PaperRenewal.objects.filter(vendor=vendor, status=Status.WAITING)
    return waiting.values_list("kind_id", flat=True)


def renewals_for(officer: Officer) -> "QuerySet[PaperRenewal]":
    """Everything that businesses of the officer's agency sent, with what a row shows."""
    return (
        PaperRenewal.objects.scoped_to(officer)
        .exclude(status=Status.WITHDRAWN)
        .select_related("vendor__village__parent", "kind", "document", "decided_by__user")
    )


def find_renewal(officer: Officer, pk: int) -> PaperRenewal | None:
    """The renewal, or None when it is of another region."""
    return renewals_for(officer).select_related("vendor__agency").filter(pk=pk).first()


def paper_in_force(renewal: PaperRenewal) -> LegalDocument | None:
    """The paper of that kind that holds now."""
    return LegalDocument.objects.current().filter(vendor=renewal.vendor_id, kind=renewal.kind_id).first()


# --- the owner ---------------------------------------------------------------------------------------------------
@transaction.atomic
def keep_file(*, vendor_id: int, actor: User, kind_slug: str, checked: CheckedFile) -> PaperRenewal:
    """Keep a good photo while the rest of its form is mended. A file that was kept before, and not sent, goes.

    Raises NotAllowed for anyone but the shop's owner, DomainError for a paper that already waits for an officer.
    """
    vendor, kind = _own_shop(vendor_id, actor), _kind(kind_slug)
    renewal = open_renewal(vendor, kind)
    if renewal is not None and renewal.status == Status.WAITING:
        raise _already_waiting(kind)
    before = renewal.document if renewal else None
    document = save_paper(LegalDocument(vendor=vendor, kind=kind, is_current=False, uploaded_by=actor), checked)
    if renewal is None:
        renewal = PaperRenewal.objects.create(vendor=vendor, kind=kind, document=document, submitted_by=actor)
    else:
        PaperRenewal.objects.filter(pk=renewal.pk).update(document=document, submitted_by=actor)
        renewal.document, renewal.submitted_by = document, actor
    if before is not None:
        forget_document(before)
    return renewal


@transaction.atomic
def send_renewal(
    *,
    vendor_id: int,
    actor: User,
    kind_slug: str,
    checked: CheckedFile | None = None,
    number: str = "",
    issued_on: date | None = None,
    expires_on: date | None = None,
) -> PaperRenewal:
    """Send a newer paper to the agency.

    Arguments:
        checked: the looked-at file (files.check_upload); None sends the one that was kept (keep_file).
        number, issued_on, expires_on: what stands on the paper.

    Raises NotAllowed for anyone but the shop's owner; DomainError for a missing file, number or last day, an expired
    paper, impossible dates, the very paper that is in force, and a paper that already waits for an officer.
    """
    vendor, kind = _own_shop(vendor_id, actor), _kind(kind_slug)
    refuse_impossible_dates(issued_on=issued_on, expires_on=expires_on, offers_help=False)
    renewal = open_renewal(vendor, kind)
    if renewal is not None and renewal.status == Status.WAITING:
        raise _already_waiting(kind)
    if checked is not None:
        renewal = keep_file(vendor_id=vendor_id, actor=actor, kind_slug=kind_slug, checked=checked)
    if renewal is None or renewal.document is None:
        raise DomainError(_("Choose a file, or take a photo."), code="document.no_file", field="file")
    document = renewal.document
    document.number, document.issued_on, document.expires_on = number, issued_on, expires_on
    problem = paper_problem(document, kind)
    if problem:
        raise DomainError(problem, code="document.incomplete", field="expires_on" if number else "number")
    current = paper_in_force(renewal)
    if current and (current.sha256, current.expires_on) == (document.sha256, document.expires_on):
        raise DomainError(
            _("This is the paper that stands here already. Choose the photo of the new one."),
            code="document.same",
            field="file",
        )
    document.save(update_fields=["number", "issued_on", "expires_on"])
    now = timezone.now()
    PaperRenewal.MACHINE.advance(renewal, Status.WAITING, submitted_at=now, due_at=first_due(now), submitted_by=actor)
    record(action="renewals.sent", target=renewal, actor=actor, data={"kind": kind.slug, "document": document.pk})
    return renewal


@transaction.atomic
def withdraw_renewal(*, vendor_id: int, renewal_id: int, actor: User) -> None:
    """Take a paper back before an officer has decided. What was never sent is deleted. Already gone is fine."""
    vendor = _own_shop(vendor_id, actor)
    renewal = PaperRenewal.objects.open().filter(vendor=vendor, pk=renewal_id).select_related("document").first()
    if renewal is None:
        return
    if renewal.status == Status.DRAFT:
        document = renewal.document
        renewal.delete()
        if document is not None:
            forget_document(document)
        return
    PaperRenewal.MACHINE.advance(renewal, Status.WITHDRAWN, decided_at=timezone.now())
    record(action="renewals.withdrawn", target=renewal, actor=actor, data={"kind": renewal.kind.slug})


def _own_shop(vendor_id: int, actor: User) -> Vendor:
    vendor = lock_vendor(vendor_id)
    allowed, why_not = can_manage_team(user=actor, vendor=vendor)
    if not allowed:
        raise NotAllowed(why_not)
    if vendor.status == Vendor.Status.CLOSED:
        raise NotAllowed(_("This shop is closed for good. Its papers stay as they are."))
    return vendor


def _kind(slug: str) -> DocumentKind:
    kind = renewable_kinds().filter(slug=slug).first()
    if kind is None:
        raise DomainError(_("There is no such paper. Go back and choose one from the list."), code="document.kind")
    return kind


def _already_waiting(kind: DocumentKind) -> DomainError:
    return DomainError(
        _("%(paper)s is with an officer already. Wait for the answer, or take it back first.")
        % {"paper": kind.display_name},
        code="renewal.waiting",
    )


# --- the officer -------------------------------------------------------------------------------------------------
@transaction.atomic
def approve_renewal(*, renewal_id: int, officer: Officer) -> PaperRenewal:
    """Put the newer paper in the older one's place, checked today. Already approved is fine.

    Raises NotAllowed for another region and for an own business, IllegalTransition when it was decided otherwise.
    """
    renewal = _locked(renewal_id, officer)
    now = timezone.now()
    if not PaperRenewal.MACHINE.advance(renewal, Status.APPROVED, decided_at=now, decided_by=officer):
        return renewal
    papers = LegalDocument.objects.filter(vendor=renewal.vendor_id, kind=renewal.kind_id)
    papers.filter(is_current=True).update(is_current=False)
    papers.filter(renewal=renewal).update(is_current=True, checked_at=now, checked_by=officer)
    record(
        action="renewals.approved",
        target=renewal,
        actor=officer.user,
        data={"kind": renewal.kind.slug, "document": renewal.document_id},
    )
    pagecache.bump(pagecache.CATALOGUE)
    announce_change(vendor_id=renewal.vendor_id)
    _tell_owners(renewal, "paper_approved")
    return renewal


@transaction.atomic
def return_renewal(*, renewal_id: int, officer: Officer, reason: str) -> PaperRenewal:
    """Send the newer paper back with the reason; the older one stays. Raises as approve_renewal(), and DomainError
    without a reason."""
    renewal = _locked(renewal_id, officer)
    if not reason.strip():
        raise DomainError(_("Say why. The owner reads this reason."), code="renewal.no_reason", field="reason")
    if PaperRenewal.MACHINE.advance(
        renewal, Status.RETURNED, decided_at=timezone.now(), decided_by=officer, reason=reason.strip()[:2000]
    ):
        record(
            action="renewals.returned",
            target=renewal,
            actor=officer.user,
            data={"kind": renewal.kind.slug, "reason": renewal.reason},
        )
        _tell_owners(renewal, "paper_returned")
    return renewal


def _locked(renewal_id: int, officer: Officer) -> PaperRenewal:
    vendor_id = PaperRenewal.objects.values_list("vendor_id", flat=True).get(pk=renewal_id)
    lock_vendor(vendor_id)
    renewal = PaperRenewal.objects.select_related("vendor__agency", "kind", "document").get(pk=renewal_id)
    allowed, why_not = policies.can_judge_renewal(officer=officer, renewal=renewal)
    if not allowed:
        raise NotAllowed(why_not)
    return renewal


def _tell_owners(renewal: PaperRenewal, kind: str) -> None:
    vendor, document = renewal.vendor, renewal.document
    context: dict[str, Any] = {
        "shop": vendor.name,
        "agency": vendor.agency.name,
        "paper": renewal.kind.name,
        "reason": renewal.reason,
        "until": document.expires_on.isoformat() if document and document.expires_on else "",
    }
    owners = vendor.members.filter(role=VendorMember.Role.OWNER, is_active=True).select_related("user")
    for member in owners:
        notify(user=member.user, kind=kind, context=context, url=papers_address(vendor))
