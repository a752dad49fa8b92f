"""Fixing what came back: only that, with the reason at the very place."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import base, registration
from tests.factories.registration import photo
from umkm.registration.models import VendorApplication
from umkm.registration.selectors import open_returns

pytestmark = pytest.mark.django_db


@pytest.fixture
def application() -> VendorApplication:
    return registration.returned(
        reasons={
            "address": "RT berbeda dengan NIB.",
            "document:ktp": "Fotonya buram.",
            "latitude": "Titiknya di sungai.",
        },
        address="Jl. Lama 1",
    )


@pytest.fixture
def client(application) -> Client:
    client = Client()
    client.force_login(application.owner)
    return client


def url(application: VendorApplication) -> str:
    return reverse("registration:correct", kwargs={"code": application.code})


def test_each_reason_stands_at_its_field_and_nothing_else_can_be_changed(client, application):
    page = client.get(url(application)).content.decode()
    for reason in ("RT berbeda dengan NIB.", "Fotonya buram.", "Titiknya di sungai."):
        assert reason in page
    assert 'name="address"' in page
    assert 'name="position"' in page
    assert 'name="ktp-file"' in page
    for name in ("name", "nik", "story", "nib-file"):
        assert f'name="{name}"' not in page


def test_what_was_not_returned_is_ignored_even_if_sent(client, application):
    name = application.name
    client.post(url(application), {"address": "Jl. Baru 2", "position": "", "name": "Diselundupkan"})
    application.refresh_from_db()
    assert (application.address, application.name) == ("Jl. Baru 2", name)


def test_saving_keeps_what_is_fixed_and_says_what_is_left(client, application):
    response = client.post(url(application), {"address": "Jl. Baru 2", "position": ""}, follow=True)
    assert response.context["left"] == 2
    assert [item.is_resolved for item in open_returns(application)] == [True, False, False]


def test_sending_too_early_is_told_and_the_fixes_are_kept(client, application):
    response = client.post(url(application), {"address": "Jl. Baru 2", "position": "", "send": "1"})
    assert response.headers["Location"] == url(application)
    application.refresh_from_db()
    assert (application.status, application.address) == ("returned", "Jl. Baru 2")


def test_fixed_or_answered_it_goes_back_to_the_officer(client, application):
    position = open_returns(application)[2]
    response = client.post(
        url(application),
        {
            "address": "Jl. Baru 2",
            "position": "",
            "ktp-file": photo(colour="#BBCCDD"),
            f"answer-{position.pk}": "Titik sudah saya kosongkan.",
            "send": "1",
        },
    )
    assert response.headers["Location"] == application.get_absolute_url()
    application.refresh_from_db()
    assert (application.status, application.round) == ("submitted", 2)
    assert application.documents.filter(kind__slug="ktp").count() == 2


def test_a_mistake_is_told_with_what_was_typed(client, application):
    response = client.post(url(application), {"address": "Jl", "position": "di sungai", "send": "1"})
    assert response.status_code == 422
    page = response.content.decode()
    assert 'value="di sungai"' in page
    assert 'href="#id_position"' in page
    application.refresh_from_db()
    assert application.status == "returned"


def test_a_form_that_saves_itself_answers_without_a_page(client, application):
    headers = {"X-Requested-With": "XMLHttpRequest"}
    response = client.post(url(application), {"address": "Jl. Baru 2", "position": ""}, headers=headers)
    assert response.status_code == 204
    application.refresh_from_db()
    assert application.address == "Jl. Baru 2"


def test_another_thing_to_sell_may_need_another_paper():
    crisps = base.category("kuliner/keripik-buah")
    registration.requirement(crisps, "pirt")
    application = registration.returned(reasons={"categories": "Itu bukan kriya, itu keripik."})
    client = Client()
    client.force_login(application.owner)
    response = client.post(url(application), {"categories": [crisps.pk], "send": "1"}, follow=True)
    assert 'id="paper-pirt"' in response.content.decode()
    application.refresh_from_db()
    assert application.status == "returned"
    sent = {"pirt-file": photo(), "pirt-number": "206357301000131", "pirt-expires_on": "2031-05-12"}
    client.post(url(application), {"categories": [crisps.pk], "send": "1", **sent})
    application.refresh_from_db()
    assert application.status == "submitted"
    assert application.documents.get(kind__slug="pirt").number == "2063573010001-31"


@pytest.mark.parametrize(
    "field", ["categories", "village", "nib", "kbli", "subsector", "turnover", "size_class", "phone"]
)
def test_every_answer_can_be_returned(field: str):
    application = registration.returned(reasons={field: "Cek lagi, ya."})
    client = Client()
    client.force_login(application.owner)
    page = client.get(url(application)).content.decode()
    assert "Cek lagi, ya." in page
    assert f'name="{field}"' in page


def test_the_number_of_queries_does_not_grow(client, application, assert_own_queries):
    client.get(url(application))
    with assert_own_queries(8):
        client.get(url(application))
    fields = ("address", "document:ktp", "latitude", "document:nib", "owner_name", "nik")
    other = registration.returned(reasons=dict.fromkeys(fields, "Cek lagi, ya."))
    client.force_login(other.owner)
    client.get(url(other))
    with assert_own_queries(8):
        client.get(url(other))
