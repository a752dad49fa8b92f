"""make relevance: how well each engine finds what people mean, query by query, over the demo's catalogue.

Runs tests/relevance on SQLite, on PostgreSQL and against a search node, whatever of it is here, and prints every graded
query with its nDCG@10 on each. A figure short of its floor is marked SHORT; all of it is written to var/relevance/.
ARGS=--all shows the queries that are answered perfectly as well.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import environment as house
from environment import PYTHON, ROOT, say
from test import look_around

FOLDER = house.VAR / "relevance"
ENGINES = ("sqlite", "postgresql", "elasticsearch")
FLOOR, MOST_APART, MOST_EMPTY = 0.90, 0.03, 0.01
NO_ANSWER = "no-answer"


def run(environ, markers):
    """One run of the graded queries; what it found lies in FOLDER."""
    expression = " and ".join("not " + marker for marker in markers)
    command = [
        str(PYTHON),
        "-m",
        "pytest",
        "tests/relevance",
        "-q",
        "-n0",
        "--no-header",
        "-k",
        "finds_what_people_mean",
    ]
    command += ["-m", expression] if expression else []
    return subprocess.run(command, check=False, cwd=str(ROOT), env=environ, stdout=subprocess.DEVNULL).returncode


def reports():
    """What each engine made of the queries, by its name."""
    files = {name: FOLDER / (name + ".json") for name in ENGINES}
    return {name: json.loads(path.read_text(encoding="utf-8")) for name, path in files.items() if path.exists()}


def table(found, show_all):
    """Every query that some engine does not answer perfectly, with what each made of it."""
    names = list(found)
    rows = zip(*(found[name]["queries"] for name in names))
    say("\n{:<34} {:<10} {}".format("query", "kind", "  ".join("{:>14}".format(name) for name in names)))
    for row in rows:
        first = row[0]
        if first["kind"] == NO_ANSWER:
            cells = ["{:>14}".format("nothing" if not one["total"] else one["note"] or "SHORT") for one in row]
        else:
            cells = ["{:>14}".format("{:.3f} {:>6}".format(one["ndcg"], "n=" + str(one["total"]))) for one in row]
        if show_all or first["kind"] == NO_ANSWER or min(one["ndcg"] for one in row) < 0.9995:
            say("{:<34} {:<10} {}".format(first["text"][:34], first["kind"], "  ".join(cells)))


def figures(found):
    """The figures with their floors; whether all hold."""
    lines = []
    for name, report in found.items():
        lines.append((name + ": nDCG@10", report["ndcg"], report["ndcg"] >= FLOOR, ">= {:.2f}".format(FLOOR)))
        empty = report["found_nothing"]
        lines.append((name + ": answerable, nothing found", empty, empty <= MOST_EMPTY, "<= {:.2f}".format(MOST_EMPTY)))
        lines.append((name + ": sold out in the first ten", report["sold_out"], True, ""))
        dishonest = len(report["dishonest"])
        lines.append((name + ": unanswerable, answered all the same", float(dishonest), not dishonest, "0"))
    values = [report["ndcg"] for report in found.values()]
    apart = max(values) - min(values)
    lines.append(("engines apart", apart, apart <= MOST_APART, "<= {:.2f}".format(MOST_APART)))
    for label, value, holds, floor in lines:
        say("{:<44} {:>8.4f}  {:<8} {}".format(label, value, floor, "" if holds else "SHORT"))
    return all(holds for _label, _value, holds, _floor in lines)


def main():
    house.ensure("dev")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ENGINES:
        (FOLDER / (name + ".json")).unlink(missing_ok=True)
    environ = dict(os.environ, RELEVANCE_DIR=str(FOLDER))
    missing = look_around(environ)
    absent = {marker for marker, _sentence in missing} & {"postgresql", "search_node"}
    for marker, sentence in missing:
        if marker in absent:
            say("left out: " + sentence)
    markers = sorted(absent - {"postgresql"})
    run(dict(environ, DATABASE_URL="sqlite:///" + str(house.VAR / "test.sqlite3")), markers)
    if "postgresql" not in absent:
        run(dict(environ, DATABASE_URL=environ["TEST_DATABASE_URL"]), sorted({*markers, "search_node"}))
    found = reports()
    if not found:
        say("No engine answered: run make test ARGS=tests/relevance to see why.")
        return 1
    table(found, "--all" in os.environ.get("ARGS", ""))
    say("")
    return 0 if figures(found) else 1


if __name__ == "__main__":
    sys.exit(main())
