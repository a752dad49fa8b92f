"""An application from the first answer on: saving, and what may change when it came back."""

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.audit.models import AuditEvent
from marketplace.core.exceptions import DomainError, NotAllowed
from tests.factories import base, registration
from umkm.registration import services
from umkm.registration.models import ApplicationRound, VendorApplication
from umkm.registration.selectors import open_returns

pytestmark = pytest.mark.django_db


def save(application: VendorApplication, actor=None, version: int | None = None, **answers) -> VendorApplication:
    return services.save_answers(
        application_id=application.pk,
        actor=actor or application.owner,
        answers=answers,
        expected_version=version,
    )


class TestStarting:
    def test_a_draft_has_a_code_and_what_the_person_said_before(self):
        owner = base.UserFactory(name="Sri Wahyuni", phone="+6281234567890")
        application = services.start_application(owner=owner)
        assert application.status == "draft"
        assert application.code.startswith("UMKM-")
        assert application.code.endswith(f"{application.pk:06d}")
        assert application.owner_name == "Sri Wahyuni"
        assert application.phone == "+6281234567890"

    def test_starting_again_goes_on_with_the_same_draft(self):
        owner = base.UserFactory()
        first = services.start_application(owner=owner)
        assert services.start_application(owner=owner) == first
        assert AuditEvent.objects.filter(action="registration.started").count() == 1

    def test_a_second_business_may_be_registered_once_the_first_is_submitted(self):
        first = registration.submitted()
        assert services.start_application(owner=first.owner) != first

    def test_the_database_allows_one_draft_an_owner(self):
        first = registration.VendorApplicationFactory()
        with pytest.raises(IntegrityError), transaction.atomic():
            registration.VendorApplicationFactory(owner=first.owner)


class TestSaving:
    def test_only_what_is_given_changes(self):
        application = registration.VendorApplicationFactory(name="Lama", story="Cerita")
        save(application, name="Baru")
        application.refresh_from_db()
        assert (application.name, application.story, application.version) == ("Baru", "Cerita", 2)

    def test_saving_the_same_again_changes_nothing(self):
        application = registration.VendorApplicationFactory(name="Sama")
        save(application, name="Sama", categories=list(application.categories.all()))
        application.refresh_from_db()
        assert application.version == 1
        assert not AuditEvent.objects.filter(action="registration.saved").exists()

    def test_the_audit_names_fields_never_values(self):
        application = registration.VendorApplicationFactory()
        save(application, nik="3573015501800002")
        event = AuditEvent.objects.get(action="registration.saved")
        assert event.data == {"fields": ["nik"]}

    @pytest.mark.parametrize(
        "field, value", [("nik", "3573015501800002"), ("phone", "+628111"), ("npwp", "0123456789652000")]
    )
    def test_personal_numbers_are_encrypted_at_rest(self, field: str, value: str):
        application = registration.VendorApplicationFactory()
        save(application, **{field: value})
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {field} FROM registration_vendorapplication WHERE id = %s", [application.pk])
            stored = cursor.fetchone()[0]
        assert value not in stored
        application.refresh_from_db()
        assert getattr(application, field) == value

    def test_turnover_is_encrypted_at_rest(self):
        application = registration.VendorApplicationFactory()
        save(application, turnover=3_000_000_000)
        with connection.cursor() as cursor:
            cursor.execute("SELECT turnover FROM registration_vendorapplication WHERE id = %s", [application.pk])
            assert "3000000000" not in cursor.fetchone()[0]
        application.refresh_from_db()
        assert application.turnover == 3_000_000_000

    def test_no_nib_becomes_a_wish_for_assistance_and_an_nib_takes_it_back(self):
        application = registration.VendorApplicationFactory(nib="")
        save(application, has_no_nib=True)
        assert [kind.slug for kind in application.wants_assistance_with.all()] == ["nib"]
        save(application, nib="0000000000017", has_no_nib=False)
        assert not application.wants_assistance_with.exists()

    def test_another_person_is_refused_and_nothing_changes(self):
        application = registration.VendorApplicationFactory(name="Milik Sri")
        with pytest.raises(NotAllowed):
            save(application, actor=base.UserFactory(), name="Dicuri")
        application.refresh_from_db()
        assert application.name == "Milik Sri"

    def test_what_is_with_the_officer_is_closed(self):
        application = registration.submitted(name="Terkirim")
        with pytest.raises(NotAllowed):
            save(application, name="Berubah")
        application.refresh_from_db()
        assert application.name == "Terkirim"

    def test_a_change_from_another_device_is_told_and_nothing_is_lost(self):
        application = registration.VendorApplicationFactory(name="Satu")
        seen = application.version
        save(application, version=seen, name="Dua, dari laptop")
        with pytest.raises(DomainError) as caught:
            save(application, version=seen, name="Tiga, dari HP")
        assert caught.value.code == "application.stale"
        application.refresh_from_db()
        assert application.name == "Dua, dari laptop"


class TestReturned:
    def test_only_what_was_returned_may_change(self):
        application = registration.returned(reasons={"address": "RT berbeda dengan NIB."}, name="Tetap")
        with pytest.raises(DomainError) as caught:
            save(application, name="Lain")
        assert caught.value.code == "application.not_returned"
        save(application, address="Jl. Sanan 27 RT 3 RW 15")
        application.refresh_from_db()
        assert (application.name, application.address) == ("Tetap", "Jl. Sanan 27 RT 3 RW 15")

    def test_a_changed_answer_is_fixed_and_one_put_back_is_open_again(self):
        application = registration.returned(reasons={"address": "RT berbeda."}, address="Jl. Lama 1")
        save(application, address="Jl. Baru 2")
        assert open_returns(application)[0].is_resolved
        save(application, address="Jl. Lama 1")
        assert not open_returns(application)[0].is_resolved

    def test_a_returned_nib_may_become_none_at_all(self):
        application = registration.returned(reasons={"nib": "Tidak terdaftar di OSS."})
        save(application, nib="", has_no_nib=True)
        assert open_returns(application)[0].is_resolved

    def test_the_owner_may_answer_instead_of_changing(self):
        application = registration.returned(reasons={"address": "RT berbeda."})
        item = open_returns(application)[0]
        services.answer_return(
            application_id=application.pk, return_id=item.pk, actor=application.owner, answer="RT sudah dimekarkan."
        )
        assert open_returns(application)[0].is_resolved
        services.answer_return(application_id=application.pk, return_id=item.pk, actor=application.owner, answer=" ")
        assert not open_returns(application)[0].is_resolved

    def test_an_answer_to_somebody_elses_return_is_refused(self):
        mine = registration.returned(reasons={"address": "RT berbeda."})
        other = registration.returned(reasons={"name": "Salah."})
        with pytest.raises(DomainError):
            services.answer_return(
                application_id=mine.pk, return_id=open_returns(other)[0].pk, actor=mine.owner, answer="Benar."
            )
        assert not open_returns(other)[0].answer

    def test_what_was_submitted_stays_as_it_was(self):
        application = registration.returned(reasons={"address": "RT berbeda."}, address="Jl. Lama 1")
        save(application, address="Jl. Baru 2")
        first = ApplicationRound.objects.get(application=application, number=1)
        assert first.as_submitted["fields"]["address"] == "Jl. Lama 1"


class TestWithdrawing:
    def test_a_draft_takes_its_papers_along(self, django_capture_on_commit_callbacks):
        application = registration.draft()
        files = [(document.file.storage, document.file.name) for document in application.documents.all()]
        with django_capture_on_commit_callbacks(execute=True):
            services.withdraw_application(application_id=application.pk, actor=application.owner)
        application.refresh_from_db()
        assert application.status == "withdrawn"
        assert not application.documents.exists()
        assert not any(storage.exists(name) for storage, name in files)

    def test_what_an_officer_saw_keeps_its_papers(self):
        application = registration.submitted()
        services.withdraw_application(application_id=application.pk, actor=application.owner)
        application.refresh_from_db()
        assert application.status == "withdrawn"
        assert application.due_at is None
        assert application.documents.count() == 2

    def test_withdrawing_twice_is_fine(self):
        application = registration.submitted()
        for _time in range(2):
            services.withdraw_application(application_id=application.pk, actor=application.owner)
        assert AuditEvent.objects.filter(action="registration.withdrawn").count() == 1

    def test_nobody_else_can(self):
        application = registration.submitted()
        with pytest.raises(NotAllowed):
            services.withdraw_application(application_id=application.pk, actor=base.UserFactory())
        application.refresh_from_db()
        assert application.status == "submitted"

    def test_a_decision_stands(self):
        application = registration.submitted()
        VendorApplication.MACHINE.advance(application, "rejected", decided_at=application.submitted_at)
        with pytest.raises(NotAllowed):
            services.withdraw_application(application_id=application.pk, actor=application.owner)
