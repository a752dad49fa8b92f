"""A buyer's bank asks a payment back: the money that moves is booked, everybody concerned knows, the loser pays."""

import pytest
import requests
from django.core import mail

from marketplace.core.exceptions import DomainError
from marketplace.ledger.models import Account, JournalEntry
from marketplace.ledger.selectors import balance
from marketplace.orders.models import Order, SubOrder
from marketplace.outbox.services import process_due
from marketplace.payments.models import Dispute, Refund, WebhookEvent
from marketplace.payments.services import create_attempt, open_session, reconcile
from tests.payments.test_part_refunds import (
    TOPICS,
    assert_books_are_right,
    order,
    paid,
    payable,
    refund,
    settle_all,
    whole_of,
)

pytestmark = pytest.mark.django_db
__all__ = ["order", "paid"]
FEE = 15_000


@pytest.fixture
def disputed(local_stripe, client, paid):
    (charge,) = local_stripe.store.newest("charge")
    local_stripe.act("dispute.open", charge["id"])
    settle_all(local_stripe, client)
    paid.refresh_from_db()
    return paid


def test_an_open_dispute_is_booked_told_and_held(disputed):
    dispute = Dispute.objects.get()
    assert (dispute.status, dispute.amount, dispute.reason) == ("needs_response", 65_000, "fraudulent")
    assert dispute.evidence_due_at is not None
    assert disputed.needs_review is True
    assert balance(account=Account.DISPUTE) == 65_000
    assert balance(account=Account.GATEWAY_FEE) == 1_885 + FEE
    assert payable(disputed, "Sanan") == 37_000, "nobody is charged before the bank decides"
    assert set(disputed.suborders.values_list("is_contested", flat=True)) == {True}
    assert len([message for message in mail.outbox if disputed.number in message.subject]) >= 2
    assert_books_are_right()


def test_events_may_come_twice_and_in_any_order(local_stripe, client, disputed):
    dispute = Dispute.objects.get()
    local_stripe.act("dispute.evidence", dispute.provider_dispute_id)
    local_stripe.act("dispute.win", dispute.provider_dispute_id)
    told = len(mail.outbox)
    for identifier in [*reversed(local_stripe.waiting()), *local_stripe.waiting()]:
        local_stripe.post_event(client, identifier)
    process_due(topics=TOPICS)
    dispute.refresh_from_db()
    assert dispute.status == Dispute.Status.WON
    assert JournalEntry.objects.filter(kind="dispute.movement").count() == 2
    assert len(mail.outbox) - told == 2, "one to each shop"
    assert not WebhookEvent.objects.exclude(state="done").exclude(state="ignored").exists()


def test_a_won_dispute_leaves_nothing(local_stripe, client, disputed):
    local_stripe.act("dispute.win", Dispute.objects.get().provider_dispute_id)
    settle_all(local_stripe, client)
    disputed.refresh_from_db()
    assert balance(account=Account.DISPUTE) == 0
    assert balance(account=Account.GATEWAY_FEE) == 1_885
    assert payable(disputed, "Sanan") == 37_000
    assert disputed.status == Order.Status.PAID
    assert set(disputed.suborders.values_list("is_contested", flat=True)) == {False}
    assert_books_are_right()


def test_a_lost_dispute_is_taken_from_the_shops_and_stops_what_was_not_sent(local_stripe, client, disputed):
    local_stripe.act("dispute.lose", Dispute.objects.get().provider_dispute_id)
    settle_all(local_stripe, client)
    disputed.refresh_from_db()
    taken = Refund.objects.get()
    assert (taken.reason, taken.channel, taken.status, taken.amount) == ("dispute", "bank", "succeeded", 65_000)
    assert balance(account=Account.DISPUTE) == 0
    assert payable(disputed, "Sanan") == payable(disputed, "Dinoyo") == balance(account=Account.COMMISSION) == 0
    assert disputed.status == Order.Status.REFUNDED
    assert set(disputed.suborders.values_list("status", flat=True)) == {SubOrder.Status.CANCELLED}
    assert local_stripe.store.newest("refund") == [], "the bank has sent the money already"
    assert refund(disputed, whole_of("Sanan")) == [], "nothing is left"
    assert_books_are_right()


def test_nobody_is_paid_twice_while_the_bank_decides(disputed):
    with pytest.raises(DomainError) as refused:
        refund(disputed, whole_of("Sanan"))
    assert refused.value.code == "disputed"
    assert Refund.objects.count() == 0


def test_after_a_refund_the_bank_may_take_more_than_is_left_and_that_is_seen(local_stripe, client, paid):
    refund(paid, whole_of("Dinoyo"))
    settle_all(local_stripe, client)
    (charge,) = local_stripe.store.newest("charge")
    local_stripe.act("dispute.open", charge["id"])
    local_stripe.act("dispute.lose", local_stripe.store.newest("dispute")[0]["id"])
    settle_all(local_stripe, client)
    paid.refresh_from_db()
    assert balance(account=Account.DISPUTE) == 25_000, "open, until an operator settles it"
    assert payable(paid, "Sanan") == payable(paid, "Dinoyo") == 0
    assert (paid.needs_review, paid.status) == (True, Order.Status.REFUNDED)


def test_a_lost_webhook_is_found_by_the_reconciler(local_stripe, client, paid):
    local_stripe.fault("drop", "charge.dispute.*", times=2)
    local_stripe.act("dispute.open", local_stripe.store.newest("charge")[0]["id"])
    settle_all(local_stripe, client)
    assert Dispute.objects.count() == 0
    reconcile()
    process_due(topics=TOPICS)
    assert Dispute.objects.get().attempt.order == paid


def test_the_page_of_the_local_stripe_lets_all_of_it_happen(local_stripe, client, order):
    local_stripe.pay(
        open_session(attempt_id=create_attempt(order=order, method="stripe").pk), card="4000 0000 0000 0259"
    )
    local_stripe.advance(61)
    settle_all(local_stripe, client)
    assert Dispute.objects.get().attempt.order == order
    page = requests.get(f"{local_stripe.url}/_sandbox/", timeout=10).text
    assert "dispute.win" in page
    assert "dispute.lose" in page
