"""A quote: one way to get a parcel, with its price and promise. Frozen on the order as JSON when it is chosen."""

import datetime
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from marketplace.core.dates import format_local_date
from marketplace.core.everyday import hours_words

COURIER, OWN_DELIVERY, PICKUP, DIGITAL = "shipping", "own_delivery", "pickup", "digital"


@dataclass(frozen=True)
class Quote:
    """One way to get what a vendor sells.

    Arguments:
        key: what the checkout form sends back, unique within the vendor.
        kind: shipping, own_delivery, pickup or digital, as on the order part.
        price: whole rupiah.
        earliest, latest: the promise, ISO dates; the day it is ready for a pickup.
        zone, weight_grams: how the price was found.
        place, address, hours: where it is picked up.
        unavailable: why it cannot be chosen; empty when it can.
    """

    key: str
    kind: str
    price: int = 0
    earliest: str = ""
    latest: str = ""
    zone: str = ""
    weight_grams: int = 0
    place: str = ""
    address: str = ""
    hours: str = ""
    unavailable: str = ""

    @property
    def is_available(self) -> bool:
        return not self.unavailable

    @property
    def needs_address(self) -> bool:
        """Whether somebody must know where the buyer lives."""
        return self.kind in (COURIER, OWN_DELIVERY)

    @property
    def label(self) -> str:
        """What it is called, in the active language."""
        if self.kind == PICKUP:
            return _("Pick up at %(place)s") % {"place": self.place}
        return {COURIER: _("Courier"), OWN_DELIVERY: _("Shop's own delivery"), DIGITAL: _("Nothing to send")}[self.kind]

    @property
    def promise(self) -> str:
        """When it will be there, in the active language."""
        if self.kind == DIGITAL:
            return _("You get it by mail after the payment")
        if not self.earliest:
            return ""
        first, last = (datetime.date.fromisoformat(day) for day in (self.earliest, self.latest or self.earliest))
        if self.kind == PICKUP:
            ready = _("Ready %(day)s") % {"day": format_local_date(first, "day")}
            return f"{ready}. {hours_words(self.hours)}" if self.hours else ready
        if first == last:
            return _("Arrives %(day)s") % {"day": format_local_date(first, "day")}
        return _("Arrives between %(first)s and %(last)s") % {
            "first": format_local_date(first, "day"),
            "last": format_local_date(last, "day"),
        }

    def as_json(self) -> dict[str, Any]:
        """What is frozen on the order part."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Quote":
        """A quote as it was frozen; what later versions added or dropped does no harm."""
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        return cls(**{"key": "", "kind": data.get("key", COURIER) or COURIER, **known})
