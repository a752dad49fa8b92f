"""manage.py stripe_sandbox: the local Stripe for development."""

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.payments.sandbox.server import running_sandbox


class Command(BaseCommand):
    help = "Runs a small local server that speaks Stripe's API, with a hosted payment page and test cards."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8104)
        parser.add_argument("--public-url", default="", help="how browsers reach it, if not by host and port")
        parser.add_argument(
            "--state", default=str(settings.VAR_DIR / "stripe_sandbox.sqlite3"), help="file, or :memory:"
        )
        parser.add_argument("--webhook-url", default=f"{settings.BASE_URL.rstrip('/')}/webhooks/stripe/")
        parser.add_argument("--delay", type=int, default=60, help="seconds until a bank transfer arrives by itself")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, lambda *_: stop.set())
        try:
            with running_sandbox(
                host=options["host"],
                port=options["port"],
                # The name that the site's Content-Security-Policy lets a form lead to.
                public_url=options["public_url"] or f"http://localhost:{options['port']}",
                path=options["state"],
                webhook_url=options["webhook_url"],
                webhook_secret=settings.STRIPE_WEBHOOK_SECRET,
                delay_seconds=options["delay"],
            ) as sandbox:
                self.stdout.write(
                    f"stripe_sandbox: ready at {sandbox.public_url}, webhooks to {options['webhook_url']}"
                )
                stop.wait()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"Port {options['port']} cannot be used ({error}). Choose another with --port."
            ) from error
