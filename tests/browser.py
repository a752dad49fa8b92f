"""A real browser for journeys: Debian's Chromium under Playwright, against the live server.

`browser_page` gives a page on a phone (390 px) or, parametrized, a desk (1280 px); a test that uses it fails when the
page logs an error to the console, throws, breaks the Content-Security-Policy or asks another host for anything.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from django.core.signals import request_finished, request_started
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

PHONE, DESK = (390, 844), (1280, 900)
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--font-render-hinting=none",
]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome")


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

    def wait_for_silence(self, seconds: float = 15) -> bool:
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
        context.set_default_timeout(15_000)
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


@pytest.fixture(params=[PHONE, DESK], ids=["390px", "1280px"])
def browser_page(request: pytest.FixtureRequest, new_page: Callable[..., Page]) -> Page:
    """A visitor's page, once on a phone and once on a desk."""
    return new_page(request.param)
