"""Writes to orders after the sale. Statuses change only here, by the tables of the models.

A whole order moves when money moves (`mark_paid`, `expire`, …), a part when its vendor or the buyer does something.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.audit.services import record
from marketplace.catalogue.services import set_listings_sold
from marketplace.core.exceptions import DomainError, IllegalTransition
from marketplace.inventory.services import (
    consume_reservations,
    release_reservations,
    reserve_stock,
    return_stock,
)
from marketplace.orders.lock_objects import lock_order, lock_suborders
from marketplace.orders.models import (
    Order,
    OrderLine,
    PartHold,
    PaymentMethod,
    SubOrder,
    SubOrderEvent,
    stock_reference,
)
from marketplace.orders.selectors import sold_quantities
from marketplace.outbox.services import enqueue

CASH_METHODS = (PaymentMethod.COD, PaymentMethod.PICKUP)
# PP 80/2019, article 69, and its practice: at least two working days to complain. A week covers any holidays.
RETURN_WINDOW = timedelta(days=7)
RECOUNT_AT_ONCE = 200
SETTLED = (Order.Status.PAID, Order.Status.PART_REFUNDED, Order.Status.REFUNDED)


@transaction.atomic
def mark_paid(*, order_id: int, paid_at: datetime | None = None, actor: User | None = None) -> bool:
    """The money is there: the order is paid, every part goes to its vendor, the promised stock is sold.

    Legal from pending, and from paid_late once `reserve_again` has promised the stock anew. Returns False when the
    order is paid already. Raises IllegalTransition for an expired, cancelled or refunding order.
    """
    order = lock_order(order_id=order_id)
    if order.status in SETTLED:
        return False
    was_late = order.status == Order.Status.PAID_LATE
    Order.MACHINE.advance(order, Order.Status.PAID, paid_at=paid_at or timezone.now(), expires_at=None)
    confirmable = [SubOrder.Status.PENDING, *([SubOrder.Status.CANCELLED] if was_late else [])]
    _move_parts(order, SubOrder.Status.CONFIRMED, only_from=confirmable, confirmed_at=timezone.now())
    consume_reservations(references=_references(order_id=order.pk))
    record(action="orders.paid", target=order, actor=actor, data={"late": was_late})
    enqueue(topic="order.paid", key=str(order.pk), payload={"order_id": order.pk})
    tell_voucher(order=order, topic="promotions.used")
    return True


@transaction.atomic
def confirm_unpaid(*, order_id: int) -> bool:
    """Cash on delivery or at the shop: the vendors get their parts at once, the order is paid at the handover.

    Returns False when they have them already. Raises DomainError for an order that is paid in another way.
    """
    order = lock_order(order_id=order_id)
    if order.payment_method not in CASH_METHODS:
        raise DomainError(_("Only orders paid in cash are confirmed before they are paid."), code="not_cash")
    moved = _move_parts(
        order, SubOrder.Status.CONFIRMED, only_from=[SubOrder.Status.PENDING], confirmed_at=timezone.now()
    )
    if moved:
        consume_reservations(references=_references(order_id=order.pk))
    return bool(moved)


@transaction.atomic
def mark_paid_late(*, order_id: int, actor: User | None = None) -> bool:
    """Money came for an expired or cancelled order. What follows is `reserve_again` or `start_refunding`."""
    order = lock_order(order_id=order_id)
    if not Order.MACHINE.advance(order, Order.Status.PAID_LATE):
        return False
    record(action="orders.paid_late", target=order, actor=actor)
    return True


@transaction.atomic
def reserve_again(*, order_id: int) -> None:
    """Promise the stock of an order anew, after it was released. Raises InsufficientStock when something is gone."""
    lines = OrderLine.objects.filter(suborder__order_id=order_id, variant__isnull=False)
    if OrderLine.objects.filter(suborder__order_id=order_id, variant=None).exists():
        raise DomainError(_("Something in this order is no longer sold."), code="insufficient_stock")
    reserve_stock(
        items=[
            (variant_id, quantity, stock_reference(pk))
            for pk, variant_id, quantity in lines.values_list("pk", "variant_id", "quantity")
        ],
        expires_at=None,
    )


@transaction.atomic
def start_refunding(*, order_id: int, reason: str, actor: User | None = None) -> bool:
    """A late payment goes back in full, since its stock is gone."""
    order = lock_order(order_id=order_id)
    if not Order.MACHINE.advance(order, Order.Status.REFUNDING):
        return False
    record(action="orders.refunding", target=order, actor=actor, data={"reason": reason})
    return True


@transaction.atomic
def mark_refunded(*, order_id: int, actor: User | None = None) -> bool:
    """The whole amount went back to the buyer."""
    order = lock_order(order_id=order_id)
    if not Order.MACHINE.advance(order, Order.Status.REFUNDED):
        return False
    record(action="orders.refunded", target=order, actor=actor)
    return True


@transaction.atomic
def note_money_back(*, order_id: int, amount: int, actor: User | None = None) -> bool:
    """So much of a paid order is back with the buyer by now: it is partly or wholly refunded. False when it was so."""
    order = lock_order(order_id=order_id)
    if amount <= 0 or order.status not in (Order.Status.PAID, Order.Status.PART_REFUNDED):
        return False
    to = Order.Status.REFUNDED if amount >= order.total else Order.Status.PART_REFUNDED
    if not Order.MACHINE.advance(order, to):
        return False
    record(action=f"orders.{to}", target=order, actor=actor, data={"amount": amount})
    return True


@transaction.atomic
def hold_parts(*, suborder_ids: Iterable[int], cause: str) -> int:
    """Something about these parts is open (`cause`, e.g. "request:12"): they are contested. Returns how many now are.

    Call it with the order locked, as `release_parts`.
    """
    ids = list(suborder_ids)
    PartHold.objects.bulk_create([PartHold(suborder_id=pk, cause=cause) for pk in ids], ignore_conflicts=True)
    return SubOrder.objects.filter(pk__in=ids, is_contested=False).update(is_contested=True)


@transaction.atomic
def release_parts(*, suborder_ids: Iterable[int], cause: str) -> int:
    """That is over. A part goes on when nothing else holds it. Returns how many do."""
    ids = list(suborder_ids)
    PartHold.objects.filter(suborder__in=ids, cause=cause).delete()
    free = SubOrder.objects.filter(~Exists(PartHold.objects.filter(suborder=OuterRef("pk"))), pk__in=ids)
    return free.filter(is_contested=True).update(is_contested=False)


@transaction.atomic
def flag_for_review(*, order_id: int, reason: str) -> None:
    """Put an order on the operators' list: something about its money does not add up."""
    order = lock_order(order_id=order_id)
    Order.objects.filter(pk=order.pk).update(needs_review=True, review_reason=reason[:255])
    record(action="orders.needs_review", target=order, data={"reason": reason})


@transaction.atomic
def expire(*, order_id: int) -> bool:
    """Nobody paid in time: the stock goes back on the shelf. Call it once the provider says the session is closed."""
    return _close_unpaid(order_id=order_id, to=Order.Status.EXPIRED, actor=None, reason="", topic="order.expired")


@transaction.atomic
def cancel(*, order_id: int, actor: User | None = None, reason: str = "") -> bool:
    """Cancel an unpaid order, as long as no part has left its shop. Returns False when it is cancelled already."""
    return _close_unpaid(
        order_id=order_id, to=Order.Status.CANCELLED, actor=actor, reason=reason, topic="order.cancelled"
    )


def _close_unpaid(*, order_id: int, to: str, actor: User | None, reason: str, topic: str) -> bool:
    order = lock_order(order_id=order_id)
    if order.status == to:
        return False
    parts = lock_suborders(order_id=order.pk)
    closable = SubOrder.MACHINE.sources_of(SubOrder.Status.CANCELLED)
    if any(part.status not in (*closable, SubOrder.Status.CANCELLED) for part in parts):
        raise IllegalTransition(
            _("Part of this order is on its way already. Contact the shop to send it back."), code="order.shipped"
        )
    Order.MACHINE.advance(order, to)
    _move_parts(order, SubOrder.Status.CANCELLED, only_from=closable, note=reason)
    references = _references(order_id=order.pk)
    release_reservations(references=references)
    return_stock(references=references)
    record(action=f"orders.{to}", target=order, actor=actor, data={"reason": reason})
    enqueue(topic=topic, key=str(order.pk), payload={"order_id": order.pk})
    tell_voucher(order=order, topic="promotions.release")
    return True


@transaction.atomic
def advance_suborder(
    *,
    suborder_id: int,
    to: str,
    actor: User | None,
    note: str = "",
    tracking_number: str = "",
    courier: str = "",
    is_refunded: bool = False,
    goods_are_back: bool = False,
) -> bool:
    """Move one part a step: packed, shipped, ready for pickup, delivered, completed, cancelled or returned.

    `is_refunded` says that the money goes back in the same transaction: only then is a paid part cancelled.
    `goods_are_back` puts the goods of a returned part back on the shelf; those of a cancelled one never left it.

    Who may do it is the policy's question (`orders.policies`); here stand the rules of the thing itself. Returns False
    when the part is there already. Raises IllegalTransition for a step that the table does not have, DomainError for
    one that does not fit the delivery or lacks the courier.
    """
    order_id = SubOrder.objects.values_list("order_id", flat=True).get(pk=suborder_id)
    order = lock_order(order_id=order_id)
    part = next(row for row in lock_suborders(order_id=order_id) if row.pk == suborder_id)
    if part.status == to:
        return False
    _check_step(order, part, to, courier=courier, tracking_number=tracking_number, is_refunded=is_refunded)
    fields: dict[str, Any] = {}
    if to == SubOrder.Status.SHIPPED:
        fields = {"courier": courier, "tracking_number": tracking_number}
    elif to == SubOrder.Status.DELIVERED:
        fields = {"delivered_at": timezone.now()}
    SubOrder.MACHINE.advance(part, to, **fields)
    SubOrderEvent.objects.create(suborder=part, status=to, note=note[:255])
    if to == SubOrder.Status.CANCELLED or (to == SubOrder.Status.RETURNED and goods_are_back):
        references = _references(suborder_id=part.pk)
        release_reservations(references=references)
        return_stock(references=references)
    _settle_cash_order(order)
    record(action=f"orders.part_{to}", target=part, actor=actor, data={"note": note} if note else {})
    enqueue(topic="suborder.advanced", key=f"{part.pk}:{to}", payload={"suborder_id": part.pk, "status": str(to)})
    return True


def _check_step(
    order: Order, part: SubOrder, to: str, *, courier: str, tracking_number: str, is_refunded: bool
) -> None:
    is_pickup = part.delivery == SubOrder.Delivery.PICKUP
    if to == SubOrder.Status.SHIPPED and is_pickup:
        raise DomainError(_("The buyer picks this up. Mark it as ready for pickup instead."), code="wrong_delivery")
    if to == SubOrder.Status.READY_FOR_PICKUP and not is_pickup:
        raise DomainError(_("The buyer waits for a delivery. Mark it as sent instead."), code="wrong_delivery")
    if to == SubOrder.Status.SHIPPED and part.delivery == SubOrder.Delivery.SHIPPING:
        if not courier:
            raise DomainError(_("Which courier? Write its name."), code="courier_missing", field="courier")
        if not tracking_number:
            raise DomainError(
                _("Copy the tracking number from the courier's receipt."),
                code="tracking_missing",
                field="tracking_number",
            )
    if to == SubOrder.Status.CONFIRMED:
        raise IllegalTransition(_("An order is confirmed by its payment."), code="suborder.confirmed_by_payment")
    if to == SubOrder.Status.CANCELLED and order.status != Order.Status.PENDING and not is_refunded:
        raise DomainError(_("This part is paid. Cancel it with its refund."), code="paid")


def _settle_cash_order(order: Order) -> None:
    """A cash order is paid when its last part is handed over, and cancelled when every part is.

    What the buyer refused at the door came back without having been received: nobody paid for it.
    """
    if order.payment_method not in CASH_METHODS or order.status != Order.Status.PENDING:
        return
    refused = Q(status=SubOrder.Status.RETURNED, delivered_at=None)
    parts = SubOrder.objects.filter(order_id=order.pk).exclude(refused)
    remaining = set(parts.values_list("status", flat=True)) - {SubOrder.Status.CANCELLED}
    if not remaining:
        Order.MACHINE.advance(order, Order.Status.CANCELLED)
        record(action="orders.cancelled", target=order, data={"reason": "every part cancelled"})
        tell_voucher(order=order, topic="promotions.release")
    elif remaining <= {SubOrder.Status.DELIVERED, SubOrder.Status.COMPLETED, SubOrder.Status.RETURNED}:
        Order.MACHINE.advance(order, Order.Status.PAID, paid_at=timezone.now())
        record(action="orders.cash_collected", target=order)
        tell_voucher(order=order, topic="promotions.used")


def tell_voucher(*, order: Order, topic: str) -> None:
    """After the commit: the order's voucher is used for good, or free again. Its row is locked apart from stock."""
    if order.voucher_code:
        enqueue(topic=topic, key=order.number, payload={"reference": order.number})


def confirm_receipt(*, suborder_id: int, actor: User | None) -> bool:
    """The buyer has it in their hands. Returns False when that was known already."""
    part = SubOrder.objects.get(pk=suborder_id)
    if part.status in (SubOrder.Status.DELIVERED, SubOrder.Status.COMPLETED):
        return False
    return advance_suborder(suborder_id=suborder_id, to=SubOrder.Status.DELIVERED, actor=actor)


def complete_received(*, now: datetime | None = None, limit: int = 500) -> int:
    """Complete the parts whose time to complain is over; run by the clock. Returns how many."""
    before = (now or timezone.now()) - RETURN_WINDOW
    due = SubOrder.objects.filter(
        status=SubOrder.Status.DELIVERED, delivered_at__lte=before, is_contested=False
    ).order_by("pk")
    done = 0
    for suborder_id in list(due.values_list("pk", flat=True)[:limit]):
        try:
            done += advance_suborder(suborder_id=suborder_id, to=SubOrder.Status.COMPLETED, actor=None)
        except IllegalTransition:
            # Returned in the meantime: then it is not completed, and nothing is lost.
            continue
    return done


def recount_sales(*, order_id: int | None = None) -> int:
    """Write how often things were sold into their cards: those of one order after its sale, or of all by the clock."""
    lines = OrderLine.objects.filter(product__isnull=False).order_by()
    if order_id is not None:
        lines = lines.filter(suborder__order_id=order_id)
    product_ids = sorted(set(lines.values_list("product_id", flat=True).distinct()))
    return sum(
        set_listings_sold(sold=sold_quantities(product_ids=product_ids[start : start + RECOUNT_AT_ONCE]))
        for start in range(0, len(product_ids), RECOUNT_AT_ONCE)
    )


def _move_parts(order: Order, to: str, *, only_from: Iterable[str], note: str = "", **fields: object) -> list[int]:
    """Move every part of `order` that is in one of `only_from` by one conditional UPDATE, and write its step."""
    sources = [status for status in only_from if SubOrder.MACHINE.allows(status, to)]
    moving = [part.pk for part in lock_suborders(order_id=order.pk) if part.status in sources]
    SubOrder.objects.filter(pk__in=moving, status__in=sources).update(status=to, **fields)
    SubOrderEvent.objects.bulk_create(SubOrderEvent(suborder_id=pk, status=to, note=note[:255]) for pk in moving)
    return moving


def _references(*, order_id: int | None = None, suborder_id: int | None = None) -> list[str]:
    asked = {"suborder_id": suborder_id} if suborder_id else {"suborder__order_id": order_id}
    lines = OrderLine.objects.filter(**asked)
    return [stock_reference(pk) for pk in lines.values_list("pk", flat=True)]
