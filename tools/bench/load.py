"""Sends the load: wrk for single pages, people with forms for the checkout. Only to this machine."""

import http.client
import json
import re
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

HERE = Path(__file__).resolve().parent
REGION = "35.73.01.1002"


@dataclass(frozen=True)
class Speed:
    """The median of several runs."""

    per_second: float
    lowest: float
    highest: float
    p50_ms: float
    p95_ms: float
    errors: int
    # Of all runs together, warm-up included.
    requests: int


def hammer(
    base: str, lines: Iterable[str], headers: Mapping[str, str], *, seconds: int, runs: int, connections: int = 8
) -> Speed:
    """Ask for `lines` ("/path" or "/path body") in turn with wrk, after a warm-up, and return the median run."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        extra = [file.name, *(f"{name}: {value}" for name, value in headers.items())]

        def once(duration: int) -> dict[str, Any]:
            command = ["wrk", "-t2", f"-c{connections}", f"-d{duration}s", "--timeout", "10s"]
            command += ["-s", str(HERE / "wrk.lua"), base, "--", *extra]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            return json.loads(output.strip().splitlines()[-1])

        warm_up = once(max(1, seconds // 2))
        results = [once(seconds) for _ in range(runs)]
    rates = sorted(result["requests"] / result["seconds"] for result in results)
    middle = sorted(results, key=lambda result: result["requests"] / result["seconds"])[len(results) // 2]
    return Speed(
        per_second=round(statistics.median(rates), 1),
        lowest=round(rates[0], 1),
        highest=round(rates[-1], 1),
        p50_ms=middle["p50_ms"],
        p95_ms=middle["p95_ms"],
        errors=sum(result["errors"] for result in results),
        requests=warm_up["requests"] + sum(result["requests"] for result in results),
    )


class FormReader(HTMLParser):
    """The values that the form with `marker` in it would send as it stands."""

    def __init__(self, marker: str) -> None:
        super().__init__()
        self.marker, self.found, self.current = marker, {}, None  # type: ignore[var-annotated]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        name = values.get("name")
        if tag == "form":
            self.current = {}
        elif tag == "input" and name and self.current is not None and "disabled" not in values:
            kind = values.get("type", "text")
            if kind not in ("radio", "checkbox", "submit") or "checked" in values:
                self.current.setdefault(name, values.get("value") or "")
            if name == self.marker:
                self.found = self.current

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.current = None


class Person:
    """A visitor with cookies, over plain HTTP."""

    def __init__(self, base: str) -> None:
        self.host = urlsplit(base).netloc
        self.cookies: dict[str, str] = {}
        self.queries: list[tuple[str, int]] = []

    def ask(
        self, method: str, path: str, data: Mapping[str, Any] | None = None, *, count: bool = False
    ) -> tuple[int, str]:
        """Send one request; returns the status and the page, or the address it leads to."""
        connection = http.client.HTTPConnection(self.host, timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if count:
            headers["X-Count-Queries"] = "1"
        body = None
        if data is not None:
            body = urlencode({**data, "csrfmiddlewaretoken": self.csrf()})
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Cookie": headers["Cookie"]}
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        text = response.read().decode("utf-8", "replace")
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                key, _equals, rest = value.partition("=")
                self.cookies[key] = rest.split(";")[0].strip('"')
        if count:
            self.queries.append((f"{method} {path}", int(response.headers.get("X-Queries", "0"))))
        connection.close()
        return response.status, response.headers.get("Location", "") or text

    def csrf(self) -> str:
        """Django takes any token of the right form that stands in cookie and form alike."""
        return self.cookies.setdefault("csrftoken", "b" * 32)


class CheckoutError(Exception):
    """A step of the checkout did not go as it should."""


def fill_in(person: Person, variants: list[int], *, number: str, method: str, count: bool = False) -> dict[str, Any]:
    """Basket and checkout up to the filled-in form; empty when there is nothing to order."""
    for variant in variants:
        person.ask("POST", "/keranjang/tambah/", {"variant": variant, "quantity": 1}, count=count)
    status, page = person.ask("GET", "/keranjang/", count=count)
    if status != 200:
        raise CheckoutError(f"basket: {status}")
    person.ask("GET", "/bayar/", count=count)
    status, page = person.ask("POST", "/bayar/pilihan/", {"region": REGION}, count=count)
    if status != 200:
        return {}
    reader = FormReader("checkout_key")
    reader.feed(page)
    form = reader.found | {
        "name": f"Pembeli {number}",
        "email": f"pembeli{number}@bench.invalid",
        "phone": "081234567890",
        "street": "Jalan Ijen 1",
        "region": REGION,
        "payment_method": method,
    }
    return form | dict.fromkeys(re.findall(r'name="(delivery-\d+)" value="own_delivery"', page), "own_delivery")


def order(
    person: Person, variants: list[int], *, number: str, method: str = "cod", count: bool = False
) -> tuple[int, str]:
    """Basket, checkout, order. Returns the status, 302 when it was placed, and where it leads, or the page."""
    form = fill_in(person, variants, number=number, method=method, count=count)
    if not form:
        return 422, ""
    status, answer = person.ask("POST", "/bayar/", form, count=count)
    if status not in (302, 422):
        raise CheckoutError(f"checkout: {status} {answer[:300]}")
    return status, answer


def buy(person: Person, variants: list[int], *, number: str, count: bool = False) -> tuple[bool, float, float]:
    """Basket, checkout, order, cash on delivery. Returns whether it was placed, how long all and the last step took."""
    started = time.perf_counter()
    form = fill_in(person, variants, number=number, method="cod", count=count)
    last = time.perf_counter()
    if not form:
        return False, last - started, last - started
    status, answer = person.ask("POST", "/bayar/", form, count=count)
    end = time.perf_counter()
    placed = status == 302 and "/pesanan/" in answer
    if not placed and status not in (302, 422):
        raise CheckoutError(f"checkout: {status} {answer[:300]}")
    if placed:
        person.ask("GET", answer, count=count)
    return placed, time.perf_counter() - started, end - last


@dataclass
class Sales:
    """What many buyers at once did."""

    placed: int = 0
    refused: int = 0
    seconds: float = 0.0
    durations: list[float] = field(default_factory=list)
    last_steps: list[float] = field(default_factory=list)
    refusals: list[float] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def p95_ms(self, values: list[float]) -> float:
        return round(sorted(values)[int(len(values) * 0.95)] * 1000, 1) if values else 0.0


def many_buyers(
    base: str, *, buyers: int, seconds: float, variants_of: Callable[[int, int], list[int]], rounds: int = 0
) -> Sales:
    """`buyers` people at once, each buying again and again for `seconds`, or `rounds` times."""
    sales, lock = Sales(), threading.Lock()
    start = threading.Barrier(buyers + 1)
    deadline = [0.0]

    def shop(buyer: int) -> None:
        start.wait()
        turn = 0
        while turn < rounds if rounds else time.perf_counter() < deadline[0]:
            try:
                placed, whole, last = buy(Person(base), variants_of(buyer, turn), number=f"{buyer}x{turn}")
            except (CheckoutError, OSError) as error:
                with lock:
                    sales.troubles.append(str(error))
                return
            with lock:
                sales.placed += placed
                sales.refused += not placed
                (sales.durations if placed else sales.refusals).append(whole)
                sales.last_steps.append(last)
            turn += 1

    threads = [threading.Thread(target=shop, args=(buyer,)) for buyer in range(buyers)]
    for thread in threads:
        thread.start()
    deadline[0] = time.perf_counter() + seconds
    began = time.perf_counter()
    start.wait()
    for thread in threads:
        thread.join()
    sales.seconds = time.perf_counter() - began
    return sales
