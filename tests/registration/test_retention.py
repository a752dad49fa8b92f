"""Papers of registrations that came to nothing go after the term; what is under way or approved stays."""

import os
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone

from marketplace.audit.models import AuditEvent
from tests.factories import registration
from umkm.registration.models import LegalDocument, VendorApplication
from umkm.registration.retention import forget_old_papers

pytestmark = pytest.mark.django_db
Status = VendorApplication.Status


@pytest.fixture
def long_ago(settings):
    return timezone.now() - timedelta(days=settings.PAPERS_KEPT_DAYS + 1)


def aged(application: VendorApplication, when, **fields) -> VendorApplication:
    """As if everything had happened `when`."""
    VendorApplication.objects.filter(pk=application.pk).update(saved_at=when, **fields)
    application.refresh_from_db()
    return application


def papers(application: VendorApplication) -> list[LegalDocument]:
    return list(LegalDocument.objects.filter(application_id=application.pk))


def test_papers_of_a_rejected_registration_go_and_the_record_stays(long_ago, django_capture_on_commit_callbacks):
    application = registration.submitted()
    files = [(paper.file.storage, paper.file.name) for paper in papers(application)]
    assert files
    aged(application, long_ago, status=Status.REJECTED, decided_at=long_ago, submitted_at=long_ago)
    with django_capture_on_commit_callbacks(execute=True):
        assert forget_old_papers()["registrations"] == 1
    assert papers(application) == []
    assert not any(storage.exists(name) for storage, name in files)
    application.refresh_from_db()
    assert application.status == Status.REJECTED
    assert application.name
    event = AuditEvent.objects.get(action="registration.papers_forgotten")
    assert event.data == {"papers": len(files), "status": "rejected"}
    assert forget_old_papers()["registrations"] == 0


def test_an_abandoned_draft_goes_whole(long_ago):
    application = registration.draft()
    registration.attach(application, "ktp")
    aged(application, long_ago)
    assert forget_old_papers()["drafts"] == 1
    assert not VendorApplication.objects.filter(pk=application.pk).exists()
    assert not LegalDocument.objects.exists()


def test_a_registration_that_its_owner_never_fixed_is_closed(long_ago):
    application = registration.returned(reasons={"nib": "Tidak cocok."})
    aged(application, long_ago, submitted_at=long_ago)
    assert forget_old_papers()["registrations"] == 1
    application.refresh_from_db()
    assert (application.status, papers(application)) == (Status.WITHDRAWN, [])


def test_what_is_young_waiting_or_approved_stays(long_ago):
    young = registration.draft()
    registration.attach(young, "ktp")
    waiting = aged(registration.submitted(), long_ago, submitted_at=long_ago)
    approved = registration.submitted()
    aged(approved, long_ago, status=Status.APPROVED, decided_at=long_ago, submitted_at=long_ago)
    done = forget_old_papers()
    assert (done["drafts"], done["registrations"]) == (0, 0)
    assert all(papers(application) for application in (young, waiting, approved))


def test_files_without_a_row_go_once_they_are_old():
    storage = storages["private"]
    kept = registration.attach(registration.draft(), "ktp")
    old, young = (storage.save(f"papers/zz/{name}.jpg", ContentFile(b"x")) for name in ("old", "young"))
    two_days_ago = (timezone.now() - timedelta(days=2)).timestamp()
    for name in (old, kept.file.name):
        os.utime(storage.path(name), (two_days_ago, two_days_ago))
    assert forget_old_papers()["stray_files"] >= 1
    assert [storage.exists(name) for name in (old, young, kept.file.name)] == [False, True, True]


def test_the_consent_names_the_term(client, settings):
    settings.PAPERS_KEPT_DAYS = 123
    application = registration.draft()
    for slug in ("ktp", "nib"):
        registration.attach(application, slug)
    client.force_login(application.owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(f"/daftar-umkm/{application.code}/kirim/", follow=True)
    assert "123 hari" in page.content.decode()
