"""manage.py setup_site: everything that a site needs before its first visitor. Harmless after each upgrade."""

from typing import Any

from django.core.management.base import BaseCommand

from marketplace.installation.services import set_up_site


class Command(BaseCommand):
    help = "Loads regions and classifications, departments, groups, moderation, shipping rates and the first pages."

    def handle(self, *args: Any, **options: Any) -> None:
        for step in set_up_site():
            if options["verbosity"]:
                self.stdout.write(step)
