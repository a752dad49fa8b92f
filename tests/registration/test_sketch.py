"""The drawn map: the outline of the smallest region that has one, otherwise a grid around its town."""

import re

import pytest

from tests.factories import base, registration
from umkm.registration.sketch import SIZE, sketch_of

pytestmark = pytest.mark.django_db
SQUARE = {"type": "Polygon", "coordinates": [[[112.60, -8.00], [112.66, -8.00], [112.66, -7.94], [112.60, -7.94]]]}


def contains(sketch, latitude: float, longitude: float) -> bool:
    return sketch.south < latitude < sketch.north and sketch.west < longitude < sketch.east


def test_without_boundaries_it_is_a_grid_around_the_town():
    city, regency = sketch_of(base.village()), sketch_of(base.village("35.07.24.1001"))
    assert contains(city, -7.9797, 112.6304)
    assert city.outlines == []
    assert regency.north - regency.south > city.north - city.south
    assert contains(sketch_of(None), -7.87, 112.53)


def test_the_outline_of_the_district_stands_inside_the_square():
    village = base.village()
    district = village.parent
    district.boundary = SQUARE
    district.save(update_fields=["boundary"])
    village.refresh_from_db()
    sketch = sketch_of(village)
    assert sketch.is_outline_of == district.name
    numbers = [float(number) for number in re.findall(r"[\d.]+", sketch.outlines[0])]
    assert all(0 < number < SIZE for number in numbers)
    assert contains(sketch, -7.97, 112.63)


def test_the_wizard_draws_it_beside_the_field(client):
    application = registration.draft()
    client.force_login(application.owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(f"/daftar-umkm/{application.code}/usaha/").content.decode()
    assert 'name="position"' in page
    assert 'data-map="-' in page
    assert "https://" not in page.partition("data-map=")[2].partition("</svg>")[0]


def test_an_owner_sets_the_position_and_buyers_get_a_link(scene, vendor_owner_client, client):
    address = f"/portal/{scene.vendor.slug}/toko/"
    assert "data-map" in vendor_owner_client.get(address).content.decode()
    wrong = vendor_owner_client.post(address, {"position": "sini"})
    assert wrong.status_code == 422
    assert vendor_owner_client.post(address, {"position": "-7.954127, 112.644462"}).status_code == 302
    scene.vendor.refresh_from_db()
    assert scene.vendor.position == "-7.954127, 112.644462"
    assert "mlat=-7.954127&amp;mlon=112.644462" in client.get(scene.vendor.get_absolute_url()).content.decode()
    vendor_owner_client.post(address, {"position": ""})
    scene.vendor.refresh_from_db()
    assert scene.vendor.map_url == ""
