"""Writes to shipping: the couriers' rates that ship with the product, and what a vendor sets for itself."""

import json
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.audit.services import record
from marketplace.core.exceptions import DomainError, NotAllowed
from marketplace.reference.models import Region
from marketplace.shipping.models import DeliveryArea, PickupPoint, ShippingRate, ShippingZone, VendorShipping
from marketplace.shipping.policies import can_set_rates
from umkm.vendors.models import Vendor

RATES_FILE = Path(__file__).resolve().parent / "data" / "rates.json"
MAX_OWN_PRICE = 1_000_000
MAX_DAYS = 30
MAX_COURIER_PRICE = 10_000_000
MAX_GRAMS = 500_000


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


def check_rates(rates: dict[int, int]) -> None:
    """Raise DomainError (field `rates`) for an empty table, impossible numbers, or a price that falls with weight."""
    if not rates:
        raise DomainError(_("Write at least one rate, or no courier takes anything."), code="no_rates", field="rates")
    last = 0
    for grams, price in sorted(rates.items()):
        if not 0 < grams <= MAX_GRAMS:
            raise DomainError(
                _("%(grams)s grams cannot be. Write a weight from 1 to %(most)s grams.")
                % {"grams": grams, "most": MAX_GRAMS},
                code="bad_weight",
                field="rates",
            )
        if not 0 <= price <= MAX_COURIER_PRICE:
            raise DomainError(
                _("Rp%(price)s cannot be. Write a price from Rp0 to Rp%(most)s.")
                % {"price": price, "most": MAX_COURIER_PRICE},
                code="bad_price",
                field="rates",
            )
        if price < last:
            raise DomainError(
                _("Up to %(grams)s grams costs less than a lighter parcel. Look at this line again.")
                % {"grams": grams},
                code="price_falls",
                field="rates",
            )
        last = price


@transaction.atomic
def save_zone(
    *, zone_id: int, actor: User, name: str, name_en: str, days_min: int, days_max: int, rates: dict[int, int]
) -> ShippingZone:
    """Set how a zone is called, how long parcels take there, and the whole table of its rates, for orders to come.

    Raises NotAllowed for anyone but operators, DomainError as check_rates() and for days in the wrong order.
    """
    _require_operator(actor)
    check_rates(rates)
    if days_min > days_max:
        raise DomainError(_("At most cannot be less than at least."), code="bad_days", field="days_max")
    zone = ShippingZone.objects.select_for_update().get(pk=zone_id)
    before = dict(zone.rates.values_list("up_to_grams", "price"))
    zone.name, zone.name_en, zone.days_min, zone.days_max = name, name_en, days_min, days_max
    zone.save(update_fields=["name", "name_en", "days_min", "days_max"])
    if before != rates:
        zone.rates.exclude(up_to_grams__in=list(rates)).delete()
        for grams, price in rates.items():
            ShippingRate.objects.update_or_create(zone=zone, up_to_grams=grams, defaults={"price": price})
    changed = {str(grams): [before.get(grams), rates.get(grams)] for grams in sorted({*before, *rates})}
    changed = {grams: pair for grams, pair in changed.items() if pair[0] != pair[1]}
    record(
        action="shipping.zone_saved",
        target=zone,
        actor=actor,
        data={"days": [days_min, days_max], "rates": changed},
    )
    return zone


@transaction.atomic
def correct_pickup_point(
    *, point_id: int, actor: User, name: str, address: str, opening_hours: str, is_active: bool
) -> PickupPoint:
    """Mend a shop's pickup point, or take it out of use; orders that use it keep its address. Operators only."""
    _require_operator(actor)
    point = PickupPoint.objects.select_for_update().get(pk=point_id)
    point.name, point.address, point.opening_hours = name.strip(), address.strip(), opening_hours.strip()
    point.is_active = is_active
    point.save(update_fields=["name", "address", "opening_hours", "is_active"])
    record(action="shipping.point_corrected", target=point, actor=actor, data={"is_active": is_active})
    return point


def _require_operator(actor: User) -> None:
    allowed, why_not = can_set_rates(user=actor)
    if not allowed:
        raise NotAllowed(why_not)


@transaction.atomic
def save_vendor_shipping(*, vendor: Vendor, actor: User, uses_courier: bool, handling_days: int) -> VendorShipping:
    """Set whether a vendor sends by courier and in how many days it has packed. Raises DomainError out of range."""
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
    """Deliver to `region` oneself for `price`, from now on; orders that are placed keep their price.

    Arguments:
        price: whole rupiah, for one parcel of any weight.
        days: that it takes; 0 is the same day.

    Raises DomainError, with the field, for a number out of range and for a whole province.
    """
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
    """Hand orders over at a place of this name; an existing one of that name is changed.

    Raises DomainError without a name or an address.
    """
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
