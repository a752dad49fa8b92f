"""Looking after businesses: the list, the page of one, and closing and opening its shop, through the views."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from marketplace.audit.selectors import events_about
from marketplace.notifications.models import Notification
from marketplace.orders.models import Order, SubOrder
from marketplace.orders.services import advance_suborder, mark_paid
from marketplace.outbox.services import process_due
from search.indexing import index_product
from tests.factories import base
from tests.factories.orders import make_order, make_variant
from tests.factories.registration import kind
from tests.factories.vendors import VendorFactory, VendorIdentityFactory
from umkm.registration.models import LegalDocument
from umkm.vendors.models import Vendor, VendorMember

pytestmark = pytest.mark.django_db
LIST = "/admin/verifikasi/usaha/"


def paper(vendor: Vendor, slug: str, days: int | None, **fields) -> LegalDocument:
    last_day = None if days is None else timezone.localdate() + timedelta(days=days)
    return LegalDocument.objects.create(
        vendor=vendor, kind=kind(slug), number=fields.pop("number", "2063573010001-30"), expires_on=last_day,
        content_type="image/jpeg", size=1, sha256="0" * 64, file="x.jpg", uploaded_by=base.UserFactory(), **fields,
    )  # fmt: skip


def page_of(vendor: Vendor) -> str:
    return f"{LIST}{vendor.slug}/"


def names(response) -> set[str]:
    return {row.name for row in response.context["object_list"]}


def change(client, vendor: Vendor, what: str, reason: str = "P-IRT dicabut."):
    return client.post(f"{page_of(vendor)}{what}/", {"reason": reason})


# --- the list ----------------------------------------------------------------------------------------------------
def test_officers_see_their_region_and_operators_all(scene, officer_client, operator_client):
    own, all_of_them = officer_client.get(LIST), operator_client.get(LIST)
    assert names(own) == {scene.vendor.name}
    assert "Kota Malang" in own.content.decode()
    assert names(all_of_them) == {scene.vendor.name, scene.other_vendor.name}


def test_filters_narrow_by_state_district_sub_sector_and_papers(scene, officer_client):
    klojen = VendorFactory(name="Kayutangan", village=base.village("35.73.02.1001"))
    closed = VendorFactory(name="Tutup", status=Vendor.Status.SUSPENDED)
    paper(scene.vendor, "pirt", -1)
    paper(scene.vendor, "bpom_md", 20)
    paper(klojen, "pirt", 60)
    expected = {
        "keadaan=suspended": {closed.name},
        "kecamatan=35.73.02": {klojen.name},
        "subsektor=kuliner": {scene.vendor.name, klojen.name, closed.name},
        "izin=habis": {scene.vendor.name},
        "izin=30": {scene.vendor.name},
        "izin=90": {scene.vendor.name, klojen.name},
        "q=kayutangan": {klojen.name},
    }
    for query, wanted in expected.items():
        assert names(officer_client.get(f"{LIST}?{query}")) == wanted, query


def test_operators_filter_by_agency_and_officers_have_no_such_filter(scene, operator_client, officer_client):
    query = {"dinas": scene.other_vendor.agency.slug}
    assert names(operator_client.get(LIST, query)) == {scene.other_vendor.name}
    assert names(officer_client.get(LIST, query)) == {scene.vendor.name}


def test_the_list_asks_the_same_number_of_questions_for_any_length(scene, officer_client):
    def queries() -> int:
        officer_client.get(LIST)
        with CaptureQueriesContext(connection) as captured:
            assert officer_client.get(LIST).status_code == 200
        return len(captured)

    few = queries()
    for _number in range(20):
        paper(VendorFactory(), "pirt", 10)
    assert queries() == few


def test_the_rows_are_two_questions(scene, officer_client, django_assert_num_queries):
    with CaptureQueriesContext(connection) as captured:
        officer_client.get(LIST)
    about_businesses = [query for query in captured if 'FROM "vendors_vendor"' in query["sql"]]
    assert len(about_businesses) == 2  # the count for the pages, and the rows with their first expiry


# --- the page of one ---------------------------------------------------------------------------------------------
def test_the_page_shows_who_where_papers_products_sales_and_history(scene, officer_client):
    VendorIdentityFactory(vendor=scene.vendor)
    document = paper(scene.vendor, "pirt", -1)
    identity_card = paper(scene.vendor, "ktp", None, number="3573014501800001")
    order = make_order([(scene.variant, 2)])
    mark_paid(order_id=order.pk)
    html = officer_client.get(page_of(scene.vendor)).content.decode()
    assert "Sri Wahyuni" in html
    assert scene.vendor_owner.email in html
    assert document.number in html
    assert document.get_absolute_url() in html
    assert identity_card.get_absolute_url() in html
    assert identity_card.number not in html
    assert scene.product.name in html
    assert reverse("moderation:take_down", args=[scene.product.pk]) in html
    assert "Rp40.000" in html


def test_the_page_asks_the_same_number_of_questions_for_any_size(scene, officer_client):
    def queries() -> int:
        officer_client.get(page_of(scene.vendor))
        with CaptureQueriesContext(connection) as captured:
            assert officer_client.get(page_of(scene.vendor)).status_code == 200
        return len(captured)

    paper(scene.vendor, "pirt", 10)
    few = queries()
    for slug in ("bpom_md", "merek", "halal"):
        paper(scene.vendor, slug, 10)
    for number in range(10):
        make_variant(scene.vendor, f"Keripik {number}")
        VendorMember.objects.create(vendor=scene.vendor, user=base.UserFactory(), role=VendorMember.Role.STAFF)
    assert queries() == few


def test_operators_see_the_papers_but_cannot_open_them(scene, operator_client):
    document = paper(scene.vendor, "pirt", 10)
    html = operator_client.get(page_of(scene.vendor)).content.decode()
    assert document.number in html
    assert document.get_absolute_url() not in html
    assert operator_client.get(document.get_absolute_url()).status_code == 404


def test_another_region_does_not_exist(scene, other_officer_client):
    for path in ("", "tangguhkan/", "buka-lagi/"):
        assert other_officer_client.get(page_of(scene.vendor) + path).status_code == 404
    assert change(other_officer_client, scene.vendor, "tangguhkan").status_code == 404
    scene.vendor.refresh_from_db()
    assert scene.vendor.is_open


# --- suspending and reopening ------------------------------------------------------------------------------------
def test_nobody_suspends_their_own_business(scene, officer_client):
    VendorMember.objects.create(vendor=scene.vendor, user=scene.officer, role=VendorMember.Role.STAFF)
    html = officer_client.get(page_of(scene.vendor)).content.decode()
    assert "tangguhkan/" not in html
    assert officer_client.get(page_of(scene.vendor) + "tangguhkan/")["Location"] == page_of(scene.vendor)
    assert change(officer_client, scene.vendor, "tangguhkan")["Location"] == page_of(scene.vendor)
    scene.vendor.refresh_from_db()
    assert scene.vendor.is_open
    assert not events_about(scene.vendor).filter(action="vendors.suspended").exists()


def test_without_a_reason_nothing_happens_and_the_page_says_so(scene, officer_client):
    response = change(officer_client, scene.vendor, "tangguhkan", reason="   ")
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    scene.vendor.refresh_from_db()
    assert scene.vendor.is_open


def test_the_confirmation_says_what_happens_and_keeps_what_was_typed(scene, officer_client):
    page = officer_client.get(page_of(scene.vendor) + "tangguhkan/").content.decode()
    assert page.count("<li>") >= 4
    assert 'name="reason"' in page


def test_a_second_suspension_changes_nothing(scene, officer_client):
    change(officer_client, scene.vendor, "tangguhkan", "P-IRT dicabut.")
    change(officer_client, scene.vendor, "tangguhkan", "Alasan lain.")
    scene.vendor.refresh_from_db()
    assert scene.vendor.status_reason == "P-IRT dicabut."
    assert events_about(scene.vendor).filter(action="vendors.suspended").count() == 1
    assert officer_client.get(page_of(scene.vendor) + "tangguhkan/").status_code == 302


def seen_by(client, scene) -> dict[str, bool]:
    """Where a visitor can still meet the product of the shop."""
    link = f"/produk/{scene.product.slug}/"
    return {
        "product page": client.get(link).status_code == 200,
        "search": link in client.get("/cari/", {"q": "keripik tempe"}).content.decode(),
        "category": link in client.get("/kategori/kuliner/keripik-tempe/").content.decode(),
        "shop page": link in client.get(f"/toko/{scene.vendor.slug}/").content.decode(),
    }


def checkout(client, scene):
    return client.post(
        "/bayar/",
        {
            "name": "Sinta", "email": "sinta@contoh.id", "phone": "0812-3456-7890", "region": scene.vendor.village_id,
            "street": "Jalan Contoh 12", "postal_code": "65126", f"delivery-{scene.vendor.pk}": "pickup",
            "payment_method": "pickup", "checkout_key": uuid.uuid4().hex, "expected_total": "15000",
        },
    )  # fmt: skip


def test_a_suspended_shop_disappears_at_once_everywhere_and_comes_back(scene, client, officer_client):
    index_product({"product_id": scene.product.pk})
    client.post("/keranjang/tambah/", {"variant": scene.variant.pk, "quantity": 1})
    assert seen_by(client, scene) == dict.fromkeys(seen_by(client, scene), True)

    response = change(officer_client, scene.vendor, "tangguhkan", "P-IRT dicabut.")

    assert response["Location"] == page_of(scene.vendor)
    assert not any(seen_by(client, scene).values())  # before any worker has run
    assert client.get(f"/produk/{scene.product.slug}/").status_code in (404, 410)
    basket = client.get("/keranjang/").content.decode()
    assert scene.product.name in basket
    assert "tutup" in basket.lower()
    assert checkout(client, scene).status_code != 200
    assert not Order.objects.exists()
    assert client.post("/keranjang/tambah/", {"variant": scene.variant.pk, "quantity": 1}).status_code != 200
    process_due()
    assert not any(seen_by(client, scene).values())
    assert Notification.objects.filter(user=scene.vendor_owner, kind="vendor_suspended").count() == 1
    assert "P-IRT dicabut." in officer_client.get(page_of(scene.vendor)).content.decode()

    change(officer_client, scene.vendor, "buka-lagi", "P-IRT baru sudah ada.")
    process_due()

    assert all(seen_by(client, scene).values())
    assert Notification.objects.filter(user=scene.vendor_owner, kind="vendor_reopened").count() == 1
    event = events_about(scene.vendor).get(action="vendors.reopened")
    assert (event.actor, event.data["reason"]) == (scene.officer, "P-IRT baru sudah ada.")


def test_a_paid_order_is_finished_by_a_suspended_shop(scene, officer_client, vendor_owner_client):
    order = make_order([(scene.variant, 1)])
    mark_paid(order_id=order.pk)
    change(officer_client, scene.vendor, "tangguhkan")
    part = order.suborders.get()
    address = reverse("portal:orders", kwargs={"vendor_slug": scene.vendor.slug})
    assert order.number in vendor_owner_client.get(address).content.decode()
    advance_suborder(suborder_id=part.pk, to=SubOrder.Status.PACKED, actor=scene.vendor_owner)
    part.refresh_from_db()
    assert part.status == SubOrder.Status.PACKED
