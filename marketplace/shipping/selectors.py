"""Which ways a vendor's parcel can take, and what each costs."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.shipping.models import DeliveryArea, PickupPoint, ShippingRate, VendorShipping
from marketplace.shipping.quotes import COURIER, DIGITAL, OWN_DELIVERY, PICKUP, Quote
from marketplace.shipping.zones import add_delivery_days, lies_in, zone_between
from umkm.vendors.models import Vendor


@dataclass
class ZoneRates:
    """A zone with its courier prices, lightest parcel first: (up to so many grams, price)."""

    slug: str
    days_min: int
    days_max: int
    steps: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class RateBook:
    """Everything that quotes for some vendors are made from, read in four queries however many vendors there are."""

    zones: dict[str, ZoneRates] = field(default_factory=dict)
    areas: dict[int, list[DeliveryArea]] = field(default_factory=dict)
    points: dict[int, list[PickupPoint]] = field(default_factory=dict)
    settings: dict[int, VendorShipping] = field(default_factory=dict)
    vendor_ids: frozenset[int] = frozenset()

    def covers(self, vendor_ids: Iterable[int]) -> bool:
        """Whether it was read for all of these vendors."""
        return self.vendor_ids.issuperset(vendor_ids)

    @classmethod
    def load(cls, vendor_ids: Iterable[int]) -> "RateBook":
        """Read the rates and what these vendors set for themselves."""
        wanted = sorted(set(vendor_ids))
        book = cls(vendor_ids=frozenset(wanted))
        if not wanted:
            return book
        rates = ShippingRate.objects.order_by("up_to_grams")
        for slug, days_min, days_max, up_to, price in rates.values_list(
            "zone__slug", "zone__days_min", "zone__days_max", "up_to_grams", "price"
        ):
            zone = book.zones.setdefault(slug, ZoneRates(slug, days_min, days_max))
            zone.steps.append((up_to, price))
        for area in DeliveryArea.objects.filter(vendor_id__in=wanted).order_by("pk"):
            book.areas.setdefault(area.vendor_id, []).append(area)
        for point in PickupPoint.objects.filter(vendor_id__in=wanted, is_active=True):
            book.points.setdefault(point.vendor_id, []).append(point)
        book.settings = {row.vendor_id: row for row in VendorShipping.objects.filter(vendor_id__in=wanted)}
        return book

    def area_for(self, vendor_id: int, destination: str) -> DeliveryArea | None:
        """The smallest own area of the vendor that contains the destination."""
        fitting = [area for area in self.areas.get(vendor_id, []) if lies_in(destination, area.region_id)]
        return max(fitting, key=lambda area: len(area.region_id), default=None)


def quotes_for(
    *,
    vendor: Vendor,
    destination: str,
    weight_grams: int,
    is_digital: bool = False,
    book: RateBook | None = None,
    today: datetime.date | None = None,
) -> list[Quote]:
    """The ways to get a parcel of `weight_grams` from `vendor`, those that cannot be chosen last, each with its reason.

    Arguments:
        vendor: with its village loaded.
        destination: Kemendagri code of the buyer's village or district; empty while it is not known, and then only
            what needs no address is offered.
        is_digital: nothing in the parcel needs sending.
    """
    if is_digital:
        return [Quote(key=DIGITAL, kind=DIGITAL)]
    book = book or RateBook.load([vendor.pk])
    today = today or timezone.localdate()
    settings = book.settings.get(vendor.pk) or VendorShipping(vendor=vendor)
    packed = add_delivery_days(today, settings.handling_days)
    quotes = _pickups(vendor, book, packed)
    if destination:
        quotes = [
            *_own_delivery(vendor, book, destination, packed),
            *_courier(vendor, book, settings, destination, weight_grams, packed),
            *quotes,
        ]
    return sorted(quotes, key=lambda quote: not quote.is_available)


def _own_delivery(vendor: Vendor, book: RateBook, destination: str, packed: datetime.date) -> list[Quote]:
    if not book.areas.get(vendor.pk):
        return []
    area = book.area_for(vendor.pk, destination)
    if area is None:
        return [
            Quote(
                key=OWN_DELIVERY,
                kind=OWN_DELIVERY,
                unavailable=_("%(shop)s does not deliver to your area itself.") % {"shop": vendor.name},
            )
        ]
    day = add_delivery_days(packed, area.days).isoformat()
    return [Quote(key=OWN_DELIVERY, kind=OWN_DELIVERY, price=area.price, earliest=day, latest=day, zone=area.region_id)]


def _courier(
    vendor: Vendor,
    book: RateBook,
    settings: VendorShipping,
    destination: str,
    weight_grams: int,
    packed: datetime.date,
) -> list[Quote]:
    if not settings.uses_courier:
        return []
    zone = book.zones.get(zone_between(vendor.village_id, destination))
    price = next((price for up_to, price in zone.steps if weight_grams <= up_to), None) if zone else None
    if zone is None or price is None:
        reason = _("Too heavy for a courier: %(kilos)s kg.") % {"kilos": f"{weight_grams / 1000:.0f}"}
        return [Quote(key=COURIER, kind=COURIER, weight_grams=weight_grams, unavailable=reason)]
    return [
        Quote(
            key=COURIER,
            kind=COURIER,
            price=price,
            earliest=add_delivery_days(packed, zone.days_min).isoformat(),
            latest=add_delivery_days(packed, zone.days_max).isoformat(),
            zone=zone.slug,
            weight_grams=weight_grams,
        )
    ]


def _pickups(vendor: Vendor, book: RateBook, packed: datetime.date) -> list[Quote]:
    if not vendor.accepts_pickup:
        return []
    day = packed.isoformat()
    points = book.points.get(vendor.pk, [])
    if not points:
        return [
            Quote(
                key=PICKUP,
                kind=PICKUP,
                earliest=day,
                place=vendor.name,
                address=", ".join(part for part in (vendor.address, vendor.village.name) if part),
                hours=vendor.opening_hours,
            )
        ]
    return [
        Quote(
            key=f"{PICKUP}-{point.pk}",
            kind=PICKUP,
            earliest=day,
            place=point.name,
            address=point.address,
            hours=point.opening_hours,
        )
        for point in points
    ]
