"""What an operator does about money that does not add up."""

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.audit.services import record
from marketplace.orders.lock_objects import lock_order
from marketplace.orders.models import Order


@transaction.atomic
def mark_reviewed(*, order_id: int, actor: User, note: str = "") -> bool:
    """Take an order off the list once somebody has dealt with it. False when it is off already.

    The reason stays on the order: the same finding does not put it back, another one does.
    """
    order = lock_order(order_id=order_id)
    if not order.needs_review:
        return False
    Order.objects.filter(pk=order.pk).update(needs_review=False)
    record(
        action="payments.reviewed", target=order, actor=actor, data={"reason": order.review_reason, "note": note[:500]}
    )
    return True
