"""Calling parts off before they leave the shop: the goods back on the shelf, and what was paid back to the buyer."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.aftersales.policies import is_paid
from marketplace.core.exceptions import DomainError
from marketplace.orders.lock_objects import lock_order, lock_parts_with_lines
from marketplace.orders.models import SubOrder
from marketplace.orders.services import advance_suborder
from marketplace.payments import refund_plans
from marketplace.payments.models import Refund
from marketplace.payments.services import refund_parts

Status = SubOrder.Status
BEFORE_PACKING = (Status.CONFIRMED,)
BEFORE_SENDING = (Status.CONFIRMED, Status.PACKED, Status.READY_FOR_PICKUP)


@transaction.atomic
def cancel_parts(
    *, order_id: int, suborder_ids: Iterable[int], actor: User | None, note: str, by_shop: bool = False
) -> int:
    """Cancel parts of an order: by the buyer until they are packed, by the shop until they are sent.

    What was paid of each goes back by itself, in full. Returns how many changed; cancelled ones are left alone.
    Raises DomainError, and nothing changed, when one of them is further, or contested.
    """
    order = lock_order(order_id=order_id)
    wanted = set(suborder_ids)
    parts = [part for part in lock_parts_with_lines(order_id=order.pk) if part.pk in wanted]
    allowed = BEFORE_SENDING if by_shop else BEFORE_PACKING
    changed = 0
    for part in parts:
        if part.status == Status.CANCELLED:
            continue
        if part.status not in allowed:
            raise DomainError(
                _("It is too late to cancel this part. The buyer can ask for the money back.")
                if by_shop
                else _("The shop has packed it already. You can ask it for your money back instead."),
                code="too_late",
            )
        if part.is_contested:
            raise DomainError(
                _("A request or dispute about this part is open. That decides what becomes of it."), code="contested"
            )
        paid = is_paid(order=order, part=part)
        if paid:
            refund_parts(
                order_id=order.pk,
                plan=lambda fresh, pk=part.pk: refund_plans.whole([row for row in fresh if row.pk == pk]),  # type: ignore[misc]
                reason=Refund.Reason.CANCELLED,
                origin=f"cancel:{part.pk}",
                actor=actor,
                note=note,
            )
        changed += advance_suborder(suborder_id=part.pk, to=Status.CANCELLED, actor=actor, note=note, is_refunded=paid)
    return changed
