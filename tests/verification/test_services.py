"""Taking, checking, handing over: what is allowed, what is written down, what an old page cannot do."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from marketplace.audit.selectors import events_about
from marketplace.core.exceptions import DomainError, IllegalTransition, NotAllowed
from tests.factories import base, registration
from tests.factories.vendors import VendorFactory, VendorMemberFactory
from tests.factories.verification import check, give_back, held_case, keys_of, officer, send_again
from umkm.registration.models import VendorApplication
from umkm.verification import services
from umkm.verification.exceptions import AlreadyTaken, StaleCase
from umkm.verification.models import CheckResult, FieldCheck

pytestmark = pytest.mark.django_db
Status = VendorApplication.Status


def actions(application) -> list[str]:
    return [event.action for event in events_about(application)]


def test_a_case_is_taken_once_and_written_down():
    ratna, bagus = officer(), officer("Bagus Prasetyo")
    application = registration.submitted()
    services.claim_case(application_id=application.pk, officer=ratna)
    services.claim_case(application_id=application.pk, officer=ratna)  # a repeat changes nothing
    with pytest.raises(AlreadyTaken, match="Ratna Dewi"):
        services.claim_case(application_id=application.pk, officer=bagus)
    application.refresh_from_db()
    assert (application.status, application.claimed_by) == (Status.IN_REVIEW, ratna)
    assert actions(application).count("verification.claimed") == 1


def test_another_regions_officer_cannot_take_a_case():
    application = registration.submitted()
    with pytest.raises(NotAllowed):
        services.claim_case(application_id=application.pk, officer=officer("Heru", base.MALANG_REGENCY))
    application.refresh_from_db()
    assert application.claimed_by is None


@pytest.mark.parametrize("relation", ["applicant", "works for the applicant"])
def test_nobody_takes_checks_or_annotates_their_own_case(relation):
    own = officer("Sri Wahyuni")
    application = registration.submitted(owner=own.user if relation == "applicant" else base.UserFactory())
    if relation != "applicant":
        shop = VendorFactory()
        VendorMemberFactory(vendor=shop, user=application.owner)
        VendorMemberFactory(vendor=shop, user=own.user, role="staff")
    for attempt in (
        lambda: services.claim_case(application_id=application.pk, officer=own),
        lambda: services.add_note(application_id=application.pk, officer=own, text="Baik."),
        lambda: check(application, own, "owner"),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    application.refresh_from_db()
    assert application.claimed_by is None
    assert not application.checks.exists()
    assert not application.notes.exists()


def test_an_officer_who_was_dismissed_takes_nothing():
    gone = officer()
    gone.is_active = False
    gone.save()
    with pytest.raises(NotAllowed):
        services.claim_case(application_id=registration.submitted().pk, officer=gone)


def test_the_next_case_is_the_most_urgent_free_one_that_is_not_ones_own():
    ratna = officer()
    registration.submitted(owner=ratna.user)
    held_case(officer("Bagus Prasetyo"))
    later, urgent = registration.submitted(), registration.submitted()
    VendorApplication.objects.filter(pk=urgent.pk).update(due_at=later.submitted_at)
    assert services.claim_next_case(officer=ratna) == urgent
    assert services.claim_next_case(officer=ratna) == later
    assert services.claim_next_case(officer=ratna) is None


def test_a_case_that_is_put_back_keeps_its_checks():
    ratna = officer()
    application = held_case(ratna)
    check(application, ratna, "owner")
    services.release_case(application_id=application.pk, officer=ratna)
    services.release_case(application_id=application.pk, officer=ratna)
    application.refresh_from_db()
    assert (application.status, application.claimed_by) == (Status.SUBMITTED, None)
    assert application.checks.count() == 1
    assert actions(application).count("verification.released") == 1


def test_nobody_puts_back_what_a_colleague_holds():
    ratna = officer()
    application = held_case(ratna)
    services.release_case(application_id=application.pk, officer=officer("Bagus Prasetyo"))
    application.refresh_from_db()
    assert application.claimed_by == ratna


def test_a_case_is_handed_over_within_the_agency_only():
    ratna, bagus = officer(), officer("Bagus Prasetyo")
    application = held_case(ratna)
    services.hand_over_case(application_id=application.pk, officer=ratna, to_officer=bagus)
    application.refresh_from_db()
    assert application.claimed_by == bagus
    with pytest.raises(NotAllowed):
        services.hand_over_case(
            application_id=application.pk, officer=ratna, to_officer=officer("Heru", base.MALANG_REGENCY)
        )
    # A colleague on leave is no reason for a case to wait: it can be taken over.
    services.hand_over_case(application_id=application.pk, officer=ratna, to_officer=ratna)
    application.refresh_from_db()
    assert application.claimed_by == ratna


def test_a_returned_case_cannot_be_taken_or_handed_over():
    ratna, bagus = officer(), officer("Bagus Prasetyo")
    application = held_case(ratna)
    give_back(application, ratna, {"address": "RT berbeda."})
    with pytest.raises(IllegalTransition):
        services.claim_case(application_id=application.pk, officer=bagus)
    with pytest.raises(IllegalTransition):
        services.hand_over_case(application_id=application.pk, officer=ratna, to_officer=bagus)


def test_a_check_is_saved_with_its_evidence_and_replaced_by_the_next():
    ratna = officer()
    application = held_case(ratna)
    file = SimpleUploadedFile("oss.png", registration.photo_bytes(form="PNG"), "image/png")
    first = check(application, ratna, "owner", source="document", evidence_text="Cocok", evidence_file=file)
    assert first.evidence_type.startswith("image/")
    assert first.evidence_file.name.startswith("evidence/")
    assert "oss" not in first.evidence_file.name
    check(application, ratna, "owner", CheckResult.PROBLEM, field="nik", reason="NIK di KTP berbeda.")
    saved = FieldCheck.objects.get()
    assert (saved.result, saved.field, saved.reason) == ("problem", "nik", "NIK di KTP berbeda.")
    # The file stays until another takes its place: a wrong click must not lose it.
    assert saved.evidence_file
    assert actions(application).count("verification.checked") == 2


def test_a_problem_needs_a_reason_and_names_what_to_fix():
    ratna = officer()
    application = held_case(ratna)
    with pytest.raises(DomainError) as refused:
        check(application, ratna, "place", CheckResult.PROBLEM, reason="   ")
    assert refused.value.field == "reason"
    saved = check(application, ratna, "place", CheckResult.PROBLEM, reason="Di luar kota.", field="not-a-field")
    assert saved.field == "address"


def test_evidence_that_lies_about_its_type_is_refused_and_nothing_is_saved():
    ratna = officer()
    application = held_case(ratna)
    with pytest.raises(DomainError):
        check(application, ratna, "owner", evidence_file=SimpleUploadedFile("a.png", b"<script>", "image/png"))
    assert not FieldCheck.objects.exists()


def test_only_checks_that_the_case_needs_can_be_saved():
    ratna = officer()
    application = held_case(ratna)
    assert keys_of(application) == ["owner", "place", "business", "document:nib"]
    with pytest.raises(DomainError):
        check(application, ratna, "document:pirt")


def test_only_the_holder_checks():
    ratna = officer()
    application = registration.submitted()
    with pytest.raises(NotAllowed):
        check(application, ratna, "owner")
    services.claim_case(application_id=application.pk, officer=ratna)
    with pytest.raises(NotAllowed, match="Ratna Dewi"):
        check(application, officer("Bagus Prasetyo"), "owner")
    assert not FieldCheck.objects.exists()


def test_an_old_page_saves_nothing():
    ratna = officer()
    application = held_case(ratna)
    old = application.version
    give_back(application, ratna, {"address": "RT berbeda."})
    send_again(application, address="Jl. Sanan 27 RT 3 RW 15")
    with pytest.raises(StaleCase):
        services.record_check(
            application_id=application.pk, officer=ratna, expected_version=old, key="owner", result="ok"
        )
    assert not FieldCheck.objects.exists()


def test_notes_are_kept_and_empty_ones_refused():
    ratna = officer()
    application = registration.submitted()
    services.add_note(application_id=application.pk, officer=ratna, text="  Dapur bersih. ")
    assert application.notes.get().text == "Dapur bersih."
    with pytest.raises(DomainError):
        services.add_note(application_id=application.pk, officer=ratna, text=" \n ")
    assert application.notes.count() == 1
