"""Real threads with real connections: whatever comes at the same moment settles once."""

import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.db.models import QuerySet
from django.test import Client

from marketplace.inventory.models import StockItem
from marketplace.ledger.models import Account, JournalEntry
from marketplace.ledger.selectors import balance
from marketplace.ledger.services import post_entry
from marketplace.orders.models import Order, PaymentMethod
from marketplace.outbox.models import OutboxMessage
from marketplace.outbox.services import process_due
from marketplace.payments.models import PaymentAttempt, Refund, WebhookEvent
from marketplace.payments.providers import PROVIDERS
from marketplace.payments.sandbox.server import running_sandbox
from marketplace.payments.services import (
    create_attempt,
    expire_order,
    handle_event,
    open_session,
    refresh_attempt,
    retry_payment,
    settling,
)
from tests.factories.orders import make_order, make_shop, make_variant
from tests.local_stripe import LocalStripe, session_id_of

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*jobs):
    """Run the jobs in threads that start together; return their results, exceptions included."""
    barrier = Barrier(len(jobs))

    def run(job):
        barrier.wait()
        try:
            return job()
        except Exception as error:  # the test looks at it
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


@pytest.fixture
def order(local_stripe):
    return make_order([(make_variant(make_shop("Sanan"), "Keripik", stock=5), 2)])


@pytest.fixture
def page(order):
    return open_session(attempt_id=create_attempt(order=order, method=PaymentMethod.STRIPE).pk)


def assert_settled_once(order):
    order.refresh_from_db()
    assert order.status == Order.Status.PAID
    assert JournalEntry.objects.filter(kind="payment").count() == 1
    assert balance(account=Account.VENDOR_PAYABLE) == -40_000
    assert OutboxMessage.objects.filter(topic="order.paid").count() == 1
    stock = StockItem.objects.get()
    assert (stock.on_hand, stock.reserved) == (3, 0)
    assert Refund.objects.count() == 0


def test_ten_parallel_deliveries_of_one_webhook_settle_once(local_stripe, order, page):
    local_stripe.pay(page)
    (event,) = local_stripe.events("checkout.session.completed")
    answers = at_once(*[lambda: local_stripe.post_event(Client(), event["id"])] * 10)
    assert answers == [200] * 10
    row = WebhookEvent.objects.get()
    assert OutboxMessage.objects.filter(topic="payments.webhook").count() == 1
    assert at_once(*[lambda: handle_event(event_pk=row.pk)] * 10) == [None] * 10
    assert_settled_once(order)


def test_control_without_the_lock_and_the_name_of_the_entry_ten_messages_book_ten_sales(
    local_stripe, monkeypatch, order, page
):
    """All have read the attempt before the first writes: what the order's lock prevents."""
    local_stripe.pay(page)
    attempt = PaymentAttempt.objects.get()
    snapshot = PROVIDERS["stripe"].retrieve(session_id=attempt.session_id)
    everyone_has_looked, go_on = Barrier(10), settling._settle_paid

    def wait(*arguments):
        everyone_has_looked.wait(timeout=60)
        return go_on(*arguments)

    monkeypatch.setattr(settling, "_settle_paid", wait)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_options: rows)
    monkeypatch.setattr(
        settling, "post_entry", lambda **entry: post_entry(**entry | {"reference": secrets.token_hex(8)})
    )
    in_pieces = settling.settle.__wrapped__
    results = at_once(*[lambda: in_pieces(attempt_id=attempt.pk, snapshot=snapshot)] * 10)
    assert not [result for result in results if isinstance(result, Exception)]
    assert JournalEntry.objects.filter(kind="payment").count() == 10
    assert balance(account=Account.VENDOR_PAYABLE) == -400_000, "one payment, and the shop is owed it ten times"


def test_webhook_worker_success_page_and_reconciler_at_the_same_moment(local_stripe, order, page):
    local_stripe.pay(page)
    for event in local_stripe.events():
        local_stripe.post_event(Client(), event["id"])
    attempt = PaymentAttempt.objects.get()
    back = f"/bayar/selesai/?session_id={session_id_of(page)}"
    results = at_once(
        *[lambda: process_due(topics=["payments.webhook"])] * 3,
        *[lambda: Client().get(back).status_code] * 3,
        *[lambda: refresh_attempt(attempt_id=attempt.pk)] * 3,
    )
    assert not [result for result in results if isinstance(result, Exception)]
    process_due(topics=["payments.webhook"])
    assert_settled_once(order)


def test_opening_the_page_from_two_tabs_is_one_session(local_stripe, order):
    attempt = create_attempt(order=order, method=PaymentMethod.STRIPE)
    urls = at_once(*[lambda: open_session(attempt_id=attempt.pk)] * 5)
    assert len(set(urls)) == 1
    assert len(local_stripe.store.newest("checkout.session")) == 1


def test_paying_again_from_two_tabs_is_one_attempt(local_stripe, order, page):
    PaymentAttempt.objects.update(status=PaymentAttempt.Status.FAILED)
    attempts = at_once(*[lambda: retry_payment(order_id=order.pk).pk] * 5)
    assert len(set(attempts)) == 1
    assert PaymentAttempt.objects.count() == 2


def test_paying_while_the_order_expires_ends_one_way_or_the_other(local_stripe, order, page):
    Order.objects.update(expires_at="2026-01-01T00:00Z")
    PaymentAttempt.objects.update(expires_at="2026-01-01T00:00Z")
    attempt = PaymentAttempt.objects.get()
    at_once(
        lambda: local_stripe.pay(page),
        lambda: expire_order(order_id=order.pk),
        lambda: refresh_attempt(attempt_id=attempt.pk),
    )
    expire_order(order_id=order.pk)
    refresh_attempt(attempt_id=attempt.pk)
    order.refresh_from_db()
    stock = StockItem.objects.get()
    paid = local_stripe.store.get(session_id_of(page))["payment_status"] == "paid"
    if paid:
        assert_settled_once(order)
    else:
        assert (order.status, stock.on_hand, stock.reserved) == (Order.Status.EXPIRED, 5, 0)
        assert JournalEntry.objects.count() == 0


def test_webhooks_travel_over_http_until_they_are_taken(live_server, settings):
    """The sandbox's own delivering thread, a real server, and an answer that is a 400 at first."""
    with running_sandbox(webhook_url=f"{live_server.url}/webhooks/stripe/") as sandbox:
        settings.STRIPE_API_BASE = sandbox.public_url
        settings.STRIPE_WEBHOOK_SECRET = ""
        local = LocalStripe(sandbox)
        order = make_order([(make_variant(make_shop("Sanan"), "Keripik", stock=5), 2)])
        local.pay(open_session(attempt_id=create_attempt(order=order, method=PaymentMethod.STRIPE).pk))
        wait_for(lambda: all(row["tries"] for row in deliveries(local)))
        assert {row["last_status"] for row in deliveries(local)} == {400}
        settings.STRIPE_WEBHOOK_SECRET = "whsec_sandbox"
        local.sandbox.deliverer.deliver_due(everything=True)
        wait_for(lambda: not local.waiting())
        process_due(topics=["payments.webhook"])
        assert_settled_once(order)


def deliveries(local):
    return local.store.execute("SELECT * FROM delivery")


def wait_for(condition):
    for _try in range(1200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen")
