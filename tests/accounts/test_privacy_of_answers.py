"""Answers to forms, evidence and remarks: in the copy that a person takes along, and gone with them."""

import json

import pytest
from allauth.account.models import EmailAddress
from wagtail.contrib.forms.models import FormSubmission
from wagtail.models import Page

from cms.models import FormPage
from marketplace.accounts.own_data import erase_person, export_person
from tests.factories import registration, verification
from tests.factories.base import UserFactory
from umkm.registration.models import VendorApplication
from umkm.verification.models import CaseNote, FieldCheck
from umkm.verification.services import log_evidence_view

pytestmark = pytest.mark.django_db


@pytest.fixture
def rina():
    person = UserFactory(email="rina@example.com", name="Rina Ayu")
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


def answered(**fields: str) -> FormSubmission:
    page = FormPage.objects.first() or Page.get_first_root_node().add_child(
        instance=FormPage(title="Pengaduan", slug="pengaduan")
    )
    return FormSubmission.objects.create(page=page, form_data=fields)


def test_answers_of_forms_are_exported_and_erased_with_the_person(rina):
    own = answered(nama="Rina", surel="Rina@Example.com ", pesan="Paket rusak.")
    mentions = answered(nama="Budi", surel="budi@example.com", pesan="Tanya rina@example.com saja.")
    copy = json.dumps(export_person(user=rina), default=str)
    assert "Paket rusak." in copy
    assert "Tanya rina" not in copy
    erase_person(user_id=rina.pk)
    assert not FormSubmission.objects.filter(pk=own.pk).exists()
    assert FormSubmission.objects.filter(pk=mentions.pk).exists()


def test_evidence_and_remarks_go_and_the_result_of_the_check_stays(rina, django_capture_on_commit_callbacks):
    officer = verification.officer()
    case = verification.held_case(officer, owner=rina)
    check = verification.check(
        case, officer, "owner", evidence_text="Telepon diangkat Rina.", evidence_file=registration.photo()
    )
    CaseNote.objects.create(application=case, officer=officer, text="Rumah pagar hijau.")
    log_evidence_view(check=check, officer=officer)
    copy = json.dumps(export_person(user=rina), default=str)
    assert "Telepon diangkat Rina." in copy
    storage, name = check.evidence_file.storage, check.evidence_file.name
    VendorApplication.objects.filter(pk=case.pk).update(status="withdrawn", claimed_by=None, claimed_at=None)
    with django_capture_on_commit_callbacks(execute=True):
        erase_person(user_id=rina.pk)
    check = FieldCheck.objects.get(pk=check.pk)
    assert (check.result, check.evidence, bool(check.evidence_file)) == ("ok", "", False)
    assert not storage.exists(name)
    assert not CaseNote.objects.exists()
