"""make bench-search: how fast products are found and indexed, in the database and in a real search node.

    make bench-search ARGS="20000 100000 1000000 --queries 400 --heap 512m"

Names are put together from the demo's words as often as they occur there, and from the spellings that people use
(search/data/synonyms.csv). Up to 200,000 products also stand in a database, where the built-in engine searches them
(SQLite, or one made for it on the PostgreSQL server of BENCH_SEARCH_DATABASE_URL); more only in the node. Prints a
table, writes var/bench-search/<products>.json; what falls short of docs/performance.md is marked SHORT. Times are of
the engine, inside this process, without the page.
"""

# Django is set up after the node has started, so what needs it is imported where it is used.
# ruff: noqa: PLC0415
import argparse
import collections
import csv
import json
import math
import multiprocessing
import os
import queue
import random
import shutil
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

import psycopg  # noqa: E402
import search_node  # noqa: E402

OUT = ROOT / "var" / "bench-search"
SIZES = (20_000, 100_000)
# More products than this are not put into the database: it is not made for them.
MOST_IN_DATABASE = 200_000
CLIENTS = 8
KINDS = ("words + facets", "filter + sort", "autocomplete")
BATCH = 1000
DATABASE = "lapak_made_up_products"


# --- words -------------------------------------------------------------------------------------------------------
class Words:
    """The words of names as often as the demo has them, and what people type for them."""

    def __init__(self, dice):
        rows = json.loads((ROOT / "marketplace/installation/demo/data/products.json").read_text(encoding="utf-8"))
        counted = collections.Counter(word for row in rows for word in row["name"].split())
        self.words, self.weights = zip(*counted.items())
        self.texts = [row["description"] for row in rows]
        with (ROOT / "search/data/synonyms.csv").open(encoding="utf-8", newline="") as file:
            groups = list(csv.DictReader(file))
        self.typed = [other for group in groups for other in group["spellings"].split(";") if other]
        self.dice = dice

    def name(self):
        return " ".join(dict.fromkeys(self.dice.choices(self.words, self.weights, k=4)))

    def text(self):
        return self.dice.choice(self.texts)

    def query(self):
        """Two words of names; one in five is spelled as people do."""
        first, second = self.dice.choices(self.words, self.weights, k=2)
        return f"{self.dice.choice(self.typed)} {second}" if self.dice.random() < 0.2 else f"{first} {second}"

    def beginning(self):
        word = next(word for word in iter(lambda: self.dice.choice(self.words), None) if len(word) > 3)
        return word[: self.dice.randint(2, 4)]


# --- products ----------------------------------------------------------------------------------------------------
def empty_database(size):
    """The address of a database without tables."""
    server = os.environ.get("BENCH_SEARCH_DATABASE_URL")
    if not server:
        for leftover in OUT.glob(f"{size}.sqlite3*"):
            leftover.unlink()
        return f"sqlite:///{OUT / f'{size}.sqlite3'}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {DATABASE}")
    return f"{server.rsplit('/', 1)[0]}/{DATABASE}"


def fill_database(size, words, dice):
    """Shops, products and their cards, in bulk."""
    from django.core.management import call_command
    from django.db import connection

    from marketplace.accounts.models import Agency
    from marketplace.catalogue.models import Product, ProductListing
    from marketplace.installation.services import set_up_site
    from marketplace.reference.models import Category, Region
    from umkm.vendors.models import Vendor

    call_command("migrate", verbosity=0)
    list(set_up_site())
    agencies = {agency.region_id: agency for agency in Agency.objects.all()}
    villages = list(Region.objects.filter(level=Region.Level.VILLAGE))
    leaves = list(Category.objects.filter(children=None).select_related("subsector"))
    shops = []
    for number in range(max(size // 50, 20)):
        village = dice.choice(villages)
        shops.append(
            Vendor(
                slug=f"toko-{number}", name=f"Toko {number}", agency=agencies[village.regency_code], village=village,
                subsector=dice.choice(leaves).subsector,
            )
        )  # fmt: skip
    shops = Vendor.objects.bulk_create(shops)
    now = datetime.now(UTC)
    for start in range(0, size, BATCH):
        made = Product.objects.bulk_create(
            [
                Product(
                    vendor=dice.choice(shops), slug=f"produk-{number}", name=words.name(), description=words.text(),
                    category=dice.choice(leaves), live=True,
                    first_published_at=now - timedelta(hours=dice.randrange(9000)),
                )
                for number in range(start, min(start + BATCH, size))
            ]
        )  # fmt: skip
        ProductListing.objects.bulk_create([listing(product, dice) for product in made])
        say(f"\r  {start + len(made):,} products in the database", end="")
    say("")
    # As autovacuum does within a minute, which nobody waits for here.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def listing(product, dice):
    from marketplace.catalogue.models import ProductListing

    price, rated = dice.randrange(5, 300) * 1000, dice.random() < 0.3
    village = product.vendor.village
    return ProductListing(
        product=product, vendor=product.vendor, slug=product.slug, name=product.name, vendor_name=product.vendor.name,
        vendor_slug=product.vendor.slug, category_path=product.category.path,
        subsector_slug=product.category.subsector.slug, village_code=village.code, district_code=village.district_code,
        district_name="", price_min=price, price_max=price + dice.choice([0, 0, 10_000]),
        stock_left=dice.choice([0, 3, 20, 50]), shelf_life_days=dice.choice([None, 5, 14, 60]),
        sold_count=dice.randrange(300), rating_average=dice.uniform(3, 5) if rated else 0.0,
        rating_count=9 if rated else 0, rating_score=dice.uniform(3, 5) if rated else 0.0,
        latitude=-8 + dice.random() / 2, longitude=112.4 + dice.random() / 2, published_at=product.first_published_at,
    )  # fmt: skip


def made_up_documents(size, words, dice):
    """Prepared documents without a database behind them; the analyser reads each word once."""
    from search.analysis import Analyser
    from search.engines.base import Document, Facts, Point
    from search.lexicon import build_lexicon, fixture_groups, fixture_words

    analyser = Analyser(build_lexicon(fixture_groups(), fixture_words()))
    surfaces = {word: analyser.surface_text(word) for word in words.words}
    stems = {word: analyser.stem_text(word) for word in words.words}
    bodies = [analyser.full_text(text) for text in words.texts]
    categories = [f"kuliner/bagian-{one}/jenis-{two}" for one in range(12) for two in range(8)]
    villages = [f"35.{regency}.{district:02}.{1000 + village}" for regency in ("07", "73", "79")
                for district in range(1, 12) for village in range(1, 12)]  # fmt: skip
    now = datetime.now(UTC)
    for number in range(1, size + 1):
        chosen, category = words.name().split(), dice.choice(categories)
        price, village, rated = dice.randrange(5, 300) * 1000, dice.choice(villages), dice.random() < 0.3
        yield Document(
            number, 1, " ".join(surfaces[word] for word in chosen), " ".join(stems[word] for word in chosen),
            f"{category.replace('/', ' ')} toko {number % max(size // 50, 20)}", dice.choice(bodies),
            Facts(
                vendor_id=number % max(size // 50, 20), category_path=category, subsector="kuliner",
                village_code=village, district_code=village[:8], price_min=price, price_max=price,
                stock_left=5 * (number % 7),
                is_digital=False, allows_pickup=number % 3 > 0, allows_cod=number % 2 > 0, shelf_life_days=number % 90,
                published_at=now - timedelta(hours=number % 9000), sold_count=number % 300,
                rating_average=4.2 if rated else 0.0, rating_count=9 if rated else 0,
                rating_score=4.0 if rated else 0.0,
                point=Point(-8 + dice.random() / 2, 112.4 + dice.random() / 2),
            ),
        )  # fmt: skip


# --- measuring ---------------------------------------------------------------------------------------------------
def percentile(times, share):
    ordered = sorted(times)
    return round(ordered[min(math.ceil(len(ordered) * share), len(ordered)) - 1] * 1000, 2)


def requests_of(kind, texts, dice):
    """What is asked: a function of the engine for each text."""
    from dataclasses import replace

    from search.analysis import Analyser
    from search.engines.base import Request
    from search.lexicon import build_lexicon, fixture_groups, fixture_words
    from search.queries import CHEAPEST, SearchQuery

    analyser = Analyser(build_lexicon(fixture_groups(), fixture_words()))
    asked = []
    for text in texts:
        query, analysed = SearchQuery(text=text), analyser.query(text)
        if kind == "autocomplete":
            asked.append(lambda engine, analysed=analysed: engine.complete(analysed, limit=30))
            continue
        if kind == "filter + sort":
            query = replace(query, price_max=dice.randrange(20, 200) * 1000, in_stock=True, sort=CHEAPEST)
        request = Request(query, analysed, with_facets=True)
        asked.append(lambda engine, request=request: engine.search(request))
    return asked


def timed(engine, asked):
    times = []
    for ask in asked:
        began = time.perf_counter()
        ask(engine)
        times.append(time.perf_counter() - began)
    return times


def client(engine_name, kind, texts, seed, answers):
    from search.engines import engine

    asked = requests_of(kind, texts, random.Random(seed))
    timed(engine(engine_name), asked[:20])
    answers.put(timed(engine(engine_name), asked))


def measure(engine_name, words, queries):
    """p50 and p95 in milliseconds for each kind of question, with one client and with eight."""
    from django.db import connections

    # Before the processes part: one that ends would end the connection that it got from here.
    connections.close_all()
    found = {}
    for kind in KINDS:
        for clients in (1, CLIENTS):
            answers = multiprocessing.get_context("fork").Queue()
            share = max(queries // clients, 40)
            make = words.beginning if kind == "autocomplete" else words.query
            processes = [
                multiprocessing.get_context("fork").Process(
                    target=client, args=(engine_name, kind, [make() for _one in range(share)], number, answers)
                )
                for number in range(clients)
            ]
            began = time.perf_counter()
            for process in processes:
                process.start()
            times = [one for _process in processes for one in _next_of(answers, processes)]
            for process in processes:
                process.join()
            found[f"{kind}, {clients} client{'s' if clients > 1 else ''}"] = {
                "p50": percentile(times, 0.5), "p95": percentile(times, 0.95),
                "per_second": round(len(times) / (time.perf_counter() - began)),
            }  # fmt: skip
    return found


def _next_of(answers, processes):
    """The times of whichever client is done next; a client that failed ends the run."""
    while True:
        try:
            return answers.get(timeout=1)
        except queue.Empty:
            if any(process.exitcode for process in processes):
                raise SystemExit("a client failed; its message is above") from None


def measure_lag(changes=40):
    """Seconds from the commit of a change until the node finds it, through the outbox and a worker's loop."""
    from django.db import connections, transaction
    from elasticsearch_dsl import Q, Search

    from marketplace.catalogue.models import ProductListing
    from marketplace.outbox.services import enqueue, process_due
    from search.engines.elasticsearch.client import client as connect
    from search.engines.elasticsearch.client import index_name

    stop = threading.Event()

    def worker():
        while not stop.is_set():
            if not process_due():
                stop.wait(0.5)
        connections.close_all()

    thread = threading.Thread(target=worker)
    thread.start()
    lags = []
    for number, pk in enumerate(ProductListing.objects.order_by("?").values_list("pk", flat=True)[:changes]):
        price = 7_000_001 + number
        with transaction.atomic():
            row = ProductListing.objects.filter(pk=pk)
            version = row.values_list("search_version", flat=True).get() + 1
            row.update(price_min=price, price_max=price, search_version=version)
            enqueue(topic="search.index", key=str(pk), payload={"product_id": pk})
        began = time.perf_counter()
        wanted = Search(using=connect(), index=index_name()).query(Q("term", **{"price.min": price}))
        while not wanted.count() and time.perf_counter() - began < 30:
            time.sleep(0.02)
        lags.append(time.perf_counter() - began)
    stop.set()
    thread.join()
    return {"p50": percentile(lags, 0.5), "p95": percentile(lags, 0.95)}


# --- one size ----------------------------------------------------------------------------------------------------
def run_one(size, queries, heap):
    dice = random.Random(26)
    words = Words(dice)
    shutil.rmtree(search_node.HOME / "nodes" / "bench", ignore_errors=True)
    node = search_node.Node("bench", search_node.free_port(), heap).start()
    os.environ["ELASTICSEARCH_URL"] = node.url
    try:
        found = _run(size, queries, words, dice)
        found["node"] = {"heap": heap, "resident_megabytes": node.resident_megabytes()}
        return found
    finally:
        node.stop()


def _run(size, queries, words, dice):
    import django

    django.setup()
    from search.engines import engine
    from search.engines.clusters import cluster
    from search.engines.database import database_engine
    from search.engines.elasticsearch import indices
    from search.engines.elasticsearch.client import patient_client

    in_database = size <= MOST_IN_DATABASE
    found = {"products": size, "made": datetime.now(UTC).isoformat(timespec="seconds"), "engines": {}}
    if in_database:
        from search.indexing import rebuild, rebuild_cluster

        fill_database(size, words, dice)
        began = time.perf_counter()
        _only_built_in(rebuild)
        built_in_rate = round(size / (time.perf_counter() - began))
        began = time.perf_counter()
        rebuild_cluster()
        rate = round(size / (time.perf_counter() - began))
        bulk = None
    else:
        began, spent = time.perf_counter(), 0.0

        def fill(alias):
            nonlocal spent
            batch = []
            for document in made_up_documents(size, words, dice):
                batch.append(document)
                if len(batch) == BATCH:
                    start = time.perf_counter()
                    cluster().put_into(alias, batch, {}, refresh=False)
                    spent += time.perf_counter() - start
                    say(f"\r  {document.product_id:,} products in the node", end="")
                    batch = []
            cluster().put_into(alias, batch, {}, refresh=False)

        indices.rebuilt(fill, lambda alias: None)
        say("")
        rate, bulk, built_in_rate = round(size / (time.perf_counter() - began)), round(size / spent), None
    # As an index is after a while, not in the middle of its merges.
    patient_client().options(request_timeout=600).indices.forcemerge(index="*", max_num_segments=5)
    if in_database:
        say("  asking the database …")
        kept = measure(database_engine().name, words, queries)
        found["engines"]["database"] = {"indexed_per_second": built_in_rate, "milliseconds": kept}
    say("  asking the node …")
    # A fresh Java is slow: it compiles what it runs often.
    for kind in KINDS:
        make = words.beginning if kind == "autocomplete" else words.query
        timed(engine("elasticsearch"), requests_of(kind, [make() for _one in range(400)], dice))
    asked = measure("elasticsearch", words, queries)
    found["engines"]["elasticsearch"] = {"indexed_per_second": rate, "written_per_second": bulk, "milliseconds": asked}
    if in_database:
        found["engines"]["elasticsearch"]["lag_milliseconds"] = measure_lag()
    return found


def _only_built_in(rebuild):
    from django.conf import settings

    urls = settings.ELASTICSEARCH["urls"]
    settings.ELASTICSEARCH["urls"] = []
    try:
        rebuild()
    finally:
        settings.ELASTICSEARCH["urls"] = urls


# --- the table ---------------------------------------------------------------------------------------------------
def targets_of(found):
    """What docs/performance.md asks for at this size: (engine, kind, p50 or p95 at most, in milliseconds)."""
    size = found["products"]
    node = 30 if size <= 100_000 else 60
    wanted = {
        ("elasticsearch", "words + facets, 1 client", "p95"): node,
        ("elasticsearch", "filter + sort, 1 client", "p95"): node,
        ("elasticsearch", "autocomplete, 1 client", "p95"): 10,
    }
    if size <= 20_000:
        wanted |= {
            ("database", "words + facets, 1 client", "p50"): 5,
            ("database", "words + facets, 1 client", "p95"): 20,
        }
    return wanted


def print_table(found):
    wanted, short = targets_of(found), 0
    node = found["node"]
    say(f"\n{found['products']:,} products · node {node['resident_megabytes']} MB resident, heap {node['heap']}")
    say(f"{'engine':14} {'what':32} {'p50 ms':>8} {'p95 ms':>8} {'per s':>7}")
    for name, engine in found["engines"].items():
        for what, figures in engine["milliseconds"].items():
            marks = []
            for part in ("p50", "p95"):
                limit = wanted.get((name, what, part))
                if limit is not None and figures[part] > limit:
                    marks.append(f"SHORT: {part} ≤ {limit}")
            short += len(marks)
            line = f"{name:14} {what:32} {figures['p50']:8.2f} {figures['p95']:8.2f} {figures['per_second']:7}"
            say(f"{line}  {' '.join(marks)}".rstrip())
        lag = engine.get("lag_milliseconds")
        if lag:
            late = lag["p95"] > 2000
            short += late
            mark = "  SHORT: p95 ≤ 2000" if late else ""
            say(f"{name:14} {'change until found':32} {lag['p50']:8.0f} {lag['p95']:8.0f}{mark}")
        say(f"{name:14} {'products indexed':32} {'':8} {'':8} {engine['indexed_per_second']:7}")
        if engine.get("written_per_second"):
            say(f"{name:14} {'of which writing alone':32} {'':8} {'':8} {engine['written_per_second']:7}")
    return short


def say(text, end="\n"):
    print(text, end=end, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, help="numbers of products")
    parser.add_argument("--queries", type=int, default=400)
    parser.add_argument("--heap", default="512m")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    if options.one:
        found = run_one(options.sizes[0], options.queries, options.heap)
        (OUT / f"{options.sizes[0]}.json").write_text(json.dumps(found, indent=2))
        return 0
    short = 0
    for size in options.sizes or SIZES:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "marketplace.settings.development",
            "DEBUG": "false",
            "DATABASE_URL": empty_database(size),
            "ELASTICSEARCH_FLAVOUR": "opensearch",
            "ELASTICSEARCH_INDEX": "bench",
            "ELASTICSEARCH_TIMEOUT": "30",
            "LOG_LEVEL": "ERROR",
            "REDIS_URL": "",
        }
        command = [sys.executable, "-m", "tools.bench.search", "--one", str(size)]
        command += ["--queries", str(options.queries), "--heap", options.heap]
        say(f"{size:,} products …")
        subprocess.run(command, check=True, env=environment, cwd=str(ROOT))
        short += print_table(json.loads((OUT / f"{size}.json").read_text()))
    say(f"\n{short} short of their target" if short else "\nnothing short of its target")
    return 0


if __name__ == "__main__":
    sys.exit(main())
