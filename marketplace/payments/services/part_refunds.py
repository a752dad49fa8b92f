"""Refunds of what was sold: planned on locked rows, counted, booked, and sent by the provider or by hand.

While nobody had the goods as paid (late, twice), `refunds.request_refund` is the way. Here shops give back what they
were owed, and the site the commission on it.
"""

import hashlib
from collections.abc import Callable, Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.audit.services import record
from marketplace.core.exceptions import DomainError
from marketplace.ledger.models import Account, JournalEntry
from marketplace.ledger.services import Line, post_entry, reverse_entry
from marketplace.orders.lock_objects import lock_order, lock_parts_with_lines
from marketplace.orders.models import Order, OrderLine, SubOrder
from marketplace.payments.models import Dispute, PaymentAttempt, Refund, RefundLine
from marketplace.payments.providers import PROVIDERS
from marketplace.payments.refund_plans import RefundItem, total_of
from marketplace.payments.services.refunds import (
    book_refund,
    end_refund,
    take_from_payment,
    tell_others,
    write_provider_refund,
)
from marketplace.payments.services.shares import promotion_back_lines, refund_share_lines

Status = Refund.Status
Channel = Refund.Channel
CASH_BACK = "cash.refund"
Plan = Callable[[list[SubOrder]], Sequence[RefundItem]]


@transaction.atomic
def refund_parts(
    *, order_id: int, plan: Plan, reason: str, origin: str, actor: User | None = None, note: str = ""
) -> list[Refund]:
    """Give money of a sale back, once per `origin`. Returns the refunds: one, or one per shop where it is by hand.

    Arguments:
        plan: gets the order's parts, locked and freshly read with their lines, and says what goes back
            (`refund_plans`). Nothing to give back is no refund.

    Raises DomainError when nothing was paid, while the buyer's bank decides about the payment, and for more than is
    left. What the provider takes back is taken out of the shops' balances at once; a balance may become negative.
    """
    order = lock_order(order_id=order_id)
    known = list(Refund.objects.filter(attempt__order=order, origin=origin).order_by("pk"))
    if known:
        return known
    items = [item for item in plan(lock_parts_with_lines(order_id=order.pk)) if item.amount]
    if not items:
        return []
    attempt = paying_attempt(order=order)
    if attempt is None:
        raise DomainError(_("Nothing was paid here that could go back."), code="not_paid")
    if Dispute.objects.filter(attempt=attempt, status__in=Dispute.OPEN).exists():
        raise DomainError(
            _("The buyer's bank is deciding about this payment. Wait for its decision, so that nobody is paid twice."),
            code="disputed",
        )
    if not PROVIDERS[attempt.provider].refunds_by_hand:
        return [_by_provider(attempt, items, reason=reason, origin=origin, actor=actor, note=note)]
    return _by_shops(order, attempt, items, reason=reason, origin=origin, actor=actor, note=note)


def paying_attempt(*, order: Order) -> PaymentAttempt | None:
    """The attempt whose money the sale is: for cash the one that is collected at the handover."""
    attempts = PaymentAttempt.objects.filter(order=order, provider__in=PROVIDERS).order_by("-pk")
    wanted = [PaymentAttempt.Status.PAID]
    if any(PROVIDERS[attempt.provider].refunds_by_hand for attempt in attempts):
        wanted.append(PaymentAttempt.Status.OPEN)
    paid = attempts.filter(status__in=wanted)
    # Sent back as a whole since it came twice or too late: not what the sale stands on.
    return paid.exclude(refunds__reason__in=(Refund.Reason.DUPLICATE, Refund.Reason.LATE)).first()


def _by_provider(
    attempt: PaymentAttempt, items: Sequence[RefundItem], *, reason: str, origin: str, actor: User | None, note: str
) -> Refund:
    amount = total_of(items)
    take_from_payment(attempt=attempt, amount=amount)
    refund = write_provider_refund(
        attempt=attempt,
        amount=amount,
        reason=reason,
        key=_key(attempt, origin),
        origin=origin,
        requested_by=actor,
        note=note[:500],
    )
    write_lines(refund, items)
    book_shares(refund, items, kind="refund.requested", credit=Account.REFUND_IN_TRANSIT)
    return refund


def _by_shops(
    order: Order,
    attempt: PaymentAttempt,
    items: Sequence[RefundItem],
    *,
    reason: str,
    origin: str,
    actor: User | None,
    note: str,
) -> list[Refund]:
    """One refund for each shop, which has the money and pays it back itself."""
    refunds = []
    for part in order.suborders.order_by("pk"):
        mine = [item for item in items if item.suborder_id == part.pk]
        if not mine:
            continue
        take_from_payment(attempt=attempt, amount=total_of(mine))
        refund = Refund.objects.create(
            attempt=attempt,
            amount=total_of(mine),
            reason=reason,
            channel=Channel.SHOP,
            vendor_id=part.vendor_id,
            idempotency_key=_key(attempt, origin, part.pk),
            origin=origin,
            requested_by=actor,
            note=note[:500],
        )
        write_lines(refund, mine)
        record(action="payments.refund_requested", target=refund, actor=actor, data={"amount": refund.amount})
        refunds.append(refund)
    return refunds


def write_lines(refund: Refund, items: Sequence[RefundItem]) -> None:
    """Write what a refund is for, and count it on lines and parts by conditional UPDATEs.

    Raises DomainError where one of them has less left than the items were planned on.
    """
    RefundLine.objects.bulk_create(
        RefundLine(
            refund=refund,
            suborder_id=item.suborder_id,
            line_id=item.line_id,
            quantity=item.quantity,
            amount=item.amount,
            commission=item.commission,
        )
        for item in items
    )
    for item in items:
        counted = SubOrder.objects.filter(pk=item.suborder_id, refunded_total__lte=F("gross") - item.amount).update(
            refunded_total=F("refunded_total") + item.amount,
            refunded_commission=F("refunded_commission") + item.commission,
            refunded_shipping=F("refunded_shipping") + (item.amount if item.line_id is None else 0),
        )
        if item.line_id is not None:
            counted &= OrderLine.objects.filter(
                pk=item.line_id,
                refunded_amount__lte=F("total") - item.amount,
                refunded_quantity__lte=F("quantity") - item.quantity,
            ).update(
                refunded_amount=F("refunded_amount") + item.amount,
                refunded_quantity=F("refunded_quantity") + item.quantity,
            )
        if not counted:
            raise DomainError(_("Part of this was refunded meanwhile. Reload the page."), code="refunded_meanwhile")


def book_shares(refund: Refund, items: Sequence[RefundItem], *, kind: str, credit: Account) -> None:
    """Each shop gives back its share, the site its commission and the delivery where it sends."""
    lines = [Line(credit, -total_of(items)), *_share_lines(items)]
    post_entry(kind=kind, reference=refund.idempotency_key, postings=lines, occurred_at=timezone.now())


def _share_lines(items: Sequence[RefundItem]) -> list[Line]:
    parts = {part.pk: part for part in SubOrder.objects.filter(pk__in={item.suborder_id for item in items})}
    lines: list[Line] = []
    for item in items:
        lines += refund_share_lines(
            parts[item.suborder_id],
            amount=item.amount,
            commission=item.commission,
            is_delivery=item.line_id is None,
        )
    for part in parts.values():
        lines += promotion_back_lines(part)
    return lines


@transaction.atomic
def confirm_by_hand(*, refund_id: int, actor: User, note: str) -> bool:
    """The shop or the operator has paid a refund back by hand. Returns False when that was noted before.

    Raises DomainError without a note (how, when, to which account): it is the only trace of such a payment.
    """
    if not note.strip():
        raise DomainError(
            _("Write how and when you paid it back, so that nobody has to ask."), code="note_missing", field="note"
        )
    order_id = Refund.objects.values_list("attempt__order_id", flat=True).get(pk=refund_id)
    order = lock_order(order_id=order_id)
    refund = Refund.objects.select_for_update(of=("self",)).select_related("attempt", "replaces").get(pk=refund_id)
    if refund.channel not in (Channel.SHOP, Channel.OPERATOR):
        raise DomainError(_("The payment provider sends this one. There is nothing to do."), code="not_by_hand")
    if not Refund.MACHINE.advance(refund, Status.SUCCEEDED, finished_at=timezone.now(), note=note.strip()[:500]):
        return False
    record(action="payments.refund_paid_by_hand", target=refund, actor=actor, data={"amount": refund.amount})
    if refund.replaces is not None:
        # The money is at the provider; whoever paid it out of their own pocket is owed it.
        if refund.channel == Channel.SHOP:
            account, vendor_id = Account.VENDOR_PAYABLE, refund.vendor_id
        else:
            account, vendor_id = Account.BANK, None
        book_refund(refund, "refund.succeeded", Account.REFUND_IN_TRANSIT, account, vendor_id=vendor_id)
    else:
        _book_cash_back(refund)
    end_refund(order, refund)
    return True


def _book_cash_back(refund: Refund) -> None:
    """The shop took the cash and gave it back: what is left of it in the books is the commission it no longer owes."""
    items = _items_of(refund)
    lines = _share_lines(items)
    lines += [Line(Account.VENDOR_PAYABLE, -item.amount, refund.vendor_id, item.suborder_id) for item in items]
    if any(line.account in (Account.COMMISSION, Account.SHIPPING, Account.PROMOTION) and line.amount for line in lines):
        post_entry(kind=CASH_BACK, reference=refund.idempotency_key, postings=lines, occurred_at=timezone.now())


@transaction.atomic
def repeat_refund(*, refund_id: int, channel: str, actor: User, vendor_id: int | None = None) -> Refund:
    """A failed refund goes its way again: by the provider, or by hand. Once per failed refund.

    Raises DomainError for a refund that did not fail.
    """
    order_id = Refund.objects.values_list("attempt__order_id", flat=True).get(pk=refund_id)
    lock_order(order_id=order_id)
    failed = Refund.objects.select_for_update(of=("self",)).select_related("attempt").get(pk=refund_id)
    again = Refund.objects.filter(replaces=failed).first()
    if again is not None:
        return again
    if failed.status != Status.FAILED or failed.is_unassigned:
        raise DomainError(_("Only a refund that failed is sent again."), code="not_failed")
    if channel == Channel.PROVIDER and PROVIDERS[failed.attempt.provider].refunds_by_hand:
        raise DomainError(_("This money never was at the payment provider. Pay it by hand."), code="by_hand")
    take_from_payment(attempt=failed.attempt, amount=failed.amount)
    fields = {"replaces": failed, "requested_by": actor, "vendor_id": vendor_id if channel == Channel.SHOP else None}
    key = _key(failed.attempt, f"again:{failed.pk}")
    if channel == Channel.PROVIDER:
        refund = write_provider_refund(
            attempt=failed.attempt,
            amount=failed.amount,
            reason=Refund.Reason.AGAIN,
            key=key,
            origin=failed.origin,
            **fields,
        )
    else:
        refund = Refund.objects.create(
            attempt=failed.attempt,
            amount=failed.amount,
            reason=Refund.Reason.AGAIN,
            channel=channel,
            idempotency_key=key,
            origin=failed.origin,
            **fields,
        )
    book_refund(refund, "refund.requested", Account.BUYER_SUSPENSE, Account.REFUND_IN_TRANSIT)
    record(action="payments.refund_repeated", target=refund, actor=actor, data={"channel": channel})
    return refund


@transaction.atomic
def give_up_by_hand(*, refund_id: int, actor: User, note: str) -> bool:
    """A refund by hand did not come, whatever the shop says: an operator decides so. False when it is over.

    From now on the shop owes the money to us, and we owe it to the buyer; `repeat_refund` sends it.
    """
    order_id = Refund.objects.values_list("attempt__order_id", flat=True).get(pk=refund_id)
    lock_order(order_id=order_id)
    refund = Refund.objects.select_for_update(of=("self",)).select_related("attempt").get(pk=refund_id)
    is_waiting = refund.status == Status.REQUESTED
    is_claimed = refund.status == Status.SUCCEEDED and refund.channel == Channel.SHOP and refund.replaces_id is None
    if refund.channel not in (Channel.SHOP, Channel.OPERATOR) or not (is_waiting or is_claimed):
        return False
    Refund.MACHINE.advance(refund, Status.FAILED, failure=note[:255], finished_at=timezone.now())
    PaymentAttempt.objects.filter(pk=refund.attempt_id).update(refunded=F("refunded") - refund.amount)
    if refund.replaces_id:
        book_refund(refund, "refund.failed", Account.REFUND_IN_TRANSIT, Account.BUYER_SUSPENSE)
    else:
        claimed = JournalEntry.objects.filter(kind=CASH_BACK, reference=refund.idempotency_key).first()
        if claimed is not None:
            reverse_entry(entry=claimed, occurred_at=timezone.now())
        # The shop keeps cash that is the buyer's: now it owes it to us, and we owe it to the buyer.
        book_shares(refund, _items_of(refund), kind="refund.failed", credit=Account.BUYER_SUSPENSE)
    record(action="payments.refund_given_up", target=refund, actor=actor, data={"note": note})
    tell_others(refund)
    return True


def _items_of(refund: Refund) -> list[RefundItem]:
    return [
        RefundItem(line.suborder_id, line.line_id, line.quantity, line.amount, line.commission)
        for line in refund.lines.all()
    ]


def _key(attempt: PaymentAttempt, *about: object) -> str:
    digest = hashlib.sha256(":".join([attempt.idempotency_key, *map(str, about)]).encode()).hexdigest()
    return f"refund-{digest[:48]}"
