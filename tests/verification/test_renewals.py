"""Renewed papers: sent from the portal, decided by an officer of the agency, the older one holding meanwhile."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.storage import storages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from marketplace.audit.models import AuditEvent
from marketplace.core.exceptions import DomainError, IllegalTransition, NotAllowed
from marketplace.notifications.models import Notification
from marketplace.outbox.services import process_due
from tests.factories import base, registration
from tests.factories.vendors import VendorMemberFactory
from tests.factories.verification import officer as make_officer
from umkm.registration.files import check_upload
from umkm.registration.models import LegalDocument
from umkm.registration.selectors import public_badges
from umkm.vendors.models import Vendor, VendorMember
from umkm.verification import papers_clock, renewals
from umkm.verification.models import PaperRenewal

pytestmark = pytest.mark.django_db
NUMBER = "2063573010001-30"
ADMIN = "/admin/verifikasi/dokumen/"


def day(days: int):
    return timezone.localdate() + timedelta(days=days)


def old_paper(vendor: Vendor, days: int = 10, slug: str = "pirt") -> LegalDocument:
    return LegalDocument.objects.create(
        vendor=vendor, kind=registration.kind(slug), number="2063573010001-26", expires_on=day(days),
        content_type="image/jpeg", size=1, sha256="0" * 64, file="papers/x.jpg", uploaded_by=base.UserFactory(),
        checked_at=timezone.now(), checked_by=make_officer("Siti"),
    )  # fmt: skip


def send(scene, **details) -> PaperRenewal:
    registration.kind("pirt")
    details = {"number": NUMBER, "expires_on": day(900)} | details
    return renewals.send_renewal(
        vendor_id=scene.vendor.pk,
        actor=scene.vendor_owner,
        kind_slug="pirt",
        checked=check_upload(registration.photo()),
        **details,
    )


def posted(**fields):
    return {
        "pirt-file": registration.photo("pirt.jpg"),
        "pirt-number": NUMBER,
        "pirt-expires_on": day(900).isoformat(),
    } | fields


# --- the owner ---------------------------------------------------------------------------------------------------
def test_owner_sends_a_renewed_paper_from_the_portal_and_the_old_one_holds(scene, vendor_owner_client):
    old = old_paper(scene.vendor)
    address = f"/portal/{scene.vendor.slug}/dokumen/"
    page = vendor_owner_client.get(address).content.decode()
    assert "Kirim dokumen baru" in page
    response = vendor_owner_client.post(f"{address}pirt/", posted())
    assert response.status_code == 302
    renewal = PaperRenewal.objects.get()
    assert (renewal.status, renewal.vendor, renewal.document.number) == ("waiting", scene.vendor, NUMBER)
    assert renewal.due_at > timezone.now()
    old.refresh_from_db()
    assert old.is_current
    assert not renewal.document.is_current
    assert public_badges([scene.vendor.pk])[scene.vendor.pk][0].valid_until == old.expires_on
    assert "Petugas memeriksanya paling lambat" in vendor_owner_client.get(address).content.decode()


def test_a_good_photo_is_kept_when_the_number_is_wrong(scene, vendor_owner_client):
    old_paper(scene.vendor)
    address = f"/portal/{scene.vendor.slug}/dokumen/pirt/"
    wrong = vendor_owner_client.post(address, posted(**{"pirt-number": "123"}))
    assert wrong.status_code == 422
    assert "Fotomu tersimpan." in wrong.content.decode()
    assert PaperRenewal.objects.get().status == "draft"
    data = posted()
    del data["pirt-file"]
    assert vendor_owner_client.post(address, data).status_code == 302
    assert PaperRenewal.objects.get().status == "waiting"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"expires_on": day(-1)}, "document.expired"),
        ({"expires_on": None}, "document.incomplete"),
        ({"number": ""}, "document.incomplete"),
        ({"issued_on": day(3)}, "document.future"),
    ],
)
def test_an_expired_or_incomplete_paper_is_refused(scene, change, code):
    with pytest.raises(DomainError) as refused:
        send(scene, **change)
    assert refused.value.code == code
    assert not PaperRenewal.objects.filter(status="waiting").exists()


def test_a_paper_that_ran_out_is_refused_in_words_that_fit_its_page(scene, vendor_owner_client):
    registration.kind("pirt")
    address = f"/portal/{scene.vendor.slug}/dokumen/pirt/"
    response = vendor_owner_client.post(address, posted(**{"pirt-expires_on": day(-1).isoformat()}))
    assert response.status_code == 422
    html = response.content.decode()
    assert "Kirim yang sudah diperpanjang" in html
    assert "Kami dampingi" not in html, "assistance is chosen in a registration only"


def test_a_file_that_lies_is_refused_and_says_what_to_do(scene, vendor_owner_client):
    registration.kind("pirt")
    address = f"/portal/{scene.vendor.slug}/dokumen/pirt/"
    response = vendor_owner_client.post(address, posted(**{"pirt-file": registration.pdf("pirt.jpg")}))
    assert response.status_code == 422
    assert "PDF" in response.content.decode()
    assert not PaperRenewal.objects.exists()


def test_a_second_paper_waits_for_the_answer_about_the_first(scene):
    send(scene)
    with pytest.raises(DomainError) as refused:
        send(scene)
    assert refused.value.code == "renewal.waiting"


def test_owner_takes_a_paper_back(scene, vendor_owner_client):
    renewal = send(scene)
    vendor_owner_client.post(f"/portal/{scene.vendor.slug}/dokumen/{renewal.pk}/tarik/")
    renewal.refresh_from_db()
    assert renewal.status == "withdrawn"
    send(scene)


def test_staff_neither_see_nor_send_papers(scene, vendor_staff_client):
    address = f"/portal/{scene.vendor.slug}/dokumen/"
    registration.kind("pirt")
    assert vendor_staff_client.get(address).status_code == 403
    assert vendor_staff_client.post(f"{address}pirt/", posted()).status_code == 403
    with pytest.raises(NotAllowed):
        renewals.send_renewal(vendor_id=scene.vendor.pk, actor=scene.vendor_staff, kind_slug="pirt")


def test_identity_papers_are_not_renewed(scene, vendor_owner_client):
    registration.kind("ktp")
    assert vendor_owner_client.get(f"/portal/{scene.vendor.slug}/dokumen/ktp/").status_code == 404


# --- the officer -------------------------------------------------------------------------------------------------
def test_officer_approves_and_the_new_paper_takes_the_old_ones_place(scene, officer_client):
    old, renewal = old_paper(scene.vendor), send(scene)
    page = officer_client.get(f"{ADMIN}{renewal.pk}/").content.decode()
    assert renewal.document.get_absolute_url() in page
    assert scene.vendor.name in officer_client.get(ADMIN).content.decode()
    assert officer_client.post(f"{ADMIN}{renewal.pk}/", {"decision": "approve"}).status_code == 302
    old.refresh_from_db()
    renewal.refresh_from_db()
    document = LegalDocument.objects.get(pk=renewal.document_id)
    assert (old.is_current, document.is_current, renewal.status) == (False, True, "approved")
    assert document.checked_by == scene.officer.officer
    assert public_badges([scene.vendor.pk])[scene.vendor.pk][0].valid_until == document.expires_on
    assert Notification.objects.filter(user=scene.vendor_owner, kind="paper_approved").count() == 1
    process_due()
    assert any("beres" in mail_.subject for mail_ in mail.outbox)
    assert AuditEvent.objects.filter(action="renewals.approved", actor=scene.officer).exists()


def test_officer_returns_it_with_a_reason_and_the_old_one_stays(scene, officer_client):
    old, renewal = old_paper(scene.vendor), send(scene)
    empty = officer_client.post(f"{ADMIN}{renewal.pk}/", {"decision": "return", "reason": " "})
    assert empty.status_code == 422
    officer_client.post(f"{ADMIN}{renewal.pk}/", {"decision": "return", "reason": "Foto buram."})
    old.refresh_from_db()
    renewal.refresh_from_db()
    assert (old.is_current, renewal.status, renewal.reason) == (True, "returned", "Foto buram.")
    assert Notification.objects.filter(user=scene.vendor_owner, kind="paper_returned").count() == 1


def test_looking_at_the_paper_is_written_down(scene, officer_client):
    renewal = send(scene)
    assert officer_client.get(renewal.document.get_absolute_url()).status_code == 200
    seen = AuditEvent.objects.get(action="registration.document_viewed")
    assert (seen.actor, seen.target_id) == (scene.officer, str(renewal.document_id))


def test_a_paper_that_is_not_sent_is_private(scene, officer_client, vendor_owner_client):
    registration.kind("pirt")
    draft = renewals.keep_file(
        vendor_id=scene.vendor.pk,
        actor=scene.vendor_owner,
        kind_slug="pirt",
        checked=check_upload(registration.photo()),
    )
    assert officer_client.get(draft.document.get_absolute_url()).status_code == 404
    assert officer_client.get(f"{ADMIN}{draft.pk}/").status_code == 404
    assert vendor_owner_client.get(draft.document.get_absolute_url()).status_code == 200


def test_nobody_decides_about_their_own_shop(scene, officer_client):
    renewal = send(scene)
    VendorMemberFactory(vendor=scene.vendor, user=scene.officer, role=VendorMember.Role.STAFF)
    with pytest.raises(NotAllowed):
        renewals.approve_renewal(renewal_id=renewal.pk, officer=scene.officer.officer)
    officer_client.post(f"{ADMIN}{renewal.pk}/", {"decision": "approve"})
    renewal.refresh_from_db()
    assert renewal.status == "waiting"


def test_another_region_does_not_see_it(scene, other_officer_client):
    renewal = send(scene)
    assert other_officer_client.get(f"{ADMIN}{renewal.pk}/").status_code == 404
    with pytest.raises(NotAllowed):
        renewals.approve_renewal(renewal_id=renewal.pk, officer=scene.other_officer.officer)


def test_it_is_decided_once(scene):
    renewal = send(scene)
    renewals.return_renewal(renewal_id=renewal.pk, officer=scene.officer.officer, reason="Buram.")
    with pytest.raises(IllegalTransition):
        renewals.approve_renewal(renewal_id=renewal.pk, officer=scene.officer.officer)
    again = send(scene)
    renewals.approve_renewal(renewal_id=again.pk, officer=scene.officer.officer)
    renewals.approve_renewal(renewal_id=again.pk, officer=scene.officer.officer)
    assert Notification.objects.filter(user=scene.vendor_owner, kind="paper_approved").count() == 1


def test_the_list_asks_the_same_number_of_questions_for_more_rows(scene, officer_client):
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert officer_client.get(ADMIN).status_code == 200
        return len([each for each in captured if "paperrenewal" in each["sql"] or "legaldocument" in each["sql"]])

    send(scene)
    officer_client.get(ADMIN)
    one = count()
    for slug in ("halal", "merek"):
        renewals.send_renewal(
            vendor_id=scene.vendor.pk,
            actor=scene.vendor_owner,
            kind_slug=registration.kind(slug).slug,
            checked=check_upload(registration.photo()),
            number={"halal": "ID35110000012340125", "merek": "IDM000123456"}[slug],
            expires_on=day(900),
        )
    assert count() == one == 2


# --- the clock ---------------------------------------------------------------------------------------------------
def test_owners_are_reminded_once_at_each_stage_with_the_way_to_renew(scene):
    paper = old_paper(scene.vendor, days=20)
    assert papers_clock.remind_owners() == 1
    assert papers_clock.remind_owners() == 0
    told = Notification.objects.get(user=scene.vendor_owner, kind="paper_expiring")
    assert told.url == f"/portal/{scene.vendor.slug}/dokumen/pirt/"
    assert papers_clock.remind_owners(paper.expires_on - timedelta(days=6)) == 1
    assert papers_clock.remind_owners(paper.expires_on) == 0
    assert papers_clock.remind_owners(paper.expires_on + timedelta(days=1)) == 1
    assert papers_clock.remind_owners(paper.expires_on + timedelta(days=5)) == 0


def test_nobody_is_reminded_of_what_was_sent_already(scene):
    old_paper(scene.vendor, days=5)
    send(scene)
    assert papers_clock.remind_owners() == 0


def test_files_that_came_to_nothing_go_after_the_term(scene, settings):
    returned, kept = send(scene), None
    renewals.return_renewal(renewal_id=returned.pk, officer=scene.officer.officer, reason="Buram.")
    kept = send(scene)
    name = returned.document.file.name
    later = timezone.now() - timedelta(days=settings.PAPERS_KEPT_DAYS + 1)
    PaperRenewal.objects.filter(pk=returned.pk).update(decided_at=later)
    done = papers_clock.forget_old_files()
    assert done["renewals"] == 1
    returned.refresh_from_db()
    kept.refresh_from_db()
    assert (returned.document, kept.document is not None, returned.reason) == (None, True, "Buram.")
    assert not LegalDocument.objects.filter(file=name).exists()
    assert storages["private"] is not None
    assert papers_clock.forget_old_files()["renewals"] == 0
