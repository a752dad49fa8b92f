"""The local Stripe for tests: a real server on a free port, whose every word is held against Stripe's schema."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import stripe
from django.test import Client

from marketplace.payments.sandbox.server import Sandbox, running_sandbox
from tests.stripe_mock import mock_problems
from tests.stripe_schema import event_problems, exchange_problems

PAYS, DECLINED, ASKS = "4242 4242 4242 4242", "4000 0000 0000 0002", "4000 0025 0000 3155"
POOR, REFUND_FAILS_LATER = "4000 0000 0000 9995", "4000 0000 0000 5126"


class LocalStripe:
    """What a test does with the sandbox.

    Arguments:
        sandbox: the running server.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.url = sandbox.public_url
        self.store = sandbox.engine.store
        self.sdk = stripe.StripeClient("sk_test_x", base_addresses={"api": self.url}, max_network_retries=0)

    # --- the buyer ---
    def pay(self, session_url: str, *, card: str = PAYS, **fields: str) -> requests.Response:
        """Fill in the hosted page's form and send it, without following the way back to the shop."""
        data = {"method": "card", "card_number": card, "card_expiry": "12/34", "card_cvc": "123", **fields}
        return requests.post(session_url, data=data, allow_redirects=False, timeout=60)

    def promise_transfer(self, session_url: str) -> requests.Response:
        """Choose the bank transfer whose outcome is decided later by `act()`."""
        data = {"method": "transfer", "transfer_outcome": "wait"}
        return requests.post(session_url, data=data, allow_redirects=False, timeout=60)

    # --- what nobody should do ---
    def fault(self, kind: str, matches: str = "*", **options: Any) -> None:
        """Let the next matching event or call go wrong."""
        self._admin("faults", {"kind": kind, "matches": matches, **options})

    def act(self, action: str, identifier: str) -> None:
        """Let something happen that would happen later."""
        requests.post(f"{self.url}/_sandbox/act", data={"action": action, "id": identifier}, timeout=60)

    def advance(self, seconds: int) -> None:
        """Let time pass for the sandbox."""
        self._admin("clock", {"seconds": seconds})

    def patch(self, identifier: str, **fields: Any) -> None:
        """Change an object behind everybody's back."""
        self._admin(f"objects/{identifier}", fields)

    def _admin(self, path: str, body: dict[str, Any]) -> None:
        response = requests.post(f"{self.url}/_sandbox/{path}", data=json.dumps(body), timeout=60)
        response.raise_for_status()

    # --- webhooks ---
    def waiting(self) -> list[str]:
        """The ids of events that wait to be delivered, in order."""
        return [
            row["event"] for row in self.store.execute("SELECT event FROM delivery WHERE state='waiting' ORDER BY seq")
        ]

    def events(self, kind: str = "") -> list[dict[str, Any]]:
        """What happened, oldest first."""
        found = reversed(self.store.newest("event"))
        return [event for event in found if event["type"] == kind or not kind]

    def deliver(self, client: Client) -> list[int]:
        """Hand every waiting event to the site, signed, and return its answers."""
        return [self.post_event(client, identifier) for identifier in self._take_waiting()]

    def post_event(self, client: Client, identifier: str) -> int:
        """Hand one event to the site through its webhook address."""
        body, headers = self.sandbox.deliverer.request_for(identifier)
        response = client.post(
            "/webhooks/stripe/",
            body,
            content_type="application/json",
            headers={"Stripe-Signature": headers["Stripe-Signature"]},
        )
        return response.status_code

    def _take_waiting(self) -> list[str]:
        waiting = self.waiting()
        self.store.execute("UPDATE delivery SET state = 'delivered' WHERE state = 'waiting'")
        return waiting

    def problems(self) -> list[str]:
        """Everything said so far that Stripe's schema does not have."""
        application = self.sandbox.application
        found = [problem for exchange in application.exchanges for problem in exchange_problems(exchange)]
        found += [problem for exchange in application.exchanges for problem in mock_problems(exchange)]
        for event in self.events():
            found += [f"{event['type']}: {problem}" for problem in event_problems(event)]
        return found


def session_id_of(session_url: str) -> str:
    """The id at the end of a hosted page's address."""
    return urlsplit(session_url).path.rsplit("/", 1)[-1]


@pytest.fixture
def local_stripe(settings: Any) -> Iterator[LocalStripe]:
    """A fresh sandbox that the site's settings point to. After the test its whole conversation must fit the schema."""
    with running_sandbox(delivers=False) as sandbox:
        settings.STRIPE_API_BASE = sandbox.public_url
        settings.STRIPE_CHECKOUT_ORIGIN = sandbox.public_url
        policy = settings.CONTENT_SECURITY_POLICY
        directives = policy["DIRECTIVES"] | {"form-action": ["'self'", sandbox.public_url]}
        settings.CONTENT_SECURITY_POLICY = policy | {"DIRECTIVES": directives}
        local = LocalStripe(sandbox)
        yield local
        problems = local.problems()
        assert not problems, "\n".join(problems)
