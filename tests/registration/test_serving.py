"""Opening private papers: by whom, with which headers, and that officers' looks are written down."""

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.audit.models import AuditEvent
from tests.factories import base, registration
from tests.factories.registration import attach, pdf
from tests.roles import sign_in
from umkm.registration.models import LegalDocument, VendorApplication

pytestmark = pytest.mark.django_db


@pytest.fixture
def application() -> VendorApplication:
    return registration.submitted()


@pytest.fixture
def paper(application) -> LegalDocument:
    return application.documents.get(kind__slug="ktp")


@pytest.fixture
def officer(application):
    return base.OfficerFactory(agency=application.agency)


def opened(client: Client, paper: LegalDocument):
    return client.get(reverse("registration:document", args=[paper.pk]))


def owner_of(application: VendorApplication) -> Client:
    return sign_in(Client(), application.owner)


def test_its_owner_opens_it_and_nothing_is_logged(application, paper):
    response = opened(owner_of(application), paper)
    with paper.file.open("rb") as file:
        assert b"".join(response.streaming_content) == file.read()
    assert response.headers["Content-Type"] == "image/jpeg"
    assert not AuditEvent.objects.filter(action="registration.document_viewed").exists()


def test_each_look_of_an_officer_is_written_down(paper, officer, application):
    client = sign_in(Client(), officer.user, second_factor=True)
    for _time in range(2):
        assert opened(client, paper).status_code == 200
    events = AuditEvent.objects.filter(action="registration.document_viewed")
    assert events.count() == 2
    assert events[0].actor == officer.user
    assert events[0].target_id == str(paper.pk)
    assert events[0].data["application"] == application.pk


def test_an_officer_needs_the_second_factor_here_too(paper, officer):
    assert opened(sign_in(Client(), officer.user), paper).status_code == 404


def test_another_regions_officer_finds_nothing(paper):
    elsewhere = base.OfficerFactory(agency=base.agency(base.BATU))
    assert opened(sign_in(Client(), elsewhere.user, second_factor=True), paper).status_code == 404
    assert not AuditEvent.objects.filter(action="registration.document_viewed").exists()


def test_a_dismissed_officer_finds_nothing(paper, officer):
    officer.is_active = False
    officer.save()
    assert opened(sign_in(Client(), officer.user, second_factor=True), paper).status_code == 404


def test_drafts_are_not_for_officers(officer):
    draft = registration.draft()
    VendorApplication.objects.filter(pk=draft.pk).update(agency=officer.agency)
    client = sign_in(Client(), officer.user, second_factor=True)
    assert opened(client, draft.documents.first()).status_code == 404


def test_a_fix_that_was_not_sent_yet_is_not_for_officers(officer, application):
    registration.give_back(application, {"document:ktp": "Buram."})
    new = attach(application, "ktp")
    client = sign_in(Client(), officer.user, second_factor=True)
    assert opened(client, new).status_code == 404
    assert opened(client, application.documents.get(kind__slug="ktp", round=1)).status_code == 200


def test_strangers_find_nothing_and_visitors_sign_in(paper):
    assert opened(sign_in(Client(), base.UserFactory()), paper).status_code == 404
    assert "login" in opened(Client(), paper).headers["Location"]


def test_a_paper_that_does_not_exist(application):
    assert owner_of(application).get(reverse("registration:document", args=[999_999])).status_code == 404


def test_nothing_in_a_paper_can_run_and_nobody_keeps_it(application, paper):
    headers = opened(owner_of(application), paper).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"] == 'inline; filename="ktp.jpg"'
    assert "no-store" in headers["Cache-Control"]
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "frame-ancestors 'self'" in policy
    assert "script-src" not in policy


def test_a_pdf_is_shown_by_the_browsers_own_viewer(application):
    draft = registration.VendorApplicationFactory()
    paper = attach(draft, "nib", file=pdf())
    headers = opened(owner_of(draft), paper).headers
    assert headers["Content-Type"] == "application/pdf"
    assert "sandbox" not in headers["Content-Security-Policy"]
    assert headers["Content-Disposition"] == 'inline; filename="nib.pdf"'


def test_a_preview_is_for_its_owner_alone(application, paper, officer):
    address = reverse("registration:document_preview", args=[paper.pk])
    response = owner_of(application).get(address)
    assert response.status_code == 200
    assert len(response.content) < paper.size
    assert sign_in(Client(), officer.user, second_factor=True).get(address).status_code == 404
    assert sign_in(Client(), base.UserFactory()).get(address).status_code == 404


def test_papers_are_not_among_the_public_media(paper, client, settings):
    assert client.get(f"{settings.MEDIA_URL}{paper.file.name}").status_code == 404


def test_a_paper_that_the_storage_has_lost_is_not_found_and_told_in_the_log(application, paper, caplog):
    paper.file.storage.delete(paper.file.name)
    client = owner_of(application)
    assert opened(client, paper).status_code == 404
    assert client.get(reverse("registration:document_preview", args=[paper.pk])).status_code == 404
    assert caplog.text.count(paper.file.name) == 2
