"""Returning, approving, rejecting: once, by somebody who may, about what they saw."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.audit.selectors import events_about
from marketplace.core.exceptions import DomainError, NotAllowed
from marketplace.notifications.models import Notification
from marketplace.outbox.services import process_due
from tests.factories import base, registration
from tests.factories.vendors import VendorFactory, VendorMemberFactory
from tests.factories.verification import approve, check, check_all, give_back, held_case, officer, send_again
from umkm.registration.models import FieldReturn, LegalDocument, VendorApplication
from umkm.vendors.models import Vendor, VendorIdentity, VendorMember, VendorTurnover
from umkm.verification import decisions, services
from umkm.verification.exceptions import StaleCase
from umkm.verification.models import CheckResult, Decision, FieldCheck, Ground

pytestmark = pytest.mark.django_db
Status = VendorApplication.Status


@pytest.fixture
def ratna():
    return officer()


@pytest.fixture
def case(ratna):
    return held_case(ratna)


def fresh(application) -> VendorApplication:
    return VendorApplication.objects.get(pk=application.pk)


def reject(application, by, **details):
    values = {"ground": Ground.OUTSIDE, "letter": "Usaha ada di Surabaya."} | details
    return decisions.reject_application(
        application_id=application.pk, officer=by, expected_version=fresh(application).version, **values
    )


# --- approving ---------------------------------------------------------------------------------------------------
def test_approving_opens_the_shop_with_its_owner_identity_and_papers(ratna):
    application = held_case(ratna, turnover=90_000_000)
    decision = approve(application, ratna)
    application = fresh(application)
    vendor = application.vendor
    assert application.status == Status.APPROVED
    assert application.decided_at is not None
    assert vendor.status == Vendor.Status.ACTIVE
    assert (vendor.name, vendor.agency, vendor.village) == (application.name, application.agency, application.village)
    assert VendorMember.objects.get(vendor=vendor).user == application.owner
    assert VendorMember.objects.get(vendor=vendor).role == VendorMember.Role.OWNER
    assert VendorIdentity.objects.get(vendor=vendor).nik == application.nik
    assert VendorTurnover.objects.get(vendor=vendor).amount == 90_000_000
    papers = LegalDocument.objects.filter(vendor=vendor)
    assert {paper.kind.slug for paper in papers} == {"ktp", "nib"}
    assert all(paper.checked_by == ratna and paper.application == application for paper in papers)
    assert (decision.outcome, decision.officer) == ("approved", ratna)


def test_the_owner_is_told_on_the_site_and_by_mail_in_their_language(case, ratna):
    case.owner.language = "en"
    case.owner.save()
    approve(case, ratna)
    process_due()
    told = Notification.objects.get(user=case.owner, kind="application_approved")
    assert case.name in told.title
    assert told.url.startswith("/en/")
    assert any(case.owner.email in message.to and "approved" in message.subject for message in mail.outbox)


@pytest.mark.parametrize("left", ["nothing checked", "one open", "one failed", "one could not be checked"])
def test_approving_needs_every_check(case, ratna, left):
    if left != "nothing checked":
        check_all(case, ratna)
    if left == "one open":
        FieldCheck.objects.filter(key="place").delete()
    elif left == "one failed":
        check(case, ratna, "place", CheckResult.PROBLEM, reason="Di luar kota.")
    elif left == "one could not be checked":
        check(case, ratna, "document:nib", CheckResult.UNVERIFIABLE, source="oss")
    with pytest.raises(DomainError) as refused:
        decisions.approve_application(application_id=case.pk, officer=ratna, expected_version=case.version)
    assert refused.value.code == "verification.checks_left"
    assert fresh(case).status == Status.IN_REVIEW
    assert not Vendor.objects.exists()
    assert not Decision.objects.exists()


def test_approving_twice_opens_one_shop(case, ratna):
    version = case.version
    check_all(case, ratna)
    first = decisions.approve_application(application_id=case.pk, officer=ratna, expected_version=version)
    second = decisions.approve_application(application_id=case.pk, officer=ratna, expected_version=version)
    assert first == second
    assert Vendor.objects.count() == 1
    assert Notification.objects.filter(kind="application_approved").count() == 1


# --- returning ---------------------------------------------------------------------------------------------------
def test_returning_gives_a_reason_per_field_and_stops_the_clock(case, ratna):
    day = timezone.localdate() + timedelta(days=10)
    give_back(case, ratna, {"address": "RT berbeda.", "document:ktp": "Foto buram."}, letter="Tinggal dua.", fix_by=day)
    application = fresh(case)
    assert application.status == Status.RETURNED
    assert application.paused_at is not None
    assert application.paused_days_left == 5
    assert (application.letter, application.fix_by) == ("Tinggal dua.", day)
    returns = {item.field: (item.reason, item.officer) for item in FieldReturn.objects.all()}
    assert returns == {"address": ("RT berbeda.", ratna), "document:ktp": ("Foto buram.", ratna)}
    process_due()
    assert any(case.owner.email in message.to for message in mail.outbox)
    assert Notification.objects.filter(user=case.owner, kind="application_returned").count() == 1


@pytest.mark.parametrize(
    "reasons, details",
    [
        ({}, {}),
        ({"address": "  "}, {}),
        ({"nonsense": "Salah."}, {}),
        ({"document:nonsense": "Salah."}, {}),
        ({"address": "Salah."}, {"fix_by": timezone.localdate()}),
    ],
)
def test_a_return_without_sense_changes_nothing(case, ratna, reasons, details):
    with pytest.raises(DomainError):
        give_back(case, ratna, reasons, **details)
    assert fresh(case).status == Status.IN_REVIEW
    assert not FieldReturn.objects.exists()
    assert not Decision.objects.exists()


def test_a_case_that_comes_back_has_only_the_changes_open(case, ratna):
    check_all(case, ratna)
    check(case, ratna, "place", CheckResult.PROBLEM, field="address", reason="RT berbeda.")
    give_back(case, ratna, {"address": "RT berbeda."})
    application = send_again(case, address="Jl. Sanan 27 RT 3 RW 15")
    assert (application.round, application.claimed_by) == (2, None)
    services.claim_case(application_id=application.pk, officer=ratna)
    # Everything else passed and stays valid: one check is enough to approve.
    check(application, ratna, "place")
    decision = decisions.approve_application(
        application_id=application.pk, officer=ratna, expected_version=fresh(application).version
    )
    assert decision.round.number == 2


def test_what_was_in_order_opens_again_when_the_owner_changes_it(case, ratna):
    check_all(case, ratna)
    give_back(case, ratna, {"address": "RT berbeda.", "nib": "Angkanya kurang."})
    application = send_again(case, address="Jl. Sanan 27 RT 3 RW 15", nib="9999999999999")
    services.claim_case(application_id=application.pk, officer=ratna)
    check(application, ratna, "place")
    with pytest.raises(DomainError):
        decisions.approve_application(
            application_id=application.pk, officer=ratna, expected_version=fresh(application).version
        )


# --- rejecting ---------------------------------------------------------------------------------------------------
def test_rejecting_closes_the_case_with_a_ground_and_a_letter(case, ratna):
    decision = reject(case, ratna)
    application = fresh(case)
    assert application.status == Status.REJECTED
    assert application.decided_at is not None
    assert (decision.ground, decision.letter) == ("outside", "Usaha ada di Surabaya.")
    assert application.letter == "Usaha ada di Surabaya."
    process_due()
    assert any("Usaha ada di Surabaya." in message.body for message in mail.outbox)


@pytest.mark.parametrize("details", [{"ground": ""}, {"ground": "mood"}, {"letter": " "}])
def test_a_rejection_needs_a_ground_and_a_reason(case, ratna, details):
    with pytest.raises(DomainError):
        reject(case, ratna, **details)
    assert fresh(case).status == Status.IN_REVIEW


# --- what holds for all of them ----------------------------------------------------------------------------------
DECIDE = {
    "approve": lambda case, by, version: decisions.approve_application(
        application_id=case.pk, officer=by, expected_version=version
    ),
    "return": lambda case, by, version: decisions.return_application(
        application_id=case.pk, officer=by, expected_version=version, reasons={"address": "RT berbeda."}
    ),
    "reject": lambda case, by, version: decisions.reject_application(
        application_id=case.pk, officer=by, expected_version=version, ground=Ground.FORGED, letter="Palsu."
    ),
}


@pytest.mark.parametrize("decision", DECIDE)
@pytest.mark.parametrize("who", ["other region", "colleague", "own business", "not taken"])
def test_who_may_not_decide_changes_nothing(ratna, decision, who):
    if who == "not taken":
        case, by = registration.submitted(), ratna
    else:
        case = held_case(ratna)
        by = {
            "other region": lambda: officer("Heru", base.MALANG_REGENCY),
            "colleague": lambda: officer("Bagus Prasetyo"),
            "own business": lambda: ratna,
        }[who]()
    if who == "own business":
        # The officer came to work for the applicant after taking the case.
        shop = VendorFactory()
        VendorMemberFactory(vendor=shop, user=case.owner)
        VendorMemberFactory(vendor=shop, user=ratna.user, role="staff")
    before = fresh(case)
    shops = Vendor.objects.count()
    with pytest.raises(NotAllowed):
        DECIDE[decision](case, by, before.version)
    after = fresh(case)
    assert (after.status, after.version) == (before.status, before.version)
    assert Vendor.objects.count() == shops
    assert not Decision.objects.exists()
    assert not FieldReturn.objects.exists()


@pytest.mark.parametrize("decision", DECIDE)
def test_an_old_page_decides_nothing(case, ratna, decision):
    seen = case.version
    give_back(case, ratna, {"address": "RT berbeda."})
    application = send_again(case, address="Jl. Sanan 27 RT 3 RW 15")
    services.claim_case(application_id=application.pk, officer=ratna)
    check_all(application, ratna)
    with pytest.raises(StaleCase):
        DECIDE[decision](application, ratna, seen)
    assert fresh(application).status == Status.IN_REVIEW
    assert Decision.objects.count() == 1


@pytest.mark.parametrize("first", DECIDE)
@pytest.mark.parametrize("second", DECIDE)
def test_a_round_is_decided_once(case, ratna, first, second):
    version = case.version
    check_all(case, ratna)
    DECIDE[first](case, ratna, version)
    status = fresh(case).status
    if first == second:
        DECIDE[second](case, ratna, version)
    else:
        with pytest.raises(DomainError):
            DECIDE[second](case, ratna, version)
    assert fresh(case).status == status
    assert Decision.objects.count() == 1
    assert Vendor.objects.count() == (1 if first == "approve" else 0)


def test_the_database_itself_refuses_a_second_decision_and_a_decision_without_its_parts(case, ratna):
    give_back(case, ratna, {"address": "RT berbeda."})
    last = case.rounds.get()
    values = {"application": case, "round": last, "version": 1, "officer": ratna}
    for wrong in (
        {"outcome": "approved"},
        {"outcome": "rejected", "letter": "", "ground": ""},
        {"outcome": "returned"},
        {"outcome": "maybe"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Decision.objects.create(**values, **wrong)


def test_each_decision_is_written_down_by_who_took_it(case, ratna):
    approve(case, ratna)
    event = next(event for event in events_about(case) if event.action == "verification.approved")
    assert event.actor == ratna.user
    assert event.data["round"] == 1
    assert case.nik not in str(event.data)


def test_a_withdrawn_application_is_not_decided(case, ratna):
    from umkm.registration.services import withdraw_application

    check_all(case, ratna)
    withdraw_application(application_id=case.pk, actor=case.owner)
    with pytest.raises(DomainError):
        decisions.approve_application(application_id=case.pk, officer=ratna, expected_version=fresh(case).version)
    assert not Vendor.objects.exists()
    with pytest.raises(DomainError):
        services.claim_case(application_id=case.pk, officer=ratna)
