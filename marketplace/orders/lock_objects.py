"""Locks of orders. An order is locked before its parts, parts in primary key order, stock last."""

from django.db.models import Prefetch

from marketplace.core.locking import lock_rows
from marketplace.orders.models import Order, OrderLine, SubOrder


def lock_order(*, order_id: int) -> Order:
    """Lock this order and return it freshly read. Raises Order.DoesNotExist."""
    rows = lock_rows(Order.objects.filter(pk=order_id))
    if not rows:
        raise Order.DoesNotExist(f"there is no order {order_id}")
    return rows[0]


def lock_suborders(*, order_id: int) -> list[SubOrder]:
    """Lock all parts of this order and return them freshly read."""
    return lock_rows(SubOrder.objects.filter(order_id=order_id))


def lock_parts_with_lines(*, order_id: int) -> list[SubOrder]:
    """Lock all parts of this order and return them freshly read, their lines loaded with them."""
    parts = SubOrder.objects.filter(order_id=order_id)
    return lock_rows(parts.prefetch_related(Prefetch("lines", queryset=OrderLine.objects.order_by("pk"))))
