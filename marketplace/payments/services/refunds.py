"""Sending money back: written first, sent by the worker, and followed until the bank has it."""

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from marketplace.audit.services import record
from marketplace.core.exceptions import DomainError
from marketplace.core.money import format_rupiah
from marketplace.ledger.models import Account
from marketplace.ledger.services import Line, post_entry
from marketplace.notifications.services import notify
from marketplace.orders.lock_objects import lock_order
from marketplace.orders.models import Order
from marketplace.orders.services import flag_for_review, mark_refunded, note_money_back, release_parts
from marketplace.outbox.services import enqueue
from marketplace.payments.models import PaymentAttempt, Refund
from marketplace.payments.providers import PROVIDERS
from marketplace.payments.providers.base import Provider, ProviderRefused, ProviderUnavailable, RefundSnapshot
from marketplace.payments.services.attempts import KEY_TRUSTED_FOR
from marketplace.payments.services.boundaries import require_no_transaction

Status = Refund.Status
REFUND_TOPIC = "payments.refund"
# What slices further left follow a refund by; payload: refund_id and origin.
REFUND_ENDED_TOPIC = "payments.refund_ended"
OUTSIDE_FAILED = gettext_noop("A refund that was made at the provider failed there. Ask whoever made it.")
# Money that was never anybody's sale: it does not change how much of the order is paid.
NOT_OF_THE_SALE = (Refund.Reason.DUPLICATE, Refund.Reason.LATE)


def request_refund(*, attempt: PaymentAttempt, amount: int, reason: str) -> Refund:
    """Write down that money of a paid attempt goes back, and let the worker send it. Once per attempt and reason.

    Call it inside the transaction that decided so, with the order locked and the money in the buyer's suspense.
    Raises ValueError for more than is left of the payment: a mistake of the caller.
    """
    existing = Refund.objects.filter(attempt=attempt, reason=reason).first()
    if existing:
        return existing
    try:
        take_from_payment(attempt=attempt, amount=amount)
    except DomainError as error:
        raise ValueError(f"attempt {attempt.pk}: {amount} is more than is left of the payment") from error
    refund = write_provider_refund(
        attempt=attempt, amount=amount, reason=reason, key=f"refund-{attempt.idempotency_key}-{reason}"
    )
    book_refund(refund, "refund.requested", Account.BUYER_SUSPENSE, Account.REFUND_IN_TRANSIT)
    return refund


def take_from_payment(*, attempt: PaymentAttempt, amount: int) -> None:
    """Count money that goes back of a payment. Raises DomainError when that would be more than was paid.

    One conditional UPDATE, and a CHECK behind it: two refunds at the same moment cannot both take the last rupiah.
    """
    taken = PaymentAttempt.objects.filter(pk=attempt.pk, refunded__lte=F("amount") - amount).update(
        refunded=F("refunded") + amount
    )
    if not taken:
        raise DomainError(
            _("That is more than is left of the payment. Reload the page to see what can still go back."),
            code="more_than_paid",
        )


def write_provider_refund(
    *, attempt: PaymentAttempt, amount: int, reason: str, key: str, origin: str = "", **fields: object
) -> Refund:
    """The refund with its key and exact parameters, and the message that lets the worker send it."""
    request = PROVIDERS[attempt.provider].build_refund(
        payment_id=attempt.payment_id, amount=amount, reason=reason, reference=key
    )
    refund = Refund.objects.create(
        attempt=attempt,
        amount=amount,
        reason=reason,
        idempotency_key=key,
        request_json=request,
        origin=origin,
        **fields,
    )
    record(action="payments.refund_requested", target=refund, data={"amount": amount, "reason": reason})
    enqueue(topic=REFUND_TOPIC, key=str(refund.pk), payload={"refund_id": refund.pk})
    return refund


def submit_refund(*, refund_id: int) -> None:
    """Send a refund to the provider and note what it says. No transaction may be open.

    Harmless to repeat: the stored key and parameters are the same refund. Raises ProviderUnavailable (try later).
    """
    refund = Refund.objects.select_related("attempt").get(pk=refund_id)
    if refund.status != Status.REQUESTED or refund.channel != Refund.Channel.PROVIDER:
        return
    require_no_transaction()
    provider = PROVIDERS[refund.attempt.provider]
    try:
        snapshot = _send_or_find(provider, refund)
    except ProviderRefused as error:
        snapshot = RefundSnapshot(refund_id="", status=Status.FAILED, amount=refund.amount, failure=str(error))
    note_refund(refund_id=refund_id, snapshot=snapshot)


def _send_or_find(provider: Provider, refund: Refund) -> RefundSnapshot:
    """Send it with its key, unless it is there: after a day the key is forgotten, and a saved error is replayed."""

    def find() -> RefundSnapshot | None:
        return provider.find_refund(payment_id=refund.attempt.payment_id, reference=refund.idempotency_key)

    if timezone.now() - refund.created_at > KEY_TRUSTED_FOR:
        found = find()
        if found is not None:
            return found
    try:
        return provider.refund(request=refund.request_json, key=refund.idempotency_key)
    except ProviderUnavailable:
        found = find()
        if found is None:
            raise
        return found


@transaction.atomic
def note_refund(*, refund_id: int, snapshot: RefundSnapshot) -> None:
    """Bring a refund to what the provider says: book it, tell the buyer, or reopen what we owe. Harmless to repeat."""
    order_id = Refund.objects.values_list("attempt__order_id", flat=True).get(pk=refund_id)
    order = lock_order(order_id=order_id)
    refund = Refund.objects.select_for_update(of=("self",)).select_related("attempt").get(pk=refund_id)
    if snapshot.amount != refund.amount:
        flag_for_review(
            order_id=order.pk, reason=gettext_noop("The provider refunds another amount than we asked for.")
        )
        return
    if refund.status == snapshot.status or not Refund.MACHINE.allows(refund.status, snapshot.status):
        return
    was = refund.status
    fields = {"provider_refund_id": snapshot.refund_id or refund.provider_refund_id}
    if snapshot.status == Status.SUBMITTED:
        Refund.MACHINE.advance(refund, Status.SUBMITTED, **fields)
        return
    Refund.MACHINE.advance(
        refund, snapshot.status, failure=snapshot.failure[:255], finished_at=timezone.now(), **fields
    )
    record(action=f"payments.refund_{snapshot.status}", target=refund, data={"failure": snapshot.failure})
    if snapshot.status == Status.SUCCEEDED:
        book_refund(refund, "refund.succeeded", Account.REFUND_IN_TRANSIT, Account.GATEWAY_CLEARING)
        end_refund(order, refund)
        return
    came_from = Account.GATEWAY_CLEARING if was == Status.SUCCEEDED else Account.REFUND_IN_TRANSIT
    PaymentAttempt.objects.filter(pk=refund.attempt_id).update(refunded=F("refunded") - refund.amount)
    if refund.is_unassigned:
        # Nobody's sale was touched, so nothing is owed: it is as if it had not been made.
        book_refund(refund, "refund.failed", came_from, Account.REFUND_UNASSIGNED)
        release_parts(suborder_ids=order.suborders.values_list("pk", flat=True), cause=hold_cause(refund))
        flag_for_review(order_id=order.pk, reason=OUTSIDE_FAILED)
        return
    # The money is with us again and still the buyer's; an operator finds another way.
    book_refund(refund, "refund.failed", came_from, Account.BUYER_SUSPENSE)
    flag_for_review(order_id=order.pk, reason=gettext_noop("A refund failed. The buyer still waits for the money."))
    tell_others(refund)


def end_refund(order: Order, refund: Refund) -> None:
    """The buyer has the money: the order says so, the buyer and whoever asked for the refund are told."""
    stands_for = refund.replaces or refund
    if Refund.Reason.LATE in (refund.reason, stands_for.reason):
        mark_refunded(order_id=order.pk)
    note_money_back(order_id=order.pk, amount=money_back(order_id=order.pk))
    if refund.channel != Refund.Channel.BANK:
        _tell_buyer(order, refund)
    tell_others(refund)


def money_back(*, order_id: int) -> int:
    """How much of an order's sale the buyer has back by now."""
    done = Refund.objects.filter(attempt__order_id=order_id, status=Status.SUCCEEDED).exclude(
        reason__in=NOT_OF_THE_SALE
    )
    done = done.exclude(replaces__reason__in=NOT_OF_THE_SALE)
    return done.aggregate(total=Sum("amount"))["total"] or 0


def book_refund(refund: Refund, kind: str, debit: Account, credit: Account, *, vendor_id: int | None = None) -> None:
    """Book the whole amount of a refund from one account to another; `vendor_id` is the credited shop's."""
    post_entry(
        kind=kind,
        reference=refund.idempotency_key,
        postings=[Line(debit, refund.amount), Line(credit, -refund.amount, vendor_id)],
        occurred_at=timezone.now(),
    )


def tell_others(refund: Refund) -> None:
    """Let the slices that asked for this refund follow how it ended."""
    if refund.origin:
        enqueue(
            topic=REFUND_ENDED_TOPIC,
            key=f"{refund.pk}:{refund.status}",
            payload={"refund_id": refund.pk, "origin": refund.origin},
        )


def hold_cause(refund: Refund) -> str:
    """Why parts wait until it is known whose sale a refund was (`orders.services.hold_parts`)."""
    return f"refund:{refund.pk}"


def _tell_buyer(order: Order, refund: Refund) -> None:
    notify(
        kind="payment_refunded",
        user=order.buyer,
        email=order.email,
        language=order.language,
        url=order.get_absolute_url(),
        key=f"refund:{refund.pk}",
        context={
            "number": order.number,
            "amount": format_rupiah(refund.amount),
            "reason": refund.reason,
            "channel": refund.channel,
            "note": refund.note,
            "shop": refund.vendor.name if refund.vendor else "",
        },
    )
