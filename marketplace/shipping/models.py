"""What it costs to bring something to a buyer: zones and weight rates, a vendor's own area, pickup points."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.reference.models import BilingualName, Region
from umkm.vendors.models import Vendor


class ShippingZone(BilingualName):
    """How far apart seller and buyer are, by their Kemendagri codes (`zones.zone_between`)."""

    slug = models.SlugField(_("slug"), unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    days_min = models.PositiveSmallIntegerField(_("days on the way, at least"))
    days_max = models.PositiveSmallIntegerField(_("days on the way, at most"))

    class Meta:
        verbose_name = _("shipping zone")
        verbose_name_plural = _("shipping zones")
        ordering = ["position"]
        constraints = [models.CheckConstraint(condition=Q(days_min__lte=F("days_max")), name="zone_days_in_order")]


class ShippingRate(models.Model):
    """A courier's price for parcels of one zone up to a weight. Heavier than the heaviest row: no courier takes it."""

    zone = models.ForeignKey(ShippingZone, models.CASCADE, related_name="rates", verbose_name=_("zone"))
    up_to_grams = models.PositiveIntegerField(_("up to (grams)"))
    price = models.BigIntegerField(_("price (Rp)"))

    class Meta:
        verbose_name = _("shipping rate")
        verbose_name_plural = _("shipping rates")
        ordering = ["zone", "up_to_grams"]
        constraints = [
            models.UniqueConstraint(fields=["zone", "up_to_grams"], name="rate_once_per_weight"),
            models.CheckConstraint(condition=Q(price__gte=0, up_to_grams__gt=0), name="rate_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.zone} ≤ {self.up_to_grams} g"


class VendorShipping(models.Model):
    """How one vendor sends. A vendor without a row uses couriers and needs a day to pack."""

    vendor = models.OneToOneField(Vendor, models.CASCADE, related_name="shipping", verbose_name=_("business"))
    uses_courier = models.BooleanField(_("sends by courier"), default=True)
    handling_days = models.PositiveSmallIntegerField(_("working days to pack"), default=1)

    class Meta:
        verbose_name = _("vendor's way to send")
        verbose_name_plural = _("vendors' ways to send")
        constraints = [models.CheckConstraint(condition=Q(handling_days__lte=30), name="handling_within_a_month")]

    def __str__(self) -> str:
        return str(self.vendor)


class DeliveryArea(models.Model):
    """A region that a vendor delivers to itself, and what it asks for that. The smallest region that fits counts."""

    vendor = models.ForeignKey(Vendor, models.CASCADE, related_name="delivery_areas", verbose_name=_("business"))
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("region"))
    price = models.BigIntegerField(_("price (Rp)"))
    days = models.PositiveSmallIntegerField(_("days on the way"), default=0)

    class Meta:
        verbose_name = _("delivery area")
        verbose_name_plural = _("delivery areas")
        ordering = ["region"]
        constraints = [
            models.UniqueConstraint(fields=["vendor", "region"], name="area_once_per_vendor"),
            models.CheckConstraint(condition=Q(price__gte=0), name="area_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.vendor} → {self.region}"


class PickupPoint(models.Model):
    """Where a buyer can fetch an order. A vendor that allows pickup and has no point hands over at its own address."""

    vendor = models.ForeignKey(Vendor, models.CASCADE, related_name="pickup_points", verbose_name=_("business"))
    name = models.CharField(_("name"), max_length=80)
    address = models.CharField(_("address"), max_length=255)
    opening_hours = models.CharField(_("opening hours"), max_length=120, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("pickup point")
        verbose_name_plural = _("pickup points")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["vendor", "name"], name="pickup_point_once_per_vendor")]

    def __str__(self) -> str:
        return f"{self.vendor}: {self.name}"
