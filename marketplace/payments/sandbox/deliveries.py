"""Signed webhooks: delivering events to the site, again and again until it answers."""

import json
import logging
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

import stripe

from marketplace.payments.sandbox import outgoing, shapes
from marketplace.payments.sandbox.engine import Engine
from marketplace.payments.sandbox.store import Object

logger = logging.getLogger(__name__)

# Seconds until the next try. Stripe goes on for three days; the sandbox for a quarter of an hour.
BACKOFF = (1, 2, 5, 15, 60, 300, 600)
TIMEOUT = 15

Post = Callable[[str, bytes, dict[str, str]], int]


def post_over_http(url: str, body: bytes, headers: dict[str, str]) -> int:
    """POST and return the status; 0 when nobody answered."""
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310 - configured by us
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@dataclass
class Deliverer:
    """Sends what is due to one endpoint.

    Arguments:
        url, secret: the endpoint and its signing secret; without a url events wait in the list only.
        post: how a request is made; tests hand it straight to the site.
    """

    engine: Engine
    url: str
    secret: str
    post: Post = post_over_http

    def sign(self, body: str) -> str:
        """The Stripe-Signature header for a body, as of now."""
        return stripe.WebhookSignature.generate_signature_header(body, self.secret)

    def request_for(self, event_id: str) -> tuple[bytes, dict[str, str]]:
        """The signed request that delivers one event."""
        body = json.dumps(shapes.public(self.engine.get("event", event_id)), indent=2)
        headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": self.sign(body)}
        return body.encode(), headers | {"User-Agent": "Stripe/1.0 (sandbox)"}

    def deliver_due(self, *, everything: bool = False) -> list[tuple[str, int]]:
        """Send what is due (or all that waits) and return (event id, status) for each.

        The store's lock is not held while the site answers: the site calls the API from inside its handler.
        """
        if not self.url:
            return []
        store = self.engine.store
        rows = store.execute(
            "SELECT * FROM delivery WHERE state = 'waiting' AND (due <= ? OR ?) ORDER BY seq",
            store.now() + 0.5,
            int(everything),
        )
        sent = []
        for row in rows:
            body, headers = self.request_for(row["event"])
            status = self.post(self.url, body, headers)
            self._note(row["seq"], row["tries"] + 1, status)
            sent.append((row["event"], status))
        return sent

    def _note(self, seq: int, tries: int, status: int) -> None:
        store = self.engine.store
        if 200 <= status < 300:
            state, due = "delivered", store.now()
        elif tries > len(BACKOFF):
            state, due = "given up", store.now()
        else:
            state, due = "waiting", store.now() + BACKOFF[tries - 1]
        store.execute(
            "UPDATE delivery SET state = ?, due = ?, tries = ?, last_status = ? WHERE seq = ?",
            state,
            due,
            tries,
            status,
            seq,
        )

    def run(self, stop: threading.Event) -> None:
        """Until told to stop: let time pass for sessions and slow payments, and send what is due."""
        while not stop.is_set():
            try:
                with self.engine.store.transaction():
                    outgoing.run_scheduled(self.engine)
                    self.engine.expire_due_sessions()
                self.deliver_due()
            except Exception:  # a failing delivery must not end the thread; it is logged and tried again
                logger.exception("sandbox: delivering failed")
            stop.wait(0.2)


def webhook_endpoint(*, url: str, created: int) -> Object:
    """Where the sandbox sends its events: everything, to one address."""
    return {
        "id": "we_sandbox",
        "object": "webhook_endpoint",
        "api_version": None,
        "application": None,
        "created": created,
        "description": None,
        "enabled_events": ["*"],
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
    }
