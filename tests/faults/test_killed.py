"""kill -9 in the middle of money: whatever was half done is done once when somebody comes by again.

Each with a control that fails without the guard.
"""

import secrets
import sqlite3
import time
from unittest import mock

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from marketplace.aftersales.services import cancel_parts
from marketplace.inventory.models import StockItem
from marketplace.ledger.models import Account, JournalEntry
from marketplace.ledger.selectors import balance, sum_of_all_postings
from marketplace.orders.models import Order, PaymentMethod, SubOrder
from marketplace.outbox import services as outbox
from marketplace.outbox.models import OutboxMessage
from marketplace.payments import refund_plans
from marketplace.payments.models import PaymentAttempt, Refund
from marketplace.payments.services import create_attempt, open_session, reconcile, refund_parts, submit_refund
from marketplace.payments.services import settle as settle_service
from marketplace.payments.services.reconciliation import refresh_attempt
from tests.factories.orders import make_order, make_shop, make_variant
from tests.faults.processes import killed_at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(local_stripe):
    return make_order([(make_variant(make_shop("Sanan"), "Keripik", stock=5), 2)])


@pytest.fixture
def attempt(order):
    return create_attempt(order=order, method=PaymentMethod.STRIPE)


def nothing_is_locked():
    """A killed process leaves no lock behind; the database may need a moment to notice."""
    for _try in range(600):
        try:
            with transaction.atomic():
                list(Order.objects.select_for_update(nowait=connection.features.has_select_for_update_nowait))
            return
        except Exception:
            time.sleep(0.05)
    raise AssertionError(f"still locked ({sqlite3.sqlite_version})")


# --- after the provider opened the page, before we noted it --------------------------------------------------------
NOTE_SESSION = "marketplace.payments.services.attempts._note_session"


def test_killed_between_the_opened_page_and_our_note_of_it(local_stripe, attempt):
    killed_at(NOTE_SESSION, lambda: open_session(attempt_id=attempt.pk))
    attempt.refresh_from_db()
    assert (attempt.status, attempt.session_id) == (PaymentAttempt.Status.CREATED, "")
    open_session(attempt_id=attempt.pk)
    assert len(local_stripe.store.newest("checkout.session")) == 1


def test_control_without_the_stored_key_there_are_two_pages(local_stripe, attempt):
    killed_at(NOTE_SESSION, lambda: open_session(attempt_id=attempt.pk))
    PaymentAttempt.objects.update(idempotency_key=secrets.token_hex(16))
    open_session(attempt_id=attempt.pk)
    assert len(local_stripe.store.newest("checkout.session")) == 2


# --- between the charge and our commit -----------------------------------------------------------------------------
BOOK_SALE = "marketplace.payments.services.settling._book_sale"


def test_killed_between_the_charge_and_the_commit(local_stripe, order, attempt):
    local_stripe.pay(open_session(attempt_id=attempt.pk))
    killed_at(BOOK_SALE, lambda: refresh_attempt(attempt_id=attempt.pk))
    nothing_is_locked()
    order.refresh_from_db()
    attempt.refresh_from_db()
    assert (order.status, attempt.status) == (Order.Status.PENDING, PaymentAttempt.Status.OPEN)
    assert StockItem.objects.get().on_hand == 5
    refresh_attempt(attempt_id=attempt.pk)
    order.refresh_from_db()
    assert order.status == Order.Status.PAID
    assert StockItem.objects.get().on_hand == 3
    assert JournalEntry.objects.filter(kind="payment").count() == 1
    assert OutboxMessage.objects.filter(topic="order.paid").count() == 1


def test_control_without_one_transaction_half_of_it_stays(local_stripe, order, attempt):
    local_stripe.pay(open_session(attempt_id=attempt.pk))

    def in_pieces():
        mock.patch("marketplace.payments.services.reconciliation.settle", settle_service.__wrapped__).start()
        mock.patch.object(QuerySet, "select_for_update", lambda rows, **_options: rows).start()

    killed_at(BOOK_SALE, lambda: refresh_attempt(attempt_id=attempt.pk), before=in_pieces)
    nothing_is_locked()
    order.refresh_from_db()
    assert order.status == Order.Status.PAID
    assert JournalEntry.objects.count() == 0, "paid, sold, and not in the books"


# --- after the provider sent money back, before we noted it --------------------------------------------------------
NOTE_REFUND = "marketplace.payments.services.refunds.note_refund"


@pytest.fixture
def refund(local_stripe, order, attempt):
    local_stripe.pay(open_session(attempt_id=attempt.pk))
    refresh_attempt(attempt_id=attempt.pk)
    (made,) = refund_parts(
        order_id=order.pk,
        plan=lambda parts: refund_plans.of_amount(parts, 15_000),
        reason=Refund.Reason.OFFERED,
        origin="test",
    )
    return made


def test_killed_between_the_refund_and_our_note_of_it(local_stripe, order, refund):
    killed_at(NOTE_REFUND, lambda: submit_refund(refund_id=refund.pk))
    refund.refresh_from_db()
    assert refund.status == Refund.Status.REQUESTED
    Refund.objects.update(created_at="2026-01-01T00:00Z")
    reconcile()
    refund.refresh_from_db()
    assert refund.status == Refund.Status.SUCCEEDED
    assert [row["amount"] for row in local_stripe.store.newest("refund")] == [1_500_000]
    assert balance(account=Account.REFUND_IN_TRANSIT) == 0


def test_control_without_the_stored_key_the_buyer_is_paid_twice(local_stripe, refund):
    killed_at(NOTE_REFUND, lambda: submit_refund(refund_id=refund.pk))
    Refund.objects.update(idempotency_key="another")
    submit_refund(refund_id=refund.pk)
    assert len(local_stripe.store.newest("refund")) == 2


# --- in the middle of a cancellation -------------------------------------------------------------------------------
RETURN_STOCK = "marketplace.orders.services.return_stock"


def test_killed_in_the_middle_of_a_cancellation(local_stripe, order, attempt):
    local_stripe.pay(open_session(attempt_id=attempt.pk))
    refresh_attempt(attempt_id=attempt.pk)
    part = order.suborders.get()

    def cancel():
        cancel_parts(order_id=order.pk, suborder_ids=[part.pk], actor=None, note="x")

    killed_at(RETURN_STOCK, cancel)
    nothing_is_locked()
    part.refresh_from_db()
    assert (part.status, part.refunded_total, Refund.objects.count()) == (SubOrder.Status.CONFIRMED, 0, 0)
    assert StockItem.objects.get().on_hand == 3
    cancel()
    part.refresh_from_db()
    assert (part.status, part.refunded_total) == (SubOrder.Status.CANCELLED, 40_000)
    assert StockItem.objects.get().on_hand == 5
    assert sum_of_all_postings() == 0


def test_control_cancelling_in_pieces_leaves_a_refund_without_a_cancellation(local_stripe, order, attempt):
    local_stripe.pay(open_session(attempt_id=attempt.pk))
    refresh_attempt(attempt_id=attempt.pk)
    part = order.suborders.get()

    def in_pieces():
        mock.patch.object(QuerySet, "select_for_update", lambda rows, **_options: rows).start()

    def cancel():
        cancel_parts.__wrapped__(order_id=order.pk, suborder_ids=[part.pk], actor=None, note="x")

    killed_at(RETURN_STOCK, cancel, before=in_pieces)
    nothing_is_locked()
    part.refresh_from_db()
    assert (part.status, part.refunded_total) == (SubOrder.Status.CONFIRMED, 40_000), "paid back and still to be sent"


# --- a worker that dies with a message in its hands ----------------------------------------------------------------
SETTLE_IN_WORKER = "marketplace.payments.services.webhooks.settle"


def test_a_message_in_the_hands_of_a_killed_worker_is_taken_up_again(local_stripe, client, order, attempt):
    local_stripe.pay(open_session(attempt_id=attempt.pk))
    local_stripe.deliver(client)
    killed_at(SETTLE_IN_WORKER, lambda: outbox.process_due(topics=["payments.webhook"]))
    assert outbox.process_due(topics=["payments.webhook"]) >= 0
    OutboxMessage.objects.filter(state="processing").update(available_at="2026-01-01T00:00Z")
    outbox.process_due(topics=["payments.webhook"])
    order.refresh_from_db()
    assert order.status == Order.Status.PAID
    assert JournalEntry.objects.filter(kind="payment").count() == 1


def test_control_without_taking_up_again_the_order_stays_unpaid(local_stripe, client, monkeypatch, order, attempt):
    local_stripe.pay(open_session(attempt_id=attempt.pk))
    OutboxMessage.objects.all().delete()
    for event in local_stripe.events("checkout.session.completed"):
        local_stripe.post_event(client, event["id"])
    killed_at(SETTLE_IN_WORKER, lambda: outbox.process_due(topics=["payments.webhook"]))
    assert outbox.process_due(topics=["payments.webhook"]) == 0, "in the hands of a worker, as far as anybody knows"
    order.refresh_from_db()
    assert order.status == Order.Status.PENDING
