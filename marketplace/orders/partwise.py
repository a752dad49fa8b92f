"""Orders that buyers pay shop by shop, straight to each shop: every part is confirmed, or ends, by itself.

The order is paid when no part waits for its payment any more. Parts that were not paid in time are cancelled and what
is left goes on; when none is left, the order has expired.
"""

from django.db import transaction
from django.utils import timezone

from marketplace.accounts.models import User
from marketplace.audit.services import record
from marketplace.inventory.services import consume_reservations, release_reservations
from marketplace.orders.lock_objects import lock_order, lock_suborders
from marketplace.orders.models import Order, OrderLine, SubOrder, SubOrderEvent
from marketplace.orders.services import tell_voucher
from marketplace.outbox.services import enqueue

Status = SubOrder.Status


@transaction.atomic
def confirm_part(*, suborder_id: int, actor: User | None) -> bool:
    """The shop has the money for its part: it goes to be packed. Returns False when that was known.

    Raises IllegalTransition when the part was cancelled meanwhile.
    """
    order, part = _lock(suborder_id)
    if part.status not in (Status.PENDING, Status.CANCELLED):
        return False
    SubOrder.MACHINE.advance(part, Status.CONFIRMED, only_from=[Status.PENDING], confirmed_at=timezone.now())
    SubOrderEvent.objects.create(suborder=part, status=Status.CONFIRMED)
    consume_reservations(references=_references(part))
    record(action="orders.part_paid", target=part, actor=actor, data={"amount": part.gross})
    _settle(order)
    return True


@transaction.atomic
def end_part(*, suborder_id: int, actor: User | None, note: str) -> bool:
    """Nobody paid this part: it is cancelled and its stock goes back on the shelf. False when it is not waiting."""
    order, part = _lock(suborder_id)
    if part.status != Status.PENDING:
        return False
    SubOrder.MACHINE.advance(part, Status.CANCELLED, only_from=[Status.PENDING])
    SubOrderEvent.objects.create(suborder=part, status=Status.CANCELLED, note=note[:255])
    release_reservations(references=_references(part))
    record(action="orders.part_unpaid", target=part, actor=actor, data={"note": note})
    _settle(order)
    return True


def _lock(suborder_id: int) -> tuple[Order, SubOrder]:
    order = lock_order(order_id=SubOrder.objects.values_list("order_id", flat=True).get(pk=suborder_id))
    return order, next(row for row in lock_suborders(order_id=order.pk) if row.pk == suborder_id)


def _references(part: SubOrder) -> list[str]:
    return [line.stock_reference for line in OrderLine.objects.filter(suborder=part)]


def _settle(order: Order) -> None:
    """Paid when nothing waits any more; expired when nothing is left."""
    statuses = set(SubOrder.objects.filter(order=order).values_list("status", flat=True))
    if order.status != Order.Status.PENDING or Status.PENDING in statuses:
        return
    if statuses == {Status.CANCELLED}:
        Order.MACHINE.advance(order, Order.Status.EXPIRED)
        enqueue(topic="order.expired", key=str(order.pk), payload={"order_id": order.pk})
        record(action="orders.expired", target=order)
        tell_voucher(order=order, topic="promotions.release")
        return
    Order.MACHINE.advance(order, Order.Status.PAID, paid_at=timezone.now(), expires_at=None)
    enqueue(topic="order.paid", key=str(order.pk), payload={"order_id": order.pk})
    record(action="orders.paid", target=order)
    tell_voucher(order=order, topic="promotions.used")
