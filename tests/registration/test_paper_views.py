"""Sending papers: with script one by one, without it all at once; what was typed stays whatever the file was."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.factories import base, registration
from tests.factories.registration import attach, photo, photo_bytes
from umkm.registration.models import VendorApplication

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def draft() -> VendorApplication:
    category = base.category("kuliner/keripik-buah")
    registration.requirement(category, "pirt")
    registration.requirement(category, "halal")
    return registration.VendorApplicationFactory(categories=[category])


@pytest.fixture
def client(draft) -> Client:
    client = Client()
    client.force_login(draft.owner)
    return client


def url(application: VendorApplication, name: str = "papers", kind: str = "") -> str:
    kwargs = {"code": application.code} | ({"kind": kind} if kind else {})
    return reverse(f"registration:{name}", kwargs=kwargs)


def current(application: VendorApplication, slug: str):
    return application.documents.current().filter(kind__slug=slug).first()


class TestWithScript:
    def test_a_photo_is_stored_and_its_tile_drawn_anew(self, client, draft):
        response = client.post(url(draft, "paper", "ktp"), {"ktp-file": photo()}, headers=HTMX)
        assert response.status_code == 200
        page = response.content.decode()
        document = current(draft, "ktp")
        assert "data-upload-tile" in page
        assert reverse("registration:document_preview", args=[document.pk]) in page
        assert "<html" not in page

    @pytest.mark.parametrize(
        "file, words",
        [
            (SimpleUploadedFile("ktp.jpg", photo_bytes() + b"\0" * (20 << 20)), "20 MB"),
            (SimpleUploadedFile("ktp.jpg", b"MZ" + b"\0" * 400), "JPG, PNG"),
            (SimpleUploadedFile("ktp.pdf", photo_bytes()), "PDF"),
        ],
        ids=["20 MB", "program", "lies"],
    )
    def test_a_bad_file_is_told_in_its_tile(self, client, draft, file, words: str):
        response = client.post(url(draft, "paper", "ktp"), {"ktp-file": file}, headers=HTMX)
        assert response.status_code == 422
        page = response.content.decode()
        assert "upload-tile--bad" in page
        assert words in page
        assert current(draft, "ktp") is None

    def test_a_bad_file_leaves_the_good_one_that_was_there(self, client, draft):
        good = attach(draft, "ktp")
        client.post(url(draft, "paper", "ktp"), {"ktp-file": SimpleUploadedFile("x.jpg", b"no")}, headers=HTMX)
        assert current(draft, "ktp") == good

    def test_a_dark_photo_is_kept_with_a_hint(self, client, draft):
        response = client.post(url(draft, "paper", "ktp"), {"ktp-file": photo(colour="#0A0A0A")}, headers=HTMX)
        assert response.status_code == 200
        assert current(draft, "ktp").quality_hint == "dark"
        assert "upload-tile--bad" in response.content.decode()

    def test_a_new_photo_keeps_number_and_dates(self, client, draft):
        attach(draft, "pirt", number="2063573010001-31", expires_on=date(2031, 5, 12))
        client.post(url(draft, "paper", "pirt"), {"pirt-file": photo(colour="#BBCCDD")}, headers=HTMX)
        document = current(draft, "pirt")
        assert (document.number, document.expires_on) == ("2063573010001-31", date(2031, 5, 12))

    def test_the_photo_of_a_renewed_paper_drops_the_day_that_has_passed(self, client, draft):
        document = attach(draft, "pirt", number="2063573010001-26", expires_on=date(2031, 5, 12))
        type(document).objects.filter(pk=document.pk).update(expires_on=date(2026, 1, 1))
        response = client.post(url(draft, "paper", "pirt"), {"pirt-file": photo(colour="#BBCCDD")}, headers=HTMX)
        assert response.status_code == 200
        assert current(draft, "pirt").expires_on is None

    def test_wanting_assistance_and_having_it_after_all(self, client, draft):
        page = client.post(url(draft, "paper_help", "halal"), {"wants": "1"}, headers=HTMX).content.decode()
        assert "upload-tile--helped" in page
        page = client.post(url(draft, "paper_help", "halal"), {"wants": "0"}, headers=HTMX).content.decode()
        assert "upload-tile--empty" in page

    def test_removing(self, client, draft):
        attach(draft, "ktp")
        page = client.post(url(draft, "paper_remove", "ktp"), headers=HTMX).content.decode()
        assert "upload-tile--empty" in page
        assert current(draft, "ktp") is None

    def test_too_many_uploads_are_slowed_down_and_lose_nothing(self, client, draft, settings):
        settings.RATELIMIT_ENABLE = True
        settings.THROTTLE_RATES = {"registration-upload": "2/h"}
        statuses = [
            client.post(url(draft, "paper", "ktp"), {"ktp-file": photo()}, headers=HTMX).status_code
            for _time in range(3)
        ]
        assert statuses == [200, 200, 429]
        assert current(draft, "ktp") is not None

    def test_another_persons_papers_do_not_exist(self, client):
        other = registration.VendorApplicationFactory()
        for name in ("paper", "paper_help", "paper_remove"):
            assert client.post(url(other, name, "ktp"), {"ktp-file": photo()}, headers=HTMX).status_code == 404
        assert not other.documents.exists()

    def test_a_kind_that_nobody_asked_for_does_not_exist(self, client, draft):
        registration.kind("bpom_md")
        assert client.post(url(draft, "paper", "bpom_md"), {"bpom_md-file": photo()}, headers=HTMX).status_code == 404
        assert client.post(url(draft, "paper", "paspor"), {"paspor-file": photo()}, headers=HTMX).status_code == 404


class TestWithoutScript:
    def test_everything_goes_with_one_form(self, client, draft):
        response = client.post(
            url(draft),
            {
                "ktp-file": photo(),
                "nib-file": registration.pdf(),
                "pirt-file": photo(),
                "pirt-number": "206357301000131",
                "pirt-expires_on": "2031-05-12",
                "halal-file": photo(),
                "halal-number": "ID35110000123451126",
            },
        )
        assert response.headers["Location"] == url(draft, "review")
        kinds = set(draft.documents.current().values_list("kind__slug", flat=True))
        assert kinds == {"ktp", "nib", "pirt", "halal"}
        assert current(draft, "pirt").number == "2063573010001-31"

    def test_a_good_photo_stays_when_its_number_was_mistyped(self, client, draft):
        response = client.post(
            url(draft), {"pirt-file": photo(), "pirt-number": "123", "pirt-expires_on": "2031-05-12"}
        )
        assert response.status_code == 422
        document = current(draft, "pirt")
        assert (document.number, document.expires_on) == ("", date(2031, 5, 12))
        page = response.content.decode()
        assert 'value="123"' in page
        assert 'href="#id_pirt-number"' in page

    def test_an_expired_paper_is_told_with_the_typed_date_kept(self, client, draft):
        response = client.post(
            url(draft), {"pirt-file": photo(), "pirt-number": "206357301000131", "pirt-expires_on": "2020-01-31"}
        )
        assert response.status_code == 422
        page = response.content.decode()
        assert "2020" in page
        assert 'value="2020-01-31"' in page
        assert current(draft, "pirt").number == "2063573010001-31"
        assert current(draft, "pirt").expires_on is None

    @pytest.mark.parametrize("text", ["<script>alert(1)</script>", "' OR 1=1 --", "x" * 41])
    def test_html_and_sql_are_refused_as_numbers_and_shown_harmless(self, client, draft, text: str):
        response = client.post(url(draft), {"pirt-file": photo(), "pirt-number": text})
        assert response.status_code == 422
        assert "<script>alert(1)" not in response.content.decode()
        assert current(draft, "pirt").number == ""

    def test_a_number_without_a_file_is_told(self, client, draft):
        response = client.post(url(draft), {"halal-number": "ID35110000123451126"})
        assert response.status_code == 422
        assert 'value="ID35110000123451126"' in response.content.decode()

    def test_a_tiles_button_keeps_what_was_filled_in_elsewhere(self, client, draft):
        response = client.post(url(draft, "paper_help", "halal"), {"wants": "1", "ktp-file": photo()})
        assert response.headers["Location"].startswith(url(draft))
        assert current(draft, "ktp") is not None
        assert draft.wants_assistance_with.filter(slug="halal").exists()

    def test_leaving_keeps_the_papers(self, client, draft):
        response = client.post(url(draft), {"exit": "1", "ktp-file": photo()})
        assert response.headers["Location"] == reverse("registration:start")
        assert current(draft, "ktp") is not None

    def test_going_on_without_papers_is_fine_the_review_tells(self, client, draft):
        assert client.post(url(draft), {}).headers["Location"] == url(draft, "review")


def test_the_page_names_what_is_needed_and_what_is_not(client, draft):
    registration.requirement(base.category("kuliner/bakso"), "bpom_md")
    page = client.get(url(draft)).content.decode()
    for slug in ("ktp", "nib", "pirt", "halal"):
        assert f'id="paper-{slug}"' in page
    assert 'id="paper-bpom_md"' not in page
    assert "Izin edar BPOM MD" in page


def test_the_number_of_queries_does_not_grow(client, draft, assert_own_queries):
    client.get(url(draft))
    with assert_own_queries(7):
        client.get(url(draft))
    for slug in ("ktp", "nib", "pirt", "halal"):
        attach(draft, slug)
    with assert_own_queries(7):
        client.get(url(draft))
