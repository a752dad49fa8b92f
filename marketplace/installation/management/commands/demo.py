"""manage.py demo: fills a fresh site with a year of life, to try it out. Twice does no harm."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.accounts.second_factor import code_of_now
from marketplace.installation.demo.loader import load_demo
from marketplace.installation.demo.people import TOTP_SECRET, logins_as_json


class Command(BaseCommand):
    help = "Loads 40 businesses, 300 products and a year of registrations and orders (never with production settings)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--logins", action="store_true", help="print the demo's people as JSON and do nothing else")
        parser.add_argument("--code", action="store_true", help="print the second factor's code of this moment")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO_ALLOWED:
            raise CommandError("The demo has public passwords; it is only for development settings.")
        if options["logins"]:
            self.stdout.write(json.dumps(logins_as_json(), ensure_ascii=False, indent=2))
        elif options["code"]:
            self.stdout.write(code_of_now(TOTP_SECRET))
        elif load_demo(quiet=options["verbosity"] == 0):
            self.stdout.write("The demo is loaded.")
        else:
            self.stdout.write("The demo is there already; nothing was changed.")
