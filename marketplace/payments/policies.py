"""Who may do what with payments, and why not."""

from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.accounts.selectors import is_operator
from marketplace.orders.models import Order, PaymentMethod
from marketplace.payments.models import PaymentAttempt

Answer = tuple[bool, str]


def may_pay(*, order: Order, live_attempt: PaymentAttempt | None) -> Answer:
    """Whether the buyer may go to the payment page now. Whoever holds the order's address may pay it."""
    if order.payment_method == PaymentMethod.MANUAL_TRANSFER:
        return False, _("This order is paid straight to its shops. How, stands on your order's page.")
    if order.payment_method != PaymentMethod.STRIPE:
        return False, _("This order is paid in cash when you receive it.")
    if order.status in (Order.Status.EXPIRED, Order.Status.CANCELLED):
        return False, _("This order is closed and can't be paid any more. Put the goods in your basket again.")
    if order.status != Order.Status.PENDING:
        return False, _("This order is paid. You don't need to pay again.")
    if live_attempt is not None and live_attempt.status == PaymentAttempt.Status.PROCESSING:
        return False, _("Your payment is on its way. We'll write to you as soon as it arrives.")
    return True, ""


def may_review_payments(*, user: User) -> Answer:
    """Whether this person sees payments that need an eye: operators do."""
    if is_operator(user):
        return True, ""
    return False, _("Only operators see payments.")
