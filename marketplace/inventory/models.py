"""How many there are, and how many of them are promised."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marketplace.catalogue.models import Variant


class StockItem(models.Model):
    """The stock of one variant. The database itself refuses to promise more than there is."""

    variant = models.OneToOneField(Variant, models.CASCADE, related_name="stock", verbose_name=_("variant"))
    on_hand = models.PositiveIntegerField(_("on hand"), default=0)
    reserved = models.PositiveIntegerField(_("reserved"), default=0)

    class Meta:
        verbose_name = _("stock")
        verbose_name_plural = _("stock")
        constraints = [
            models.CheckConstraint(
                condition=Q(reserved__gte=0, reserved__lte=F("on_hand")), name="stock_reserved_range"
            )
        ]

    def __str__(self) -> str:
        return f"{self.variant}: {self.available}"

    @property
    def available(self) -> int:
        """How many can still be bought."""
        return self.on_hand - self.reserved


class StockReservation(models.Model):
    """A promise of stock to one order line, until it is paid for (consumed) or given up (released)."""

    class State(models.TextChoices):
        HELD = "held", _("held")
        CONSUMED = "consumed", _("consumed")
        RELEASED = "released", _("released")

    stock = models.ForeignKey(StockItem, models.PROTECT, related_name="reservations", verbose_name=_("stock"))
    # The order line that the promise is made to, e.g. "order-line:123". Orders stand left of inventory, so no key.
    reference = models.CharField(_("reference"), max_length=60, unique=True)
    quantity = models.PositiveIntegerField(_("quantity"))
    # Of what was sold, how many pieces came back to the shelf so far.
    returned = models.PositiveIntegerField(_("came back"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.HELD)
    expires_at = models.DateTimeField(_("held until"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("stock reservation")
        verbose_name_plural = _("stock reservations")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="reservation_quantity_positive"),
            models.CheckConstraint(condition=Q(returned__lte=F("quantity")), name="reservation_returned_within"),
        ]
        indexes = [models.Index(fields=["state", "expires_at"], name="reservation_expiry")]

    def __str__(self) -> str:
        return f"{self.reference} × {self.quantity}"
