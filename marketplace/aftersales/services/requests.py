"""What all steps of a request share: locking, steps, terms, the refund itself and what becomes of the part."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.aftersales import notices
from marketplace.aftersales.models import AftersalesTerms, RefundRequest, RequestEvent
from marketplace.audit.services import record
from marketplace.core.exceptions import DomainError
from marketplace.core.locking import lock_rows
from marketplace.inventory.services import return_pieces
from marketplace.orders.lock_objects import lock_order
from marketplace.orders.models import SubOrder
from marketplace.orders.services import advance_suborder, hold_parts, release_parts
from marketplace.payments import refund_plans
from marketplace.payments.models import Refund
from marketplace.payments.refund_plans import RefundItem
from marketplace.payments.services import refund_parts

Status = RefundRequest.Status
Scope = RefundRequest.Scope
Kind = RequestEvent.Kind
By = RequestEvent.By
UNSENT = (SubOrder.Status.CONFIRMED, SubOrder.Status.PACKED, SubOrder.Status.READY_FOR_PICKUP)
AT_BUYER = (SubOrder.Status.SHIPPED, SubOrder.Status.DELIVERED, SubOrder.Status.COMPLETED)


def lock_request(*, request_id: int) -> RefundRequest:
    """Lock the order, then the request, and return it freshly read with its part."""
    order_id = RefundRequest.objects.values_list("suborder__order_id", flat=True).get(pk=request_id)
    order = lock_order(order_id=order_id)
    (request,) = lock_rows(RefundRequest.objects.filter(pk=request_id).select_related("suborder__vendor"))
    request.suborder.order = order
    return request


def due_in(days_field: str) -> datetime:
    """The end of a term that begins now, by the operators' settings."""
    return timezone.now() + timedelta(days=getattr(AftersalesTerms.load(), days_field))


def add_event(
    request: RefundRequest,
    kind: str,
    by: str,
    *,
    actor: User | None = None,
    note: str = "",
    tell: bool = True,
    refund: Refund | None = None,
    amount: int | None = None,
) -> None:
    """Write a step, its audit row, and tell the other side.

    Arguments:
        refund: the one made at the provider that this step is about, with the `amount` of it in whole rupiah that is
            of the request's part.
    """
    RequestEvent.objects.create(request=request, kind=kind, by=by, note=note[:500], refund=refund, amount=amount)
    record(action=f"aftersales.{kind}", target=request, actor=actor, data={"by": by})
    if tell:
        notices.tell(request, kind=kind, by=by, note=note)


def items_of(request: RefundRequest, parts: list[SubOrder]) -> list[RefundItem]:
    """What a request takes out of its part, on freshly locked rows.

    What was granted below what was asked is an amount, spread over the part.
    """
    part = next(part for part in parts if part.pk == request.suborder_id)
    if request.amount < request.amount_asked or request.scope == Scope.AMOUNT:
        return refund_plans.of_amount([part], request.amount)
    if request.scope == Scope.WHOLE:
        return refund_plans.whole([part])
    quantities = dict(request.lines.values_list("line_id", "quantity"))
    return refund_plans.of_lines(part, quantities, with_shipping=request.with_shipping)


def start_refund(request: RefundRequest, *, actor: User | None, goods_are_back: bool = False) -> list[Refund]:
    """Let the money go back, and the part follow: cancelled when it had not left, returned when all of it is back.

    Arguments:
        goods_are_back: what came back can be sold and goes back on the shelf.

    Raises DomainError when nothing of it is left to give back, and as `refund_parts` does.
    """
    part = request.suborder
    refunds = refunds_outside(request) or refund_parts(
        order_id=part.order_id,
        plan=lambda parts: items_of(request, parts),
        reason=Refund.Reason.OFFERED if request.asked_by == RefundRequest.AskedBy.SHOP else Refund.Reason.REQUEST,
        origin=origin_of(request),
        actor=actor,
    )
    if not refunds:
        raise DomainError(_("Everything of it is back with the buyer already."), code="nothing_left")
    is_by_hand = any(refund.channel != Refund.Channel.PROVIDER for refund in refunds)
    RefundRequest.objects.filter(pk=request.pk).update(
        due_at=due_in("days_to_pay_by_hand") if is_by_hand else None, reminded_at=None
    )
    finish_part(part, actor=actor, goods_are_back=goods_are_back)
    if goods_are_back and request.scope == Scope.LINES:
        part.refresh_from_db()
        if part.status != SubOrder.Status.RETURNED:
            return_pieces(
                pieces={row.line.stock_reference: row.quantity for row in request.lines.select_related("line")}
            )
    return refunds


def finish_part(part: SubOrder, *, actor: User | None, goods_are_back: bool) -> None:
    """A part of which everything is paid back ends: what had not left is cancelled, what was sent is returned."""
    part.refresh_from_db()
    if part.refunded_total < part.gross:
        return
    if part.status in UNSENT:
        advance_suborder(suborder_id=part.pk, to=SubOrder.Status.CANCELLED, actor=actor, is_refunded=True)
    elif part.status in AT_BUYER:
        advance_suborder(suborder_id=part.pk, to=SubOrder.Status.RETURNED, actor=actor, goods_are_back=goods_are_back)


def close(request: RefundRequest) -> None:
    """Nobody has anything to do any more: the part goes on."""
    now = timezone.now()
    RefundRequest.objects.filter(pk=request.pk).update(closed_at=now, due_at=None)
    request.closed_at, request.due_at = now, None
    release_parts(suborder_ids=[request.suborder_id], cause=origin_of(request))


def hold(request: RefundRequest) -> None:
    """Until this request is closed its part is contested: not completed, not paid out."""
    hold_parts(suborder_ids=[request.suborder_id], cause=origin_of(request))


def origin_of(request: RefundRequest) -> str:
    """How the refund finds its way back to the request."""
    return f"request:{request.pk}"


def refunds_outside(request: RefundRequest) -> list[Refund]:
    """The refund made at the provider that settled this request, with what was sent again for it; mostly none."""
    settled = RequestEvent.objects.filter(request=request, kind=Kind.SETTLED)
    return list(Refund.objects.filter(origin__in=settled.values("refund__origin")).order_by("pk"))
