"""stripe-mock takes what the product asks, and would refuse what Stripe does not have."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
import stripe
from django.utils import timezone

from marketplace.orders.models import Order
from marketplace.payments.providers.stripe import StripeProvider
from marketplace.payments.sandbox.server import Exchange
from tests import stripe_mock
from tests.factories.orders import make_order, make_shop, make_variant

pytestmark = [pytest.mark.stripe_mock, pytest.mark.once]


@pytest.fixture
def order(db) -> Order:
    return make_order([(make_variant(make_shop("Dapur Tempe"), "Keripik"), 2)])


@pytest.fixture
def at_the_mock(settings):
    settings.STRIPE_API_BASE = stripe_mock.address()
    settings.STRIPE_SECRET_KEY = stripe_mock.KEY


def test_it_refuses_what_stripe_does_not_have():
    session = {"mode": "payment", "success_url": "https://lapak.example/"}
    assert stripe_mock.refusal("POST", "/v1/checkout/sessions", urlencode(session)) == ""
    assert stripe_mock.refusal("POST", "/v1/checkout/sessions", urlencode(session | {"ongkir": "1"}))
    exchange = Exchange("POST", "/v1/refunds", urlencode({"payment_intent": "pi_1", "hadiah": "1"}), 200, {})
    assert stripe_mock.mock_problems(exchange)


def test_it_takes_the_session_that_an_order_asks_for(order, at_the_mock):
    provider = StripeProvider()
    request = provider.build_request(order=order, reference="ref-1", expires_at=timezone.now() + timedelta(minutes=45))
    # The SDK itself asks, with the product's exact parameters; the mock answers with a session of its own.
    created = provider.client.v1.checkout.sessions.create(params=request)
    assert created.object == "checkout.session"
    assert provider.client.v1.checkout.sessions.expire(created.id).object == "checkout.session"


def test_it_takes_the_refund_that_an_order_asks_for(order, at_the_mock):
    provider = StripeProvider()
    request = provider.build_refund(payment_id="pi_1", amount=15_000, reason="late", reference="ref-1")
    assert provider.client.v1.refunds.create(params=request).object == "refund"
    with pytest.raises(stripe.InvalidRequestError):
        provider.client.v1.refunds.create(params=request | {"ongkir": 1})
