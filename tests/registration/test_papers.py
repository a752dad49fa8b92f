"""Adding, replacing and removing papers, and what officers keep of earlier rounds."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from marketplace.audit.models import AuditEvent
from marketplace.core.exceptions import DomainError, NotAllowed
from tests.factories import base, registration
from tests.factories.registration import attach, pdf, photo
from umkm.registration import papers
from umkm.registration.files import check_upload
from umkm.registration.models import LegalDocument, VendorApplication
from umkm.registration.selectors import open_returns

pytestmark = pytest.mark.django_db


@pytest.fixture
def application() -> VendorApplication:
    return registration.VendorApplicationFactory()


def detail(application: VendorApplication, slug: str, **details) -> LegalDocument:
    return papers.attach_document(
        application_id=application.pk, actor=application.owner, kind_slug=slug, checked=None, **details
    )


class TestAdding:
    def test_a_paper_is_stored_privately_under_a_name_that_tells_nothing(self, application, settings):
        document = attach(application, "ktp")
        path = document.file.path
        assert path.startswith(str(settings.PRIVATE_MEDIA_ROOT))
        assert not path.startswith(str(settings.MEDIA_ROOT))
        assert "ktp" not in document.file.name
        assert application.code not in document.file.name
        assert len(document.file.name.split("/")[-1]) > 30

    def test_it_belongs_to_the_coming_round(self, application):
        document = attach(application, "ktp")
        assert (document.round, document.is_current, document.uploaded_by) == (1, True, application.owner)

    def test_size_type_and_fingerprint_are_those_of_the_stored_file(self, application):
        document = attach(application, "nib", file=pdf())
        with document.file.open("rb") as file:
            content = file.read()
        checked = check_upload(pdf())
        assert document.content_type == "application/pdf"
        assert document.size == len(content)
        assert len(document.sha256) == len(checked.sha256) == 64

    def test_adding_takes_back_the_wish_for_assistance(self, application):
        papers.want_assistance(application_id=application.pk, actor=application.owner, kind_slug="halal", wants=True)
        attach(application, "halal")
        assert not application.wants_assistance_with.exists()

    def test_details_may_follow_without_the_file(self, application):
        first = attach(application, "pirt")
        second = detail(application, "pirt", number="2063573010001-31", expires_on=date(2031, 5, 12))
        assert first.pk == second.pk
        assert second.expires_on == date(2031, 5, 12)

    def test_details_without_any_file_are_refused(self, application):
        with pytest.raises(DomainError) as caught:
            detail(application, "pirt", number="2063573010001-31")
        assert caught.value.code == "document.no_file"

    def test_an_unknown_kind_is_refused(self, application):
        with pytest.raises(DomainError) as caught:
            attach(application, "paspor")
        assert caught.value.code == "document.kind"

    def test_nobody_else_can(self, application):
        with pytest.raises(NotAllowed):
            papers.attach_document(
                application_id=application.pk,
                actor=base.UserFactory(),
                kind_slug="ktp",
                checked=check_upload(photo()),
            )
        assert not LegalDocument.objects.exists()

    def test_what_is_with_the_officer_is_closed(self):
        submitted = registration.submitted()
        with pytest.raises(NotAllowed):
            attach(submitted, "halal")


class TestDates:
    def test_an_expired_paper_is_refused_with_its_date(self, application):
        yesterday = timezone.localdate() - timedelta(days=1)
        with pytest.raises(DomainError) as caught:
            attach(application, "pirt", expires_on=yesterday)
        assert (caught.value.code, caught.value.field) == ("document.expired", "expires_on")
        assert str(yesterday.year) in str(caught.value.message)
        assert not LegalDocument.objects.exists()

    def test_its_last_day_still_counts(self, application):
        assert attach(application, "pirt", expires_on=timezone.localdate()).is_expired is False

    def test_a_day_of_issue_ahead_is_refused(self, application):
        with pytest.raises(DomainError) as caught:
            attach(application, "pirt", issued_on=timezone.localdate() + timedelta(days=1))
        assert caught.value.code == "document.future"

    def test_an_end_before_the_beginning_is_refused(self, application):
        with pytest.raises(DomainError) as caught:
            attach(application, "pirt", issued_on=timezone.localdate(), expires_on=timezone.localdate())
        assert caught.value.code == "document.dates"


class TestReplacing:
    def test_what_nobody_saw_is_deleted_with_its_file(self, application, django_capture_on_commit_callbacks):
        first = attach(application, "ktp")
        storage, name = first.file.storage, first.file.name
        with django_capture_on_commit_callbacks(execute=True):
            second = attach(application, "ktp", file=photo(colour="#BBCCDD"))
        assert list(application.documents.all()) == [second]
        assert not storage.exists(name)

    def test_the_file_stays_when_the_transaction_does_not_commit(self, application):
        first = attach(application, "ktp")
        attach(application, "ktp", file=photo(colour="#BBCCDD"))
        assert first.file.storage.exists(first.file.name)

    def test_what_an_officer_saw_stays_readable(self):
        application = registration.returned(reasons={"document:ktp": "Buram."})
        old = application.documents.get(kind__slug="ktp")
        new = attach(application, "ktp", file=photo(colour="#BBCCDD"))
        old.refresh_from_db()
        assert (old.is_current, old.round) == (False, 1)
        assert (new.is_current, new.round) == (True, 2)
        assert old.file.storage.exists(old.file.name)
        assert open_returns(application)[0].is_resolved

    def test_only_returned_papers_may_be_replaced(self):
        application = registration.returned(reasons={"document:ktp": "Buram."})
        with pytest.raises(DomainError) as caught:
            attach(application, "nib")
        assert caught.value.code == "application.not_returned"
        assert application.documents.count() == 2

    def test_new_details_of_what_an_officer_saw_become_a_paper_of_their_own(self):
        category = base.category("kuliner/keripik-buah")
        registration.requirement(category, "pirt")
        application = registration.draft(categories=[category])
        attach(application, "pirt", number="2063573010001-26", expires_on=timezone.localdate() + timedelta(days=40))
        application = registration.send(application)
        old = application.documents.get(kind__slug="pirt")
        registration.give_back(application, {"document:pirt": "Nomornya salah."})
        new = detail(application, "pirt", number="2063573010001-31", expires_on=date(2031, 1, 1))
        old.refresh_from_db()
        assert old.number == "2063573010001-26"
        assert new.number == "2063573010001-31"
        assert new.sha256 == old.sha256
        assert new.file.name != old.file.name


class TestRemoving:
    def test_a_draft_loses_it(self, application, django_capture_on_commit_callbacks):
        document = attach(application, "ktp")
        with django_capture_on_commit_callbacks(execute=True):
            papers.remove_document(application_id=application.pk, actor=application.owner, kind_slug="ktp")
        assert not application.documents.exists()
        assert not document.file.storage.exists(document.file.name)

    def test_removing_what_is_gone_is_fine(self, application):
        papers.remove_document(application_id=application.pk, actor=application.owner, kind_slug="ktp")
        assert not AuditEvent.objects.filter(action="registration.document_removed").exists()

    def test_what_an_officer_saw_cannot_be_removed(self):
        application = registration.returned(reasons={"document:ktp": "Buram."})
        with pytest.raises(DomainError) as caught:
            papers.remove_document(application_id=application.pk, actor=application.owner, kind_slug="ktp")
        assert caught.value.code == "document.submitted"

    def test_removing_the_new_one_brings_the_old_one_back(self):
        application = registration.returned(reasons={"document:ktp": "Buram."})
        old = application.documents.get(kind__slug="ktp")
        attach(application, "ktp", file=photo(colour="#BBCCDD"))
        papers.remove_document(application_id=application.pk, actor=application.owner, kind_slug="ktp")
        old.refresh_from_db()
        assert old.is_current
        assert not open_returns(application)[0].is_resolved


class TestAssistance:
    def test_the_wish_is_kept_and_taken_back(self, application):
        for wants in (True, True, False):
            papers.want_assistance(
                application_id=application.pk, actor=application.owner, kind_slug="halal", wants=wants
            )
            assert application.wants_assistance_with.filter(slug="halal").exists() is wants
        actions = list(AuditEvent.objects.values_list("action", flat=True))
        assert actions.count("registration.assistance_wanted") == 1
        assert actions.count("registration.assistance_declined") == 1

    def test_nobody_can_do_without_an_identity_card(self, application):
        with pytest.raises(DomainError) as caught:
            papers.want_assistance(application_id=application.pk, actor=application.owner, kind_slug="ktp", wants=True)
        assert caught.value.code == "document.needed"

    def test_a_returned_permit_may_become_a_wish(self):
        category = base.category("kuliner/keripik-buah")
        registration.requirement(category, "halal")
        application = registration.draft(categories=[category])
        attach(application, "halal", number="ID35110000123451126")
        application = registration.send(application)
        registration.give_back(application, {"document:halal": "Itu nomor ketetapan."})
        papers.want_assistance(application_id=application.pk, actor=application.owner, kind_slug="halal", wants=True)
        assert open_returns(application)[0].is_resolved
