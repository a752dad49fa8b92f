"""Who may do what with an order, and why not."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from marketplace.orders.models import Order, PaymentMethod, SubOrder
from umkm.vendors.models import VendorMember

Answer = tuple[bool, str]

# What a vendor does, in the order in which it does it; the rest happens by payment, by the buyer or by the clock.
VENDOR_STEPS = (
    SubOrder.Status.PACKED,
    SubOrder.Status.SHIPPED,
    SubOrder.Status.READY_FOR_PICKUP,
    SubOrder.Status.DELIVERED,
    SubOrder.Status.RETURNED,
    SubOrder.Status.CANCELLED,
)


def may_cancel(*, order: Order, parts: Sequence[SubOrder]) -> Answer:
    """Whether the buyer, who holds the order's address, may call the whole order off."""
    if order.status != Order.Status.PENDING:
        return False, _("This order is paid or closed. Write to the shop, or report a problem below.")
    if order.payment_method == PaymentMethod.STRIPE:
        return False, _("You needn't do anything: an order that isn't paid ends by itself.")
    if order.payment_method == PaymentMethod.MANUAL_TRANSFER:
        return False, _("Call off each shop's part on the page where you pay it.")
    if any(part.status not in (SubOrder.Status.PENDING, SubOrder.Status.CONFIRMED) for part in parts):
        return False, _("A shop has packed its part already. Write to the shop.")
    return True, ""


def may_confirm_receipt(*, part: SubOrder) -> Answer:
    """Whether the buyer may say that a part arrived."""
    if part.status in (SubOrder.Status.SHIPPED, SubOrder.Status.READY_FOR_PICKUP):
        return True, ""
    return False, _("This part is not on its way to you.")


def may_advance(*, user: Any, part: SubOrder, to: str) -> Answer:
    """Whether `user` may move this part of their own shop to `to`. Owner and staff alike."""
    is_member = (
        user.is_authenticated
        and VendorMember.objects.filter(user=user, vendor_id=part.vendor_id, is_active=True).exists()
    )
    if not is_member:
        return False, _("Only the shop itself may do this.")
    if to not in VENDOR_STEPS:
        return False, _("This step is not the shop's.")
    return True, ""


def vendor_steps(part: SubOrder) -> list[str]:
    """What the vendor can do with a part next, the usual step first."""
    fitting = {
        SubOrder.Status.SHIPPED: part.delivery != SubOrder.Delivery.PICKUP,
        SubOrder.Status.READY_FOR_PICKUP: part.delivery == SubOrder.Delivery.PICKUP,
        # Not while a request or a dispute about it is open: that decides what becomes of it.
        SubOrder.Status.CANCELLED: part.status != SubOrder.Status.PENDING and not part.is_contested,
        # Refused at the door: the goods come back, and nobody has paid. Everything else is a refund.
        SubOrder.Status.RETURNED: part.status == SubOrder.Status.SHIPPED and part.order.status == Order.Status.PENDING,
    }
    return [step for step in VENDOR_STEPS if SubOrder.MACHINE.allows(part.status, step) and fitting.get(step, True)]
