"""manage.py import_boundaries FILE: boundaries of regions for the maps, as GeoJSON."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.core.exceptions import DomainError
from marketplace.reference.services import store_boundaries


class Command(BaseCommand):
    help = "Imports boundaries of regions from a GeoJSON FeatureCollection, e.g. of the city's geoportal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--code-property", default="kode", help="the property that holds the Kemendagri code")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            collection = json.loads(options["file"].read_text(encoding="utf-8"))
            count = store_boundaries(collection=collection, code_property=options["code_property"])
        except (OSError, ValueError) as error:
            raise CommandError(f"{options['file']}: {error}") from error
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count} boundaries stored.")
