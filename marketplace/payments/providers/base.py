"""The port behind which every payment provider stands. Amounts are whole rupiah; the unit is the adapter's affair."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from marketplace.orders.models import Order


class ProviderRefused(Exception):
    """The provider will not do this, and would not if asked again."""


class ProviderUnavailable(Exception):
    """The provider did not answer, or not sensibly. What was asked may or may not have happened."""


class State(StrEnum):
    """How a payment stands at the provider."""

    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Snapshot:
    """A payment as the provider tells it.

    Arguments:
        amount: whole rupiah; None when it cannot be told in whole rupiah, which no amount of ours equals.
        reference: the idempotency key of our attempt.
        fee: what the provider keeps of it, once it says so.
    """

    session_id: str
    state: State
    amount: int | None
    currency: str
    reference: str = ""
    payment_id: str = ""
    url: str = ""
    fee: int | None = None
    paid_at: datetime | None = None
    failure: str = ""


@dataclass(frozen=True)
class RefundSnapshot:
    """A refund as the provider tells it. `status` is one of Refund.Status; `reference` our idempotency key."""

    refund_id: str
    status: str
    amount: int | None
    reference: str = ""
    failure: str = ""


@dataclass(frozen=True)
class Movement:
    """A movement on our balance at the provider, by which a dispute takes money or gives it back.

    Arguments:
        amount: whole rupiah, negative when it is taken from us.
        fee: what the provider keeps for it, on top.
    """

    movement_id: str
    amount: int | None
    fee: int | None


@dataclass(frozen=True)
class DisputeSnapshot:
    """A dispute as the provider tells it. `status` is one of Dispute.Status."""

    dispute_id: str
    payment_id: str
    status: str
    amount: int | None
    reason: str
    opened_at: datetime
    evidence_due_at: datetime | None = None
    movements: tuple[Movement, ...] = ()


@dataclass(frozen=True)
class BalanceSnapshot:
    """What the provider holds for us (None: not in whole rupiah), and what it has paid out to our own bank."""

    held: int | None
    payouts: tuple[Movement, ...] = ()


@dataclass(frozen=True)
class TransferSnapshot:
    """Money that the provider moved to a shop's own account there. `reference` is ours, `reversed_amount` went back."""

    transfer_id: str
    amount: int | None
    reversed_amount: int | None
    account_id: str
    reference: str = ""


class Transfers(Protocol):
    """What a provider can do that moves money on to the shops' own accounts. Raises as every provider does."""

    def can_receive(self, *, account_id: str) -> bool: ...

    def transfer(self, *, account_id: str, amount: int, reference: str, key: str) -> TransferSnapshot: ...

    def retrieve_transfer(self, *, transfer_id: str) -> TransferSnapshot: ...

    def reverse_transfer(self, *, transfer_id: str, key: str) -> None: ...


class Provider(Protocol):
    """What a provider can do. Every call may raise ProviderRefused or ProviderUnavailable.

    `build_request` makes the exact parameters once, they are stored, and `create` sends them with the stored key as
    often as needed: the same key and parameters are the same payment.
    """

    name: str
    # Whether the order goes to its vendors before anybody paid.
    confirms_unpaid: bool
    # Whether the buyer pays on a page of the provider, which closes by itself.
    has_page: bool
    # Whether the shop has the money, so that it gives refunds back itself.
    refunds_by_hand: bool

    def build_request(self, *, order: Order, reference: str, expires_at: datetime) -> dict[str, Any]: ...

    def create(self, *, request: dict[str, Any], key: str) -> Snapshot: ...

    def retrieve(self, *, session_id: str) -> Snapshot: ...

    def find(self, *, reference: str, created_after: datetime) -> Snapshot | None: ...

    def find_by_payment(self, *, payment_id: str) -> Snapshot | None:
        """The payment page that this payment was made on, when it was one of this account."""
        ...

    def expire(self, *, session_id: str) -> Snapshot: ...

    def build_refund(self, *, payment_id: str, amount: int, reason: str, reference: str) -> dict[str, Any]: ...

    def refund(self, *, request: dict[str, Any], key: str) -> RefundSnapshot: ...

    def retrieve_refund(self, *, refund_id: str) -> RefundSnapshot: ...

    def find_refund(self, *, payment_id: str, reference: str) -> RefundSnapshot | None:
        """The refund of this payment that carries our key, whether or not we were told of it."""
        ...

    def retrieve_dispute(self, *, dispute_id: str) -> DisputeSnapshot: ...

    def balance(self) -> BalanceSnapshot: ...

    def events_since(self, *, moment: datetime) -> Iterator[str]:
        """The raw bodies of events since then, oldest first."""
        ...
