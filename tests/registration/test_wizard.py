"""The wizard's pages: each step saved, nothing lost, resumed elsewhere, other people's drafts unseen."""

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.reference.models import Kbli
from tests.factories import base, registration
from umkm.registration import services
from umkm.registration.models import VendorApplication

pytestmark = pytest.mark.django_db

HTML_AND_SQL = "\"><script>alert(1)</script>'; DROP TABLE users; --"
IDENTITY = {
    "owner_name": "Sri Wahyuni",
    "nik": "3573014501800001",
    "phone": "0812 3456 7890",
    "nib": "0000000000017",
    "npwp": "",
}


@pytest.fixture
def owner():
    return base.UserFactory()


@pytest.fixture
def client(owner) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def draft(owner) -> VendorApplication:
    base.agency()
    return services.start_application(owner=owner)


def url(application: VendorApplication, name: str) -> str:
    return reverse(f"registration:{name}", kwargs={"code": application.code})


def business_answers(**changes) -> dict:
    registration.kinds()
    return {
        "name": "Dapur Tempe Ngalup",
        "story": "Dari gang Sanan.",
        "categories": [str(base.category().pk)],
        "subsector": "",
        "kbli": "",
        "village": base.village().code,
        "address": "Jl. Sanan 27",
        "position": "",
        "size_class": "micro",
        "founded_year": "2011",
        "turnover": "",
        **changes,
    }


class TestStart:
    def test_visitors_read_what_to_have_at_hand_and_get_no_cookie(self):
        response = Client().get(reverse("registration:start"))
        assert response.status_code == 200
        assert not response.cookies
        page = response.content.decode()
        assert f"{reverse('account_signup')}?next={reverse('registration:start')}" in page
        assert "csrfmiddlewaretoken" not in page

    def test_owners_see_what_they_began_and_nothing_of_others(self, client, draft):
        other = registration.VendorApplicationFactory(name="Milik orang")
        page = client.get(reverse("registration:start")).content.decode()
        assert draft.code in page
        assert other.code not in page

    def test_the_number_of_queries_does_not_grow(self, client, owner, assert_own_queries):
        registration.submitted(owner=owner)
        client.get(reverse("registration:start"))
        with assert_own_queries(1):
            client.get(reverse("registration:start"))
        registration.submitted(owner=owner)
        registration.submitted(owner=owner)
        with assert_own_queries(1):
            client.get(reverse("registration:start"))

    def test_beginning_leads_to_the_first_step(self, client, owner):
        response = client.post(reverse("registration:begin"))
        application = VendorApplication.objects.get(owner=owner)
        assert response.headers["Location"] == url(application, "identity")

    def test_too_many_beginnings_are_slowed_down(self, client, settings):
        settings.RATELIMIT_ENABLE = True
        settings.THROTTLE_RATES = {"registration-start": "2/h"}
        statuses = [client.post(reverse("registration:begin")).status_code for _time in range(3)]
        assert statuses == [302, 302, 429]


class TestIdentity:
    def test_saved_it_leads_to_the_next_step(self, client, draft):
        response = client.post(url(draft, "identity"), IDENTITY | {"version": draft.version})
        assert response.headers["Location"] == url(draft, "business")
        draft.refresh_from_db()
        assert (draft.nik, draft.phone, draft.nib) == ("3573014501800001", "+6281234567890", "0000000000017")

    def test_a_nik_of_fifteen_digits_is_told_and_the_rest_is_kept(self, client, draft):
        response = client.post(url(draft, "identity"), IDENTITY | {"nik": "357301450180001"})
        assert response.status_code == 422
        page = response.content.decode()
        assert 'value="357301450180001"' in page
        assert 'href="#id_nik"' in page
        draft.refresh_from_db()
        assert (draft.nib, draft.nik) == ("0000000000017", None)

    def test_neither_nib_nor_the_wish_for_one_is_told(self, client, draft):
        response = client.post(url(draft, "identity"), IDENTITY | {"nib": ""})
        assert "nib" in response.context["form"].errors
        response = client.post(url(draft, "identity"), IDENTITY | {"nib": "", "has_no_nib": "on"})
        assert response.status_code == 302
        draft.refresh_from_db()
        assert draft.has_no_nib

    def test_it_goes_on_on_another_device(self, client, owner, draft):
        client.post(url(draft, "identity"), IDENTITY)
        phone = Client()
        phone.force_login(owner)
        response = phone.get(reverse("registration:status", kwargs={"code": draft.code}))
        assert response.headers["Location"] == url(draft, "business")
        assert 'value="3573014501800001"' in phone.get(url(draft, "identity")).content.decode()

    def test_leaving_keeps_what_is_right(self, client, draft):
        response = client.post(url(draft, "identity"), IDENTITY | {"nik": "1", "exit": "1"})
        assert response.headers["Location"] == reverse("registration:start")
        draft.refresh_from_db()
        assert draft.owner_name == "Sri Wahyuni"

    def test_a_form_that_saves_itself_gets_the_new_version(self, client, draft):
        response = client.post(
            url(draft, "identity"),
            IDENTITY | {"version": draft.version},
            headers={"X-Requested-With": "XMLHttpRequest"},
        )
        draft.refresh_from_db()
        assert response.status_code == 204
        assert response.headers["X-Version"] == str(draft.version)

    def test_another_device_was_faster(self, client, draft):
        services.save_identity(application_id=draft.pk, actor=draft.owner, answers={"owner_name": "Dari laptop"})
        response = client.post(url(draft, "identity"), IDENTITY | {"version": draft.version})
        assert response.status_code == 422
        page = response.content.decode()
        assert 'value="3573014501800001"' in page
        draft.refresh_from_db()
        assert draft.owner_name == "Dari laptop"
        assert f'name="version" value="{draft.version}"' in page
        assert client.post(url(draft, "identity"), IDENTITY | {"version": draft.version}).status_code == 302

    def test_personal_pages_are_kept_by_no_cache(self, client, draft):
        assert "no-store" in client.get(url(draft, "identity")).headers["Cache-Control"]


class TestBusiness:
    def test_saved_it_leads_to_the_papers(self, client, draft):
        Kbli.objects.get_or_create(code="10794", version=2020, defaults={"title": "Industri keripik"})
        response = client.post(
            url(draft, "business"),
            business_answers(kbli="10794", position="-7.954127, 112.644462", turnover="120 juta"),
        )
        assert response.headers["Location"] == url(draft, "papers")
        draft.refresh_from_db()
        assert draft.name == "Dapur Tempe Ngalup"
        assert draft.village == base.village()
        assert draft.kbli.code == "10794"
        assert f"{draft.latitude} {draft.longitude}" == "-7.954127 112.644462"
        assert draft.turnover == 120_000_000
        assert list(draft.categories.all()) == [base.category()]

    def test_the_sub_sector_follows_from_what_is_sold(self, client, draft):
        client.post(url(draft, "business"), business_answers())
        draft.refresh_from_db()
        assert draft.subsector == base.category().subsector

    @pytest.mark.parametrize(
        "field, value",
        [
            ("name", "ab"),
            ("categories", []),
            ("categories", ["999999"]),
            ("categories", ["' OR 1=1 --"]),
            ("village", "99.99.99.9999"),
            ("village", ""),
            ("village", HTML_AND_SQL),
            ("position", HTML_AND_SQL),
            ("kbli", HTML_AND_SQL),
            ("size_class", "raksasa"),
            ("founded_year", "1799"),
            ("founded_year", "2999"),
            ("founded_year", "dulu"),
            ("turnover", HTML_AND_SQL),
            ("turnover", "-5"),
            ("subsector", "' OR 1=1 --"),
            ("story", "x" * 1501),
            ("address", "x" * 256),
        ],
    )
    def test_what_cannot_be_is_told_at_its_field(self, client, draft, field: str, value):
        response = client.post(url(draft, "business"), business_answers(**{field: value}))
        assert response.status_code == 422
        assert field in response.context["form"].errors
        draft.refresh_from_db()
        assert draft.size_class == "micro"

    @pytest.mark.parametrize("field", ["name", "story", "address"])
    def test_html_and_sql_are_words_like_others(self, client, draft, field: str):
        client.post(url(draft, "business"), business_answers(**{field: HTML_AND_SQL}))
        draft.refresh_from_db()
        assert getattr(draft, field) == HTML_AND_SQL
        for page in ("business", "review"):
            text = client.get(url(draft, page)).content.decode()
            assert "<script>alert(1)" not in text
            assert "&lt;script&gt;alert(1)" in text

    def test_a_null_character_is_refused(self, client, draft):
        response = client.post(url(draft, "business"), business_answers(name="Dapur\x00Tempe"))
        assert "name" in response.context["form"].errors

    def test_more_than_eight_categories_are_too_many(self, client, draft):
        many = [str(base.category(f"kriya/benda-{number}").pk) for number in range(9)]
        response = client.post(url(draft, "business"), business_answers(categories=many))
        assert "9" in response.context["form"].errors["categories"][0]

    def test_the_village_list_is_cut_down_to_a_district(self, client, draft):
        base.village("35.73.01.1002"), base.village("35.73.02.1001")
        page = client.get(reverse("registration:villages"), {"district": "35.73.02"}).content.decode()
        assert "35.73.02.1001" in page
        assert "35.73.01.1002" not in page

    def test_without_script_every_village_can_be_chosen_at_once(self, client, draft):
        base.village("35.73.01.1002"), base.village("35.73.02.1001")
        page = client.get(url(draft, "business")).content.decode()
        assert 'value="35.73.01.1002"' in page
        assert 'value="35.73.02.1001"' in page

    def test_villages_without_an_agency_are_not_offered(self, client, draft):
        base.village("35.79.01.1001")
        page = client.get(reverse("registration:villages")).content.decode()
        assert "35.79.01.1001" not in page

    def test_kbli_codes_are_found_by_word_and_code(self, client, draft):
        Kbli.objects.all().delete()
        Kbli.objects.create(code="10794", version=2020, title="Industri kerupuk dan keripik")
        Kbli.objects.create(code="13134", version=2020, title="Industri batik")
        for query, found in (("keripik", "10794"), ("131", "13134"), ("industri batik", "13134")):
            page = client.get(reverse("registration:kbli"), {"kbli": query}).content.decode()
            assert found in page
            assert page.count("<option") == 1

    def test_the_number_of_queries_does_not_grow(self, client, draft, assert_own_queries):
        client.post(url(draft, "business"), business_answers())
        client.get(url(draft, "business"))
        with assert_own_queries(7):
            client.get(url(draft, "business"))
        for number in range(5):
            base.category(f"kriya/benda-{number}")
        base.village("35.73.02.1001")
        with assert_own_queries(7):
            client.get(url(draft, "business"))


class TestReviewAndSubmit:
    def test_gaps_are_listed_with_the_way_to_mend_them(self, client, draft):
        page = client.get(url(draft, "review")).content.decode()
        assert f'href="{url(draft, "identity")}#id_nik"' in page
        assert f'href="{url(draft, "business")}#id_name"' in page

    def test_with_gaps_the_last_step_leads_back(self, client, draft):
        assert client.get(url(draft, "submit")).headers["Location"] == url(draft, "review")
        assert client.post(url(draft, "submit"), {"consents": "on"}).headers["Location"] == url(draft, "review")
        draft.refresh_from_db()
        assert draft.status == "draft"

    def test_consent_is_asked_for(self, client, owner):
        application = registration.draft(owner=owner)
        base.agency()
        response = client.post(url(application, "submit"), {"version": application.version})
        assert response.status_code == 422
        assert "consents" in response.context["form"].errors

    def test_submitted_it_shows_how_it_stands(self, client, owner):
        application = registration.draft(owner=owner)
        base.agency()
        response = client.post(
            url(application, "submit"), {"version": application.version, "consents": "on"}, follow=True
        )
        assert response.redirect_chain[-1][0] == application.get_absolute_url()
        application.refresh_from_db()
        assert application.status == "submitted"
        assert application.agency.name in response.content.decode()

    def test_a_region_without_agency_is_told(self, client, owner):
        application = registration.draft(owner=owner)
        response = client.post(url(application, "submit"), {"version": application.version, "consents": "on"})
        assert response.status_code == 422
        application.refresh_from_db()
        assert application.status == "draft"

    @pytest.mark.parametrize("step", ["identity", "business", "papers", "review", "submit", "correct"])
    def test_once_submitted_the_steps_are_closed(self, client, owner, step: str):
        application = registration.submitted(owner=owner)
        assert client.get(url(application, step)).headers["Location"] == application.get_absolute_url()
        client.post(url(application, step), IDENTITY | {"consents": "on"})
        application.refresh_from_db()
        assert application.version == 4

    def test_the_number_of_queries_of_the_review_does_not_grow(self, client, owner, assert_own_queries):
        application = registration.draft(owner=owner)
        client.get(url(application, "review"))
        with assert_own_queries(6):
            client.get(url(application, "review"))
        registration.attach(application, "npwp")
        registration.attach(application, "merek")
        application.categories.add(base.category("kriya/benda"))
        with assert_own_queries(6):
            client.get(url(application, "review"))


class TestStatusAndWithdrawing:
    def test_a_returned_one_shows_the_reasons_and_the_way_to_fix_them(self, client, owner):
        application = registration.returned(owner=owner, reasons={"address": "RT berbeda dengan NIB."})
        page = client.get(application.get_absolute_url()).content.decode()
        assert "RT berbeda dengan NIB." in page
        assert "Terima kasih, tinggal sedikit lagi." in page
        assert url(application, "correct") in page

    def test_an_approved_one_leads_to_the_shop(self, client, owner):
        application = registration.submitted(owner=owner)
        VendorApplication.MACHINE.advance(application, "approved", decided_at=application.submitted_at)
        assert 'href="/portal/"' in client.get(application.get_absolute_url()).content.decode()

    def test_a_rejected_one_says_why_and_how_to_object(self, client, owner):
        application = registration.submitted(owner=owner)
        VendorApplication.MACHINE.advance(
            application, "rejected", decided_at=application.submitted_at, letter="Bukan usaha di wilayah ini."
        )
        page = client.get(application.get_absolute_url()).content.decode()
        assert "Bukan usaha di wilayah ini." in page
        assert application.agency.name in page

    def test_withdrawing_asks_once_more(self, client, owner):
        application = registration.submitted(owner=owner)
        assert client.get(url(application, "withdraw")).status_code == 200
        application.refresh_from_db()
        assert application.status == "submitted"
        client.post(url(application, "withdraw"))
        application.refresh_from_db()
        assert application.status == "withdrawn"

    def test_a_decided_one_cannot_be_withdrawn(self, client, owner):
        application = registration.submitted(owner=owner)
        VendorApplication.MACHINE.advance(application, "rejected", decided_at=application.submitted_at)
        assert client.post(url(application, "withdraw")).status_code == 302
        application.refresh_from_db()
        assert application.status == "rejected"


@pytest.mark.parametrize(
    "step", ["status", "identity", "business", "papers", "review", "submit", "correct", "withdraw"]
)
def test_another_persons_registration_does_not_exist(client, step: str):
    application = registration.returned(reasons={"address": "RT berbeda."})
    assert client.get(url(application, step)).status_code == 404
    assert client.post(url(application, step), IDENTITY).status_code in (404, 405)
    application.refresh_from_db()
    assert application.status == "returned"


@pytest.mark.parametrize("language, words", [("", "Siapa pemiliknya?"), ("/en", "Who is the owner?")])
def test_both_languages(client, draft, language: str, words: str):
    assert words in client.get(f"{language}/daftar-umkm/{draft.code}/identitas/").content.decode()
