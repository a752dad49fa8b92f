"""Operators set zones, rates and pickup points in the admin; orders that are placed keep their price."""

import pytest

from marketplace.audit.models import AuditEvent
from marketplace.core.exceptions import DomainError, NotAllowed
from marketplace.shipping import services
from marketplace.shipping.models import PickupPoint, ShippingZone

pytestmark = pytest.mark.django_db


@pytest.fixture
def zone(db) -> ShippingZone:
    services.load_rates()
    return ShippingZone.objects.get(slug="city")


def address(zone: ShippingZone) -> str:
    return f"/admin/ongkir/zona/edit/{zone.pk}/"


def fields(**changed):
    start = {"name": "Kota", "name_en": "City", "days_min": 1, "days_max": 2}
    return start | {"rates": "1000 = 9.000\n5000 = 20000"} | changed


def test_operator_sets_names_days_and_rates(scene, operator_client, zone):
    page = operator_client.get(address(zone)).content.decode()
    assert "1000 = " in page
    assert operator_client.post(address(zone), fields()).status_code == 302
    zone.refresh_from_db()
    assert (zone.name, zone.days_max) == ("Kota", 2)
    assert list(zone.rates.values_list("up_to_grams", "price")) == [(1000, 9000), (5000, 20000)]
    event = AuditEvent.objects.get(action="shipping.zone_saved")
    assert event.actor == scene.operator
    assert event.data["rates"]["5000"][1] == 20000


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        ("", "Tarif"),
        ("seribu = 9000", "Baris 1"),
        ("1000 = 9000\n1000 = 8000", "kedua kalinya"),
        ("1000 = 9000\n2000 = 8000", "lebih murah"),
        ("0 = 9000", "tidak mungkin"),
        ("1000 = 99999999", "tidak mungkin"),
    ],
)
def test_rates_that_cannot_be_are_refused_and_kept_on_screen(scene, operator_client, zone, rates, words):
    before = list(zone.rates.values_list("up_to_grams", "price"))
    response = operator_client.post(address(zone), fields(rates=rates))
    assert response.status_code == 200
    assert words in response.content.decode()
    assert list(zone.rates.values_list("up_to_grams", "price")) == before


def test_days_in_the_wrong_order_are_refused(scene, operator_client, zone):
    response = operator_client.post(address(zone), fields(days_min=5, days_max=2))
    assert response.status_code == 200
    zone.refresh_from_db()
    assert zone.name != "Kota"


def test_services_refuse_everyone_else(scene, zone):
    with pytest.raises(NotAllowed):
        services.save_zone(
            zone_id=zone.pk, actor=scene.officer, name="x", name_en="x", days_min=1, days_max=1, rates={1: 1}
        )
    with pytest.raises(DomainError):
        services.save_zone(
            zone_id=zone.pk, actor=scene.operator, name="x", name_en="x", days_min=1, days_max=1, rates={}
        )


def test_operator_mends_a_shops_pickup_point(scene, operator_client):
    point = PickupPoint.objects.create(vendor=scene.vendor, name="Stasiun", address="Jl. Trunojoyo")
    url = f"/admin/ongkir/titik-ambil/edit/{point.pk}/"
    data = {"name": "Stasiun Kotabaru", "address": "Jl. Trunojoyo 10", "opening_hours": "08.00–16.00"}
    assert operator_client.post(url, data).status_code == 302
    point.refresh_from_db()
    assert (point.name, point.is_active) == ("Stasiun Kotabaru", False)
    assert AuditEvent.objects.filter(action="shipping.point_corrected", actor=scene.operator).exists()
    assert scene.vendor.name in operator_client.get("/admin/ongkir/titik-ambil/").content.decode()
