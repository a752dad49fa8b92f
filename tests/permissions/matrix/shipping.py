"""Couriers' zones and rates, and shops' pickup points: for operators."""

from marketplace.shipping.models import PickupPoint, ShippingZone
from marketplace.shipping.services import load_rates
from tests.permissions.matrix_row import OPERATOR_ONLY, SIGN_IN, Row, shape
from tests.roles import Scene

NOBODY = shape((SIGN_IN, 302, 403, 404))


def zone(scene: Scene) -> dict[str, object]:
    load_rates()
    return {"pk": ShippingZone.objects.get(slug="city").pk}


def point(scene: Scene) -> dict[str, object]:
    return {"pk": PickupPoint.objects.create(vendor=scene.vendor, name="Stasiun", address="Jl. Trunojoyo").pk}


ROWS = [
    row
    for name, one in (("shipping_zones", zone), ("pickup_points", point))
    for row in (
        Row(f"{name}:index", OPERATOR_ONLY),
        Row(f"{name}:index_results", OPERATOR_ONLY),
        Row(f"{name}:edit", OPERATOR_ONLY, kwargs=one),
        Row(f"{name}:edit", OPERATOR_ONLY, kwargs=one, method="POST"),
        *(Row(f"{name}:{view}", OPERATOR_ONLY, kwargs=one) for view in ("history", "history_results", "usage")),
        # Zones come with the product, points with shops.
        Row(f"{name}:add", NOBODY),
        Row(f"{name}:delete", NOBODY, kwargs=one),
    )
]
