"""Closing a shop for good: by an officer with a reason and its name written out; only operators take it back."""

import pytest

from marketplace.audit.models import AuditEvent
from marketplace.catalogue.models import Product
from marketplace.core.exceptions import DomainError, NotAllowed
from marketplace.notifications.models import Notification
from marketplace.orders.services import mark_paid
from marketplace.outbox.services import process_due
from tests.factories.orders import make_order, make_variant
from umkm.vendors.models import Vendor, VendorMember
from umkm.vendors.services import close_vendor, reopen_vendor, restore_vendor

pytestmark = pytest.mark.django_db


def address(vendor: Vendor, what: str = "tutup") -> str:
    return f"/admin/verifikasi/usaha/{vendor.slug}/{what}/"


def status_of(vendor: Vendor) -> str:
    return Vendor.objects.get(pk=vendor.pk).status


def test_officer_closes_with_reason_and_name_and_the_owner_is_told(scene, officer_client, client):
    shop = scene.vendor
    page = officer_client.get(address(shop)).content.decode()
    assert "Tutup permanen" in page
    data = {"reason": "Usaha sudah tidak ada.", "name": shop.name.upper()}
    assert officer_client.post(address(shop), data).status_code == 302
    process_due()
    assert status_of(shop) == "closed"
    assert client.get(shop.get_absolute_url()).status_code == 404
    assert not Product.objects.visible_products().filter(vendor=shop).exists()
    told = Notification.objects.get(user=scene.vendor_owner, kind="vendor_closed")
    assert shop.name in told.title
    event = AuditEvent.objects.get(action="vendors.closed")
    assert (event.actor, event.data) == (scene.officer, {"reason": "Usaha sudah tidak ada."})


@pytest.mark.parametrize("data", [{"reason": "Sudah."}, {"reason": "Sudah.", "name": "Lain"}, {"reason": " "}])
def test_without_the_name_or_a_reason_nothing_is_closed(scene, officer_client, data):
    named = {"name": scene.vendor.name} if data["reason"] == " " else {}
    response = officer_client.post(address(scene.vendor), data | named)
    assert response.status_code == 422
    assert status_of(scene.vendor) == "active"


def test_orders_under_way_are_said_before_and_stay_the_owners_to_fulfil(scene, officer_client, vendor_owner_client):
    order = make_order([(make_variant(scene.vendor, "Keripik tempe"), 1)])
    mark_paid(order_id=order.pk)
    assert "1 pesanan masih berjalan" in officer_client.get(address(scene.vendor)).content.decode()
    close_vendor(vendor_id=scene.vendor.pk, actor=scene.officer, reason="Pindah kota.")
    page = vendor_owner_client.get(f"/portal/{scene.vendor.slug}/pesanan/")
    assert page.status_code == 200
    assert "Tokomu ditutup permanen." in page.content.decode()
    assert order.number in page.content.decode()


def test_only_an_operator_takes_it_back(scene, officer_client, operator_client):
    close_vendor(vendor_id=scene.vendor.pk, actor=scene.officer, reason="Salah toko.")
    close_vendor(vendor_id=scene.vendor.pk, actor=scene.officer, reason="Salah toko.")
    assert AuditEvent.objects.filter(action="vendors.closed").count() == 1
    officer_client.post(address(scene.vendor, "pulihkan"), {"reason": "Keliru."})
    officer_client.post(address(scene.vendor, "buka-lagi"), {"reason": "Keliru."})
    assert status_of(scene.vendor) == "closed"
    with pytest.raises(NotAllowed):
        restore_vendor(vendor_id=scene.vendor.pk, actor=scene.officer, reason="Keliru.")
    with pytest.raises(DomainError):
        reopen_vendor(vendor_id=scene.vendor.pk, actor=scene.operator, reason="Keliru.")
    assert operator_client.post(address(scene.vendor, "pulihkan"), {"reason": "Keliru."}).status_code == 302
    assert status_of(scene.vendor) == "active"
    assert AuditEvent.objects.filter(action="vendors.restored", actor=scene.operator).exists()


def test_a_shop_that_nobody_owns_is_not_opened_again(scene):
    close_vendor(vendor_id=scene.vendor.pk, actor=scene.officer, reason="Bubar.")
    scene.vendor.members.filter(role=VendorMember.Role.OWNER).update(is_active=False)
    with pytest.raises(DomainError) as refused:
        restore_vendor(vendor_id=scene.vendor.pk, actor=scene.operator, reason="Keliru.")
    assert refused.value.code == "vendor.no_owner"


def test_another_regions_officer_cannot_close_it(scene, other_officer_client):
    assert other_officer_client.get(address(scene.vendor)).status_code == 404
    with pytest.raises(NotAllowed):
        close_vendor(vendor_id=scene.vendor.pk, actor=scene.other_officer, reason="x")
