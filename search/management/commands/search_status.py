"""`manage.py search_status`: how the search is doing."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from search.checking import status
from search.engines import EngineUnavailable
from search.engines.clusters import cluster, is_configured


class Command(BaseCommand):
    help = "Which engine answers, what the indices hold, what waits, and when they were last compared."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        known = status()
        if is_configured():
            try:
                known["cluster"] = cluster().health()
            except EngineUnavailable as error:
                known["cluster"] = {"status": f"does not answer: {error}"}
        if options["json"]:
            self.stdout.write(json.dumps(known, ensure_ascii=False, indent=2))
            return
        far = known.pop("cluster", {})
        for name, value in [*known.items(), *((f"cluster {key}", value) for key, value in far.items())]:
            self.stdout.write(f"{name.replace('_', ' '):22} {value}")
