"""Disputes: a buyer's bank takes a payment back for now, somebody answers at the provider, the bank decides.

The movements on our balance are booked as the provider tells them, each once. A lost dispute is taken out of the shops'
balances as a refund would be; a won one leaves no trace but the fee that came and went.
"""

import hashlib

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from marketplace.audit.services import record
from marketplace.core.dates import format_local_date
from marketplace.core.exceptions import IllegalTransition
from marketplace.core.money import format_rupiah
from marketplace.ledger.models import Account
from marketplace.ledger.services import Line, post_entry
from marketplace.orders.lock_objects import lock_order, lock_parts_with_lines
from marketplace.orders.models import Order, SubOrder
from marketplace.orders.services import advance_suborder, flag_for_review, hold_parts, release_parts
from marketplace.payments.models import Dispute, PaymentAttempt, Refund
from marketplace.payments.providers.base import DisputeSnapshot, Movement
from marketplace.payments.refund_plans import of_amount, remaining_of
from marketplace.payments.services.part_refunds import book_shares, paying_attempt, write_lines
from marketplace.payments.services.refunds import end_refund, take_from_payment
from marketplace.payments.services.telling import tell_operators, tell_shops

Status = Dispute.Status
UNSENT = (SubOrder.Status.CONFIRMED, SubOrder.Status.PACKED, SubOrder.Status.READY_FOR_PICKUP)


@transaction.atomic
def note_dispute(*, attempt_id: int, snapshot: DisputeSnapshot) -> Dispute:
    """Bring a dispute to what the provider says. Harmless to repeat, in any order.

    Arguments:
        snapshot: fresh from the provider, fetched before this transaction began.
    """
    order_id = PaymentAttempt.objects.values_list("order_id", flat=True).get(pk=attempt_id)
    order = lock_order(order_id=order_id)
    attempt = PaymentAttempt.objects.select_for_update().get(pk=attempt_id)
    dispute = Dispute.objects.filter(provider_dispute_id=snapshot.dispute_id).first()
    for movement in snapshot.movements:
        _book_movement(order, movement)
    if dispute is None:
        dispute = _open(order, attempt, snapshot)
    Dispute.objects.filter(pk=dispute.pk).update(evidence_due_at=snapshot.evidence_due_at)
    dispute.evidence_due_at = snapshot.evidence_due_at
    if dispute.status == snapshot.status or not Dispute.MACHINE.allows(dispute.status, snapshot.status):
        return dispute
    closes = snapshot.status not in Dispute.OPEN
    Dispute.MACHINE.advance(dispute, snapshot.status, closed_at=timezone.now() if closes else None)
    record(action=f"payments.dispute_{snapshot.status}", target=dispute, data={"order": order.number})
    if closes:
        _close(order, attempt, dispute)
    return dispute


def _open(order: Order, attempt: PaymentAttempt, snapshot: DisputeSnapshot) -> Dispute:
    status = snapshot.status if snapshot.status in Dispute.OPEN else Status.NEEDS_RESPONSE
    if snapshot.amount is None or not 0 < snapshot.amount <= attempt.amount:
        flag_for_review(
            order_id=order.pk,
            reason=gettext_noop("The amount of a dispute is not one of this payment. Look at it there."),
        )
    dispute = Dispute.objects.create(
        attempt=attempt,
        provider_dispute_id=snapshot.dispute_id,
        amount=snapshot.amount if snapshot.amount and snapshot.amount > 0 else attempt.amount,
        status=status,
        reason=snapshot.reason[:40],
        evidence_due_at=snapshot.evidence_due_at,
        opened_at=snapshot.opened_at,
    )
    record(action="payments.dispute_opened", target=dispute, data={"order": order.number, "amount": dispute.amount})
    flag_for_review(
        order_id=order.pk,
        reason=gettext_noop("The buyer disputes this payment. Answer at the provider before its deadline."),
    )
    hold_parts(suborder_ids=order.suborders.values_list("pk", flat=True), cause=_name(dispute))
    _tell(order, dispute, "dispute_opened")
    return dispute


def _close(order: Order, attempt: PaymentAttempt, dispute: Dispute) -> None:
    release_parts(suborder_ids=order.suborders.values_list("pk", flat=True), cause=_name(dispute))
    if dispute.status == Status.LOST:
        _charge_shops(order, attempt, dispute)
    _tell(order, dispute, "dispute_closed")


def _book_movement(order: Order, movement: Movement) -> None:
    if movement.amount is None or movement.fee is None:
        flag_for_review(order_id=order.pk, reason=gettext_noop("The provider moved an amount that is no whole rupiah."))
        return
    post_entry(
        kind="dispute.movement",
        reference=movement.movement_id,
        postings=[
            Line(Account.GATEWAY_CLEARING, movement.amount - movement.fee),
            Line(Account.DISPUTE, -movement.amount),
            Line(Account.GATEWAY_FEE, movement.fee),
        ],
        occurred_at=timezone.now(),
    )


def _charge_shops(order: Order, attempt: PaymentAttempt, dispute: Dispute) -> None:
    """What the bank took is taken from the shops, each with its share, as far as it was theirs."""
    parts = lock_parts_with_lines(order_id=order.pk)
    left = min(sum(remaining_of(part).total for part in parts), attempt.amount - attempt.refunded)
    is_of_the_sale = paying_attempt(order=order) == attempt
    amount = min(dispute.amount, left) if is_of_the_sale else 0
    if amount < dispute.amount:
        flag_for_review(
            order_id=order.pk,
            reason=gettext_noop("The bank took back more than was left of this payment. Settle the rest by hand."),
        )
    if not amount:
        return
    items = of_amount(parts, amount)
    take_from_payment(attempt=attempt, amount=amount)
    key = hashlib.sha256(f"{attempt.idempotency_key}:{dispute.provider_dispute_id}".encode()).hexdigest()
    refund = Refund.objects.create(
        attempt=attempt,
        amount=amount,
        reason=Refund.Reason.DISPUTE,
        channel=Refund.Channel.BANK,
        status=Refund.Status.SUCCEEDED,
        idempotency_key=f"dispute-{key[:48]}",
        origin=_name(dispute),
        finished_at=timezone.now(),
    )
    write_lines(refund, items)
    book_shares(refund, items, kind="dispute.lost", credit=Account.DISPUTE)
    end_refund(order, refund)
    stop_unsent(order)


def stop_unsent(order: Order) -> None:
    """What is not on its way yet and fully taken back need not be sent any more: the goods go back on the shelf."""
    for part in SubOrder.objects.filter(order=order, status__in=UNSENT).order_by("pk"):
        if part.refunded_total == part.gross:
            try:
                advance_suborder(suborder_id=part.pk, to=SubOrder.Status.CANCELLED, actor=None, is_refunded=True)
            except IllegalTransition:
                continue


def _tell(order: Order, dispute: Dispute, kind: str) -> None:
    """The shops that sold it and the operators who must answer."""
    words = {
        "number": order.number,
        "amount": format_rupiah(dispute.amount),
        "status": dispute.status,
        "reason": dispute.reason,
    }
    tell_shops(parts=order.suborders.all(), kind=kind, words=lambda _part: words)
    tell_operators(kind=kind, words=lambda: words | {"due": _due(dispute)})


def _due(dispute: Dispute) -> str:
    return format_local_date(dispute.evidence_due_at, "long") if dispute.evidence_due_at else ""


def _name(dispute: Dispute) -> str:
    """By which the parts that it holds and the refund that it ends in know it."""
    return f"dispute:{dispute.pk}"
