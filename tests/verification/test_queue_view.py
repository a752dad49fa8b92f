"""The queue: scoped, ordered, filtered, taken in the row; as many queries for fifty cases as for two."""

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import base, registration
from tests.factories.verification import check, give_back, held_case, officer
from umkm.registration.models import VendorApplication

pytestmark = pytest.mark.django_db
QUEUE = "/admin/verifikasi/antrean/"


def names(response) -> list[str]:
    return [row.name for row in response.context["object_list"]]


def test_the_address_is_as_the_documents_say():
    assert reverse("verification:queue") == QUEUE


def test_only_the_own_region_is_there_most_urgent_first(ratna_client):
    late = registration.submitted(name="Tas Anyam")
    soon = registration.submitted(name="Jenang Mbok Yem")
    registration.submitted(name="Kopi Dampit", village=base.village("35.07.24.1001"))
    registration.draft(name="Belum dikirim")
    VendorApplication.objects.filter(pk=late.pk).update(due_at=timezone.now() - timezone.timedelta(days=3))
    response = ratna_client.get(QUEUE)
    assert names(response) == [late.name, soon.name]
    html = response.content.decode()
    assert "Lewat tenggat" in html
    assert "Kota Malang" in html
    assert "Kopi Dampit" not in html


def test_views_show_what_their_numbers_say(ratna, ratna_client):
    registration.submitted(name="Bebas")
    held_case(ratna, name="Saya pegang")
    held_case(officer("Bagus Prasetyo"), name="Dipegang Bagus")
    returned = held_case(ratna, name="Di pemohon")
    give_back(returned, ratna, {"address": "RT berbeda."})
    expected = {
        "menunggu": {"Bebas", "Saya pegang", "Dipegang Bagus"},
        "bebas": {"Bebas"},
        "saya": {"Saya pegang"},
        "pemohon": {"Di pemohon"},
        "diputus": set(),
    }
    for view, wanted in expected.items():
        response = ratna_client.get(QUEUE, {"tampilan": view})
        assert set(names(response)) == wanted
        counts = {item["key"]: item["count"] for item in response.context["queue_views"]}
        assert counts[view] == len(wanted)


def test_filters_narrow_by_deadline_district_sub_sector_and_round(ratna, ratna_client):
    klojen = registration.submitted(name="Kayutangan", village=base.village("35.73.02.1001"))
    late = registration.submitted(name="Tas Anyam")
    VendorApplication.objects.filter(pk=late.pk).update(due_at=timezone.now() - timezone.timedelta(days=3))
    assert names(ratna_client.get(QUEUE, {"tenggat": "lewat"})) == [late.name]
    assert names(ratna_client.get(QUEUE, {"kecamatan": "35.73.02"})) == [klojen.name]
    assert len(names(ratna_client.get(QUEUE, {"subsektor": "kuliner"}))) == 2
    assert names(ratna_client.get(QUEUE, {"ronde": "2"})) == []
    assert names(ratna_client.get(QUEUE, {"q": "Tas"})) == [late.name]
    # A district of another region is no choice, and narrows nothing into the open.
    assert ratna_client.get(QUEUE, {"kecamatan": "35.07.24"}).status_code == 200


def test_an_empty_queue_says_what_is_true_and_one_way_on(ratna_client):
    html = ratna_client.get(QUEUE).content.decode()
    assert "Antrean kosong" in html
    assert "tampilan=pemohon" in html
    html = ratna_client.get(QUEUE, {"q": "zzz"}).content.decode()
    assert "Tidak ada kasus yang cocok di Kota Malang" in html


def test_the_script_gets_the_rows_alone(ratna_client):
    registration.submitted(name="Jenang")
    html = ratna_client.get(reverse("verification:queue_results"), {"q": "Jenang"}).content.decode()
    assert "Jenang" in html
    assert "<html" not in html
    # Taking a case from such a row leads back to the page, not to the rows alone.
    assert 'name="next" value="/admin/verifikasi/antrean/?q=Jenang"' in html


def test_taking_in_the_row_stays_in_the_queue(ratna, ratna_client):
    application = registration.submitted()
    back = f"{QUEUE}?tampilan=bebas"
    response = ratna_client.post(reverse("verification:claim", args=[application.code]), {"next": back})
    assert response["Location"] == back
    application.refresh_from_db()
    assert application.claimed_by == ratna


def test_taking_leads_to_no_other_site(ratna_client):
    application = registration.submitted()
    response = ratna_client.post(
        reverse("verification:claim", args=[application.code]), {"next": "https://example.com/"}
    )
    assert response["Location"] == reverse("verification:case", args=[application.code])


def test_who_comes_too_late_is_told_by_whom(ratna_client):
    application = held_case(officer("Bagus Prasetyo"), name="Dodol Kawi")
    response = ratna_client.post(reverse("verification:claim", args=[application.code]), follow=True)
    assert "Dodol Kawi baru saja diambil Bagus Prasetyo. Pilih kasus lain." in response.content.decode()


def test_own_businesses_cannot_be_taken_from_the_queue(ratna, ratna_client):
    application = registration.submitted(owner=ratna.user)
    assert reverse("verification:claim", args=[application.code]) not in ratna_client.get(QUEUE).content.decode()
    ratna_client.post(reverse("verification:claim", args=[application.code]))
    application.refresh_from_db()
    assert application.claimed_by is None


def test_take_the_next_one_opens_it(ratna, ratna_client):
    application = registration.submitted()
    response = ratna_client.post(reverse("verification:next"))
    assert response["Location"] == reverse("verification:case", args=[application.code])
    response = ratna_client.post(reverse("verification:next"))
    assert response["Location"] == QUEUE


def test_fifty_cases_cost_as_many_queries_as_two(ratna, ratna_client, assert_own_queries):
    def page() -> None:
        response = ratna_client.get(QUEUE)
        assert response.status_code == 200

    application = held_case(ratna)
    check(application, ratna, "owner")
    registration.submitted()
    page()
    with assert_own_queries(QUERIES):
        page()
    for number in range(6):
        more = held_case(officer(f"Petugas {number}"), village=base.village("35.73.02.1001"))
        check(more, more.claimed_by, "owner")
    with assert_own_queries(QUERIES):
        page()


# Officer 1, groups 1, counts 1, number 1, districts 1, sub-sectors 1, cases 1, rounds 1, checks 1.
QUERIES = 9
