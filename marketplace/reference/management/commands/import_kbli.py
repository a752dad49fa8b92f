"""manage.py import_kbli FILE: the official list of business fields, as CSV."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.core.exceptions import DomainError
from marketplace.reference.services import read_kbli_file, store_kbli


class Command(BaseCommand):
    help = "Imports KBLI codes from a CSV file with the columns code, version, title and (optional) subsector."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = store_kbli(rows=read_kbli_file(options["file"]))
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['file']}: {error}") from error
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count} KBLI codes stored.")
