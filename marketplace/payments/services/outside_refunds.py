"""Refunds that somebody made at the provider itself, e.g. in Stripe's dashboard: the books learn of them afterwards.

The money is gone already, so each is booked at once and exactly once. Whose sale it was is plain for an order of one
shop, and when everything that was left went back. Otherwise an operator says so (`assign_refund`); until then the parts
of the order are held, so that no shop is paid what the buyer may have back.
"""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.audit.services import record
from marketplace.core.exceptions import DomainError
from marketplace.core.money import format_rupiah
from marketplace.ledger.models import Account
from marketplace.ledger.services import Line, post_entry
from marketplace.orders.lock_objects import lock_order, lock_parts_with_lines
from marketplace.orders.models import Order, SubOrder
from marketplace.orders.services import flag_for_review, hold_parts, release_parts
from marketplace.outbox.services import enqueue
from marketplace.payments.models import PaymentAttempt, Refund
from marketplace.payments.providers.base import RefundSnapshot
from marketplace.payments.refund_plans import RefundItem, by_part, of_amount, remaining_of
from marketplace.payments.selectors import OUTSIDE_KEY
from marketplace.payments.services.disputes import stop_unsent
from marketplace.payments.services.part_refunds import book_shares, paying_attempt, write_lines
from marketplace.payments.services.refunds import (
    NOT_OF_THE_SALE,
    OUTSIDE_FAILED,
    book_refund,
    hold_cause,
    note_refund,
    take_from_payment,
)
from marketplace.payments.services.telling import tell_operators, tell_shops

Status = Refund.Status
Reason = Refund.Reason
REQUESTED = "refund.requested"
NOTICE = "refund_outside"
# What slices further left count such a refund by, once its shops are known; payload: refund_id and put_down_at.
PUT_DOWN_TOPIC = "payments.refund_put_down"


@transaction.atomic
def note_outside_refund(*, attempt_id: int, snapshot: RefundSnapshot) -> Refund | None:
    """Book a refund that we did not ask for, and bring it to what the provider says. Harmless to repeat, in any order.

    One over the amount of a refund of ours that failed stands for it: somebody sent it again by hand. None for one that
    had failed before we heard of it.

    Arguments:
        attempt_id: of a paid attempt.
        snapshot: fresh from the provider, fetched before this transaction began.

    Raises DomainError when more would be back than was paid, or no whole rupiah; then nothing is booked.
    """
    order = lock_order(order_id=PaymentAttempt.objects.values_list("order_id", flat=True).get(pk=attempt_id))
    attempt = PaymentAttempt.objects.select_for_update().get(pk=attempt_id)
    refund = Refund.objects.filter(provider_refund_id=snapshot.refund_id).first()
    if refund is None:
        if snapshot.status == Status.FAILED:
            flag_for_review(order_id=order.pk, reason=OUTSIDE_FAILED)
            return None
        refund = _write(order, attempt, snapshot)
    note_refund(refund_id=refund.pk, snapshot=snapshot)
    refund.refresh_from_db()
    return refund


@transaction.atomic
def assign_refund(*, refund_id: int, amounts: Mapping[int, int], actor: User) -> bool:
    """An operator says whose sales a refund was that somebody made at the provider. False when that was said before.

    Arguments:
        amounts: what each part of the order (by its number) gives back; together the refund, none above what is left.

    Raises DomainError otherwise, and for a refund that failed there or was made here.
    """
    order = lock_order(order_id=Refund.objects.values_list("attempt__order_id", flat=True).get(pk=refund_id))
    refund = Refund.objects.select_for_update(of=("self",)).select_related("attempt").get(pk=refund_id)
    if refund.reason != Reason.OUTSIDE or refund.status == Status.FAILED:
        raise DomainError(_("This refund needs no shop. Reload the page."), code="not_to_assign")
    if refund.lines.exists():
        return False
    parts = {part.pk: part for part in lock_parts_with_lines(order_id=order.pk)}
    shares = {pk: amount for pk, amount in amounts.items() if amount}
    if not set(shares) <= set(parts) or min(shares.values(), default=0) < 0 or sum(shares.values()) != refund.amount:
        raise DomainError(
            _("The shops' shares must add up to %(amount)s, which went back.")
            % {"amount": format_rupiah(refund.amount)},
            code="shares_differ",
        )
    items = [item for pk, amount in sorted(shares.items()) for item in of_amount([parts[pk]], amount)]
    _put_down(order, refund, items, kind="refund.assigned", credit=Account.REFUND_UNASSIGNED)
    release_parts(suborder_ids=parts, cause=hold_cause(refund))
    record(
        action="payments.refund_assigned",
        target=refund,
        actor=actor,
        data={"order": order.number, "shares": {str(pk): amount for pk, amount in shares.items()}},
    )
    return True


def _write(order: Order, attempt: PaymentAttempt, snapshot: RefundSnapshot) -> Refund:
    if not snapshot.amount:
        raise DomainError(_("The provider moved an amount that is no whole rupiah."), code="not_whole")
    failed = _failed_before(attempt, snapshot.amount)
    is_of_the_sale = paying_attempt(order=order) == attempt
    take_from_payment(attempt=attempt, amount=snapshot.amount)
    reason = Reason.OUTSIDE if is_of_the_sale else _why_not_of_the_sale(attempt)
    refund = Refund.objects.create(
        attempt=attempt,
        amount=snapshot.amount,
        reason=Reason.AGAIN if failed else reason,
        replaces=failed,
        origin=failed.origin if failed else f"outside:{snapshot.refund_id}"[:60],
        status=Status.SUBMITTED,
        idempotency_key=f"{OUTSIDE_KEY}{snapshot.refund_id}"[:64],
        provider_refund_id=snapshot.refund_id,
    )
    record(
        action="payments.refund_found",
        target=refund,
        data={"order": order.number, "amount": refund.amount, "provider": snapshot.refund_id},
    )
    if failed or not is_of_the_sale:
        # What we owe the buyer lies in the suspense already.
        book_refund(refund, REQUESTED, Account.BUYER_SUSPENSE, Account.REFUND_IN_TRANSIT)
        return refund
    items = _whose(lock_parts_with_lines(order_id=order.pk), refund.amount)
    if items:
        _put_down(order, refund, items, kind=REQUESTED, credit=Account.REFUND_IN_TRANSIT)
    else:
        _leave_open(order, refund)
    return refund


def _failed_before(attempt: PaymentAttempt, amount: int) -> Refund | None:
    """The refund that failed and that this one stands for: what an operator sends again at the provider."""
    failed = Refund.objects.filter(attempt=attempt, amount=amount, status=Status.FAILED, replaced_by=None)
    return next((refund for refund in failed.order_by("pk") if not refund.is_unassigned), None)


def _why_not_of_the_sale(attempt: PaymentAttempt) -> str:
    ours = Refund.objects.filter(attempt=attempt, reason__in=NOT_OF_THE_SALE).order_by("pk").first()
    return ours.reason if ours else Reason.DUPLICATE


def _whose(parts: Sequence[SubOrder], amount: int) -> list[RefundItem]:
    """What the refund is for, where that is plain; nothing where an operator has to say so."""
    left = {part.pk: remaining_of(part).total for part in parts}
    with_money = [part for part in parts if left[part.pk]]
    if len(with_money) == 1 or amount == sum(left.values()):
        return of_amount(with_money, amount)
    return []


def _put_down(order: Order, refund: Refund, items: Sequence[RefundItem], *, kind: str, credit: Account) -> None:
    """Each shop gives back its share and is told, what need not be sent any more is stopped, requests count it."""
    write_lines(refund, items)
    book_shares(refund, items, kind=kind, credit=credit)
    stop_unsent(order)
    enqueue(
        topic=PUT_DOWN_TOPIC,
        key=str(refund.pk),
        payload={"refund_id": refund.pk, "put_down_at": timezone.now().isoformat()},
    )
    shares = by_part(items)
    tell_shops(
        parts=order.suborders.filter(pk__in=shares),
        kind=NOTICE,
        words=lambda part: {"number": order.number, "amount": format_rupiah(shares[part.pk])},
    )


def _leave_open(order: Order, refund: Refund) -> None:
    """Nobody can tell whose sale it was: no shop of the order is paid out until an operator has said so."""
    post_entry(
        kind=REQUESTED,
        reference=refund.idempotency_key,
        postings=[Line(Account.REFUND_UNASSIGNED, refund.amount), Line(Account.REFUND_IN_TRANSIT, -refund.amount)],
        occurred_at=timezone.now(),
    )
    hold_parts(suborder_ids=order.suborders.values_list("pk", flat=True), cause=hold_cause(refund))
    words = {"number": order.number, "amount": format_rupiah(refund.amount)}
    tell_operators(kind=NOTICE, words=lambda: words)
