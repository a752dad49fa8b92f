"""What somebody means to buy: lines of variants, over several vendors."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketplace.catalogue.models import Variant
from marketplace.promotions.models import CODE_MOST

MAX_QUANTITY = 999


def new_cart_token() -> str:
    """What the cookie of a visitor without an account holds: nothing that can be guessed."""
    return secrets.token_urlsafe(24)


class Cart(models.Model):
    """The basket of a person, or of a visitor who has its token in a cookie. Made when the first thing goes in."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="cart", verbose_name=_("user")
    )
    token = models.CharField(_("token"), max_length=40, unique=True, default=new_cart_token)
    # A voucher that takes something off, or will once the right goods are in. Looked up anew each time.
    voucher_code = models.CharField(_("voucher"), max_length=CODE_MOST, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    updated_at = models.DateTimeField(_("changed"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("basket")
        verbose_name_plural = _("baskets")

    def __str__(self) -> str:
        return f"{self.user or self.token[:6]}"


class CartLine(models.Model):
    """So many of one variant. `price_seen` is what the buyer saw, so that a change can be told."""

    cart = models.ForeignKey(Cart, models.CASCADE, related_name="lines", verbose_name=_("basket"))
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="+", verbose_name=_("variant"))
    quantity = models.PositiveIntegerField(_("quantity"))
    price_seen = models.BigIntegerField(_("price that was shown"))
    added_at = models.DateTimeField(_("added"), default=timezone.now)
    # Taken out, but still there to be put back.
    removed_at = models.DateTimeField(_("taken out"), null=True, blank=True)

    class Meta:
        verbose_name = _("basket line")
        verbose_name_plural = _("basket lines")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="cart_line_once_per_variant"),
            models.CheckConstraint(condition=Q(quantity__gt=0, quantity__lte=MAX_QUANTITY), name="cart_quantity_range"),
        ]

    def __str__(self) -> str:
        return f"{self.variant} × {self.quantity}"
