"""`manage.py site_pages`: the pages and settings that a new site begins with."""

from typing import Any

from django.core.management.base import BaseCommand

from cms.services import ensure_home


class Command(BaseCommand):
    help = "Make the home page and the other first pages, in both languages, as far as they are missing."

    def handle(self, *args: Any, **options: Any) -> None:
        home = ensure_home()
        self.stdout.write(f"Home page: {home.title}")
