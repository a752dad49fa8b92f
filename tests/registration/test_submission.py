"""Handing an application over: what must be there, what is kept, who is told."""

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.audit.models import AuditEvent
from marketplace.core.exceptions import DomainError, NotAllowed
from marketplace.notifications.models import Notification
from marketplace.outbox.models import OutboxMessage
from marketplace.outbox.services import process_due
from tests.factories import base, registration
from umkm.registration import clock, services, submission
from umkm.registration.models import ApplicationRound, VendorApplication
from umkm.registration.papers import want_assistance

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def department():
    agency = base.agency()
    agency.email = "dinas@contoh.id"
    agency.save()
    return agency


def submit(application: VendorApplication, **options) -> VendorApplication:
    options.setdefault("consents", True)
    return submission.submit_application(
        application_id=application.pk, actor=options.pop("actor", application.owner), **options
    )


def refused(application: VendorApplication, **options) -> DomainError:
    with pytest.raises(DomainError) as caught:
        submit(application, **options)
    application.refresh_from_db()
    assert application.round == 0
    assert not application.rounds.exists()
    return caught.value


class TestFirstTime:
    def test_it_goes_to_the_agency_of_its_region_with_a_date(self, department):
        application = submit(registration.draft())
        application.refresh_from_db()
        assert application.status == "submitted"
        assert application.agency == department
        assert application.round == 1
        assert application.due_at == clock.first_due(application.submitted_at)
        assert application.consent_version == submission.CONSENT_VERSION
        assert application.consented_at is not None

    def test_a_business_in_another_region_goes_to_that_agency(self):
        batu = base.agency(base.BATU)
        application = submit(registration.draft(village=base.village("35.79.01.1001")))
        assert application.agency == batu

    def test_the_round_keeps_answers_and_papers(self):
        application = registration.draft(address="Jl. Sanan 27")
        submit(application)
        kept = application.rounds.get().as_submitted
        assert kept["fields"]["address"] == "Jl. Sanan 27"
        assert kept["fields"]["nik"] == application.nik
        assert kept["fields"]["village"] == "Polowijen, Blimbing, Kota Malang"
        assert set(kept["documents"]) == {"ktp", "nib"}
        assert kept["documents"]["nib"]["number"] == application.nib
        assert kept["documents"]["ktp"]["sha256"] == application.documents.get(kind__slug="ktp").sha256

    def test_the_round_is_encrypted_at_rest(self):
        application = submit(registration.draft())
        with connection.cursor() as cursor:
            cursor.execute("SELECT snapshot FROM registration_applicationround")
            assert application.nik not in cursor.fetchone()[0]

    def test_owner_and_agency_are_told(self):
        application = submit(registration.draft())
        notice = Notification.objects.get(user=application.owner)
        assert notice.url == application.get_absolute_url()
        mails = {message.payload["kind"]: message.payload["to"] for message in OutboxMessage.objects.all()}
        assert mails["registration_submitted"] == application.owner.email
        assert mails["registration_received"] == "dinas@contoh.id"

    def test_it_is_written_down(self):
        application = submit(registration.draft())
        event = AuditEvent.objects.get(action="registration.submitted")
        assert event.actor == application.owner
        assert event.data == {"round": 1, "consent": submission.CONSENT_VERSION}

    def test_a_second_click_changes_nothing(self):
        application = registration.draft()
        submit(application)
        submit(application)
        assert ApplicationRound.objects.count() == 1
        assert Notification.objects.count() == 1

    def test_without_consent_nothing_is_passed_on(self):
        assert refused(registration.draft(), consents=False).code == "application.no_consent"

    def test_a_change_since_the_last_look_is_told(self):
        application = registration.draft()
        assert refused(application, expected_version=application.version - 1).code == "application.stale"

    def test_nobody_else_can(self):
        application = registration.draft()
        with pytest.raises(NotAllowed):
            submit(application, actor=base.UserFactory())
        application.refresh_from_db()
        assert application.status == "draft"

    def test_a_withdrawn_one_stays_closed(self):
        application = registration.draft()
        services.withdraw_application(application_id=application.pk, actor=application.owner)
        with pytest.raises(NotAllowed):
            submit(application)


class TestGaps:
    @pytest.mark.parametrize(
        "field, empty",
        [
            ("owner_name", ""),
            ("nik", None),
            ("phone", None),
            ("name", ""),
            ("story", ""),
            ("address", ""),
            ("village", None),
        ],
    )
    def test_what_is_missing_is_named(self, field: str, empty):
        error = refused(registration.draft(**{field: empty}))
        assert (error.code, error.field) == ("application.incomplete", field)

    def test_something_to_sell_is_needed(self):
        error = refused(registration.draft(categories=[]))
        assert error.field == "categories"

    def test_an_nib_or_the_wish_for_one_is_needed(self):
        application = registration.draft(nib="")
        assert refused(application).field == "nib"
        services.save_answers(application_id=application.pk, actor=application.owner, answers={"has_no_nib": True})
        assert submit(application).status == "submitted"

    def test_the_identity_card_is_needed(self):
        application = registration.VendorApplicationFactory(nib="", has_no_nib=True)
        assert refused(application).field == "document:ktp"

    def test_a_missing_permit_does_not_stop_who_wants_assistance(self):
        category = base.category("kuliner/keripik-buah")
        registration.requirement(category, "pirt")
        application = registration.draft(categories=[category])
        assert refused(application).field == "document:pirt"
        want_assistance(application_id=application.pk, actor=application.owner, kind_slug="pirt", wants=True)
        submit(application)
        assert application.rounds.get().as_submitted["wants_assistance_with"] == ["pirt"]

    def test_the_database_refuses_a_half_filled_submission(self):
        application = registration.draft()
        with pytest.raises(IntegrityError), transaction.atomic():
            VendorApplication.objects.filter(pk=application.pk).update(status="submitted")


class TestAgain:
    def test_it_cannot_go_back_before_everything_is_fixed(self):
        application = registration.returned(reasons={"address": "RT berbeda.", "document:ktp": "Buram."})
        services.save_answers(application_id=application.pk, actor=application.owner, answers={"address": "Jl. Baru 2"})
        with pytest.raises(DomainError) as caught:
            submit(application)
        assert (caught.value.code, caught.value.field) == ("application.not_fixed", "document:ktp")
        application.refresh_from_db()
        assert application.status == "returned"

    def test_fixed_it_begins_the_next_round_on_a_running_clock(self):
        application = registration.returned(reasons={"address": "RT berbeda."})
        services.save_answers(application_id=application.pk, actor=application.owner, answers={"address": "Jl. Baru 2"})
        application = submit(application, consents=False)
        application.refresh_from_db()
        assert (application.status, application.round) == ("submitted", 2)
        assert application.paused_at is None
        assert application.letter == ""
        assert application.due_at == clock.due_again(application.submitted_at, 5)
        rounds = [item.as_submitted["fields"]["address"] for item in application.rounds.order_by("number")]
        assert rounds == ["Jl. Sanan 27 RT 8 RW 15", "Jl. Baru 2"]

    def test_the_consent_of_the_first_time_holds(self):
        application = registration.returned(reasons={"address": "RT berbeda."})
        consented = application.consented_at
        services.save_answers(application_id=application.pk, actor=application.owner, answers={"address": "Jl. Baru 2"})
        assert submit(application, consents=False).consented_at == consented

    def test_the_agency_hears_that_it_is_back(self):
        application = registration.returned(reasons={"address": "RT berbeda."})
        services.save_answers(application_id=application.pk, actor=application.owner, answers={"address": "Jl. Baru 2"})
        submit(application)
        rounds = [
            message.payload["context"]["round"]
            for message in OutboxMessage.objects.order_by("pk")
            if message.payload["kind"] == "registration_received"
        ]
        assert rounds == [1, 2]


def test_mails_are_sent_in_the_language_of_the_person(mailoutbox):
    application = registration.draft(owner=base.UserFactory(language="en"))
    submit(application)
    process_due(topics=["notifications.mail"])
    owner, agency = sorted(mailoutbox, key=lambda mail: mail.to != [application.owner.email])
    assert owner.to == [application.owner.email]
    assert application.code in owner.body
    assert "/en/daftar-umkm/" in owner.body
    assert application.code in agency.subject
