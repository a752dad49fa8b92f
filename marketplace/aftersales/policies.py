"""Who may ask for, offer or decide about money that goes back, and why not."""

from typing import Any

from django.utils.translation import gettext as _

from marketplace.accounts.selectors import is_operator
from marketplace.aftersales.models import RefundRequest
from marketplace.orders.models import Order, PaymentMethod, SubOrder
from marketplace.orders.services import CASH_METHODS
from marketplace.payments.refund_plans import remaining_of
from umkm.vendors.models import VendorMember

Answer = tuple[bool, str]
Status = SubOrder.Status
RECEIVED = (Status.DELIVERED, Status.COMPLETED)
PAID_ORDER = (Order.Status.PAID, Order.Status.PART_REFUNDED)


def is_paid(*, order: Order, part: SubOrder) -> bool:
    """Whether the buyer's money for this part is there: at the provider, or in the shop's hand."""
    if order.payment_method == PaymentMethod.STRIPE:
        return order.status in PAID_ORDER
    if order.payment_method in CASH_METHODS:
        return part.status in RECEIVED
    return part.status not in (Status.PENDING, Status.CANCELLED, Status.RETURNED)


def may_cancel_part(*, order: Order, part: SubOrder) -> Answer:
    """Whether the buyer may call one shop's part off: until the shop has packed it."""
    if part.status == Status.CANCELLED:
        return False, _("This part is cancelled already.")
    if part.status != Status.CONFIRMED or part.is_contested:
        return False, _("The shop has packed it already. You can ask it for your money back instead.")
    return True, ""


def may_ask(*, order: Order, part: SubOrder, has_open_request: bool) -> Answer:
    """Whether the buyer may ask for money back, from the packing until a week after the receipt."""
    if has_open_request:
        return False, _("You have asked for this already. See how it stands.")
    if part.status in (Status.PENDING, Status.CANCELLED, Status.RETURNED):
        return False, _("This part has ended. There is nothing to give back.")
    if part.status == Status.CONFIRMED:
        return False, _("The shop has not packed it yet: you can simply cancel it.")
    if part.status == Status.COMPLETED:
        return False, _("The week to complain is over. Report a problem to us, we will look at it.")
    if not is_paid(order=order, part=part):
        return False, _("You have not paid for it yet. You can refuse it at the door.")
    if remaining_of(part).total <= 0:
        return False, _("Everything of it is back with you already.")
    return True, ""


def may_offer(*, user: Any, order: Order, part: SubOrder, has_open_request: bool) -> Answer:
    """Whether somebody of the shop may give money back without being asked."""
    if not _is_member(user, part):
        return False, _("Only the shop itself may do this.")
    if has_open_request:
        return False, _("The buyer has asked already. Answer that request.")
    if not is_paid(order=order, part=part) or remaining_of(part).total <= 0:
        return False, _("There is nothing left to give back.")
    return True, ""


def may_answer(*, user: Any, request: RefundRequest) -> Answer:
    """Whether somebody of the shop may decide about a request now. Owner and staff alike."""
    if not _is_member(user, request.suborder):
        return False, _("Only the shop itself may do this.")
    if request.status == RefundRequest.Status.ESCALATED or request.is_final:
        return False, _("The operators decide about this request now.")
    if request.status != RefundRequest.Status.ASKED:
        return False, _("This request is decided already.")
    return True, ""


def may_judge(*, user: Any) -> Answer:
    """Whether this person decides what buyers and shops could not settle: operators do."""
    if is_operator(user):
        return True, ""
    return False, _("Only operators decide here.")


def may_disagree(*, request: RefundRequest, now: Any, days: int) -> Answer:
    """Whether the buyer may bring a refusal of the shop before the operators."""
    if request.status != RefundRequest.Status.DECLINED or request.is_final:
        return False, _("There is no refusal of the shop to disagree with.")
    if request.closed_at and (now - request.closed_at).days >= days:
        return False, _("The time to disagree is over. Report a problem to us, we will look at it.")
    return True, ""


def _is_member(user: Any, part: SubOrder) -> bool:
    return bool(
        user.is_authenticated
        and VendorMember.objects.filter(user=user, vendor_id=part.vendor_id, is_active=True).exists()
    )
