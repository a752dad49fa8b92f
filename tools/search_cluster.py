"""Three search nodes in processes of their own; the elected one is killed (-9) while products are searched and change.

    python tools/search_cluster.py [--products 2000] [--seconds 45] [--heap 320m]

Prints a report and writes var/search-cluster/report.json. Exit code 1 when an error reached a visitor or anything was
lost. `tests/faults/test_search_three_nodes.py` does the same for a few seconds.
"""

# Django is set up after the nodes have started, so what needs it is imported where it is used.
# ruff: noqa: PLC0415
import argparse
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

import search_node  # noqa: E402
from environment import guarded, say  # noqa: E402

OUT = search_node.VAR / "search-cluster"
GREEN_SECONDS = 180


def start_nodes(heap, home=search_node.HOME, names=("satu", "dua", "tiga")):
    """Three nodes that know each other, and wait until the cluster has all of them."""
    transports = [search_node.free_port() for _name in names]
    seeds = tuple(f"127.0.0.1:{port}" for port in transports)
    nodes = [
        search_node.Node(name, search_node.free_port(), heap, port, seeds, names, home)
        for name, port in zip(names, transports)
    ]
    # Together: none of them is a cluster by itself.
    threads = [threading.Thread(target=node.start) for node in nodes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_for(nodes, status="green", count=len(nodes))
    return nodes


def ask(node, path):
    with urllib.request.urlopen(node.url + path, timeout=10) as answer:
        return json.load(answer)


def wait_for(nodes, *, status, count):
    """Wait until some node says that the cluster is so, with so many nodes."""
    until = time.monotonic() + GREEN_SECONDS
    while time.monotonic() < until:
        for node in nodes:
            try:
                health = ask(node, "/_cluster/health")
            except OSError:
                continue
            if health["status"] == status and health["number_of_nodes"] == count:
                return
        time.sleep(0.3)
    raise RuntimeError(f"the cluster did not become {status} with {count} nodes")


def elected(nodes):
    """The node that leads the cluster."""
    leader = ask(nodes[0], "/_cat/cluster_manager?format=json")[0]["node"]
    return next(node for node in nodes if node.name == leader)


class Traffic:
    """Visitors who search and sellers who change prices, until they are stopped."""

    def __init__(self, product_ids, texts):
        self.product_ids, self.texts = list(product_ids), texts
        self.stop = threading.Event()
        self.answers = self.simplified = self.changes = 0
        self.errors, self.slowest = [], 0.0
        self._lock = threading.Lock()
        work = (self.visit, self.visit, self.sell, self.index)
        self.threads = [threading.Thread(target=self._safely, args=(each,)) for each in work]

    def start(self):
        for thread in self.threads:
            thread.start()

    def finish(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def _safely(self, work):
        from django.db import connections

        try:
            while not self.stop.is_set():
                work()
        except Exception as error:  # the report tells of it
            self.errors.append(repr(error))
        finally:
            connections.close_all()

    def visit(self):
        from search.queries import SearchQuery
        from search.services import search_products, suggest

        text = random.choice(self.texts)
        began = time.perf_counter()
        found = search_products(SearchQuery(text=text))
        suggest(text[:4])
        with self._lock:
            self.answers += 1
            self.simplified += found.is_simplified
            self.slowest = max(self.slowest, time.perf_counter() - began)
            if not found.listings:
                self.errors.append(f"nothing found for {text}")
        time.sleep(0.01)

    def sell(self):
        from django.db import transaction
        from django.db.models import F

        from marketplace.catalogue.models import ProductListing
        from marketplace.outbox.services import enqueue

        pk, price = random.choice(self.product_ids), random.randrange(5, 500) * 1000
        with transaction.atomic():
            row = ProductListing.objects.filter(pk=pk)
            row.update(price_min=price, price_max=price, search_version=F("search_version") + 1)
            enqueue(topic="search.index", key=str(pk), payload={"product_id": pk})
        self.changes += 1
        time.sleep(0.02)

    def index(self):
        from marketplace.outbox.services import process_due

        if not process_due(topics=["search.index"]):
            time.sleep(0.05)


def answered_again(traffic, before):
    """Wait until the nodes that are left have elected one of them and answer a visitor: on a busy machine that takes
    longer than the time without the third."""
    until = time.monotonic() + GREEN_SECONDS
    while traffic.answers - before[0] <= traffic.simplified - before[1] and time.monotonic() < until:
        time.sleep(0.1)


def kill_one_while_it_works(nodes, *, product_ids, texts, seconds):
    """The trial itself, on a cluster that the settings name; returns the report."""
    from search.indexing import rebuild_cluster

    rebuild_cluster()
    wait_for(nodes, status="green", count=len(nodes))
    traffic = Traffic(product_ids, texts)
    traffic.start()
    time.sleep(seconds / 3)
    before = (traffic.answers, traffic.simplified)
    victim = elected(nodes)
    victim.stop(signal.SIGKILL)
    time.sleep(seconds / 3)
    answered_again(traffic, before)
    while_away = (traffic.answers - before[0], traffic.simplified - before[1])
    victim.start()
    time.sleep(seconds / 3)
    traffic.finish()
    wait_for(nodes, status="green", count=len(nodes))
    lost, wrong = settle(product_ids)
    return {
        "products": len(traffic.product_ids),
        "seconds": seconds,
        "killed": victim.name,
        "answers": traffic.answers,
        "answers_while_away": while_away[0],
        "answered_by_the_database": traffic.simplified,
        "answered_by_the_database_while_away": while_away[1],
        "slowest_answer_seconds": round(traffic.slowest, 2),
        "changes": traffic.changes,
        "errors": traffic.errors,
        "differ_after": lost,
        "wrong_prices_after": wrong,
    }


def settle(product_ids):
    """Do what waits; then compare every version and every price with the database."""
    from django.utils import timezone

    from marketplace.catalogue.models import ProductListing
    from marketplace.outbox.models import OutboxMessage
    from marketplace.outbox.services import process_due
    from search import drift
    from search.engines.elasticsearch import indices
    from search.engines.elasticsearch.client import index_name, patient_client

    waiting = OutboxMessage.objects.filter(topic="search.index", state=OutboxMessage.State.PENDING)
    for _try in range(50):
        waiting.update(available_at=timezone.now())
        if not process_due(topics=["search.index"]) and not waiting.exists():
            break
    indices.refresh()
    prices = dict(ProductListing.objects.filter(pk__in=product_ids).values_list("pk", "price_min"))
    wrong = []
    for start in range(0, len(product_ids), 500):
        some = [str(pk) for pk in product_ids[start : start + 500]]
        kept = patient_client().mget(index=index_name(), ids=some).body["docs"]
        wrong += [int(one["_id"]) for one in kept if one["_source"]["price"]["min"] != prices[int(one["_id"])]]
    return drift.in_cluster(), wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--products", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=45)
    parser.add_argument("--heap", default="320m")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        return inside(options)
    OUT.mkdir(parents=True, exist_ok=True)
    for leftover in OUT.glob("db.sqlite3*"):
        leftover.unlink()
    subprocess.run(["rm", "-rf", str(OUT / "nodes")], check=True)
    nodes = start_nodes(options.heap, OUT)
    try:
        environment = dict(
            os.environ,
            DJANGO_SETTINGS_MODULE="marketplace.settings.development",
            DEBUG="false",
            DATABASE_URL=f"sqlite:///{OUT / 'db.sqlite3'}",
            REDIS_URL="",
            ELASTICSEARCH_URL=",".join(node.url for node in nodes),
            ELASTICSEARCH_FLAVOUR="opensearch",
            ELASTICSEARCH_INDEX="cluster",
            ELASTICSEARCH_SHARDS="3",
            ELASTICSEARCH_REPLICAS="1",
            LOG_LEVEL="CRITICAL",
            SEARCH_CLUSTER=json.dumps([[node.name, node.port, node.transport_port, node.seeds] for node in nodes]),
        )
        return subprocess.run([sys.executable, *sys.argv, "--inside"], check=False, env=environment).returncode
    finally:
        for node in nodes:
            node.stop()


def inside(options):
    """The part that needs Django and its database."""
    import django

    django.setup()
    from marketplace.catalogue.models import Product
    from search.indexing import rebuild
    from tools.bench.search import Words, fill_database

    told = json.loads(os.environ["SEARCH_CLUSTER"])
    names = tuple(name for name, *_rest in told)
    nodes = [
        search_node.Node(name, port, options.heap, transport, tuple(seeds), names, OUT)
        for name, port, transport, seeds in told
    ]
    dice = random.Random(26)
    words = Words(dice)
    fill_database(options.products, words, dice)
    rebuild()
    names = Product.objects.order_by("?").values_list("name", flat=True)[:200]
    report = kill_one_while_it_works(
        nodes,
        product_ids=list(Product.objects.values_list("pk", flat=True)),
        texts=[max(name.split(), key=len) for name in names],
        seconds=options.seconds,
    )
    (OUT / "report.json").write_text(json.dumps(report, indent=2))
    for what, value in report.items():
        say(f"{what.replace('_', ' '):40} {value}")
    failed = report["errors"] or report["differ_after"] or report["wrong_prices_after"]
    say("FAILED" if failed else "no error reached a visitor, nothing was lost")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(guarded(main))
