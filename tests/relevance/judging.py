"""Judging a search: graded queries, nDCG@10, how often nothing is found, how often what is sold out stands in front."""

import csv
import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path

from search.queries import SearchQuery
from search.services import SearchResult, search_products

GRADED = Path(__file__).resolve().parent / "id.tsv"
NO_ANSWER = "no-answer"
DEPTH = 10


@dataclass(frozen=True)
class Graded:
    """A query as people type it, and how well which products answer it: 3 is it, 2 fits, 1 is near."""

    text: str
    kind: str
    grades: dict[str, int]


@dataclass(frozen=True)
class Judged:
    """What an engine made of a query."""

    text: str
    kind: str
    ndcg: float
    total: int
    note: str
    slugs: list[str]
    sold_out: int


@dataclass(frozen=True)
class Report:
    """What an engine made of all of them."""

    engine: str
    judged: list[Judged] = field(default_factory=list)

    @property
    def answered(self) -> list[Judged]:
        return [one for one in self.judged if one.kind != NO_ANSWER]

    @property
    def ndcg(self) -> float:
        return sum(one.ndcg for one in self.answered) / len(self.answered)

    @property
    def found_nothing(self) -> float:
        """The share of queries that have an answer and got none."""
        return sum(not one.total for one in self.answered) / len(self.answered)

    @property
    def sold_out(self) -> float:
        """The share of what is sold out among the first ten."""
        return sum(one.sold_out for one in self.answered) / max(sum(len(one.slugs) for one in self.answered), 1)

    @property
    def dishonest(self) -> list[str]:
        """Queries that nothing answers, and that got an answer all the same without a word that it is none."""
        return [one.text for one in self.judged if one.kind == NO_ANSWER and one.total and one.note != "partial"]

    def write(self, folder: Path) -> None:
        """As JSON, for the table that `make relevance` prints."""
        folder.mkdir(parents=True, exist_ok=True)
        figures = {"ndcg": self.ndcg, "found_nothing": self.found_nothing, "sold_out": self.sold_out}
        data = {
            "engine": self.engine,
            **figures,
            "dishonest": self.dishonest,
            "queries": [asdict(one) for one in self.judged],
        }
        (folder / f"{self.engine}.json").write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")


def graded_queries() -> list[Graded]:
    """All of them, in the file's order."""
    with GRADED.open(encoding="utf-8", newline="") as file:
        return [
            Graded(row["query"], row["kind"], {slug: int(grade) for slug, _is, grade in _pairs(row["judgements"])})
            for row in csv.DictReader(file, delimiter="\t")
        ]


def _pairs(text: str | None) -> list[tuple[str, str, str]]:
    return [pair.partition("=") for pair in (text or "").split()]


def judge(name: str, *, engine_name: str | None = None) -> Report:
    """Ask all graded queries.

    Arguments:
        name: what the report is called.
        engine_name: the engine to ask; the site's own without one.
    """
    report = Report(name)
    for graded in graded_queries():
        query = SearchQuery(text=graded.text, page_size=DEPTH)
        report.judged.append(_judged(graded, search_products(query, engine_name=engine_name, with_facets=False)))
    return report


def _judged(graded: Graded, result: SearchResult) -> Judged:
    slugs = [listing.slug for listing in result.listings]
    note = "partial" if result.is_partial else f"→ {result.corrected}" if result.corrected else ""
    return Judged(
        graded.text,
        graded.kind,
        ndcg(slugs, graded.grades),
        result.total,
        note,
        slugs,
        sum(listing.is_sold_out for listing in result.listings),
    )


def ndcg(slugs: list[str], grades: dict[str, int]) -> float:
    """Normalised discounted cumulative gain of the first ten; what nobody graded is worth nothing."""
    best = _gain(sorted(grades.values(), reverse=True)[:DEPTH])
    return _gain([grades.get(slug, 0) for slug in slugs[:DEPTH]]) / best if best else float(not slugs)


def _gain(grades: list[int]) -> float:
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades))
