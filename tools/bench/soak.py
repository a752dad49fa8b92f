"""make soak: ten minutes of 40 buyers on PostgreSQL with everything going wrong, and then not a rupiah unexplained.

Web server, worker and local Stripe run in processes of their own. Meanwhile webhooks are dropped, doubled, delayed and
reordered, answers of Stripe get lost, the worker is killed, shops pack, send, cancel and give money back. At the end
stock, orders, books and the local Stripe are held against each other. `--minutes 10 --buyers 40 --seed 1`.
Prints a report, writes var/soak/soak.json; ends with 1 when anything is wrong.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from tools.bench import load, run

OUT = run.ROOT / "var" / "soak"
STRIPE_PORT = int(os.environ.get("SOAK_STRIPE_PORT") or 8191)
STRIPE = f"http://127.0.0.1:{STRIPE_PORT}"
SETTINGS = "tools.bench.soak_settings"
STRIPE_FILE = OUT / "stripe.sqlite3"
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "drop", "matches": "checkout.session.completed"},
    {"kind": "drop", "matches": "refund.*"},
    {"kind": "duplicate", "matches": "*", "copies": 3},
    {"kind": "delay", "matches": "*", "seconds": 4},
    {"kind": "reorder", "matches": "*"},
    {"kind": "error_after_success", "matches": "POST /v1/checkout/sessions"},
    {"kind": "error_after_success", "matches": "POST /v1/refunds"},
    {"kind": "lost_answer", "matches": "POST /v1/checkout/sessions"},
    {"kind": "lost_answer", "matches": "POST /v1/refunds"},
)
CARDS = ("4242 4242 4242 4242",) * 6 + (
    "4000 0000 0000 0002",  # declined
    "4000 0000 0000 7726",  # a refund is pending for a while
    "4000 0000 0000 5126",  # a refund fails later
)


class Buyers:
    """Many people who buy, pay, give up, come back or close the browser."""

    def __init__(self, variants: list[int], *, buyers: int, until: float, seed: int) -> None:
        self.variants, self.buyers, self.until, self.seed = variants, buyers, until, seed
        self.did: Counter[str] = Counter()
        self.troubles: list[str] = []
        self.lock = threading.Lock()

    def run(self) -> None:
        threads = [threading.Thread(target=self._live, args=(number,)) for number in range(self.buyers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _live(self, number: int) -> None:
        dice = random.Random(self.seed * 1000 + number)
        turn = 0
        while time.monotonic() < self.until:
            turn += 1
            try:
                what = self._buy(load.Person(run.BASE), dice, f"{number}x{turn}")
            except (load.CheckoutError, OSError) as error:
                what = f"trouble: {type(error).__name__}"
                with self.lock:
                    self.troubles.append(str(error)[:200])
            with self.lock:
                self.did[what] += 1

    def _buy(self, person: load.Person, dice: random.Random, number: str) -> str:
        wanted = dice.sample(self.variants, k=dice.choice((1, 1, 2, 3)))
        method = dice.choice(("stripe", "stripe", "cod"))
        status, answer = load.order(person, wanted, number=number, method=method)
        if status != 302:
            return "refused"
        if method == "cod":
            return "ordered for cash"
        if "/c/pay/" not in answer and STRIPE not in answer:
            return "no payment page"
        if dice.random() < 0.12:
            return "left the payment page"
        return self._pay(person, dice, answer)

    def _pay(self, person: load.Person, dice: random.Random, page: str) -> str:
        if dice.random() < 0.1:
            form = {"method": "transfer", "transfer_outcome": dice.choice(("succeed", "fail"))}
        else:
            form = {
                "method": "card",
                "card_number": dice.choice(CARDS),
                "card_expiry": "12/34",
                "card_cvc": "123",
            }
        payer = load.Person(STRIPE)
        _status, back = payer.ask("POST", urlsplit(page).path, form)
        if back.startswith("http") and dice.random() < 0.6:
            parts = urlsplit(back)
            person.ask("GET", f"{parts.path}?{parts.query}")
            return "paid and came back"
        return "paid and closed the browser" if back.startswith("http") else "declined"


def trouble_makers(until: float, seed: int, did: Counter[str]) -> None:
    """A fault every second or so."""
    dice = random.Random(seed)
    while time.monotonic() < until:
        fault = dice.choice(FAULTS)
        _tell_stripe("faults", {**fault, "times": dice.randint(1, 3)})
        did[str(fault["kind"])] += 1
        time.sleep(dice.uniform(0.5, 1.5))
    _tell_stripe("faults", {})


def _tell_stripe(path: str, body: dict[str, Any]) -> None:
    request = Request(f"{STRIPE}/_sandbox/{path}", data=json.dumps(body).encode(), method="POST")
    urlopen(request, timeout=10).read()


class Process:
    """A process of the site that may be killed and comes back."""

    def __init__(self, command: list[str], environ: dict[str, str], log: str) -> None:
        self.command, self.environ = command, environ
        self.log = open(OUT / log, "ab")  # noqa: SIM115 - closed with the process
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, cwd=run.ROOT, env=self.environ, stdout=self.log, stderr=self.log)

    def kill(self) -> None:
        """As when the power fails."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
        self.log.close()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--buyers", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    run.OUT.mkdir(parents=True, exist_ok=True)
    STRIPE_FILE.unlink(missing_ok=True)
    os.environ["SOAK_STRIPE"] = STRIPE
    database = run.prepare(1_000)
    with run.psycopg.connect(run.SERVER.rsplit("/", 1)[0] + "/" + database, autocommit=True) as connection:
        # Few pieces of few products: buyers get in each other's way.
        connection.execute("UPDATE inventory_stockitem SET on_hand = reserved + 60")
    variants = run.scenarios(database)["variants"][:120]
    environ = run.environment(database, SETTINGS)
    seconds = options.minutes * 60
    python = sys.executable
    killed = 0
    faults: Counter[str] = Counter()
    with ExitStack() as stack:
        sandbox = Process(
            [
                *(python, "manage.py", "stripe_sandbox", "--port", str(STRIPE_PORT), "--public-url", STRIPE),
                *("--state", str(STRIPE_FILE), "--delay", "20"),
            ],
            environ,
            "stripe.log",
        )
        stack.callback(sandbox.stop)
        stack.enter_context(run.served(database, SETTINGS))
        worker = Process([python, "manage.py", "worker"], environ, "worker.log")
        stack.callback(worker.stop)
        until = time.monotonic() + seconds
        shops = subprocess.Popen(
            [python, "-m", "tools.bench.shopkeepers", str(seconds), str(options.seed)],
            cwd=run.ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            text=True,
        )
        troubles = threading.Thread(target=trouble_makers, args=(until, options.seed, faults))
        troubles.start()
        people = Buyers(variants, buyers=options.buyers, until=until, seed=options.seed)
        crowd = threading.Thread(target=people.run)
        crowd.start()
        while time.monotonic() < until:
            time.sleep(min(30, max(0.1, until - time.monotonic())))
            if time.monotonic() < until:
                worker.kill()
                worker.start()
                killed += 1
        crowd.join()
        troubles.join()
        shop_did = json.loads(shops.communicate()[0].splitlines()[-1])
        worker.stop()
        audit = subprocess.run(
            [python, "-m", "tools.bench.auditing", str(STRIPE_FILE)],
            cwd=run.ROOT,
            env=environ,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    found = json.loads(audit.stdout.splitlines()[-1])
    report = {
        "minutes": options.minutes,
        "buyers": options.buyers,
        "orders_per_second": round(found["orders"] / seconds, 1),
        "buyers_did": people.did,
        "shops_did": shop_did,
        "faults": faults,
        "worker_killed": killed,
        "troubles": people.troubles[:10],
        **found,
    }
    for name, value in report.items():
        print(f"{name:<20} {value if not isinstance(value, dict) else json.dumps(dict(value))}")
    (OUT / "soak.json").write_text(json.dumps(report, indent=1))
    is_right = not found["wrong"] and not found["oversold"] and not found["unexplained_rupiah"]
    # A soak in which nobody could buy, or nothing was given back, has shown nothing.
    has_lived = found["captured"] > 0 and sum(found["refunds"].values()) > 0
    if not has_lived:
        print("NOTHING SHOWN: nobody paid, or nothing was given back")
    print("every rupiah is explained" if is_right else "WRONG: see above")
    return 0 if is_right and has_lived else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except run.NotHereError as trouble:
        print(f"soak: {trouble}")
        sys.exit(1)
