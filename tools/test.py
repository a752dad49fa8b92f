"""make test: every check and test, on SQLite and on PostgreSQL, with a browser — whatever of it this machine has.

What is not here is named with the way to get it; with CI=true it is a failure instead. Nothing is left out silently.
ARGS="tests/core -k money" narrows it down.
"""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import environment as house
import stripe_mock
from environment import PYTHON, ROOT, Trouble, say

POSTGRES = "postgres://lapak:lapak@127.0.0.1:5432/lapak"
REDIS = "redis://127.0.0.1:6379/9"
SEARCH = "http://127.0.0.1:9201"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def answers(code, *arguments):
    """Whether a few lines of Python succeed inside the environment."""
    result = subprocess.run(
        [str(PYTHON), "-c", code, *arguments], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return result.returncode == 0


def look_around(environ):
    """What this machine lacks: a list of (pytest marker or "postgresql", sentence with the cure)."""
    missing = []
    postgres = environ.setdefault("TEST_DATABASE_URL", POSTGRES)
    if not answers("import psycopg, sys; psycopg.connect(sys.argv[1], connect_timeout=3)", postgres):
        cure = "start PostgreSQL and create a role that may create databases, or set TEST_DATABASE_URL"
        missing.append(("postgresql", "the second run, on PostgreSQL: {} ({})".format(cure, postgres)))
    redis = environ.setdefault("TEST_REDIS_URL", REDIS)
    if not answers("import redis, sys; redis.from_url(sys.argv[1], socket_timeout=3).ping()", redis):
        missing.append(("redis", "tests with Redis: start redis-server, or set TEST_REDIS_URL ({})".format(redis)))
    search = environ.setdefault("TEST_SEARCH_URL", SEARCH)
    if not answers("import urllib.request, sys; urllib.request.urlopen(sys.argv[1], timeout=5)", search):
        cure = "make search-node (needs Maven), or set TEST_SEARCH_URL"
        missing.append(("search_node", "tests with a search node: {} ({})".format(cure, search)))
    mock = environ.setdefault("TEST_STRIPE_MOCK", str(stripe_mock.PROGRAM))
    if not os.access(mock, os.X_OK):
        environ["TEST_STRIPE_MOCK"] = ""
        missing.append(("stripe_mock", "requests held against Stripe's stripe-mock: make stripe-mock"))
    if not environ.get("CHROMIUM") and not any(shutil.which(name) for name in BROWSERS):
        missing.append(("browser", "browser journeys: install Chromium, or set CHROMIUM to its path"))
    if not shutil.which("xgettext"):
        missing.append(("gettext", "whether every text is translated: install gettext"))
    return missing


def run_pytest(environ, title, markers, last):
    expression = " and ".join("not " + marker for marker in markers)
    command = [str(PYTHON), "-m", "pytest", "-n", environ.get("WORKERS", "2"), "--durations=8"]
    command += ["-m", expression] if expression else []
    command += shlex.split(environ.get("ARGS", ""))
    say("\n== {}{}".format(title, " ({})".format(expression) if expression else ""))
    if not last:
        environ = dict(environ, LEFT_OUT="")
    code = subprocess.run(command, check=False, cwd=str(ROOT), env=environ).returncode
    # 5: nothing collected, which is only right when somebody narrowed the run down to the other database.
    return 0 if code == 5 and environ.get("ARGS") and not last else code


def main():
    house.ensure("dev")
    house.compile_messages()
    environ = dict(os.environ)
    missing = look_around(environ)
    if missing:
        listing = "\n".join("  - " + sentence for _marker, sentence in missing)
        if environ.get("CI") == "true":
            raise Trouble(
                "Dengan CI=true semua bagian harus diuji; di mesin ini belum ada:\n" + listing,
                "With CI=true everything must be tested; this machine lacks the above.",
            )
        say("Tidak diuji di mesin ini (left out, and how to have it):\n" + listing)
        environ["LEFT_OUT"] = listing
    absent = [marker for marker, _sentence in missing]
    markers = [marker for marker in absent if marker != "postgresql"]
    sqlite = dict(environ, DATABASE_URL="sqlite:///" + str(house.VAR / "test.sqlite3"))
    if "postgresql" in absent:
        return run_pytest(sqlite, "SQLite", markers, last=True)
    # What says the same on every database, and the journeys, run once: in the second run.
    code = run_pytest(
        sqlite, "SQLite", sorted({*markers, "once", "browser", "redis", "search_node", "gettext"}), last=False
    )
    if code:
        return code
    postgres = dict(environ, DATABASE_URL=environ["TEST_DATABASE_URL"])
    return run_pytest(postgres, "PostgreSQL", markers, last=True)


if __name__ == "__main__":
    sys.exit(house.guarded(main))
