"""A buyer's orders as a holding (marketplace.accounts.privacy)."""

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marketplace.accounts.models import User
from marketplace.accounts.own_data import ERASED_NAME, NOWHERE
from marketplace.accounts.privacy import Blocker, Holding
from marketplace.orders.models import Order, SubOrder, new_token
from umkm.vendors.models import VendorMember

# Money or goods are still under way.
OPEN_ORDERS = (Order.Status.PENDING, Order.Status.PAID_LATE, Order.Status.REFUNDING)
OPEN_PARTS = SubOrder.OPEN_STATUSES


def orders_about(user: User) -> "QuerySet[Order]":
    """The person's orders: placed while signed in, or as a guest with the address that they have shown to be theirs."""
    return Order.objects.filter(Q(buyer=user) | Q(buyer=None, email__iexact=user.email))


def export(user: User) -> list[dict[str, Any]]:
    """Every order with whom and where it went, and what was bought."""
    orders = orders_about(user).prefetch_related("suborders__vendor", "suborders__lines")
    return [
        {
            "number": order.number,
            "placed": order.placed_at.isoformat(),
            "status": order.status,
            "email": order.email,
            "recipient": order.recipient_name,
            "phone": order.phone or "",
            "address": ", ".join(part for part in (order.address, order.region_name, order.postal_code) if part),
            "note": order.note,
            "payment": order.payment_method,
            "total": order.total,
            "shops": [
                {
                    "shop": part.vendor.name,
                    "status": part.status,
                    "delivery": part.delivery,
                    "lines": [
                        {"name": line.name, "quantity": line.quantity, "total": line.total} for line in part.lines.all()
                    ],
                }
                for part in order.suborders.all()
            ],
        }
        for order in orders
    ]


def blockers(user: User) -> list[Blocker]:
    """Orders under way: the person's own, and those that their shop has still to send."""
    own = orders_about(user)
    waiting = own.filter(Q(status__in=OPEN_ORDERS) | Q(suborders__status__in=OPEN_PARTS)).distinct().count()
    shops = VendorMember.objects.filter(user=user, role=VendorMember.Role.OWNER, is_active=True).values("vendor")
    to_send = SubOrder.objects.filter(vendor__in=shops, status__in=OPEN_PARTS).count()
    found = []
    if waiting:
        text = ngettext(
            "%(count)s order of yours is still under way. Wait until it has arrived, or call it off.",
            "%(count)s orders of yours are still under way. Wait until they have arrived, or call them off.",
            waiting,
        )
        found.append(Blocker(text % {"count": waiting}, reverse("orders:mine"), _("My orders")))
    if to_send:
        text = ngettext(
            "Your shop has %(count)s order to send. Send it first.",
            "Your shop has %(count)s orders to send. Send them first.",
            to_send,
        )
        found.append(Blocker(text % {"count": to_send}, "/portal/", _("Your shop")))
    return found


def erase(user: User) -> None:
    """Orders stay for the books, without who bought, where it went, and the address at which it could be followed."""
    for order in orders_about(user).only("pk"):
        Order.objects.filter(pk=order.pk).update(
            buyer=None,
            email=f"dihapus@{NOWHERE}",
            recipient_name=ERASED_NAME,
            phone=None,
            address="",
            note="",
            postal_code="",
            token=new_token(),
        )


ORDERS = Holding(
    key="orders",
    label=gettext_lazy("Your orders: what, when, where to, paid how"),
    kept_after=gettext_lazy("What was bought and paid, for ten years, without your name, address and phone number."),
    export=export,
    erase=erase,
    blockers=blockers,
    order=40,
)
