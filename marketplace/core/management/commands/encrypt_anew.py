"""manage.py encrypt_anew: after a new key was put first in SALT_KEY, lets the old one go."""

from typing import Any

from django.core.management.base import BaseCommand

from marketplace.core.encryption import encrypt_anew


class Command(BaseCommand):
    help = "Writes every encrypted value anew with the first of SALT_KEY; then the other keys can be removed."

    def handle(self, *args: Any, **options: Any) -> None:
        for kind, count in encrypt_anew():
            self.stdout.write(f"{kind}: {count}")
