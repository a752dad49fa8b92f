"""Messages from the provider: only its own, only fresh ones, each kept, none silent."""

import json
import time

import pytest
import stripe
from django.urls import reverse

from marketplace.orders.models import Order, PaymentMethod
from marketplace.outbox.models import OutboxMessage
from marketplace.outbox.services import process_due
from marketplace.payments.models import PaymentAttempt, WebhookEvent
from marketplace.payments.services import create_attempt, handle_event, open_session, reconcile, retry_event
from tests.factories.orders import make_order, make_shop, make_variant

pytestmark = pytest.mark.django_db
SECRET = "whsec_sandbox"
EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "checkout.session.completed",
    "created": 1,
    "livemode": False,
    "data": {"object": {"id": "cs_unknown", "object": "checkout.session"}},
}


def post(client, body, *, secret=SECRET, timestamp=None, header=None):
    text = body if isinstance(body, str) else json.dumps(body)
    signed = stripe.WebhookSignature.generate_signature_header(text, secret, timestamp or int(time.time()))
    headers = {} if header == "" else {"Stripe-Signature": header or signed}
    return client.post(reverse("payment_webhooks:stripe"), text, content_type="application/json", headers=headers)


def work():
    return process_due(topics=["payments.webhook"])


@pytest.mark.parametrize(
    "case",
    [
        {"secret": "whsec_other"},
        {"timestamp": int(time.time()) - 301},
        {"header": ""},
        {"header": "t=1,v1=nonsense"},
        {"header": "rubbish"},
    ],
    ids=["wrong secret", "too old", "none", "wrong", "rubbish"],
)
def test_a_bad_or_old_signature_is_refused_and_leaves_nothing(client, case):
    response = post(client, EVENT, **case)
    assert response.status_code == 400
    assert WebhookEvent.objects.count() == 0
    assert OutboxMessage.objects.count() == 0


def test_a_changed_body_does_not_fit_its_signature(client):
    signed = stripe.WebhookSignature.generate_signature_header(json.dumps(EVENT), SECRET)
    assert post(client, {**EVENT, "id": "evt_2"}, header=signed).status_code == 400


@pytest.mark.parametrize("body", ["no json", "[]", "{}", '{"id": "evt_1"}', "null"])
def test_a_signed_body_that_is_no_event_is_refused(client, body):
    assert post(client, body).status_code == 400
    assert WebhookEvent.objects.count() == 0


def test_bytes_that_are_no_text_are_refused(client):
    response = client.generic(
        "POST", reverse("payment_webhooks:stripe"), b"\xff\xfe", headers={"Stripe-Signature": "t=1,v1=x"}
    )
    assert response.status_code == 400


def test_only_post_is_answered(client):
    assert client.get(reverse("payment_webhooks:stripe")).status_code == 405


def test_without_a_configured_secret_nothing_is_accepted(client, settings):
    settings.STRIPE_WEBHOOK_SECRET = ""
    assert post(client, EVENT, secret="x").status_code == 400


def test_an_event_is_stored_once_as_it_came(client):
    body = json.dumps(EVENT, indent=3)
    for _time in range(3):
        assert post(client, body).status_code == 200
    event = WebhookEvent.objects.get()
    assert (event.body, event.state, event.kind) == (body, "received", "checkout.session.completed")
    assert OutboxMessage.objects.filter(topic="payments.webhook").count() == 1


@pytest.mark.parametrize(
    "fields, error",
    [
        ({}, "No payment of ours"),
        ({"account": "acct_1"}, "another account"),
        ({"livemode": True}, "other mode"),
        ({"type": "refund.failed", "data": {"object": {"id": "re_1", "payment_intent": "pi_1"}}}, "not ours"),
        ({"type": "charge.dispute.created", "data": {"object": {"id": "dp_1", "payment_intent": "pi_1"}}}, "not ours"),
    ],
    ids=["unknown session", "wrong account", "wrong mode", "unknown refund", "unknown dispute"],
)
def test_what_belongs_to_nobody_is_seen_by_an_operator(local_stripe, client, fields, error):
    post(client, {**EVENT, **fields})
    work()
    event = WebhookEvent.objects.get()
    assert event.state == WebhookEvent.State.FAILED
    assert error in event.last_error
    retry_event(event_pk=event.pk)
    work()
    event.refresh_from_db()
    assert (event.state, event.tries) == (WebhookEvent.State.FAILED, 2)


def test_events_that_say_nothing_to_us_are_ignored(client):
    post(client, {**EVENT, "type": "payment_intent.created"})
    work()
    event = WebhookEvent.objects.get()
    assert event.state == WebhookEvent.State.IGNORED
    handle_event(event_pk=event.pk)
    event.refresh_from_db()
    assert event.tries == 1, "what is handled is not handled again"


@pytest.fixture
def order(local_stripe):
    return make_order([(make_variant(make_shop("Sanan"), "Keripik"), 1)])


def test_an_event_waits_for_a_provider_that_does_not_answer(local_stripe, client, settings, order):
    attempt = create_attempt(order=order, method=PaymentMethod.STRIPE)
    local_stripe.pay(open_session(attempt_id=attempt.pk))
    local_stripe.deliver(client)
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    work()
    event = WebhookEvent.objects.get(kind="checkout.session.completed")
    assert (event.state, event.tries) == ("received", 1)
    assert "ProviderUnavailable" in event.last_error
    settings.STRIPE_API_BASE = local_stripe.url
    OutboxMessage.objects.filter(topic="payments.webhook").delete()
    WebhookEvent.objects.update(received_at="2026-01-01T00:00Z")
    assert reconcile()["stuck_events"] == 1
    work()
    order.refresh_from_db()
    assert order.status == Order.Status.PAID


def test_a_refund_that_the_provider_does_not_know_is_seen_by_an_operator(local_stripe, client, order):
    attempt = create_attempt(order=order, method=PaymentMethod.STRIPE)
    local_stripe.pay(open_session(attempt_id=attempt.pk))
    local_stripe.deliver(client)
    work()
    attempt.refresh_from_db()
    subject = {"id": "re_nobodys", "object": "refund", "payment_intent": attempt.payment_id, "metadata": {}}
    post(client, {**EVENT, "id": "evt_x", "type": "refund.created", "data": {"object": subject}})
    work()
    event = WebhookEvent.objects.get(event_id="evt_x")
    assert (event.state, event.last_error) == ("failed", "The provider does not know the refund that it is about.")
    assert PaymentAttempt.objects.get().refunded == 0
