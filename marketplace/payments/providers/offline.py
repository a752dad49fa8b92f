"""Cash on delivery and paying at the shop: nobody pays here, the order goes to its vendors at once."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from marketplace.orders.models import Order
from marketplace.payments.providers.base import (
    BalanceSnapshot,
    DisputeSnapshot,
    ProviderRefused,
    RefundSnapshot,
    Snapshot,
    State,
)


class OfflineProvider:
    """The vendor takes the money. It never passes through us, so there is nothing to look up or to send back."""

    name = "offline"
    confirms_unpaid = True
    has_page = False
    refunds_by_hand = True

    def build_request(self, *, order: Order, reference: str, expires_at: datetime) -> dict[str, Any]:
        """What the vendor is to collect."""
        return {"order": order.number, "amount": order.total, "reference": reference}

    def create(self, *, request: dict[str, Any], key: str) -> Snapshot:
        """Wait for the handover."""
        return Snapshot(session_id="", state=State.OPEN, amount=request["amount"], currency="idr", reference=key)

    def retrieve(self, *, session_id: str) -> Snapshot:
        """There is no session."""
        raise ProviderRefused("cash has no session")

    def find(self, *, reference: str, created_after: datetime) -> Snapshot | None:
        """There is nothing to find."""
        return None

    def find_by_payment(self, *, payment_id: str) -> Snapshot | None:
        """There is nothing to find."""
        return None

    def expire(self, *, session_id: str) -> Snapshot:
        """There is nothing to close."""
        raise ProviderRefused("cash has no session")

    def build_refund(self, *, payment_id: str, amount: int, reason: str, reference: str) -> dict[str, Any]:
        """Cash is given back by hand."""
        raise ProviderRefused("cash is given back by hand")

    def refund(self, *, request: dict[str, Any], key: str) -> RefundSnapshot:
        """Cash is given back by hand."""
        raise ProviderRefused("cash is given back by hand")

    def retrieve_refund(self, *, refund_id: str) -> RefundSnapshot:
        """Cash is given back by hand."""
        raise ProviderRefused("cash is given back by hand")

    def find_refund(self, *, payment_id: str, reference: str) -> RefundSnapshot | None:
        """There is nothing to find."""
        return None

    def retrieve_dispute(self, *, dispute_id: str) -> DisputeSnapshot:
        """No bank stands between."""
        raise ProviderRefused("cash has no disputes")

    def balance(self) -> BalanceSnapshot:
        """Nothing is held."""
        return BalanceSnapshot(held=0)

    def events_since(self, *, moment: datetime) -> Iterator[str]:
        """Nothing ever happens by itself."""
        return iter(())
