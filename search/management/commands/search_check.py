"""`manage.py search_check [--repair]`: whether the indices hold what the database says."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search.checking import check_indices
from search.engines import EngineUnavailable


class Command(BaseCommand):
    help = "Compare every index with the database; exit code 1 when they differ and nothing was repaired."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="write anew what differs")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = check_indices(repair=options["repair"])
        except EngineUnavailable as error:
            raise CommandError(f"The cluster does not answer: {error}") from None
        for name, ids in found.different.items():
            shown = ", ".join(map(str, ids[:10])) + (" …" if len(ids) > 10 else "")
            self.stdout.write(f"{name}: {len(ids)} products differ" + (f" ({shown})" if ids else ""))
        if found.rebuilt:
            self.stdout.write(f"index {found.rebuilt} was made anew and took over")
        elif found.mended and not found.is_clean:
            self.stdout.write("written anew")
        if not found.mended and not found.is_clean:
            self.stdout.write("Run it with --repair to write them anew; the worker does so every ten minutes.")
            sys.exit(1)
