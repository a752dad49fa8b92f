"""`manage.py search_query "kripik tempe"`: the ranked products as the site would show them."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search.engines import ENGINES, EngineUnavailable
from search.explain import explain_word
from search.queries import SearchQuery, clean_text
from search.services import SearchResult, search_products


class Command(BaseCommand):
    help = "Search as the site does and print the ranked slugs with their scores."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("query", nargs="?", help="what a visitor would type")
        parser.add_argument("--engine", choices=sorted(ENGINES), help="this engine alone; without it, the site's own")
        parser.add_argument("--json", action="store_true", help="one JSON object")
        parser.add_argument("--explain", action="store_true", help="say how the engine understood the query")
        parser.add_argument("--file", help="answer one query a line, one JSON line each; - reads standard input")
        parser.add_argument("--limit", type=int, default=24)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["file"]:
            for line in self._lines(options["file"]):
                self.stdout.write(json.dumps(self._answer(line, options), ensure_ascii=False))
            return
        if options["query"] is None:
            raise CommandError("Give a query, or --file with one query a line.")
        answer = self._answer(options["query"], options)
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2))
            return
        for hit in answer["hits"]:
            self.stdout.write(f"{hit['score']:10.4f}  {hit['slug']}" + ("  (pinned)" if hit["pinned"] else ""))
        self.stdout.write(
            f"{answer['total']} found" + (f", for “{answer['corrected']}”" if answer["corrected"] else "")
        )
        for way in answer["relaxed"]:
            self.stdout.write(f"without {way['dropped']}: {way['total']}")
        if "explanation" in answer:
            for step in answer["steps"]:
                self.stdout.write(
                    f"{step['title']}: {step['result']}" + (f"  ({step['note']})" if step["note"] else "")
                )
            self.stdout.write(answer["explanation"])

    @staticmethod
    def _lines(name: str) -> list[str]:
        if name == "-":
            return [line for line in sys.stdin.read().splitlines() if line.strip()]
        path = Path(name)
        if not path.is_file():
            raise CommandError(f"There is no file {name}.")
        return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]

    @staticmethod
    def _answer(text: str, options: dict[str, Any]) -> dict[str, Any]:
        query = SearchQuery(text=clean_text(text), page_size=options["limit"])
        try:
            result: SearchResult = search_products(query, engine_name=options["engine"], explain=options["explain"])
        except EngineUnavailable as error:
            raise CommandError(
                f"The engine {options['engine']} does not answer: {error}. Look at manage.py search_status."
            ) from error
        answer: dict[str, Any] = {
            "query": text,
            "engine": result.engine,
            "simplified": result.is_simplified,
            "total": result.total,
            "corrected": result.corrected,
            "partial": result.is_partial,
            "hits": [
                {"slug": listing.slug, "score": round(listing.score, 6), "pinned": listing.is_pinned}  # type: ignore[attr-defined]
                for listing in result.listings
            ],
            "readings": result.nearest_words,
            "relaxed": [{"dropped": way.dropped, "total": way.total} for way in result.relaxed],
        }
        if options["explain"]:
            answer["steps"] = [
                {"title": str(step.title), "result": step.result, "note": step.note} for step in explain_word(text)
            ]
            answer["explanation"] = result.explanation
        return answer
