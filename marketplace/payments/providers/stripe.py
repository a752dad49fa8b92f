"""Stripe Checkout through the official SDK. Stripe counts rupiah in hundredths: Rp15.000 is 1500000."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

import stripe
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from marketplace.orders.models import Order, SubOrder
from marketplace.payments.providers.base import (
    BalanceSnapshot,
    DisputeSnapshot,
    Movement,
    ProviderRefused,
    ProviderUnavailable,
    RefundSnapshot,
    Snapshot,
    State,
    TransferSnapshot,
)

MINOR_UNITS = 100
CURRENCY = "idr"
MOST_LINES = 100
EXPANDED = ["payment_intent.latest_charge.balance_transaction"]
# Needed only where shops have accounts of their own at Stripe.
CONNECT_EVENTS = ("transfer.created", "transfer.reversed", "account.updated")
# How the keys that move real money begin: secret and restricted ones.
LIVE_KEYS = ("sk_live_", "rk_live_")
HANDLED_EVENTS = [
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    *CONNECT_EVENTS,
]
# From Stripe to our own bank account, and what came back of it.
PAYOUT_KINDS = ("payout", "payout_failure", "payout_cancel")
DISPUTE_STATUS = {
    "warning_needs_response": "warning",
    "warning_under_review": "warning",
    "warning_closed": "closed",
    "prevented": "closed",
    "needs_response": "needs_response",
    "under_review": "under_review",
    "won": "won",
    "lost": "lost",
}
REFUND_STATUS = {"succeeded": "succeeded", "failed": "failed", "canceled": "failed"}
REFUND_REASON = {"duplicate": "duplicate"}

Params = ParamSpec("Params")
Result = TypeVar("Result")


def _translating_errors(call: Callable[Params, Result]) -> Callable[Params, Result]:
    """Turn the SDK's errors into the port's two: asking again helps, or does not."""

    @wraps(call)
    def translated(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        try:
            return call(*args, **kwargs)
        except (stripe.InvalidRequestError, stripe.CardError) as error:
            raise ProviderRefused(error.user_message or str(error)) from error
        except stripe.StripeError as error:
            # Rate limits, a wrong key, no network, a 500: nothing that the buyer did, and it may be over soon.
            raise ProviderUnavailable(str(error)) from error

    return translated


@lru_cache(maxsize=4)
def _client(key: str, base: str, retries: int) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": base},
        max_network_retries=retries,
        http_client=stripe.RequestsClient(timeout=20),
    )


def to_minor(amount: int) -> int:
    """Whole rupiah in Stripe's unit."""
    return amount * MINOR_UNITS


def to_rupiah(minor: int | None) -> int | None:
    """Stripe's unit in whole rupiah; None for what is no whole rupiah."""
    if minor is None or minor % MINOR_UNITS:
        return None
    return minor // MINOR_UNITS


class StripeProvider:
    """Checkout sessions on Stripe's hosted page."""

    name = "stripe"
    confirms_unpaid = False
    has_page = True
    refunds_by_hand = False

    @property
    def client(self) -> stripe.StripeClient:
        """The SDK's client for the configured key and address."""
        return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, settings.STRIPE_NETWORK_RETRIES)

    def build_request(self, *, order: Order, reference: str, expires_at: datetime) -> dict[str, Any]:
        """The parameters of a checkout session for the whole order."""
        with override(order.language):
            metadata = {"order": order.number, "attempt": reference}
            site = settings.BASE_URL.rstrip("/")
            back = reverse("payments:cancelled", kwargs={"number": order.number, "token": order.token})
            return {
                "mode": "payment",
                "line_items": _line_items(order),
                "client_reference_id": reference,
                "customer_email": order.email,
                "metadata": metadata,
                "payment_intent_data": {"transfer_group": order.number, "metadata": metadata},
                "expires_at": int(expires_at.timestamp()),
                "locale": order.language,
                "success_url": f"{site}{reverse('payments:return')}?session_id={{CHECKOUT_SESSION_ID}}",
                "cancel_url": f"{site}{back}",
            }

    @_translating_errors
    def create(self, *, request: dict[str, Any], key: str) -> Snapshot:
        """Open a session; the same key and request give the same session."""
        session = self.client.v1.checkout.sessions.create(params=request, options={"idempotency_key": key})  # type: ignore[arg-type]
        return _snapshot(session)

    @_translating_errors
    def retrieve(self, *, session_id: str) -> Snapshot:
        """The session as it is now, with its payment and fee."""
        return _snapshot(self.client.v1.checkout.sessions.retrieve(session_id, params={"expand": EXPANDED}))

    @_translating_errors
    def find(self, *, reference: str, created_after: datetime) -> Snapshot | None:
        """The session that carries our reference. Stripe cannot filter by it, so the list since then is read."""
        # Two clocks: theirs may be behind ours.
        since = int((created_after - timedelta(minutes=5)).timestamp())
        sessions = self.client.v1.checkout.sessions.list(params={"created": {"gte": since}, "limit": 100})
        for session in sessions.auto_paging_iter():
            if session.client_reference_id == reference:
                return self.retrieve(session_id=session.id)
        return None

    @_translating_errors
    def find_by_payment(self, *, payment_id: str) -> Snapshot | None:
        """The session whose payment this is."""
        sessions = self.client.v1.checkout.sessions.list(params={"payment_intent": payment_id, "limit": 1})
        for session in sessions.data:
            return self.retrieve(session_id=session.id)
        return None

    @_translating_errors
    def expire(self, *, session_id: str) -> Snapshot:
        """Close a session so that nobody can pay it. One that is closed or paid already is returned as it is."""
        try:
            self.client.v1.checkout.sessions.expire(session_id)
        except stripe.InvalidRequestError as error:
            if error.http_status == 404:
                raise
        return self.retrieve(session_id=session_id)

    def build_refund(self, *, payment_id: str, amount: int, reason: str, reference: str) -> dict[str, Any]:
        """The parameters of a refund."""
        request: dict[str, Any] = {
            "payment_intent": payment_id,
            "amount": to_minor(amount),
            "metadata": {"refund": reference},
        }
        if reason in REFUND_REASON:
            request["reason"] = REFUND_REASON[reason]
        return request

    @_translating_errors
    def refund(self, *, request: dict[str, Any], key: str) -> RefundSnapshot:
        """Send money back; the same key and request are the same refund."""
        return _refund_snapshot(self.client.v1.refunds.create(params=request, options={"idempotency_key": key}))  # type: ignore[arg-type]

    @_translating_errors
    def retrieve_refund(self, *, refund_id: str) -> RefundSnapshot:
        """The refund as it is now."""
        return _refund_snapshot(self.client.v1.refunds.retrieve(refund_id))

    @_translating_errors
    def find_refund(self, *, payment_id: str, reference: str) -> RefundSnapshot | None:
        """The refund of this payment with our key in its metadata."""
        refunds = self.client.v1.refunds.list(params={"payment_intent": payment_id, "limit": 100})
        for refund in refunds.auto_paging_iter():
            snapshot = _refund_snapshot(refund)
            if snapshot.reference == reference:
                return snapshot
        return None

    @_translating_errors
    def retrieve_dispute(self, *, dispute_id: str) -> DisputeSnapshot:
        """The dispute as it is now, with the money that it moved."""
        return _dispute_snapshot(self.client.v1.disputes.retrieve(dispute_id))

    @_translating_errors
    def can_receive(self, *, account_id: str) -> bool:
        """Whether a connected account can be sent money now."""
        account = self.client.v1.accounts.retrieve(account_id)
        return getattr(account.capabilities, "transfers", "") == "active"

    @_translating_errors
    def transfer(self, *, account_id: str, amount: int, reference: str, key: str) -> TransferSnapshot:
        """Move money to a connected account; the same key is the same transfer."""
        params: Any = {
            "amount": to_minor(amount),
            "currency": CURRENCY,
            "destination": account_id,
            "metadata": {"payout": reference},
        }
        return _transfer_snapshot(self.client.v1.transfers.create(params=params, options={"idempotency_key": key}))

    @_translating_errors
    def retrieve_transfer(self, *, transfer_id: str) -> TransferSnapshot:
        """The transfer as it is now."""
        return _transfer_snapshot(self.client.v1.transfers.retrieve(transfer_id))

    @_translating_errors
    def reverse_transfer(self, *, transfer_id: str, key: str) -> None:
        """Take all that is left of a transfer back."""
        self.client.v1.transfers.reversals.create(transfer_id, params={}, options={"idempotency_key": key})

    @_translating_errors
    def balance(self) -> BalanceSnapshot:
        """What Stripe holds in rupiah, available or not yet, and what it has paid out to our bank."""
        balance = self.client.v1.balance.retrieve()
        entries: list[Any] = [*balance.available, *balance.pending]
        held = sum(entry.amount for entry in entries if entry.currency == CURRENCY)
        payouts = tuple(
            Movement(movement.id, to_rupiah(movement.amount), to_rupiah(movement.fee))
            for kind in PAYOUT_KINDS
            for movement in self.client.v1.balance_transactions.list(
                params={"type": kind, "limit": 100}
            ).auto_paging_iter()
            if movement.currency == CURRENCY
        )
        return BalanceSnapshot(held=to_rupiah(held), payouts=payouts)

    @_translating_errors
    def endpoints(self) -> dict[str, list[str]]:
        """The enabled webhook endpoints of the account, in the key's mode: their addresses and events."""
        found = self.client.v1.webhook_endpoints.list(params={"limit": 100})
        return {row.url: list(row.enabled_events) for row in found.auto_paging_iter() if row.status == "enabled"}

    @_translating_errors
    def _events(self, moment: datetime) -> list[stripe.Event]:
        params: Any = {"created": {"gte": int(moment.timestamp())}, "types": HANDLED_EVENTS, "limit": 100}
        return list(self.client.v1.events.list(params=params).auto_paging_iter())

    def events_since(self, *, moment: datetime) -> Iterator[str]:
        """Raw bodies of the events that we handle, oldest first."""
        for event in reversed(self._events(moment)):
            yield json.dumps(event.to_dict(for_json=True))


def _line_items(order: Order) -> list[dict[str, Any]]:
    """One line per product and per delivery; per shop where there is a discount or there are too many lines."""
    parts = list(order.suborders.select_related("vendor").prefetch_related("lines").order_by("pk"))
    lines = [line for part in parts for line in _lines_of(part)]
    if order.discount_total or len(lines) > MOST_LINES:
        lines = [_item(part.vendor.name, "", part.gross, 1) for part in parts if part.gross]
    if len(lines) > MOST_LINES:
        lines = [_item(_("Order %(number)s") % {"number": order.number}, "", order.total, 1)]
    return lines


def _lines_of(part: SubOrder) -> list[dict[str, Any]]:
    lines = [
        _item(
            line.name, " · ".join(filter(None, [line.variant_label, part.vendor.name])), line.unit_price, line.quantity
        )
        for line in part.lines.all()
    ]
    if part.shipping_total:
        lines.append(_item(_("Delivery"), part.vendor.name, part.shipping_total, 1))
    return lines


def _item(name: str, description: str, unit_price: int, quantity: int) -> dict[str, Any]:
    product = {"name": name[:250]}
    if description:
        product["description"] = description[:500]
    price = {"currency": CURRENCY, "unit_amount": to_minor(unit_price), "product_data": product}
    return {"price_data": price, "quantity": quantity}


def _snapshot(session: Any) -> Snapshot:
    intent = session.payment_intent if not isinstance(session.payment_intent, str) else None
    amount = to_rupiah(session.amount_total)
    charge = fee = paid_at = None
    if intent is not None:
        charge = intent.latest_charge if not isinstance(intent.latest_charge, str) else None
        if intent.status == "succeeded" and intent.amount_received != session.amount_total:
            # What the page promised and what the bank took differ: no amount of ours equals that.
            amount = None
    if charge is not None and charge.status == "succeeded":
        paid_at = datetime.fromtimestamp(charge.created, tz=UTC)
        movement = charge.balance_transaction
        if movement is not None and not isinstance(movement, str):
            fee = to_rupiah(movement.fee)
    error = intent.last_payment_error if intent is not None else None
    return Snapshot(
        session_id=session.id,
        state=_state(session, intent),
        amount=amount,
        currency=session.currency or "",
        reference=session.client_reference_id or "",
        payment_id=intent.id if intent is not None else (session.payment_intent or ""),
        url=session.url or "",
        fee=fee,
        paid_at=paid_at,
        failure=(error.code or error.type or "") if error is not None else "",
    )


def _state(session: Any, intent: Any) -> State:
    if session.status == "open":
        return State.OPEN
    if session.status == "expired":
        return State.EXPIRED
    if session.payment_status != "unpaid":
        return State.PAID
    # Completed and unpaid: a bank transfer or the like that is awaited, unless its payment says that it failed.
    if intent is not None and intent.status in ("requires_payment_method", "canceled"):
        return State.FAILED
    return State.PROCESSING


def _dispute_snapshot(dispute: Any) -> DisputeSnapshot:
    due_by = dispute.evidence_details.due_by
    intent = dispute.payment_intent
    return DisputeSnapshot(
        dispute_id=dispute.id,
        payment_id=intent if isinstance(intent, str) else (intent.id if intent is not None else ""),
        status=DISPUTE_STATUS.get(dispute.status, "needs_response"),
        amount=to_rupiah(dispute.amount),
        reason=dispute.reason or "",
        opened_at=datetime.fromtimestamp(dispute.created, tz=UTC),
        evidence_due_at=datetime.fromtimestamp(due_by, tz=UTC) if due_by else None,
        movements=tuple(
            Movement(movement.id, to_rupiah(movement.amount), to_rupiah(movement.fee))
            for movement in dispute.balance_transactions
        ),
    )


def _transfer_snapshot(transfer: Any) -> TransferSnapshot:
    metadata, destination = transfer.metadata, transfer.destination
    return TransferSnapshot(
        transfer_id=transfer.id,
        amount=to_rupiah(transfer.amount),
        reversed_amount=to_rupiah(transfer.amount_reversed),
        account_id=destination if isinstance(destination, str) else (destination.id if destination else ""),
        reference=metadata["payout"] if metadata is not None and "payout" in metadata else "",
    )


def _refund_snapshot(refund: Any) -> RefundSnapshot:
    metadata = refund.metadata
    reference = metadata["refund"] if metadata is not None and "refund" in metadata else ""
    return RefundSnapshot(
        refund_id=refund.id,
        status=REFUND_STATUS.get(refund.status, "submitted"),
        amount=to_rupiah(refund.amount),
        reference=reference,
        failure=getattr(refund, "failure_reason", "") or "",
    )
