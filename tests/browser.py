"""A real browser for journeys: Debian's Chromium under Playwright, against the live server.

`browser_page` gives a page on a phone (390 px) or, parametrized, a desk (1280 px); a test that uses it fails when the
page logs an error to the console, throws, breaks the Content-Security-Policy or asks another host for anything.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.signals import request_finished, request_started
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect, sync_playwright

PHONE, DESK = (390, 844), (1280, 900)
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--font-render-hinting=none",
]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome")
# The page and its fragments have arrived, and what arrived listens.
SETTLED = """() => document.readyState === "complete"
  && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")"""
# How long a step may take where the machine does much else.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)


def chromium() -> str | None:
    """Where this machine's Chromium is: CHROMIUM, or the first on the path."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def browser(django_db_setup: None) -> Iterator[Browser]:
    # Playwright's event loop runs in the test's own thread; Django would refuse the database there.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    path = chromium()
    assert path, "no Chromium here: install it (Debian: apt install chromium) or set CHROMIUM to its path"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        running.close()


class Traffic:
    """The requests that are being answered. A page that is left does not call back what it has asked for."""

    def __init__(self) -> None:
        self._running = 0
        self._change = threading.Condition()

    def begin(self, **_signal: object) -> None:
        with self._change:
            self._running += 1

    def end(self, **_signal: object) -> None:
        with self._change:
            self._running -= 1
            self._change.notify_all()

    def wait_for_silence(self, seconds: float = 30) -> bool:
        """Whether everything was answered within that time."""
        with self._change:
            return self._change.wait_for(lambda: self._running <= 0, seconds)


@pytest.fixture
def traffic() -> Iterator[Traffic]:
    """What the live server answers during a test."""
    watched = Traffic()
    request_started.connect(watched.begin)
    request_finished.connect(watched.end)
    yield watched
    request_started.disconnect(watched.begin)
    request_finished.disconnect(watched.end)


@pytest.fixture
def new_page(browser: Browser, live_server, traffic: Traffic) -> Iterator[Callable[..., Page]]:
    """`new_page(size=PHONE)`: a page of a new person (own cookies); all are watched and closed at the end."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def open_page(size: tuple[int, int] = PHONE, **options: object) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            reduced_motion="reduce",
            locale="id-ID",
            timezone_id="Asia/Jakarta",
            base_url=live_server.url,
            has_touch=size[0] < 600,
            **options,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        context.on("console", lambda message: _listen(message, troubles))
        context.on("weberror", lambda error: troubles.append(f"exception: {error.error}"))
        context.on("request", lambda request: _watch_host(request.url, troubles))
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    # The tables are emptied next, which would meet the locks of an answer that is still being written.
    traffic.wait_for_silence()
    assert not troubles, "the browser complained:\n" + "\n".join(troubles)


def _listen(message: ConsoleMessage, troubles: list[str]) -> None:
    """Every error counts but two remarks: that a form was answered with 422, which is a refusal and no fault, and that
    a newer choice took the place of an older one under way (hx-sync="this:replace")."""
    replaced = message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))
    if message.type == "error" and "status of 422" not in message.text and not replaced:
        troubles.append(f"console: {message.text}")


def _watch_host(url: str, troubles: list[str]) -> None:
    """Nothing may be asked of a host that is not this machine: fonts, scripts and pictures are the site's own."""
    parts = urlsplit(url)
    if parts.scheme in ("http", "https") and parts.hostname not in ("localhost", "127.0.0.1"):
        troubles.append(f"asked another host: {url}")


def follow(target: Locator) -> None:
    """Press what leads to another page, and wait until that is there: with its script, and whatever was sent is done.

    A press alone returns while the answer is on its way, and an element of the new page is seen before its script runs.
    """
    with target.page.expect_navigation():
        target.click()


def settle(page: Page) -> None:
    """Wait until the page is whole, and every fragment that was asked for is in its place and listens."""
    page.wait_for_function(SETTLED)


def wait_until(page: Page, condition: Callable[[], object]) -> bool:
    """Whether it came true: for what no page shows, such as a message that arrives after its page is gone."""
    for _try in range(PATIENCE // 100):
        if condition():
            return True
        page.wait_for_timeout(100)
    return False


def type_query(page: Page, text: str) -> None:
    """Type into the search box and wait for the suggestions to all that stands in it then: those to the first letters
    may be there before, and what is chosen among them is gone with them."""
    field = page.locator("#search-query")
    whole = field.input_value() + text
    with page.expect_response(lambda answer: parse_qs(urlsplit(answer.url).query).get("q") == [whole]):
        field.press_sequentially(text)
    settle(page)


@pytest.fixture(params=[PHONE, DESK], ids=["390px", "1280px"])
def browser_page(request: pytest.FixtureRequest, new_page: Callable[..., Page]) -> Page:
    """A visitor's page, once on a phone and once on a desk."""
    return new_page(request.param)
