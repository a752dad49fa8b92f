"""Ending a round: returning the application with reasons, approving it (which opens the shop) or rejecting it."""

from collections.abc import Mapping
from datetime import date

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from marketplace.accounts.models import Officer
from marketplace.audit.services import record
from marketplace.core.exceptions import DomainError, IllegalTransition
from marketplace.notifications.services import notify
from marketplace.reference.models import DocumentKind
from umkm.registration.answers import BY_KEY
from umkm.registration.clock import days_left
from umkm.registration.lock_objects import lock_application
from umkm.registration.models import ApplicationRound, FieldReturn, LegalDocument, VendorApplication
from umkm.vendors.models import Vendor
from umkm.vendors.services import open_vendor
from umkm.verification import checks, clock
from umkm.verification.models import CheckResult, Decision, FieldCheck, Ground, Outcome
from umkm.verification.services import open_for_decision

Status = VendorApplication.Status


def default_fix_by(today: date | None = None) -> date:
    """Until when an owner may fix what was returned, unless the officer says otherwise."""
    return clock.add_working_days(today or timezone.localdate(), settings.VERIFICATION_FIX_DAYS)


@transaction.atomic
def return_application(
    *,
    application_id: int,
    officer: Officer,
    expected_version: int,
    reasons: Mapping[str, str],
    letter: str = "",
    fix_by: date | None = None,
) -> Decision:
    """Give the application back to its owner with a reason at each answer or paper that has to be fixed.

    The deadline stops until the owner sends it again; then it waits in the queue for whoever is free. A repeat of the
    same decision returns the first one.

    Arguments:
        reasons: why, by field of the application or `document:<kind slug>`.
        letter: some words more, for the whole.
        fix_by: the last day to fix it, in the future.

    Raises StaleCase, NotAllowed, or DomainError without reasons, for an unknown field, or a day that has passed.
    """
    repeated = _decided_already(application_id, officer, Outcome.RETURNED, expected_version)
    if repeated:
        return repeated
    application = open_for_decision(application_id=application_id, officer=officer, expected_version=expected_version)
    application_round = ApplicationRound.objects.get(application=application, number=application.round)
    wanted = {field: reason.strip() for field, reason in reasons.items() if reason.strip()}
    _check_reasons(wanted)
    fix_by = fix_by or default_fix_by()
    if fix_by <= timezone.localdate():
        raise DomainError(_("Choose a day in the future."), code="verification.past_date", field="fix_by")
    now = timezone.now()
    decision = _decide(
        application,
        application_round,
        officer,
        Outcome.RETURNED,
        letter=letter.strip(),
        fix_by=fix_by,
        paused_at=now,
        paused_days_left=days_left(now, application.due_at),
    )
    for field, reason in wanted.items():
        FieldReturn.objects.update_or_create(
            round=application_round, field=field, defaults={"reason": reason, "officer": officer}
        )
    _tell_owner(
        application,
        "application_returned",
        {"count": len(wanted), "fix_by": fix_by.isoformat(), "letter": decision.letter},
    )
    return decision


def _check_reasons(wanted: Mapping[str, str]) -> None:
    if not wanted:
        raise DomainError(
            _("Give at least one reason, so that the owner knows what to fix."), code="verification.no_reason"
        )
    for field in wanted:
        known = (
            DocumentKind.objects.filter(slug=field.removeprefix(checks.DOCUMENT)).exists()
            if field.startswith(checks.DOCUMENT)
            else field in BY_KEY
        )
        if not known:
            raise DomainError(
                _("There is no field “%(field)s” to return.") % {"field": field}, code="verification.unknown_field"
            )


@transaction.atomic
def approve_application(*, application_id: int, officer: Officer, expected_version: int) -> Decision:
    """Approve: the shop opens, the papers become the business's, the owner is told. All checks must have passed.

    A repeat returns the first decision. Raises StaleCase, NotAllowed, or DomainError while a check is open or failed.
    """
    repeated = _decided_already(application_id, officer, Outcome.APPROVED, expected_version)
    if repeated:
        return repeated
    application = open_for_decision(application_id=application_id, officer=officer, expected_version=expected_version)
    rounds = list(ApplicationRound.objects.filter(application=application).order_by("number"))
    results = list(FieldCheck.objects.filter(application=application).select_related("round", "officer"))
    states = checks.state_of_checks(rounds, results)
    left = [state for state in states if not state.is_passed]
    if left or not states:
        raise DomainError(
            ngettext("Approve opens after %(left)s more check.", "Approve opens after %(left)s more checks.", len(left))
            % {"left": len(left)},
            code="verification.checks_left",
        )
    vendor = _open_shop(application, officer)
    _hand_over_papers(application, vendor, states)
    decision = _decide(application, rounds[-1], officer, Outcome.APPROVED, decided_at=timezone.now(), vendor=vendor)
    _tell_owner(application, "application_approved", {"shop": vendor.name}, url_name="portal:home")
    return decision


def _open_shop(application: VendorApplication, officer: Officer) -> Vendor:
    submitted = application.consented_at or timezone.now()
    # Every submitted application has these; a constraint holds it.
    agency, village, subsector = application.agency, application.village, application.subsector
    if agency is None or village is None or subsector is None:
        raise DomainError(
            _("This application is not complete. Return it to its owner."), code="verification.incomplete"
        )
    return open_vendor(
        name=application.name,
        owner=application.owner,
        agency=agency,
        village=village,
        subsector=subsector,
        actor=officer.user,
        story=application.story,
        kbli=application.kbli,
        address=application.address,
        latitude=application.latitude,
        longitude=application.longitude,
        size_class=application.size_class,
        founded_year=application.founded_year,
        nib=application.nib,
        owner_name=application.owner_name,
        nik=application.nik,
        npwp=application.npwp,
        phone=application.phone,
        turnover=application.turnover,
        turnover_year=timezone.localtime(submitted).year - 1,
    )


def _hand_over_papers(application: VendorApplication, vendor: Vendor, states: list[checks.CheckState]) -> None:
    """The papers stay with the application too: they are what was decided about."""
    application.documents.filter(is_current=True).update(vendor=vendor)
    for state in states:
        if state.result is None or not state.check.documents:
            continue
        LegalDocument.objects.filter(
            application=application, is_current=True, kind__slug__in=state.check.documents
        ).update(checked_at=state.result.at, checked_by=state.result.officer)


@transaction.atomic
def reject_application(
    *, application_id: int, officer: Officer, expected_version: int, ground: str, letter: str
) -> Decision:
    """Reject for good: only for what the owner cannot fix. A repeat returns the first decision.

    Arguments:
        ground: one of Ground.
        letter: the reason in words, as the owner reads it.

    Raises StaleCase, NotAllowed, or DomainError without a ground or a reason.
    """
    repeated = _decided_already(application_id, officer, Outcome.REJECTED, expected_version)
    if repeated:
        return repeated
    application = open_for_decision(application_id=application_id, officer=officer, expected_version=expected_version)
    if ground not in Ground.values:
        raise DomainError(_("Choose the ground for the rejection."), code="verification.no_ground", field="ground")
    if not letter.strip():
        raise DomainError(_("Write the reason. The owner reads it."), code="verification.no_reason", field="letter")
    application_round = ApplicationRound.objects.get(application=application, number=application.round)
    decision = _decide(
        application,
        application_round,
        officer,
        Outcome.REJECTED,
        letter=letter.strip(),
        ground=ground,
        decided_at=timezone.now(),
    )
    _tell_owner(
        application,
        "application_rejected",
        {
            "letter": decision.letter,
            "agency": application.agency.name if application.agency else "",
            "agency_email": application.agency.email if application.agency else "",
            "days": settings.VERIFICATION_APPEAL_DAYS,
        },
    )
    return decision


def _decided_already(application_id: int, officer: Officer, outcome: Outcome, expected_version: int) -> Decision | None:
    """The decision that this very request made before: a form sent twice decides once."""
    application = lock_application(application_id)
    return Decision.objects.filter(
        application=application,
        round__number=application.round,
        outcome=outcome,
        officer=officer,
        version=expected_version,
    ).first()


def _decide(
    application: VendorApplication,
    application_round: ApplicationRound,
    officer: Officer,
    outcome: Outcome,
    *,
    letter: str = "",
    ground: str = "",
    fix_by: date | None = None,
    **fields: object,
) -> Decision:
    """Move the status, keep the decision, write it down. Raises IllegalTransition when somebody was faster."""
    decided_version = application.version
    status = {Outcome.RETURNED: Status.RETURNED, Outcome.APPROVED: Status.APPROVED, Outcome.REJECTED: Status.REJECTED}[
        outcome
    ]
    moved = VendorApplication.MACHINE.advance(
        application,
        status,
        only_from=VendorApplication.AWAITING,
        version=decided_version + 1,
        letter=letter,
        fix_by=fix_by,
        **fields,
    )
    if not moved:
        raise IllegalTransition(_("A colleague has just decided this case."), code="verification.decided")
    decision = Decision.objects.create(
        application=application,
        round=application_round,
        officer=officer,
        outcome=outcome,
        letter=letter,
        ground=ground,
        fix_by=fix_by,
        version=decided_version,
    )
    record(
        action=f"verification.{outcome.value}",
        target=application,
        actor=officer.user,
        data={"round": application_round.number, "decision": decision.pk, "version": decided_version},
    )
    return decision


def _tell_owner(application: VendorApplication, kind: str, context: dict[str, object], *, url_name: str = "") -> None:
    """By mail and in the portal, in the owner's language."""
    owner = application.owner
    with override(owner.language):
        # Addresses carry the language, so they are made while it is active.
        address = reverse(url_name) if url_name else application.get_absolute_url()
        values = dict(context)
        if "fix_by" in values:
            values["fix_by"] = date_format(date.fromisoformat(str(values["fix_by"])), "j F Y")
    notify(
        user=owner,
        kind=kind,
        context={"business": application.name, "code": application.code, **values},
        url=address,
    )


def reasons_from_checks(states: list[checks.CheckState]) -> list[tuple[str, str]]:
    """The return letter as the failed checks would write it: (field, reason)."""
    return [
        (state.result.field, state.result.reason)
        for state in states
        if state.result is not None and state.result.result == CheckResult.PROBLEM
    ]
