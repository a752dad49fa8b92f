"""Writes to shipping: the couriers' rates that ship with the product, and what a vendor sets for itself."""

import json
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.audit.services import record
from marketplace.core.exceptions import DomainError
from marketplace.reference.models import Region
from marketplace.shipping.models import DeliveryArea, PickupPoint, ShippingRate, ShippingZone, VendorShipping
from umkm.vendors.models import Vendor

RATES_FILE = Path(__file__).resolve().parent / "data" / "rates.json"
MAX_OWN_PRICE = 1_000_000
MAX_DAYS = 30


def default_rates() -> list[dict[str, Any]]:
    """The zones and weight rates that ship with the product, in the order of distance."""
    return json.loads(RATES_FILE.read_text(encoding="utf-8"))


@transaction.atomic
def load_rates() -> int:
    """Add the zones and rates that ship with the product where they are missing; what an operator changed stays.

    Returns how many zones there are then.
    """
    for row in default_rates():
        rates = row.pop("rates")
        zone, created = ShippingZone.objects.get_or_create(slug=row["slug"], defaults=row)
        if created:
            ShippingRate.objects.bulk_create(
                ShippingRate(zone=zone, up_to_grams=int(grams), price=price) for grams, price in rates.items()
            )
    return ShippingZone.objects.count()


@transaction.atomic
def save_vendor_shipping(*, vendor: Vendor, actor: User, uses_courier: bool, handling_days: int) -> VendorShipping:
    """Set whether a vendor sends by courier and how long it needs to pack."""
    if not 0 <= handling_days <= MAX_DAYS:
        raise DomainError(
            _("Write a number of days from 0 to %(most)d.") % {"most": MAX_DAYS}, code="bad_days", field="handling_days"
        )
    row, _created = VendorShipping.objects.update_or_create(
        vendor=vendor, defaults={"uses_courier": uses_courier, "handling_days": handling_days}
    )
    record(
        action="shipping.settings_saved",
        target=vendor,
        actor=actor,
        data={"uses_courier": uses_courier, "handling_days": handling_days},
    )
    return row


@transaction.atomic
def save_delivery_area(*, vendor: Vendor, actor: User, region: Region, price: int, days: int = 0) -> DeliveryArea:
    """Deliver to `region` oneself for `price`, from now on; orders that are placed keep their price."""
    if not 0 <= price <= MAX_OWN_PRICE:
        raise DomainError(_("Write a price from Rp0 to Rp1.000.000."), code="bad_price", field="price")
    if not 0 <= days <= MAX_DAYS:
        raise DomainError(
            _("Write a number of days from 0 to %(most)d.") % {"most": MAX_DAYS}, code="bad_days", field="days"
        )
    if region.level == Region.Level.PROVINCE:
        raise DomainError(
            _("A whole province is too far. Choose a city or a kecamatan."), code="too_far", field="region"
        )
    area, _created = DeliveryArea.objects.update_or_create(
        vendor=vendor, region=region, defaults={"price": price, "days": days}
    )
    record(action="shipping.area_saved", target=vendor, actor=actor, data={"region": region.code, "price": price})
    return area


@transaction.atomic
def remove_delivery_area(*, vendor: Vendor, actor: User, area_id: int) -> bool:
    """No longer deliver to an area. Returns False when it was gone already."""
    deleted, _by_model = DeliveryArea.objects.filter(vendor=vendor, pk=area_id).delete()
    if deleted:
        record(action="shipping.area_removed", target=vendor, actor=actor, data={"area": area_id})
    return bool(deleted)


@transaction.atomic
def save_pickup_point(*, vendor: Vendor, actor: User, name: str, address: str, opening_hours: str = "") -> PickupPoint:
    """Hand orders over at a place of this name; an existing one of that name is changed."""
    if not name.strip() or not address.strip():
        raise DomainError(_("A pickup point needs a name and an address."), code="point_incomplete", field="name")
    point, _created = PickupPoint.objects.update_or_create(
        vendor=vendor,
        name=name.strip(),
        defaults={"address": address.strip(), "opening_hours": opening_hours.strip(), "is_active": True},
    )
    record(action="shipping.point_saved", target=vendor, actor=actor, data={"point": point.pk})
    return point


@transaction.atomic
def close_pickup_point(*, vendor: Vendor, actor: User, point_id: int) -> bool:
    """No longer offer a pickup point; orders that use it keep its address. Returns False when it was closed already."""
    changed = PickupPoint.objects.filter(vendor=vendor, pk=point_id, is_active=True).update(is_active=False)
    if changed:
        record(action="shipping.point_closed", target=vendor, actor=actor, data={"point": point_id})
    return bool(changed)
