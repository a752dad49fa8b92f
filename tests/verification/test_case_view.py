"""The case page: reading, checking, deciding; other regions get a 404; nothing is lost when something goes wrong."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from wagtail.admin.menu import admin_menu

from marketplace.audit.selectors import events_about
from tests.factories import base, registration
from tests.factories.verification import check, check_all, give_back, held_case, officer, send_again
from umkm.registration.models import FieldReturn, VendorApplication
from umkm.vendors.models import Vendor
from umkm.verification import services
from umkm.verification.models import Decision, FieldCheck

pytestmark = pytest.mark.django_db


def url(name: str, application, *more: str) -> str:
    return reverse(f"verification:{name}", args=[application.code, *more])


@pytest.fixture
def case(ratna):
    return held_case(ratna, name="Dapur Tempe Ngalup")


def version(application) -> int:
    return VendorApplication.objects.get(pk=application.pk).version


EVERY_ADDRESS = [
    ("GET", "case", ()),
    ("POST", "claim", ()),
    ("POST", "release", ()),
    ("GET", "hand_over", ()),
    ("POST", "hand_over", ()),
    ("POST", "check", ("owner",)),
    ("POST", "note", ()),
    ("POST", "identity", ()),
    ("GET", "approve", ()),
    ("POST", "approve", ()),
    ("GET", "return", ()),
    ("POST", "return", ()),
    ("GET", "reject", ()),
    ("POST", "reject", ()),
]


@pytest.mark.parametrize("method, name, more", EVERY_ADDRESS)
def test_another_regions_case_does_not_exist(heru_client, ratna, method, name, more):
    case = held_case(ratna)
    check_all(case, ratna)
    before = VendorApplication.objects.values().get(pk=case.pk)
    response = heru_client.generic(method, url(name, case, *more), {"version": case.version})
    assert response.status_code == 404
    html = response.content.decode()
    assert "Nomor ini tidak ditemukan di Kabupaten Malang" in html
    assert case.name not in html
    assert VendorApplication.objects.values().get(pk=case.pk) == before


def test_a_draft_does_not_exist_for_officers(ratna_client):
    assert ratna_client.get(url("case", registration.draft())).status_code == 404


def test_the_page_shows_the_work_and_the_papers(case, ratna_client):
    html = ratna_client.get(url("case", case)).content.decode()
    assert "Dapur Tempe Ngalup" in html
    assert "Pemilik sama dengan KTP" in html
    assert "Setujui terbuka setelah 4 lagi" in html
    paper = case.documents.get(kind__slug="ktp")
    assert paper.get_absolute_url() in html
    # Personal numbers keep their ends only.
    assert case.nik not in html
    assert "3573••••••••0001" in html


def test_only_one_paper_is_opened_at_a_time(case, ratna_client):
    ktp, nib = (case.documents.get(kind__slug=slug) for slug in ("ktp", "nib"))
    html = ratna_client.get(url("case", case), {"dok": "nib"}).content.decode()
    assert f'src="{nib.get_absolute_url()}"' in html
    assert f'src="{ktp.get_absolute_url()}"' not in html


def test_each_look_at_a_paper_is_written_down(case, ratna, ratna_client, heru_client):
    paper = case.documents.get(kind__slug="ktp")
    assert heru_client.get(paper.get_absolute_url()).status_code == 404
    assert not events_about(paper).exists()
    assert ratna_client.get(paper.get_absolute_url()).status_code == 200
    assert ratna_client.get(paper.get_absolute_url()).status_code == 200
    assert [event.actor for event in events_about(paper)] == [ratna.user] * 2


def test_showing_the_numbers_in_full_is_written_down(case, ratna, ratna_client):
    html = ratna_client.post(url("identity", case)).content.decode()
    assert case.nik in html
    event = next(event for event in events_about(case) if event.action == "verification.identity_shown")
    assert event.actor == ratna.user
    assert case.nik not in ratna_client.get(url("case", case)).content.decode()


def test_a_check_is_saved_and_the_next_one_opens(case, ratna_client):
    response = ratna_client.post(
        url("check", case, "owner"),
        {"version": case.version, "round": 1, "result": "ok", "source": "document", "evidence_text": "Cocok"},
    )
    assert response.status_code == 302
    assert response["Location"].endswith("#check-place")
    assert FieldCheck.objects.get().evidence == "Cocok"
    html = ratna_client.get(response["Location"]).content.decode()
    assert "1 dari 4 selesai" in html


def test_a_check_without_a_reason_loses_nothing(case, ratna_client):
    response = ratna_client.post(
        url("check", case, "place"),
        {"version": case.version, "result": "problem", "source": "visit", "evidence_text": "Rumah kosong"},
    )
    assert response.status_code == 422
    html = response.content.decode()
    assert "Tulis apa yang salah" in html
    assert "Rumah kosong" in html
    assert not FieldCheck.objects.exists()


@pytest.mark.parametrize(
    "file, says",
    [
        (SimpleUploadedFile("a.png", b"<script>alert(1)</script>", "image/png"), "foto"),
        (SimpleUploadedFile("a.pdf", b"not a pdf", "application/pdf"), "PDF"),
    ],
)
def test_evidence_that_is_no_picture_is_refused_in_words(case, ratna_client, file, says):
    file.seek(0)
    response = ratna_client.post(
        url("check", case, "owner"), {"version": case.version, "result": "ok", "evidence_file": file}
    )
    assert response.status_code == 422
    assert says.lower() in response.content.decode().lower()
    assert not FieldCheck.objects.exists()


def test_html_and_sql_in_a_reason_are_text(case, ratna, ratna_client):
    evil = "<script>alert(1)</script>'; DROP TABLE verification_fieldcheck;--"
    ratna_client.post(
        url("check", case, "place"), {"version": case.version, "result": "problem", "field": "address", "reason": evil}
    )
    assert FieldCheck.objects.get().reason == evil
    html = ratna_client.get(url("case", case)).content.decode()
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_evidence_opens_for_the_agency_and_is_written_down(case, ratna, ratna_client, heru_client):
    file = SimpleUploadedFile("oss.png", registration.photo_bytes(form="PNG"), "image/png")
    saved = check(case, ratna, "owner", evidence_file=file)
    address = url("evidence", case, str(saved.pk))
    assert heru_client.get(address).status_code == 404
    response = ratna_client.get(address)
    assert response.status_code == 200
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]
    events = [event for event in events_about(case) if event.action == "verification.evidence_viewed"]
    assert [event.actor for event in events] == [ratna.user]
    without = check(case, ratna, "place")
    assert ratna_client.get(url("evidence", case, str(without.pk))).status_code == 404


def test_what_is_not_taken_can_be_read_but_not_checked(ratna_client):
    case = registration.submitted()
    html = ratna_client.get(url("case", case)).content.decode()
    assert "Ambil kasus ini" in html
    assert 'name="result"' not in html
    response = ratna_client.post(url("check", case, "owner"), {"version": case.version, "result": "ok"})
    assert response.status_code == 422
    assert not FieldCheck.objects.exists()
    assert ratna_client.get(url("approve", case)).status_code == 302


def test_own_business_is_explained(ratna, ratna_client):
    case = registration.submitted(owner=ratna.user)
    html = ratna_client.get(url("case", case)).content.decode()
    assert "Anda terdaftar di usaha ini. Petugas lain yang memutus." in html
    assert 'id="officers-claim"' in html
    assert "Ambil kasus ini" not in html


# --- deciding ----------------------------------------------------------------------------------------------------
def test_approve_stays_closed_until_all_is_checked(case, ratna, ratna_client):
    assert 'aria-disabled="true"' in ratna_client.get(url("case", case)).content.decode()
    response = ratna_client.post(url("approve", case), {"version": case.version}, follow=True)
    assert "Setujui terbuka setelah 4 pemeriksaan lagi." in response.content.decode()
    assert not Vendor.objects.exists()
    check_all(case, ratna)
    assert 'aria-disabled="true"' not in ratna_client.get(url("case", case)).content.decode()


def test_approving_opens_the_shop_and_the_next_case(case, ratna, ratna_client):
    following = registration.submitted(name="Jenang")
    check_all(case, ratna)
    response = ratna_client.post(url("approve", case), {"version": case.version})
    assert response["Location"] == url("case", following)
    assert Vendor.objects.get().application == case
    html = ratna_client.get(response["Location"]).content.decode()
    assert "Dapur Tempe Ngalup disetujui dan buka. Berikutnya: Jenang." in html
    following.refresh_from_db()
    assert following.claimed_by == ratna


def test_the_letter_is_filled_from_the_failed_checks(case, ratna, ratna_client):
    check(case, ratna, "place", "problem", field="address", reason="RT di isian berbeda dengan NIB.")
    html = ratna_client.get(url("return", case)).content.decode()
    assert "RT di isian berbeda dengan NIB." in html
    assert '<option value="address" selected>' in html


def letter(application, *rows: tuple[str, str], **fields: str) -> dict[str, str]:
    data = {
        "version": str(version(application)),
        "fix_by": "2030-01-15",
        "letter": "",
        "reasons-TOTAL_FORMS": str(len(rows)),
        "reasons-INITIAL_FORMS": "0",
    }
    for index, (field, reason) in enumerate(rows):
        data |= {f"reasons-{index}-field": field, f"reasons-{index}-reason": reason}
    return data | fields


def test_returning_without_script(case, ratna_client):
    response = ratna_client.post(
        url("return", case),
        letter(case, ("address", "RT berbeda."), ("document:ktp", "Foto buram."), ("", ""), letter="Tinggal dua."),
    )
    assert response.status_code == 302
    case.refresh_from_db()
    assert case.status == VendorApplication.Status.RETURNED
    assert {item.field for item in FieldReturn.objects.all()} == {"address", "document:ktp"}
    assert Decision.objects.get().letter == "Tinggal dua."


@pytest.mark.parametrize(
    "rows, fields, says",
    [
        ([("", "")], {}, "paling sedikit satu alasan"),
        ([("address", "")], {}, "Tulis alasannya"),
        ([("", "Foto buram.")], {}, "Pilih apa yang harus diperbaiki"),
        ([("address", "RT berbeda.")], {"fix_by": "2020-01-01"}, "Pilih hari yang belum lewat"),
        ([("address", "RT berbeda.")], {"fix_by": "besok"}, ""),
    ],
)
def test_a_letter_that_is_not_right_loses_nothing(case, ratna_client, rows, fields, says):
    response = ratna_client.post(url("return", case), letter(case, *rows, **fields))
    assert response.status_code == 422
    html = response.content.decode()
    assert says in html
    for _field, reason in rows:
        assert reason in html
    case.refresh_from_db()
    assert case.status == VendorApplication.Status.IN_REVIEW


def test_rejecting_without_script(case, ratna_client):
    response = ratna_client.post(url("reject", case), {"version": case.version, "ground": "outside", "letter": ""})
    assert response.status_code == 422
    response = ratna_client.post(
        url("reject", case), {"version": case.version, "ground": "outside", "letter": "Usaha ada di Surabaya."}
    )
    assert response.status_code == 302
    case.refresh_from_db()
    assert case.status == VendorApplication.Status.REJECTED


def test_an_old_page_saves_nothing_and_shows_the_difference(case, ratna, ratna_client):
    seen = case.version
    give_back(case, ratna, {"address": "RT berbeda."})
    again = send_again(case, address="Jl. Sanan 27 RT 3 RW 15")
    services.claim_case(application_id=again.pk, officer=ratna)
    response = ratna_client.post(
        url("reject", case), {"version": seen, "round": "1", "ground": "forged", "letter": "Palsu."}
    )
    assert response.status_code == 409
    html = response.content.decode()
    assert "Keputusan belum disimpan: kasus berubah" in html
    assert '<span class="deletion">8</span>' in html
    assert f"Muat versi {version(case)}" in html
    assert Decision.objects.count() == 1
    response = ratna_client.post(url("check", case, "owner"), {"version": seen, "round": "1", "result": "ok"})
    assert response.status_code == 409
    assert not FieldCheck.objects.exists()


def test_handing_over_without_script(case, ratna_client):
    bagus = officer("Bagus Prasetyo")
    elsewhere = officer("Heru Cahyono", base.MALANG_REGENCY)
    response = ratna_client.post(url("hand_over", case), {"to_officer": elsewhere.pk})
    assert response.status_code == 422
    response = ratna_client.post(url("hand_over", case), {"to_officer": bagus.pk})
    assert response.status_code == 302
    case.refresh_from_db()
    assert case.claimed_by == bagus


def test_notes_are_for_colleagues(case, ratna_client):
    ratna_client.post(url("note", case), {"text": "Dapur bersih."})
    assert "Dapur bersih." in ratna_client.get(url("case", case)).content.decode()
    response = ratna_client.post(url("note", case), {"text": " "})
    assert response.status_code == 422
    assert case.notes.count() == 1


def test_rounds_stand_side_by_side(case, ratna, ratna_client):
    give_back(case, ratna, {"document:ktp": "Foto buram."})
    registration.attach(case, "ktp", file=registration.photo(colour="#FFFFFF"))
    again = send_again(case)
    html = ratna_client.get(url("case", again), {"dok": "ktp", "banding": ""}).content.decode()
    assert html.count("<figcaption>") == 2
    assert "Ronde 1" in html
    assert "Bandingkan" not in html
    assert "Hanya yang baru" in html
    assert "seperti dikirim" in html


def test_a_long_case_costs_as_many_queries_as_a_short_one(ratna, ratna_client, assert_own_queries):
    case = held_case(ratna)
    ratna_client.get(url("case", case))
    with assert_own_queries(QUERIES):
        ratna_client.get(url("case", case))
    for number in range(3):
        check_all(case, ratna)
        give_back(case, ratna, {"address": "RT berbeda."})
        case = send_again(case, address=f"Jl. Sanan 27 RT {number}")
        services.claim_case(application_id=case.pk, officer=ratna)
        services.add_note(application_id=case.pk, officer=ratna, text="Sudah ditelepon.")
    with assert_own_queries(QUERIES):
        ratna_client.get(url("case", case))


QUERIES = 14


def test_officers_see_only_their_own_tools(ratna, rf):
    request = rf.get("/admin/")
    request.user = ratna.user
    names = {item.name for item in admin_menu.menu_items_for_request(request)}
    assert names == {
        "queue",
        "renewals",
        "businesses",
        "moderation",
        "monitoring",
        "payouts",
        "search-words",
        "searches",
        "help",
    }


def test_nothing_of_ours_needs_inline_styles_or_scripts(case, ratna, ratna_client):
    check(case, ratna, "place", "problem", field="address", reason="RT berbeda.")
    for address in (
        url("case", case),
        url("return", case),
        "/admin/verifikasi/antrean/",
        "/admin/pemantauan/",
        "/admin/",
    ):
        html = ratna_client.get(address).content.decode()
        work = html[html.index('id="main"') :]
        assert " style=" not in work, address
        assert not re.search(r"\son\w+=", work), address
        assert "<script" not in work, address


def test_nobody_else_gets_in(editor_client, operator_client, buyer_client, visitor_client):
    for client in (editor_client, operator_client, buyer_client, visitor_client):
        assert client.get("/admin/verifikasi/antrean/").status_code in (302, 403)
