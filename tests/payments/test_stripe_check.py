"""manage.py stripe_check tells an operator what is missing for online payment."""

import io

import pytest
from django.core.management import CommandError, call_command

from marketplace.payments.models import WebhookEvent
from marketplace.payments.providers.stripe import CONNECT_EVENTS, HANDLED_EVENTS
from marketplace.payments.sandbox.deliveries import webhook_endpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint(local_stripe, settings):
    """The site's endpoint at the local Stripe; the function changes it."""
    made = webhook_endpoint(url=f"{settings.BASE_URL.rstrip('/')}/webhooks/stripe/", created=1)
    local_stripe.store.put(made)
    return lambda **fields: local_stripe.store.put(made | fields)


def check():
    """(whether all is right, what it says)"""
    out = io.StringIO()
    try:
        call_command("stripe_check", stdout=out)
    except CommandError:
        return False, out.getvalue()
    return True, out.getvalue()


def test_all_is_right(endpoint):
    WebhookEvent.objects.create(provider="stripe", event_id="evt_1", kind="refund.created", body="{}", state="done")
    is_right, text = check()
    assert is_right, text
    assert "test mode" in text
    assert "refund.created" in text
    assert "sk_test_sandbox" not in text, "a key is never printed whole"


def test_without_a_message_yet_it_says_how_to_get_one(endpoint):
    assert "no message from Stripe yet" in check()[1]


@pytest.mark.parametrize(
    "setting, value, says",
    [
        ("STRIPE_SECRET_KEY", "", "STRIPE_SECRET_KEY is not set"),
        ("STRIPE_SECRET_KEY", "pk_test_public", "no secret key"),
        ("STRIPE_SECRET_KEY", "sk_live_wrong", "Stripe does not answer to this key"),
        ("STRIPE_WEBHOOK_SECRET", "", "STRIPE_WEBHOOK_SECRET is not set"),
        ("BASE_URL", "https://elsewhere.example", "No enabled webhook endpoint https://elsewhere.example/webhooks/"),
    ],
)
def test_what_is_missing_is_named(endpoint, settings, setting, value, says):
    setattr(settings, setting, value)
    is_right, text = check()
    assert not is_right
    assert says in text


def test_an_endpoint_that_is_off_or_lacks_events_is_told(endpoint):
    endpoint(status="disabled")
    assert "No enabled webhook endpoint" in check()[1]
    endpoint(enabled_events=["refund.created"])
    is_right, text = check()
    assert not is_right
    assert "checkout.session.completed" in text
    assert "refund.created" not in text.split("lacks the events")[1].split("\n")[0]


def test_events_of_connected_accounts_are_only_a_hint(endpoint):
    endpoint(enabled_events=[kind for kind in HANDLED_EVENTS if kind not in CONNECT_EVENTS])
    is_right, text = check()
    assert is_right
    assert "for shops with an account at Stripe" in text


def test_a_key_that_may_not_read_endpoints_is_no_failure(local_stripe):
    api = local_stripe.sandbox.application.api
    api.routes = [route for route in api.routes if "webhook_endpoints" not in route[1]]
    is_right, text = check()
    assert is_right
    assert "may not read the webhook endpoints" in text
