"""Working on a case: taking it, checking it, leaving notes. Deciding stands in `decisions`."""

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.accounts.models import Officer
from marketplace.audit.services import record
from marketplace.core.exceptions import DomainError, IllegalTransition, NotAllowed
from umkm.registration.files import check_upload
from umkm.registration.lock_objects import lock_application
from umkm.registration.models import ApplicationRound, VendorApplication
from umkm.verification import checks, policies
from umkm.verification.exceptions import AlreadyTaken, StaleCase
from umkm.verification.models import CaseNote, CheckResult, FieldCheck

Status = VendorApplication.Status
# How many of the most urgent free cases are tried when colleagues are taking cases at the same moment.
NEXT_TRIES = 20


@transaction.atomic
def claim_case(*, application_id: int, officer: Officer) -> VendorApplication:
    """Take a case that nobody holds. Holding it already is fine.

    Raises AlreadyTaken when a colleague was faster, NotAllowed for an own business, IllegalTransition when the case
    does not wait for a decision.
    """
    application = lock_application(application_id)
    allowed, reason = policies.can_handle(officer=officer, application=application)
    if not allowed:
        raise NotAllowed(reason, code="verification.own_business")
    if application.status not in VendorApplication.AWAITING:
        raise IllegalTransition(_("This case is no longer waiting for a decision."), code="verification.not_waiting")
    holder = application.claimed_by
    if holder == officer and application.status == Status.IN_REVIEW:
        return application
    if holder is not None and holder != officer:
        raise AlreadyTaken(business=application.name, name=str(holder.user))
    VendorApplication.MACHINE.advance(
        application, Status.IN_REVIEW, only_from=[Status.SUBMITTED], claimed_by=officer, claimed_at=timezone.now()
    )
    record(action="verification.claimed", target=application, actor=officer.user, data={"round": application.round})
    return application


def claim_next_case(*, officer: Officer) -> VendorApplication | None:
    """Take the most urgent case that is free and not the officer's own; None when there is none."""
    free = (
        VendorApplication.objects.scoped_to(officer)
        .filter(status=Status.SUBMITTED, claimed_by=None)
        .exclude(owner_id=officer.user_id)
        .order_by("due_at", "submitted_at", "pk")
    )
    for application_id in free.values_list("pk", flat=True)[:NEXT_TRIES]:
        try:
            return claim_case(application_id=application_id, officer=officer)
        except (AlreadyTaken, NotAllowed, IllegalTransition):
            continue
    return None


@transaction.atomic
def release_case(*, application_id: int, officer: Officer) -> VendorApplication:
    """Put a case back into the queue. Not holding it is fine; what was checked stays."""
    application = lock_application(application_id)
    if application.claimed_by_id != officer.pk or application.status not in VendorApplication.AWAITING:
        return application
    if application.status == Status.IN_REVIEW:
        VendorApplication.MACHINE.advance(application, Status.SUBMITTED, only_from=[Status.IN_REVIEW])
    VendorApplication.objects.filter(pk=application.pk, claimed_by=officer).update(claimed_by=None, claimed_at=None)
    record(action="verification.released", target=application, actor=officer.user, data={"round": application.round})
    application.claimed_by = application.claimed_at = None
    return application


@transaction.atomic
def hand_over_case(*, application_id: int, officer: Officer, to_officer: Officer) -> VendorApplication:
    """Give a case to an officer of the same agency, or take it over oneself when its holder is away.

    Raises NotAllowed when either may not have it, IllegalTransition when it does not wait for a decision.
    """
    application = lock_application(application_id)
    allowed, reason = policies.can_handle(officer=officer, application=application)
    if allowed:
        allowed, _own = policies.can_handle(officer=to_officer, application=application)
        reason = _("%(name)s cannot take this case.") % {"name": to_officer.user}
    if not allowed:
        raise NotAllowed(reason, code="verification.cannot_hand_over")
    if application.status not in VendorApplication.AWAITING:
        raise IllegalTransition(_("This case is no longer waiting for a decision."), code="verification.not_waiting")
    before = application.claimed_by_id
    if application.status == Status.SUBMITTED:
        VendorApplication.MACHINE.advance(application, Status.IN_REVIEW, only_from=[Status.SUBMITTED])
    VendorApplication.objects.filter(pk=application.pk).update(claimed_by=to_officer, claimed_at=timezone.now())
    record(
        action="verification.handed_over",
        target=application,
        actor=officer.user,
        data={"round": application.round, "from": before, "to": to_officer.pk},
    )
    return application


def require_current(*, application: VendorApplication, expected_version: int) -> None:
    """Raise StaleCase when the application is not what the officer saw."""
    if application.version != expected_version:
        raise StaleCase


def open_for_decision(*, application_id: int, officer: Officer, expected_version: int) -> VendorApplication:
    """The application, locked and re-read, after every question that checking and deciding have in common.

    Raises StaleCase before anything else: who sees an old page must not be told about a case that has changed.
    """
    application = lock_application(application_id)
    own = policies.is_own_business(officer=officer, application=application)
    if not own and application.agency_id == officer.agency_id:
        require_current(application=application, expected_version=expected_version)
    allowed, reason = policies.can_decide(officer=officer, application=application)
    if not allowed:
        raise NotAllowed(reason, code="verification.own_business" if own else "verification.cannot_decide")
    return application


@transaction.atomic
def record_check(
    *,
    application_id: int,
    officer: Officer,
    expected_version: int,
    key: str,
    result: str,
    field: str = "",
    reason: str = "",
    source: str = "",
    evidence_text: str = "",
    evidence_file: UploadedFile | None = None,
) -> FieldCheck:
    """Save the result of one check of the current round; a later result replaces it.

    Arguments:
        key: one of the checks that this application needs.
        field: what the owner has to fix, for a problem; one of the check's targets.
        evidence_file: a picture or PDF, checked by its content; an earlier file stays when none is given.

    Raises StaleCase, NotAllowed, or DomainError for an unknown check, a missing reason or a bad file.
    """
    application = open_for_decision(application_id=application_id, officer=officer, expected_version=expected_version)
    application_round = ApplicationRound.objects.get(application=application, number=application.round)
    check = next((item for item in checks.checks_of(checks.as_submitted(application_round)) if item.key == key), None)
    if check is None:
        raise DomainError(_("This case has no such check. Reload the page."), code="verification.unknown_check")
    values = {
        "result": CheckResult(result).value,
        "field": "",
        "reason": reason.strip(),
        "source": source,
        "evidence": evidence_text.strip(),
        "officer": officer,
        "at": timezone.now(),
    }
    if result == CheckResult.PROBLEM:
        if not reason.strip():
            raise DomainError(
                _("Write what is wrong. The owner reads it at the very place."),
                code="verification.no_reason",
                field="reason",
            )
        values["field"] = field if field in check.targets else check.targets[0]
    if evidence_file is not None:
        checked = check_upload(evidence_file)
        values["evidence_type"] = checked.content_type
        values["evidence_file"] = checked.as_file()
    saved, _created = FieldCheck.objects.update_or_create(
        round=application_round, key=key, defaults=values, create_defaults={"application": application, **values}
    )
    record(
        action="verification.checked",
        target=application,
        actor=officer.user,
        data={"round": application.round, "check": key, "result": saved.result, "source": source},
    )
    return saved


@transaction.atomic
def add_note(*, application_id: int, officer: Officer, text: str) -> CaseNote:
    """Leave a remark for colleagues of the agency.

    Raises DomainError when it is empty, NotAllowed for an own business.
    """
    application = lock_application(application_id)
    allowed, reason = policies.can_handle(officer=officer, application=application)
    if not allowed:
        raise NotAllowed(reason, code="verification.own_business")
    if not text.strip():
        raise DomainError(_("The note is empty. Write something."), code="verification.empty_note", field="text")
    note = CaseNote.objects.create(application=application, officer=officer, text=text.strip())
    record(action="verification.noted", target=application, actor=officer.user, data={"note": note.pk})
    return note


def log_identity_view(*, application: VendorApplication, officer: Officer) -> None:
    """Write down that an officer had the personal numbers shown in full."""
    record(action="verification.identity_shown", target=application, actor=officer.user)


def log_evidence_view(*, check: FieldCheck, officer: Officer) -> None:
    """Write down that an officer opened a file of evidence."""
    record(
        action="verification.evidence_viewed",
        target=check.application,
        actor=officer.user,
        data={"check": check.key, "round": check.round.number},
    )
