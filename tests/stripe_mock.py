"""Stripe's own stripe-mock beside the sandbox: it gets every request that the product makes, and may refuse none.

It is stateless and answers from fixtures, so only whether it takes a request counts. One process a test run.
"""

import atexit
import os
import re
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

import requests

from marketplace.payments.sandbox.params import parse
from marketplace.payments.sandbox.server import Exchange
from tests.stripe_schema import path_template

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

import search_node

PROGRAM = os.environ.get("TEST_STRIPE_MOCK", "")
KEY = "sk_test_123"
_asked: dict[tuple[str, ...], str] = {}


@cache
def address() -> str:
    """Start it on a free port, once, and return where it answers."""
    plain, encrypted = (f"127.0.0.1:{search_node.free_port()}" for _use in range(2))
    # It always listens for HTTPS as well, on a port of its own, where several test processes would meet.
    process = subprocess.Popen(
        [PROGRAM, "-http-addr", plain, "-https-addr", encrypted], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    atexit.register(process.kill)
    url = f"http://{plain}"
    until = time.monotonic() + 120
    while True:
        try:
            requests.get(f"{url}/v1/balance", auth=(KEY, ""), timeout=2).raise_for_status()
            return url
        except requests.RequestException:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def refusal(method: str, path: str, encoded: str) -> str:
    """What the mock says against a request; empty when it takes it."""
    with requests.Session() as session:
        if method == "GET":
            answer = session.get(f"{address()}{path}?{encoded}", auth=(KEY, ""), timeout=60)
        else:
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = session.post(f"{address()}{path}", data=encoded, headers=headers, auth=(KEY, ""), timeout=60)
    return "" if answer.status_code < 400 else str(answer.json().get("error", {}).get("message", answer.text))


def mock_problems(exchange: Exchange) -> list[str]:
    """What the mock refuses of one call that the sandbox took. Calls of the same shape are asked once a run."""
    if not PROGRAM or exchange.status >= 400:
        return []
    template = path_template(exchange.method, exchange.path)
    shape = (exchange.method, template, *sorted(_names(parse(exchange.encoded))))
    if shape not in _asked:
        _asked[shape] = refusal(exchange.method, exchange.path, exchange.encoded)
    return [f"stripe-mock refuses {exchange.method} {template}: {_asked[shape]}"] if _asked[shape] else []


def _names(params: Any, prefix: str = "") -> set[str]:
    """The names of all parameters at every depth; places in lists do not count, names inside metadata neither."""
    if isinstance(params, list):
        return {name for inner in params for name in _names(inner, prefix)}
    if not isinstance(params, dict) or re.search(r"metadata\.$", prefix):
        return {prefix.rstrip(".")}
    return {name for key, inner in params.items() for name in _names(inner, f"{prefix}{key}.")}
