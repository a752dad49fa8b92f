"""From an order to a paid order, against the local Stripe: webhook, success page and reconciler, in any order, once."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from marketplace.core.exceptions import DomainError
from marketplace.inventory.models import StockItem, StockReservation
from marketplace.ledger.models import Account, JournalEntry
from marketplace.ledger.selectors import balance, entries_out_of_balance
from marketplace.orders.models import Order, PaymentMethod, SubOrder
from marketplace.orders.services import expire
from marketplace.outbox.models import OutboxMessage
from marketplace.outbox.services import process_due
from marketplace.payments.models import PaymentAttempt, Refund, WebhookEvent
from marketplace.payments.services import (
    create_attempt,
    expire_due_orders,
    expire_order,
    open_session,
    reconcile,
    retry_payment,
)
from tests.factories.orders import make_order, make_shop, make_variant
from tests.local_stripe import DECLINED, session_id_of

pytestmark = pytest.mark.django_db
Status = PaymentAttempt.Status
OUR_TOPICS = ["payments.webhook", "payments.refund", "payments.close_attempt", "notifications.mail"]


@pytest.fixture
def order(local_stripe):
    """Two shops, Rp65.000: (15.000 × 2 + 10.000) + (15.000 + 10.000); 10 % commission at the first shop."""
    first = make_variant(make_shop("Sanan"), "Keripik tempe")
    second = make_variant(make_shop("Dinoyo"), "Gerabah")
    order = make_order([(first, 2), (second, 1)])
    SubOrder.objects.filter(order=order, vendor__name="Sanan").update(
        commission_rate=1000, commission=4_000, net=36_000
    )
    return order


@pytest.fixture
def attempt(order):
    return create_attempt(order=order, method=PaymentMethod.STRIPE)


@pytest.fixture
def page(attempt):
    return open_session(attempt_id=attempt.pk)


def work():
    """What the worker would do."""
    return process_due(topics=OUR_TOPICS)


def make_old(model, **fields):
    """Let time pass for our own rows."""
    model.objects.update(**fields)


def assert_paid_once(order, attempt):
    order.refresh_from_db()
    attempt.refresh_from_db()
    assert (order.status, attempt.status, order.needs_review) == (Order.Status.PAID, Status.PAID, False)
    assert set(order.suborders.values_list("status", flat=True)) == {SubOrder.Status.CONFIRMED}
    assert set(StockReservation.objects.values_list("state", flat=True)) == {StockReservation.State.CONSUMED}
    assert sorted(StockItem.objects.values_list("on_hand", "reserved")) == [(8, 0), (9, 0)]
    assert JournalEntry.objects.filter(kind="payment").count() == 1
    assert balance(account=Account.VENDOR_PAYABLE) == -61_000
    assert balance(account=Account.COMMISSION) == -4_000
    assert balance(account=Account.GATEWAY_FEE) == 1_885
    assert balance(account=Account.GATEWAY_CLEARING) == 65_000 - 1_885
    assert entries_out_of_balance() == []
    assert OutboxMessage.objects.filter(topic="order.paid").count() == 1


def test_the_attempt_remembers_exactly_what_it_will_send(order, attempt):
    request = attempt.request_json
    assert [line["price_data"]["unit_amount"] * line["quantity"] for line in request["line_items"]] == [
        3_000_000, 1_000_000, 1_500_000, 1_000_000,
    ]  # fmt: skip
    assert request["client_reference_id"] == attempt.idempotency_key
    assert request["payment_intent_data"]["transfer_group"] == order.number
    assert request["expires_at"] == int(attempt.expires_at.timestamp())
    assert request["success_url"].endswith("/bayar/selesai/?session_id={CHECKOUT_SESSION_ID}")
    assert order.expires_at == attempt.expires_at + timedelta(minutes=10)


def test_a_discount_is_never_a_negative_line(order):
    Order.objects.filter(pk=order.pk).update(discount_total=5_000, total=60_000)
    part = order.suborders.get(vendor__name="Dinoyo")
    SubOrder.objects.filter(pk=part.pk).update(discount_total=5_000, gross=20_000, net=20_000)
    order.refresh_from_db()
    request = create_attempt(order=order, method=PaymentMethod.STRIPE).request_json
    assert sorted(line["price_data"]["unit_amount"] for line in request["line_items"]) == [2_000_000, 4_000_000]


def test_an_order_has_one_live_attempt(order, attempt):
    with pytest.raises(DomainError) as error:
        create_attempt(order=order, method=PaymentMethod.STRIPE)
    assert error.value.code == "attempt_live"


def test_the_webhook_settles_and_says_so_once(local_stripe, client, order, attempt, page):
    local_stripe.pay(page)
    assert set(local_stripe.deliver(client)) == {200}
    attempt.refresh_from_db()
    assert attempt.status == Status.OPEN, "the view stores, the worker settles"
    work()
    assert_paid_once(order, attempt)
    completed = WebhookEvent.objects.get(kind="checkout.session.completed")
    assert (completed.state, completed.tries) == ("done", 1)


def test_every_event_many_times_in_the_wrong_order_settles_once(local_stripe, client, order, attempt, page):
    local_stripe.fault("duplicate", "checkout.session.completed", copies=3)
    local_stripe.fault("reorder", "charge.succeeded")
    local_stripe.pay(page)
    local_stripe.deliver(client)
    for event in reversed(local_stripe.events()):
        assert local_stripe.post_event(client, event["id"]) == 200
    work()
    reconcile()
    work()
    assert_paid_once(order, attempt)


def test_the_success_page_settles_before_any_webhook(local_stripe, client, order, attempt, page):
    answer = local_stripe.pay(page)
    back = answer.headers["Location"].split("/", 3)[3]
    response = client.get(f"/{back}")
    assert response.status_code == 302
    assert response["Location"] == order.get_absolute_url()
    assert_paid_once(order, attempt)
    assert client.get(f"/{back}").status_code == 302
    local_stripe.deliver(client)
    work()
    assert_paid_once(order, attempt)


def test_a_lost_webhook_is_found_by_the_reconciler(local_stripe, order, attempt, page):
    local_stripe.fault("drop", times=50)
    local_stripe.pay(page)
    make_old(PaymentAttempt, created_at=timezone.now() - timedelta(minutes=4), checked_at=None)
    assert reconcile()["attempts"] == 1
    assert_paid_once(order, attempt)


def test_a_lost_webhook_is_found_in_the_list_of_events(local_stripe, order, attempt, page):
    """A failed attempt is no longer asked about; the list of events tells that it was paid after all."""
    local_stripe.fault("drop", times=50)
    local_stripe.pay(page)
    PaymentAttempt.objects.update(status=Status.FAILED)
    assert reconcile()["events"] == 1
    work()
    assert_paid_once(order, attempt)
    assert reconcile()["events"] == 0


@pytest.mark.parametrize("fault", ["lost_answer", "error_after_success"])
def test_the_providers_answer_gets_lost(local_stripe, order, attempt, fault):
    """The session exists at the provider, and we find that very one: by the same key, or by our reference."""
    local_stripe.fault(fault, "POST /v1/checkout/sessions")
    url = open_session(attempt_id=attempt.pk)
    assert [session["id"] for session in local_stripe.store.newest("checkout.session")] == [session_id_of(url)]
    local_stripe.pay(url)
    make_old(PaymentAttempt, created_at=timezone.now() - timedelta(minutes=4), checked_at=None)
    reconcile()
    assert_paid_once(order, attempt)


def test_a_crash_between_the_providers_answer_and_our_note_of_it(local_stripe, order, attempt, page):
    PaymentAttempt.objects.update(status=Status.CREATED, session_id="", url="")
    assert open_session(attempt_id=attempt.pk) == page
    assert len(local_stripe.store.newest("checkout.session")) == 1


def test_paid_although_we_never_noted_the_session(local_stripe, client, order, attempt, page):
    PaymentAttempt.objects.update(status=Status.CREATED, session_id="", url="")
    local_stripe.pay(page)
    local_stripe.deliver(client)
    work()
    assert_paid_once(order, attempt)


def test_coming_back_from_a_session_we_never_noted(local_stripe, client, order, attempt, page):
    PaymentAttempt.objects.update(status=Status.CREATED, session_id="", url="")
    local_stripe.pay(page)
    assert client.get(f"/bayar/selesai/?session_id={session_id_of(page)}").status_code == 302
    assert_paid_once(order, attempt)


def test_a_key_older_than_a_day_is_looked_up_before_sending_again(local_stripe, order, attempt, page):
    PaymentAttempt.objects.update(
        status=Status.CREATED, session_id="", url="", created_at=timezone.now() - timedelta(hours=30)
    )
    local_stripe.store.execute("DELETE FROM idempotency")
    assert open_session(attempt_id=attempt.pk) == page
    assert len(local_stripe.store.newest("checkout.session")) == 1


def test_when_the_provider_is_away_the_order_is_kept(settings, order, attempt):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    with pytest.raises(DomainError) as error:
        open_session(attempt_id=attempt.pk)
    assert error.value.code == "provider_unavailable"
    attempt.refresh_from_db()
    assert attempt.status == Status.CREATED
    with pytest.raises(Exception, match=r"connect|Connection"):
        expire_order(order_id=_due(order).pk)
    order.refresh_from_db()
    assert order.status == Order.Status.PENDING


def test_a_refused_session_fails_the_attempt_and_another_may_follow(local_stripe, order, attempt):
    request = attempt.request_json | {"expires_at": 1}
    PaymentAttempt.objects.filter(pk=attempt.pk).update(request_json=request)
    with pytest.raises(DomainError) as error:
        open_session(attempt_id=attempt.pk)
    assert error.value.code == "provider_refused"
    again = retry_payment(order_id=order.pk)
    assert again.pk != attempt.pk
    local_stripe.pay(open_session(attempt_id=again.pk))
    reconcile_old()
    assert_paid_once(order, again)


def reconcile_old():
    make_old(PaymentAttempt, created_at=timezone.now() - timedelta(minutes=4), checked_at=None)
    return reconcile()


def _due(order):
    """The order, its time over by a second, and that of its attempts ten minutes more."""
    now = timezone.now()
    Order.objects.filter(pk=order.pk).update(expires_at=now - timedelta(seconds=1))
    PaymentAttempt.objects.filter(order=order).update(expires_at=now - timedelta(seconds=601))
    return order


# --- nobody pays ---------------------------------------------------------------------------------------------------
def test_an_unpaid_order_expires_after_its_page_and_gives_the_stock_back(local_stripe, order, attempt, page):
    assert expire_due_orders() == 0
    local_stripe.advance(45 * 60 + 1)
    assert expire_due_orders() == 0, "the page has closed, but the margin has not passed"
    _due(order)
    assert expire_due_orders() == 1
    order.refresh_from_db()
    attempt.refresh_from_db()
    assert (order.status, attempt.status) == (Order.Status.EXPIRED, Status.EXPIRED)
    assert sorted(StockItem.objects.values_list("on_hand", "reserved")) == [(10, 0), (10, 0)]
    assert expire_due_orders() == 0


def test_stock_waits_ten_minutes_after_we_closed_the_page_ourselves(local_stripe, order, attempt, page):
    Order.objects.filter(pk=order.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert expire_order(order_id=order.pk) is False
    attempt.refresh_from_db()
    assert attempt.status == Status.EXPIRED
    refused = local_stripe.pay(page)
    assert refused.status_code == 200
    assert "<form" not in refused.text
    make_old(PaymentAttempt, closed_at=timezone.now() - timedelta(minutes=11))
    assert expire_order(order_id=order.pk) is True


def test_an_order_paid_in_its_last_second_does_not_expire(local_stripe, order, attempt, page):
    local_stripe.fault("drop", times=50)
    local_stripe.pay(page)
    _due(order)
    assert expire_order(order_id=order.pk) is False
    assert_paid_once(order, attempt)


def test_an_order_with_a_transfer_on_its_way_does_not_expire(local_stripe, client, order, attempt, page):
    local_stripe.promise_transfer(page)
    local_stripe.deliver(client)
    work()
    attempt.refresh_from_db()
    assert attempt.status == Status.PROCESSING
    _due(order)
    assert expire_order(order_id=order.pk) is False
    with pytest.raises(DomainError) as error:
        retry_payment(order_id=order.pk)
    assert error.value.code == "not_payable"
    local_stripe.act("transfer.succeed", session_id_of(page))
    local_stripe.deliver(client)
    work()
    assert_paid_once(order, attempt)


def test_a_failed_transfer_can_be_paid_again(local_stripe, client, order, attempt, page):
    local_stripe.promise_transfer(page)
    local_stripe.act("transfer.fail", session_id_of(page))
    local_stripe.deliver(client)
    work()
    attempt.refresh_from_db()
    assert (attempt.status, attempt.failure) == (Status.FAILED, "card_declined")
    again = retry_payment(order_id=order.pk)
    local_stripe.pay(open_session(attempt_id=again.pk))
    local_stripe.deliver(client)
    work()
    assert_paid_once(order, again)


def test_expired_after_completed_stays_paid(local_stripe, client, order, attempt, page):
    local_stripe.pay(page)
    local_stripe.deliver(client)
    work()
    local_stripe.sandbox.engine.emit("checkout.session.expired", local_stripe.store.get(session_id_of(page)))
    local_stripe.deliver(client)
    work()
    assert_paid_once(order, attempt)


# --- money that comes late, twice or wrong -------------------------------------------------------------------------
def paid_late(local_stripe, client, order, page):
    """The order expires while a transfer is on its way and our worker does not know."""
    local_stripe.promise_transfer(page)
    PaymentAttempt.objects.update(status=Status.EXPIRED, closed_at=timezone.now() - timedelta(minutes=11))
    expire(order_id=order.pk)
    OutboxMessage.objects.filter(topic="order.expired").delete()
    return session_id_of(page)


def test_paid_late_with_stock_left_is_paid(local_stripe, client, order, attempt, page):
    session = paid_late(local_stripe, client, order, page)
    local_stripe.act("transfer.succeed", session)
    local_stripe.deliver(client)
    work()
    assert_paid_once(order, attempt)
    assert Refund.objects.count() == 0


def test_paid_late_and_sold_out_goes_back_in_full(local_stripe, client, order, attempt, page):
    session = paid_late(local_stripe, client, order, page)
    StockItem.objects.update(on_hand=1)
    local_stripe.act("transfer.succeed", session)
    local_stripe.deliver(client)
    work()
    order.refresh_from_db()
    refund = Refund.objects.get()
    assert (order.status, refund.status, refund.reason, refund.amount) == ("refunded", "succeeded", "late", 65_000)
    assert local_stripe.store.newest("refund")[0]["amount"] == 6_500_000
    assert set(order.suborders.values_list("status", flat=True)) == {SubOrder.Status.CANCELLED}
    assert balance(account=Account.GATEWAY_CLEARING) == -1_885, "what the provider keeps is ours to bear"
    for account in (Account.BUYER_SUSPENSE, Account.REFUND_IN_TRANSIT, Account.VENDOR_PAYABLE):
        assert balance(account=account) == 0
    assert [message.to for message in mail.outbox] == [[order.email]]
    assert "65.000" in mail.outbox[0].subject
    local_stripe.deliver(client)
    reconcile()
    work()
    assert len(local_stripe.store.newest("refund")) == 1
    assert len(mail.outbox) == 1


def test_two_attempts_paid_and_the_second_goes_back(local_stripe, client, order, attempt, page):
    local_stripe.promise_transfer(page)
    PaymentAttempt.objects.update(status=Status.FAILED)
    again = retry_payment(order_id=order.pk)
    local_stripe.pay(open_session(attempt_id=again.pk))
    local_stripe.deliver(client)
    work()
    assert_paid_once(order, again)
    local_stripe.act("transfer.succeed", session_id_of(page))
    local_stripe.deliver(client)
    work()
    order.refresh_from_db()
    attempt.refresh_from_db()
    refund = Refund.objects.get()
    assert (refund.attempt, refund.reason, refund.status) == (attempt, "duplicate", "succeeded")
    assert (order.status, attempt.status) == (Order.Status.PAID, Status.PAID)
    assert balance(account=Account.VENDOR_PAYABLE) == -61_000
    assert balance(account=Account.BUYER_SUSPENSE) == 0
    assert sorted(StockItem.objects.values_list("on_hand", "reserved")) == [(8, 0), (9, 0)]


def test_the_other_open_page_closes_when_one_attempt_is_paid(local_stripe, client, order, attempt, page):
    local_stripe.promise_transfer(page)
    PaymentAttempt.objects.update(status=Status.FAILED)
    other_page = open_session(attempt_id=retry_payment(order_id=order.pk).pk)
    local_stripe.act("transfer.succeed", session_id_of(page))
    local_stripe.deliver(client)
    work()
    assert local_stripe.store.get(session_id_of(other_page))["status"] == "expired"
    assert PaymentAttempt.objects.get(session_id=session_id_of(other_page)).status == Status.EXPIRED
    assert Refund.objects.count() == 0


def test_an_abandoned_page_of_a_cancelled_order_closes(local_stripe, order, attempt, page):
    Order.objects.filter(pk=order.pk).update(status=Order.Status.CANCELLED)
    assert reconcile()["abandoned"] == 1
    assert local_stripe.store.get(session_id_of(page))["status"] == "expired"


@pytest.mark.parametrize(
    "fields",
    [
        {"amount_total": 100, "amount_subtotal": 100},
        {"amount_total": 6_500_001, "amount_subtotal": 6_500_001},
        {"currency": "usd"},
        {"client_reference_id": "somebody-else"},
    ],
)
def test_a_tampered_payment_settles_nothing_and_is_seen(local_stripe, client, order, attempt, page, fields):
    local_stripe.pay(page)
    local_stripe.patch(session_id_of(page), **fields)
    local_stripe.deliver(client)
    work()
    order.refresh_from_db()
    attempt.refresh_from_db()
    assert (order.status, attempt.status) == (Order.Status.PENDING, Status.OPEN)
    assert order.needs_review is True
    assert JournalEntry.objects.count() == 0
    _due(order)
    assert expire_order(order_id=order.pk) is False, "nobody gives up on an order whose money is unclear"


def test_a_refund_that_fails_later_reopens_what_we_owe(local_stripe, client, order, attempt, page):
    session = paid_late(local_stripe, client, order, page)
    StockItem.objects.update(on_hand=1)
    local_stripe.act("transfer.succeed", session)
    local_stripe.deliver(client)
    work()
    local_stripe.act("refund.fail", local_stripe.store.newest("refund")[0]["id"])
    local_stripe.deliver(client)
    work()
    order.refresh_from_db()
    assert Refund.objects.get().status == Refund.Status.FAILED
    assert order.needs_review is True
    assert balance(account=Account.BUYER_SUSPENSE) == -65_000
    assert balance(account=Account.GATEWAY_CLEARING) == 65_000 - 1_885


def test_declined_cards_leave_the_order_payable(local_stripe, client, order, attempt, page):
    local_stripe.pay(page, card=DECLINED)
    local_stripe.deliver(client)
    work()
    assert retry_payment(order_id=order.pk) == attempt
    assert open_session(attempt_id=attempt.pk) == page


# --- cash ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", [PaymentMethod.COD, PaymentMethod.PICKUP])
def test_cash_confirms_at_once_and_is_paid_at_the_handover(settings, method):
    settings.STRIPE_SECRET_KEY = ""  # a site without online payment has cash all the same
    order = make_order([(make_variant(make_shop("Sanan"), "Keripik"), 1)], method=method)
    order.suborders.update(commission=1_000, net=24_000)
    attempt = create_attempt(order=order, method=method)
    assert open_session(attempt_id=attempt.pk) == order.get_absolute_url()
    assert open_session(attempt_id=attempt.pk) == order.get_absolute_url()
    assert order.suborders.get().status == SubOrder.Status.CONFIRMED
    reconcile()
    attempt.refresh_from_db()
    assert attempt.status == Status.OPEN
    Order.objects.update(status=Order.Status.PAID, paid_at=timezone.now())
    SubOrder.objects.update(status=SubOrder.Status.DELIVERED)
    assert reconcile()["cash"] == 1
    attempt.refresh_from_db()
    assert attempt.status == Status.PAID
    assert balance(account=Account.VENDOR_PAYABLE) == 1_000, "the vendor owes the commission"
    assert balance(account=Account.GATEWAY_CLEARING) == 0
    with pytest.raises(DomainError):
        retry_payment(order_id=order.pk)


@pytest.mark.django_db(transaction=True)
def test_no_provider_is_asked_inside_a_transaction(order, attempt):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        open_session(attempt_id=attempt.pk)


def test_a_crash_before_the_commit_is_paid_on_the_next_try(local_stripe, client, monkeypatch, order, attempt, page):
    """Everything or nothing: what was moved before the crash is as if it had not been."""
    local_stripe.pay(page)
    local_stripe.deliver(client)

    def crash(*_arguments):
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr("marketplace.payments.services.settling._book_fee", crash)
        work()
    order.refresh_from_db()
    attempt.refresh_from_db()
    assert (order.status, attempt.status) == (Order.Status.PENDING, Status.OPEN)
    assert JournalEntry.objects.count() == 0
    OutboxMessage.objects.filter(topic="payments.webhook").update(available_at=timezone.now())
    work()
    assert_paid_once(order, attempt)
