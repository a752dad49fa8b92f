"""A paid order over two shops against the local Stripe, and what moves it on."""

from typing import Any

import pytest

from marketplace.orders.models import Order, PaymentMethod, SubOrder
from marketplace.orders.services import advance_suborder
from marketplace.outbox.services import process_due
from marketplace.payments.services import create_attempt, open_session
from tests.factories.orders import make_order, make_shop, make_variant
from tests.local_stripe import local_stripe

__all__ = ["local_stripe"]
TOPICS = [
    "payments.webhook",
    "payments.refund",
    "payments.refund_put_down",
    "payments.refund_ended",
    "notifications.mail",
]


class Deal:
    """An order of Rp65.000 at Sanan (2 × 15.000 + 10.000) and Dinoyo (15.000 + 10.000), paid online."""

    def __init__(self, stripe: Any, client: Any, **options: Any) -> None:
        self.stripe, self.client = stripe, client
        self.sanan, self.dinoyo = make_shop("Sanan"), make_shop("Dinoyo")
        self.keripik = make_variant(self.sanan, "Keripik tempe")
        self.gerabah = make_variant(self.dinoyo, "Gerabah")
        self.order = make_order([(self.keripik, 2), (self.gerabah, 1)], **options)
        SubOrder.objects.filter(order=self.order, vendor=self.sanan).update(commission=3_000, net=37_000)
        self.owner = self.sanan.members.get().user

    def pay(self, **options: Any) -> "Deal":
        attempt = create_attempt(order=self.order, method=PaymentMethod.STRIPE)
        self.stripe.pay(open_session(attempt_id=attempt.pk), **options)
        return self.settle()

    def settle(self, *, topics: list[str] = TOPICS) -> "Deal":
        """Until nothing moves any more: events to the site, messages to the worker."""
        for _round in range(4):
            self.stripe.deliver(self.client)
            process_due(topics=topics)
        self.order.refresh_from_db()
        return self

    @property
    def part(self) -> SubOrder:
        """Sanan's part, as it is now."""
        return self.order.suborders.select_related("vendor", "order").get(vendor=self.sanan)

    def go_to(self, status: str) -> SubOrder:
        """Carry Sanan's part to this status."""
        for step in ("packed", "shipped", "delivered"):
            fields = {"courier": "JNE", "tracking_number": "X1"} if step == "shipped" else {}
            advance_suborder(suborder_id=self.part.pk, to=step, actor=None, **fields)
            if step == status:
                break
        return self.part

    def line(self) -> int:
        return self.part.lines.get().pk


@pytest.fixture
def deal(local_stripe, client):
    return Deal(local_stripe, client).pay()


@pytest.fixture
def cash_deal(local_stripe, client):
    """A cash order at Sanan alone, handed over and paid."""
    made = Deal.__new__(Deal)
    made.stripe, made.client = local_stripe, client
    made.sanan = make_shop("Sanan")
    made.keripik = make_variant(made.sanan, "Keripik tempe")
    made.order = make_order([(made.keripik, 2)], method=PaymentMethod.COD, delivery="own_delivery")
    made.owner = made.sanan.members.get().user
    open_session(attempt_id=create_attempt(order=made.order, method=PaymentMethod.COD).pk)
    made.go_to("delivered")
    made.order.refresh_from_db()
    assert made.order.status == Order.Status.PAID
    return made
