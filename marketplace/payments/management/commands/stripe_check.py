"""manage.py stripe_check: whether online payment is set up, before a buyer finds out."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from marketplace.payments.providers.base import ProviderRefused, ProviderUnavailable
from marketplace.payments.providers.stripe import CONNECT_EVENTS, HANDLED_EVENTS, LIVE_KEYS, StripeProvider
from marketplace.payments.selectors import latest_event

TEST_KEYS = ("sk_test_", "rk_test_")


class Command(BaseCommand):
    help = "Asks Stripe whether key, webhook endpoint and signing secret are right; says what to do about each."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.is_right = True
        if self._key() and self._answers():
            self._endpoint()
        if not settings.STRIPE_WEBHOOK_SECRET.startswith("whsec_"):
            self._wrong("STRIPE_WEBHOOK_SECRET is not set: copy the endpoint's signing secret (whsec_…).")
        self._last_message()
        if not self.is_right:
            raise CommandError("Online payment is not set up yet: docs/payments.md, “Taking real payments”.")

    def _key(self) -> bool:
        key = settings.STRIPE_SECRET_KEY
        if key.startswith(LIVE_KEYS + TEST_KEYS):
            self._right(f"key: {key[:8]}…, {'real money' if key.startswith(LIVE_KEYS) else 'test mode, no real money'}")
            return True
        self._wrong("STRIPE_SECRET_KEY is not set, or no secret key (sk_… or rk_…): online payment is not offered.")
        return False

    def _answers(self) -> bool:
        try:
            StripeProvider().balance()
        except (ProviderRefused, ProviderUnavailable) as error:
            self._wrong(f"Stripe does not answer to this key: {error}")
            return False
        self._right(f"Stripe answers ({settings.STRIPE_API_BASE})")
        return True

    def _endpoint(self) -> None:
        url = settings.BASE_URL.rstrip("/") + reverse("payment_webhooks:stripe")
        try:
            endpoints = StripeProvider().endpoints()
        except (ProviderRefused, ProviderUnavailable):
            self.stdout.write(f"?  this key may not read the webhook endpoints: look yourself whether {url} is one")
            return
        events = endpoints.get(url)
        if events is None:
            self._wrong(f"No enabled webhook endpoint {url}: add it in Stripe's dashboard (in this key's mode).")
            return
        missing = [kind for kind in HANDLED_EVENTS if kind not in events and "*" not in events]
        needed = [kind for kind in missing if kind not in CONNECT_EVENTS]
        if needed:
            self._wrong(f"The endpoint {url} lacks the events {', '.join(needed)}.")
        else:
            self._right(f"endpoint: {url}")
        if set(missing) & set(CONNECT_EVENTS):
            self.stdout.write(f"?  for shops with an account at Stripe add the events {', '.join(CONNECT_EVENTS)}")

    def _last_message(self) -> None:
        event = latest_event()
        if event is None:
            self.stdout.write("?  no message from Stripe yet: place an order and pay it with a test card")
        else:
            self._right(f"last message: {event.kind}, {event.received_at:%Y-%m-%d %H:%M} UTC, {event.state}")

    def _right(self, line: str) -> None:
        self.stdout.write(f"ok {line}")

    def _wrong(self, line: str) -> None:
        self.is_right = False
        self.stdout.write(f"!! {line}")
