"""A person's basket as a holding (marketplace.accounts.privacy)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from marketplace.accounts.models import User
from marketplace.accounts.privacy import Holding
from marketplace.carts.models import Cart, CartLine


def export(user: User) -> list[dict[str, Any]]:
    """What lies in the basket."""
    lines = CartLine.objects.filter(cart__user=user).select_related("variant__product")
    return [
        {"product": line.variant.product.name, "quantity": line.quantity, "added": line.added_at.isoformat()}
        for line in lines
    ]


def erase(user: User) -> None:
    Cart.objects.filter(user=user).delete()


BASKET = Holding(key="basket", label=_("Your basket"), export=export, erase=erase, order=50)
