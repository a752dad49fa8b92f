"""make bench: how fast the site is, beside its floors in the same run, and how far from its targets.

The site runs as in production (gunicorn, 2 sync workers, PostgreSQL) with 10,000 products. Needs wrk and PostgreSQL.
--quick: short runs, one each. --products N. Prints a table, writes var/bench/bench.json; a shortfall is marked SHORT.
"""

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools.bench import load, targets  # noqa: E402

OUT = ROOT / "var" / "bench"
SERVER = os.environ.get("BENCH_DATABASE_URL", "postgres://lapak:lapak@127.0.0.1:5432/lapak")
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/8")
PORT = int(os.environ.get("PORT") or 8190)
BASE = f"http://127.0.0.1:{PORT}"
FLOORS = "tools.bench.floor.settings"
SITE = "tools.bench.settings"


class NotHereError(Exception):
    """Something that the benchmark needs is missing on this machine."""


def environment(database: str, settings: str, **extra: str) -> dict[str, str]:
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": settings,
        "DATABASE_URL": SERVER.rsplit("/", 1)[0] + "/" + database,
        "REDIS_URL": REDIS,
        "SECRET_KEY": "bench-only-" * 6,
        "SALT_KEY": "bench-only",
        "ALLOWED_HOSTS": "127.0.0.1",
        "BASE_URL": BASE,
        "MEDIA_ROOT": str(OUT / "media"),
        "PRIVATE_MEDIA_ROOT": str(OUT / "private"),
        "PYTHONPATH": str(ROOT),
        **extra,
    }


def data_name(products: int) -> str:
    """The kept database with this many products; another one as soon as tables or generator change."""
    sha = hashlib.sha256(str(products).encode())
    for path in [*sorted(ROOT.glob("*/**/migrations/*.py")), *sorted((ROOT / "tools" / "bench").glob("data.py"))]:
        if ".venv" not in path.parts:
            sha.update(path.read_bytes())
    return f"lapak_bench_{sha.hexdigest()[:12]}"


def sql(statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(SERVER, autocommit=True) as connection:
        cursor = connection.execute(statement)  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []


def prepare(products: int) -> str:
    """A fresh copy of the generated database; generates it when there is none yet."""
    kept, fresh = data_name(products), "lapak_bench"
    existing = {row[0] for row in sql("SELECT datname FROM pg_database")}
    if kept not in existing or not (OUT / "media").exists():
        for old in existing:
            if old.startswith("lapak_bench_"):
                sql(f"DROP DATABASE {old} WITH (FORCE)")
        shutil.rmtree(OUT / "media", ignore_errors=True)
        partial = "lapak_bench_making"
        sql(f"CREATE DATABASE {partial}")
        environ = environment(partial, SITE)
        print(f"making {products} products, once …", flush=True)
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], check=True, cwd=ROOT, env=environ)
        subprocess.run([sys.executable, "-m", "tools.bench.data", str(products)], check=True, cwd=ROOT, env=environ)
        sql(f"ALTER DATABASE {partial} RENAME TO {kept}")
    sql(f"DROP DATABASE IF EXISTS {fresh} WITH (FORCE)")
    sql(f"CREATE DATABASE {fresh} TEMPLATE {kept}")
    # As docs/operating.md has it for a server on a solid-state disk.
    sql(f"ALTER DATABASE {fresh} SET random_page_cost = 1.1")
    return fresh


@contextmanager
def served(database: str, settings: str, **extra: str) -> Iterator[None]:
    """gunicorn with 2 sync workers on this database, stopped at the end."""
    environ = environment(database, settings, **extra)
    if settings != FLOORS:
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"], check=True, cwd=ROOT, env=environ
        )
    with open(OUT / "gunicorn.log", "a") as log:
        # As in the image; only that no worker is replaced, since what it used of the processor is counted.
        options = ["--config", "tools/deploy/gunicorn.py", "-w2", "-b", f"127.0.0.1:{PORT}", "--max-requests", "0"]
        command = [sys.executable, "-m", "gunicorn", *options, "--max-requests-jitter", "0", "marketplace.wsgi"]
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
        try:
            wait_for("/hello/" if settings == FLOORS else "/healthz", process)
            yield
        finally:
            process.terminate()
            process.wait(60)


def wait_for(path: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(120):
        if process.poll() is not None:
            raise NotHereError(f"gunicorn ended: see {OUT / 'gunicorn.log'}")
        try:
            urllib.request.urlopen(BASE + path, timeout=3)
            return
        except OSError:
            time.sleep(0.25)
    raise NotHereError(f"{BASE}{path} does not answer: see {OUT / 'gunicorn.log'}")


def queries(lines: list[str], headers: dict[str, str]) -> int:
    """The most queries that one of a few of these pages takes with warm processes; checks that each is a page."""
    most = 0
    for line in (lines[:: max(1, len(lines) // 12)] * 2)[:24]:
        path, _blank, body = line.partition(" ")
        request = urllib.request.Request(BASE + path, data=body.encode() or None, headers=headers)
        request.add_header("X-Count-Queries", "1")
        with urllib.request.urlopen(request, timeout=30) as response:
            if response.url != BASE + path and not body:
                raise NotHereError(f"{path} leads to {response.url}: it is no page to measure")
            most = max(most, int(response.headers.get("X-Queries", 0)))
    return most


def scenarios(database: str) -> dict[str, Any]:
    """The addresses to ask for, from the database itself, and a signed-in buyer's session."""
    code = "import json, django; django.setup();from tools.bench.scenarios import collect; print(json.dumps(collect()))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=ROOT,
        env=environment(database, SITE),
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def measure_floors(database: str, options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    floors = {}
    with served(database, FLOORS, BENCH_BARE="1"):
        floors["bare view"] = measure("bare view", ["/hello/"], {}, options)
    with served(database, FLOORS):
        floors["plain view"] = measure("view with Wagtail's middleware", ["/hello/"], {}, options)
        floors["empty page"] = measure("empty Wagtail page", ["/lantai/"], {}, options)
    return floors


def measure_pages(known: dict[str, Any], options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Each kind of page, uncached (signed in) and cached (a visitor); then putting into the basket."""
    results: dict[str, dict[str, Any]] = {}
    signed_in = {"Cookie": f"sessionid={known['session']}"}
    for name, lines in known["pages"].items():
        for mode, headers, asked in (("uncached", signed_in, lines), ("cached", {}, lines[:300])):
            for path in asked if mode == "cached" else []:
                urllib.request.urlopen(BASE + path, timeout=30).read()
            # Both workers must have read what they keep before queries are counted.
            for path in (asked * 24)[:24]:
                urllib.request.urlopen(urllib.request.Request(BASE + path, headers=headers), timeout=30).read()
            results[f"{name}, {mode}"] = measure(f"{name}, {mode}", asked, headers, options, queries(asked, headers))
    asked = known["suggestions"]
    results["suggestions"] = measure("suggestions", asked, signed_in, options, queries(asked, signed_in))
    token = "b" * 32
    posting = {
        "Cookie": f"csrftoken={token}",
        "X-CSRFToken": token,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    posting["HX-Request"] = "true"
    lines = [f"/keranjang/tambah/ variant={variant}&quantity=1" for variant in known["variants"]]
    results["add to basket"] = measure("add to basket", lines, posting, options, queries(lines, posting))
    return results


def measure_checkout(database: str, known: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    """One order of 3 shops with its queries counted; 40 buyers for different products; 40 for the last 5 of one."""
    variants, apart = known["variants"], known["variants_of_three_shops"]
    load.buy(load.Person(BASE), apart, number="warm")
    person = load.Person(BASE)
    placed, _whole, _last = load.buy(person, apart, number="three", count=True)
    placing = next(count for step, count in person.queries if step == "POST /bayar/")
    on_the_way = sum(count for _step, count in person.queries)
    print(f"an order of 3 shops: placed {placed}, {placing} queries to place it, {on_the_way} from basket to thanks")

    def different(buyer: int, turn: int) -> list[int]:
        return [variants[(buyer * 97 + turn * 41) % len(variants)]]

    sales = load.many_buyers(BASE, buyers=40, seconds=options.seconds * options.runs, variants_of=different)
    rate = sales.placed / sales.seconds
    print(f"40 buyers, different products: {rate:.1f} orders/s, p95 {sales.p95_ms(sales.durations)} ms")
    print(*sales.troubles[:2], sep="\n", flush=True)
    hot = variants[7]
    with psycopg.connect(SERVER.rsplit("/", 1)[0] + "/" + database, autocommit=True) as connection:
        connection.execute("UPDATE inventory_stockitem SET on_hand = reserved + 5 WHERE variant_id = %s", [hot])
        rush = load.many_buyers(BASE, buyers=40, seconds=0, rounds=1, variants_of=lambda buyer, turn: [hot])
        left = connection.execute(
            "SELECT on_hand - reserved FROM inventory_stockitem WHERE variant_id = %s", [hot]
        ).fetchone()
    answers = rush.p95_ms(rush.last_steps)
    print(f"40 buyers for the last 5: {rush.placed} sold, {rush.refused} refused, answered in {answers} ms at p95")
    print(*rush.troubles[:2], sep="\n", flush=True)
    return {
        "three_shops_placed": placed,
        "queries_to_place": placing,
        "queries_of_each_step": person.queries,
        "orders_per_second": round(rate, 1),
        "p95_ms": sales.p95_ms(sales.durations),
        "refused": sales.refused,
        "troubles": sales.troubles[:5],
        "hot": {
            "sold": rush.placed,
            "left": left[0] if left else None,
            "refused": rush.refused,
            "answer_p95_ms": answers,
            "troubles": rush.troubles[:5],
        },
    }


def workers() -> list[int]:
    """The process ids of gunicorn's workers on our port: those whose parent is one of them, too."""
    listing = subprocess.run(["ps", "-eo", "pid,ppid,args"], check=True, capture_output=True, text=True).stdout
    rows = [line.split(None, 2) for line in listing.splitlines() if f"127.0.0.1:{PORT}" in line and "gunicorn" in line]
    everyone = {row[0] for row in rows}
    return [int(row[0]) for row in rows if row[1] in everyone]


def memory_of_workers() -> list[int]:
    """Megabytes of each worker, its share of what it has in common with the others counted once (PSS)."""
    found = []
    for pid in workers():
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        found.append(int(re.search(r"^Pss:\s+(\d+)", rollup, re.M).group(1)) // 1024)
    return found


def cpu_seconds() -> float:
    """What the workers have used of the processor so far: unlike the rate, hardly changed by what else is running."""
    ticks = 0
    for pid in workers():
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(
    name: str, lines: list[str], headers: dict[str, str], options: argparse.Namespace, count: int | None = None
) -> dict[str, Any]:
    """Hammer these addresses, say how it went and return the figures."""
    before = cpu_seconds()
    speed = load.hammer(BASE, lines, headers, seconds=options.seconds, runs=options.runs)
    cpu = (cpu_seconds() - before) * 1000 / max(1, speed.requests)
    print(
        f"{name:<32} {speed.per_second:>8.1f}/s ({speed.lowest:.0f}–{speed.highest:.0f})  p50 {speed.p50_ms:>6.1f}  "
        f"p95 {speed.p95_ms:>6.1f} ms  cpu {cpu:>6.2f} ms{'' if count is None else f'  {count} queries'}"
        f"{f'  {speed.errors} ERRORS' if speed.errors else ''}",
        flush=True,
    )
    return {**asdict(speed), "cpu_ms": round(cpu, 3), "queries": count}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--only", default="", help="comma-separated: floors,pages,checkout")
    options = parser.parse_args()
    options.seconds, options.runs = (4, 1) if options.quick else (20, 3)
    only = set(filter(None, options.only.split(","))) or {"floors", "pages", "checkout"}
    OUT.mkdir(parents=True, exist_ok=True)
    if not shutil.which("wrk"):
        raise NotHereError("wrk is not here: install it (Debian: apt install wrk)")
    try:
        conninfo_to_dict(SERVER)
        sql("SELECT 1")
    except psycopg.OperationalError as error:
        raise NotHereError(f"no PostgreSQL at {SERVER}: start it, or set BENCH_DATABASE_URL ({error})") from error
    found: dict[str, Any] = {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "load_before": os.getloadavg()},
        "how": {"seconds": options.seconds, "runs": options.runs, "products": options.products, "connections": 8},
    }
    database = prepare(options.products)
    known = scenarios(database)
    if "floors" in only:
        found["floors"] = measure_floors(database, options)
    with served(database, SITE):
        if "pages" in only:
            found["pages"] = measure_pages(known, options)
        if "checkout" in only:
            try:
                found["checkout"] = measure_checkout(database, known, options)
            except load.CheckoutError as error:
                found["not_measured"] = f"checkout: {error}"
        found["worker_megabytes"] = memory_of_workers()
    durable = dict(sql("SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit')"))
    found["machine"]["postgresql"] = durable
    if "off" in durable.values():
        print(f"\nnote: PostgreSQL does not wait for the disk here ({durable}); a real site does")
    found["machine"]["load_after"] = os.getloadavg()
    found["targets"] = targets.judge(found)
    print()
    print(targets.table(found["targets"]))
    if "not_measured" in found:
        print(f"NOT MEASURED {found['not_measured']}")
    (OUT / "bench.json").write_text(json.dumps(found, indent=1, ensure_ascii=False))
    (OUT / "bench.txt").write_text(targets.table(found["targets"]) + "\n")
    return int("not_measured" in found)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except NotHereError as trouble:
        print(f"bench: {trouble}")
        sys.exit(1)
