"""The local Stripe behaves like Stripe where the product can see it."""

import json
import os
import subprocess
import sys
import time

import pytest
import requests
import stripe
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from marketplace.payments.sandbox.server import Exchange, running_sandbox
from tests.local_stripe import ASKS, DECLINED, POOR, REFUND_FAILS_LATER, LocalStripe
from tests.stripe_schema import event_problems, exchange_problems, object_problems


def session_params(**fields):
    return {
        "mode": "payment",
        "line_items": [
            {
                "price_data": {"currency": "idr", "unit_amount": 1_500_000, "product_data": {"name": "Keripik tempe"}},
                "quantity": 2,
            }
        ],
        "success_url": "http://shop.test/selesai/?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://shop.test/pesanan/",
        "client_reference_id": "LN-1",
        "locale": "id",
        "metadata": {"order": "LN-1"},
        "payment_intent_data": {"transfer_group": "LN-1", "metadata": {"order": "1"}},
        "expires_at": int(time.time()) + 3600,
        **fields,
    }


@pytest.fixture
def session(local_stripe: LocalStripe) -> stripe.checkout.Session:
    return local_stripe.sdk.v1.checkout.sessions.create(params=session_params())


def fresh(local_stripe, session, *expand):
    return local_stripe.sdk.v1.checkout.sessions.retrieve(session.id, params={"expand": list(expand)})


def test_a_paid_session_sends_the_buyer_back_with_its_id(local_stripe, session):
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    answer = local_stripe.pay(session.url)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"http://shop.test/selesai/?session_id={session.id}"
    paid = fresh(local_stripe, session, "payment_intent.latest_charge.balance_transaction", "line_items")
    assert (paid.status, paid.payment_status, paid.amount_total) == ("complete", "paid", 3_000_000)
    assert paid.payment_intent.transfer_group == "LN-1"
    assert paid.payment_intent.latest_charge.balance_transaction.net == 3_000_000 - 87_000
    assert [line.amount_total for line in paid.line_items.data] == [3_000_000]
    assert [event["type"] for event in local_stripe.events()] == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


@pytest.mark.parametrize(
    "card, code, sentence",
    [(DECLINED, "card_declined", "card"), (POOR, "insufficient_funds", "card")],
)
def test_a_declined_card_leaves_the_session_open(local_stripe, session, card, code, sentence):
    answer = local_stripe.pay(session.url, card=card)
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text
    unpaid = fresh(local_stripe, session, "payment_intent")
    assert (unpaid.status, unpaid.payment_status) == ("open", "unpaid")
    assert unpaid.payment_intent.last_payment_error.decline_code == code
    assert local_stripe.pay(session.url).status_code == 303
    assert fresh(local_stripe, session).payment_status == "paid"


def test_a_card_that_cannot_be_read_is_told_beside_its_field(local_stripe, session):
    answer = local_stripe.pay(session.url, card="4242 4242 4242 4241", card_expiry="13/20", card_cvc="1")
    assert answer.status_code == 200
    for name in ("card_number", "card_expiry", "card_cvc"):
        assert f'href="#{name}"' in answer.text
        assert f'id="{name}_error"' in answer.text
    assert fresh(local_stripe, session).payment_intent is None


@pytest.mark.parametrize("answer, paid", [("yes", "paid"), ("no", "unpaid")])
def test_the_bank_asks_first(local_stripe, session, answer, paid):
    asked = local_stripe.pay(session.url, card=ASKS)
    assert asked.headers["Location"] == f"/c/pay/{session.id}/bank"
    bank = f"{session.url}/bank"
    assert "Rp30.000" in requests.get(bank, timeout=60).text
    requests.post(bank, data={"answer": answer}, allow_redirects=False, timeout=60)
    assert fresh(local_stripe, session).payment_status == paid


@pytest.mark.parametrize(
    "action, event, status",
    [
        ("transfer.succeed", "checkout.session.async_payment_succeeded", "paid"),
        ("transfer.fail", "checkout.session.async_payment_failed", "unpaid"),
    ],
)
def test_a_bank_transfer_ends_later(local_stripe, session, action, event, status):
    assert local_stripe.promise_transfer(session.url).status_code == 303
    promised = fresh(local_stripe, session, "payment_intent")
    assert (promised.status, promised.payment_status) == ("complete", "unpaid")
    assert promised.payment_intent.status == "processing"
    local_stripe.act(action, session.id)
    assert fresh(local_stripe, session).payment_status == status
    assert len(local_stripe.events(event)) == 1


def test_a_bank_transfer_arrives_by_itself_when_time_passes(local_stripe, session):
    local_stripe.pay(session.url, method="transfer", transfer_outcome="succeed")
    local_stripe.advance(61)
    assert fresh(local_stripe, session).payment_status == "paid"


def test_sessions_expire_by_themselves_and_on_demand(local_stripe, session):
    other = local_stripe.sdk.v1.checkout.sessions.create(params=session_params())
    local_stripe.sdk.v1.checkout.sessions.expire(other.id)
    local_stripe.advance(3601)
    assert fresh(local_stripe, session).status == "expired"
    assert fresh(local_stripe, other).url is None
    assert len(local_stripe.events("checkout.session.expired")) == 2
    closed = requests.get(session.url, timeout=60)
    assert closed.status_code == 200
    assert "<form" not in closed.text
    with pytest.raises(stripe.InvalidRequestError, match="Only Checkout Sessions"):
        local_stripe.sdk.v1.checkout.sessions.expire(other.id)


def test_the_same_key_gets_the_same_answer_and_other_parameters_are_refused(local_stripe):
    sessions = local_stripe.sdk.v1.checkout.sessions
    params = session_params()
    first = sessions.create(params=params, options={"idempotency_key": "k1"})
    again = sessions.create(params=params, options={"idempotency_key": "k1"})
    assert first.id == again.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError):
        sessions.create(params=params | {"locale": "en"}, options={"idempotency_key": "k1"})
    local_stripe.advance(25 * 3600)
    later = params | {"expires_at": local_stripe.store.now() + 3600}
    assert sessions.create(params=later, options={"idempotency_key": "k1"}).id != first.id


def test_a_500_after_success_is_replayed_although_the_session_exists(local_stripe):
    sessions = local_stripe.sdk.v1.checkout.sessions
    params = session_params()
    local_stripe.fault("error_after_success", "POST /v1/checkout/sessions")
    for _try in range(2):
        with pytest.raises(stripe.APIError):
            sessions.create(params=params, options={"idempotency_key": "k"})
    assert len(sessions.list().data) == 1


def test_a_lost_answer_comes_again_with_the_same_key(local_stripe):
    sessions = local_stripe.sdk.v1.checkout.sessions
    params = session_params()
    local_stripe.fault("lost_answer", "POST /v1/checkout/sessions")
    with pytest.raises(stripe.APIError):
        sessions.create(params=params, options={"idempotency_key": "k"})
    created = sessions.create(params=params, options={"idempotency_key": "k"})
    assert [session.id for session in sessions.list().data] == [created.id]


@pytest.mark.parametrize(
    "fields, param",
    [
        ({"payment_method_types": ["card"]}, "payment_method_types"),
        ({"expires_at": int(time.time()) + 60}, "expires_at"),
        ({"expires_at": int(time.time()) + 90_000}, "expires_at"),
        ({"line_items": session_params()["line_items"] * 101}, "line_items"),
        ({"line_items": [{"quantity": 1}]}, "line_items[0][price_data][currency]"),
    ],
)
def test_wrong_parameters_are_refused_as_stripe_does(local_stripe, fields, param):
    with pytest.raises(stripe.InvalidRequestError) as error:
        local_stripe.sdk.v1.checkout.sessions.create(params=session_params(**fields))
    assert error.value.param == param
    assert local_stripe.store.newest("checkout.session") == []


def test_without_a_test_key_nobody_gets_in(local_stripe):
    for key in ("sk_live_x", "nonsense"):
        sdk = stripe.StripeClient(key, base_addresses={"api": local_stripe.url}, max_network_retries=0)
        with pytest.raises(stripe.AuthenticationError):
            sdk.v1.balance.retrieve()


def test_refunds_end_where_the_charge_ends(local_stripe, session):
    sdk = local_stripe.sdk.v1
    local_stripe.pay(session.url)
    intent = fresh(local_stripe, session).payment_intent
    part = sdk.refunds.create(params={"payment_intent": intent, "amount": 1_000_000})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        sdk.refunds.create(params={"payment_intent": intent, "amount": 2_000_001})
    rest = sdk.refunds.create(params={"payment_intent": intent, "reason": "duplicate", "metadata": {"a": "b"}})
    assert (part.status, rest.amount, sdk.refunds.retrieve(rest.id).status) == ("succeeded", 2_000_000, "succeeded")
    with pytest.raises(stripe.InvalidRequestError, match="already been refunded"):
        sdk.refunds.create(params={"payment_intent": intent})
    assert sdk.balance.retrieve().available[0].amount == -87_000
    assert len(sdk.refunds.list(params={"payment_intent": intent}).data) == 2


def test_a_refund_may_fail_later(local_stripe, session):
    sdk = local_stripe.sdk.v1
    local_stripe.pay(session.url, card=REFUND_FAILS_LATER)
    refund = sdk.refunds.create(params={"payment_intent": fresh(local_stripe, session).payment_intent})
    assert refund.status == "succeeded"
    local_stripe.advance(61)
    assert sdk.refunds.retrieve(refund.id).status == "failed"
    assert len(local_stripe.events("refund.failed")) == 1
    assert sdk.charges.retrieve(refund.charge).amount_refunded == 0


def test_transfers_and_their_reversals(local_stripe, session):
    sdk = local_stripe.sdk.v1
    local_stripe.pay(session.url)
    charge = fresh(local_stripe, session, "payment_intent").payment_intent.latest_charge
    account = sdk.accounts.create(params={"type": "express", "country": "ID", "metadata": {"vendor": "1"}})
    params = {"amount": 2_000_000, "currency": "idr", "destination": account.id, "source_transaction": charge}
    with pytest.raises(stripe.InvalidRequestError, match="capabilities"):
        sdk.transfers.create(params=params)
    local_stripe.act("account.activate", account.id)
    assert sdk.accounts.retrieve(account.id).payouts_enabled is True
    transfer = sdk.transfers.create(params=params)
    assert transfer.transfer_group == "LN-1"
    with pytest.raises(stripe.InvalidRequestError, match="must not exceed"):
        sdk.transfers.create(params=params)
    reversal = sdk.transfers.reversals.create(transfer.id, params={"amount": 500_000})
    assert (reversal.amount, sdk.transfers.retrieve(transfer.id).amount_reversed) == (500_000, 500_000)
    assert sdk.balance.retrieve().available[0].amount == 3_000_000 - 87_000 - 1_500_000
    kinds = [movement.type for movement in sdk.balance_transactions.list().data]
    assert kinds == ["transfer_refund", "transfer", "charge"]


def test_lists_page_and_filter(local_stripe):
    sessions = local_stripe.sdk.v1.checkout.sessions
    made = [sessions.create(params=session_params(client_reference_id=f"LN-{n}")).id for n in range(5)]
    first = sessions.list(params={"limit": 2})
    assert first.has_more is True
    walked = [session.id for session in first.auto_paging_iter()]
    assert walked == made[::-1]
    local_stripe.pay(f"{local_stripe.url}/c/pay/{made[0]}")
    assert [session.id for session in sessions.list(params={"status": "complete"}).data] == [made[0]]
    assert sessions.list(params={"created": {"gt": local_stripe.store.now() + 10}}).data == []
    events = local_stripe.sdk.v1.events.list(params={"types": ["charge.succeeded"], "created": {"gte": 1}})
    assert [event.type for event in events.data] == ["charge.succeeded"]


def test_webhooks_are_signed_retried_and_faulty_on_demand(local_stripe, session):
    received = []
    answers = iter([500, 200, 200, 200, 200, 200, 200])

    def post(url, body, headers):
        stripe.WebhookSignature.verify_header(body.decode(), headers["Stripe-Signature"], "whsec_sandbox", 300)
        received.append(json.loads(body)["type"])
        return next(answers)

    deliverer = local_stripe.sandbox.deliverer
    deliverer.url, deliverer.post = "http://shop.test/webhooks/stripe/", post
    local_stripe.fault("drop", "charge.succeeded")
    local_stripe.fault("duplicate", "payment_intent.succeeded", copies=3)
    local_stripe.fault("reorder", "payment_intent.created")
    local_stripe.pay(session.url)
    deliverer.deliver_due()
    assert "charge.succeeded" not in received
    assert received.count("payment_intent.succeeded") == 3
    assert received.index("payment_intent.created") > 0
    first_try = len(received)
    deliverer.deliver_due(everything=True)
    assert received[first_try:] == ["payment_intent.succeeded"]
    assert local_stripe.waiting() == []


def test_a_delayed_event_waits(local_stripe, session):
    local_stripe.fault("delay", "checkout.session.completed", seconds=100)
    local_stripe.pay(session.url)
    deliverer = local_stripe.sandbox.deliverer
    sent = []
    deliverer.url = "http://shop.test/"
    deliverer.post = lambda url, body, headers: sent.append(json.loads(body)["type"]) or 200
    deliverer.deliver_due()
    assert "checkout.session.completed" not in sent
    local_stripe.advance(101)
    deliverer.deliver_due()
    assert sent[-1] == "checkout.session.completed"


def test_the_page_speaks_the_sessions_language(local_stripe):
    create = local_stripe.sdk.v1.checkout.sessions.create
    for locale in ("id", "en"):
        page = requests.get(create(params=session_params(locale=locale)).url, timeout=60)
        assert f'<html lang="{locale}">' in page.text
        assert "Rp30.000" in page.text
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    product = {"currency": "idr", "unit_amount": 100, "product_data": {"name": "<script>alert(1)</script>"}}
    page = requests.get(
        create(params=session_params(line_items=[{"price_data": product, "quantity": 1}])).url, timeout=10
    )
    assert "<script>" not in page.text


def test_the_list_shows_what_it_holds_and_lets_things_happen(local_stripe, session):
    local_stripe.promise_transfer(session.url)
    page = requests.get(f"{local_stripe.url}/", timeout=60)
    assert "LN-1" in page.text
    assert 'value="transfer.succeed"' in page.text
    local_stripe.act("event.resend", local_stripe.events()[0]["id"])
    assert len(local_stripe.waiting()) == 4
    assert requests.get(f"{local_stripe.url}/nothing", timeout=60).status_code == 404
    assert requests.post(f"{local_stripe.url}/_sandbox/", timeout=60).status_code == 405


def test_state_in_a_file_survives_a_restart(tmp_path):
    path = str(tmp_path / "stripe.sqlite3")
    with running_sandbox(path=path, delivers=False) as sandbox:
        sdk = stripe.StripeClient("sk_test_x", base_addresses={"api": sandbox.public_url})
        made = sdk.v1.checkout.sessions.create(params=session_params())
    with running_sandbox(path=path, delivers=False) as sandbox:
        sdk = stripe.StripeClient("sk_test_x", base_addresses={"api": sandbox.public_url})
        assert sdk.v1.checkout.sessions.retrieve(made.id).client_reference_id == "LN-1"


def test_it_does_not_start_where_the_settings_forbid_it(settings):
    settings.STRIPE_SANDBOX_ALLOWED = False
    with pytest.raises(ImproperlyConfigured), running_sandbox():
        pass
    with pytest.raises(CommandError, match="development"):
        call_command("stripe_sandbox", "--port", "0", "--state", ":memory:")


def test_the_schema_check_would_notice(local_stripe, session):
    """The control: a field too many, a field too few and a wrong type are each found."""
    document = local_stripe.store.get(session.id)
    public = {key: value for key, value in document.items() if not key.startswith("_")}
    assert object_problems(public) == []
    assert "surprise" in str(object_problems({**public, "surprise": 1}))
    assert "'created' is a required property" in str(
        object_problems({k: v for k, v in public.items() if k != "created"})
    )
    assert "amount_total" in str(object_problems({**public, "amount_total": "3"}))
    event = {"object": "event", "id": "evt_1", "created": 1, "livemode": False, "pending_webhooks": 1}
    odd = {**event, "type": "no.such", "data": {"object": public}}
    assert "is no event of Stripe" in str(event_problems(odd))
    asked = (
        "mode=payment&line_items[0][price_data][currency]=idr&line_items[0][colour]=red&payment_method_types[0]=card"
    )
    found = str(exchange_problems(Exchange("POST", "/v1/checkout/sessions", asked, 200, public)))
    assert "colour" in found
    assert "payment_method_types" in found


@pytest.mark.once
def test_production_settings_refuse_it():
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "marketplace.settings.production",
        "SECRET_KEY": "x" * 60,
        "SALT_KEY": "y" * 40,
        "ALLOWED_HOSTS": "lapak.example",
        "BASE_URL": "https://lapak.example",
        "REDIS_URL": "redis://127.0.0.1:6379/9",
        "EMAIL_URL": "smtp://localhost:25",
        "DEFAULT_FROM_EMAIL": "a@lapak.example",
    }
    command = [sys.executable, "manage.py", "stripe_sandbox", "--port", "0", "--state", ":memory:"]
    result = subprocess.run(
        command, check=False, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=240
    )
    assert result.returncode == 1
    assert "do not allow it" in result.stderr
