"""The sandbox over HTTP: a plain WSGI application on the standard library's threaded server."""

import json
import logging
import re
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from marketplace.payments.sandbox import outgoing, pages, shapes
from marketplace.payments.sandbox.api import Api
from marketplace.payments.sandbox.deliveries import Deliverer, Post, post_over_http, webhook_endpoint
from marketplace.payments.sandbox.engine import Engine
from marketplace.payments.sandbox.errors import ApiError
from marketplace.payments.sandbox.store import Store

logger = logging.getLogger(__name__)

STYLE = Path(__file__).parent / "assets" / "sandbox.css"
REASONS = {200: "OK", 303: "See Other", 400: "Bad Request", 401: "Unauthorized"}
REASONS |= {404: "Not Found", 405: "Method Not Allowed", 500: "Internal Server Error", 502: "Bad Gateway"}
Headers = list[tuple[str, str]]
Response = tuple[int, Headers, bytes]


@dataclass(frozen=True)
class Exchange:
    """A call of the API and its answer, kept so that tests can hold both against the published schema."""

    method: str
    path: str
    encoded: str
    status: int
    body: dict[str, Any]


class Application:
    """The WSGI application."""

    def __init__(self, engine: Engine, deliverer: Deliverer) -> None:
        self.engine = engine
        self.store = engine.store
        self.deliverer = deliverer
        self.api = Api(engine)
        self.exchanges: deque[Exchange] = deque(maxlen=1000)
        identifier = r"([A-Za-z0-9_]+)"
        self.pages: list[tuple[str, str, Callable[..., Response]]] = [
            ("GET", r"/", lambda request: _redirect("/_sandbox/")),
            ("GET", r"/assets/sandbox\.css", self.style),
            ("GET", rf"/c/pay/{identifier}", self.show_session),
            ("POST", rf"/c/pay/{identifier}", self.pay),
            ("GET", rf"/c/pay/{identifier}/bank", self.show_bank),
            ("POST", rf"/c/pay/{identifier}/bank", self.answer_bank),
            ("GET", r"/_sandbox/", lambda request: _page(pages.index_page(self.engine))),
            ("POST", r"/_sandbox/act", self.act),
            ("POST", r"/_sandbox/faults", self.add_fault),
            ("POST", r"/_sandbox/clock", self.advance_clock),
            ("POST", r"/_sandbox/deliver", self.deliver),
            ("POST", r"/_sandbox/reset", self.reset),
            ("POST", rf"/_sandbox/objects/{identifier}", self.patch),
        ]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            status, headers, body = self.respond(environ)
        except Exception:  # the sandbox stays up; the caller sees a 500 as from a broken provider
            logger.exception("sandbox: %s failed", environ.get("PATH_INFO"))
            status, headers, body = _json(500, {"error": {"type": "api_error", "message": "The sandbox failed."}})
        start_response(f"{status} {REASONS.get(status, 'Other')}", [*headers, ("Content-Length", str(len(body)))])
        return [body]

    def respond(self, environ: dict[str, Any]) -> Response:
        """Find who answers and let them."""
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        length = int(environ.get("CONTENT_LENGTH") or 0)
        payload = environ["wsgi.input"].read(length).decode() if length else ""
        if path.startswith("/v1/"):
            encoded = environ.get("QUERY_STRING", "") if method == "GET" else payload
            answer = self.api.call(
                method=method,
                path=path,
                encoded=encoded,
                key=environ.get("HTTP_IDEMPOTENCY_KEY", ""),
                authorization=environ.get("HTTP_AUTHORIZATION", ""),
            )
            self.exchanges.append(Exchange(method, path, encoded, answer.status, answer.body))
            return _json(answer.status, answer.body, list(answer.headers))
        request = {"payload": payload, "accept": environ.get("HTTP_ACCEPT_LANGUAGE", "")}
        known = False
        for verb, pattern, handler in self.pages:
            match = re.fullmatch(pattern, path)
            known = known or bool(match)
            if match and verb == method:
                try:
                    with self.store.transaction():
                        return handler(request, *match.groups())
                except ApiError as error:
                    return _json(error.status, error.body())
        return _json(405 if known else 404, {"error": {"message": f"Nothing answers {method} {path} here."}})

    # --- the hosted page -----------------------------------------------------------------------------------------
    def style(self, request: dict[str, str]) -> Response:
        """The one style sheet of these pages."""
        return 200, [("Content-Type", "text/css; charset=utf-8"), ("Cache-Control", "max-age=60")], STYLE.read_bytes()

    def show_session(self, request: dict[str, str], identifier: str) -> Response:
        """The page where the buyer pays."""
        session = self.engine.session(identifier)
        return _page(pages.pay_page(session, language=pages.language_of(session, request["accept"])))

    def pay(self, request: dict[str, str], identifier: str) -> Response:
        """The buyer pressed the button."""
        session = self.engine.session(identifier)
        language = pages.language_of(session, request["accept"])
        form = pages.Form(dict(parse_qsl(request["payload"], keep_blank_values=True)))
        with pages.translation.override(language):
            payer = form.payer()
        if form.errors and session["status"] == "open":
            return _page(pages.pay_page(session, language=language, form=form))
        if payer.card is None:
            result = self.engine.pay_by_transfer(identifier, payer, outcome=form.get("transfer_outcome"))
        else:
            result = self.engine.pay_by_card(identifier, payer)
        if result == "challenge":
            return _redirect(f"/c/pay/{identifier}/bank")
        return self._after(identifier, result, language, form)

    def show_bank(self, request: dict[str, str], identifier: str) -> Response:
        """The bank's question."""
        session = self.engine.session(identifier)
        return _page(pages.bank_page(session, language=pages.language_of(session, request["accept"])))

    def answer_bank(self, request: dict[str, str], identifier: str) -> Response:
        """The buyer's answer to the bank."""
        session = self.engine.session(identifier)
        form = pages.Form(dict(parse_qsl(request["payload"])))
        result = self.engine.answer_challenge(identifier, approves=form.get("answer") == "yes")
        return self._after(identifier, result, pages.language_of(session, request["accept"]), None)

    def _after(self, identifier: str, result: str, language: str, form: pages.Form | None) -> Response:
        session = self.engine.session(identifier)
        if result in ("paid", "processing", "complete"):
            return _redirect(self.engine.success_address(session))
        return _page(pages.pay_page(session, language=language, form=form, decline=result))

    # --- what only a developer or a test does --------------------------------------------------------------------
    def act(self, request: dict[str, str]) -> Response:
        """Let something happen now that would happen later."""
        form = dict(parse_qsl(request["payload"]))
        if form.get("action") == "event.resend":
            self.engine.get("event", form.get("id", ""))
            self.store.execute("INSERT INTO delivery (event, due) VALUES (?, ?)", form["id"], self.store.now())
        else:
            outgoing.act(self.engine, form.get("action", ""), form.get("id", ""))
        return _redirect("/_sandbox/")

    def add_fault(self, request: dict[str, str]) -> Response:
        """Let the next calls or events go wrong: {"kind": …, "matches": …, "times": 1, …}; {} removes all faults."""
        fault = json.loads(request["payload"] or "{}")
        if not fault:
            self.store.execute("DELETE FROM fault")
            return _json(200, {"faults": 0})
        if fault.get("kind") not in ("delay", "duplicate", "reorder", "drop", "error_after_success", "lost_answer"):
            raise ApiError(f"Unknown fault {fault.get('kind')}")
        self.store.add_fault(fault.pop("kind"), fault.pop("matches", "*"), fault.pop("times", 1), fault)
        return _json(200, {"faults": 1})

    def advance_clock(self, request: dict[str, str]) -> Response:
        """Let time pass: {"seconds": 3600}."""
        self.store.advance(int(json.loads(request["payload"])["seconds"]))
        self.engine.expire_due_sessions()
        outgoing.run_scheduled(self.engine)
        return _json(200, {"now": self.store.now()})

    def deliver(self, request: dict[str, str]) -> Response:
        """Send everything that waits, as soon as possible (the delivering thread does it)."""
        self.store.execute("UPDATE delivery SET due = ? WHERE state = 'waiting'", self.store.now())
        return _json(200, {})

    def reset(self, request: dict[str, str]) -> Response:
        """Forget everything."""
        self.store.clear()
        return _json(200, {})

    def patch(self, request: dict[str, str], identifier: str) -> Response:
        """Change fields of an object behind everybody's back, as a tampered or broken provider would."""
        found = self.store.get(identifier)
        if found is None:
            raise ApiError("No such object", status=404)
        return _json(200, shapes.public(self.store.put(found | json.loads(request["payload"]))))


def _json(status: int, body: dict[str, Any], headers: Headers | None = None) -> Response:
    return status, [("Content-Type", "application/json"), *(headers or [])], json.dumps(body, indent=2).encode()


def _page(html: str) -> Response:
    policy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", policy)]
    return 200, [*headers, ("Cache-Control", "no-store")], html.encode()


def _redirect(url: str) -> Response:
    return 303, [("Location", url), ("Cache-Control", "no-store")], b""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        # WSGIServer asks DNS for its own name, which can take seconds.
        super(WSGIServer, self).server_bind()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        logger.debug("sandbox: " + format, *args)


@dataclass
class Sandbox:
    """A running sandbox."""

    application: Application
    server: _Server
    public_url: str

    @property
    def engine(self) -> Engine:
        """The rules and their state."""
        return self.application.engine

    @property
    def deliverer(self) -> Deliverer:
        """What sends webhooks."""
        return self.application.deliverer


@contextmanager
def running_sandbox(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    public_url: str = "",
    path: str = ":memory:",
    webhook_url: str = "",
    webhook_secret: str = "whsec_sandbox",  # noqa: S107 - not a secret, the sandbox is for development
    post: Post = post_over_http,
    delivers: bool = True,
    delay_seconds: int = 60,
) -> Iterator[Sandbox]:
    """Serve in a thread until the block ends. Port 0 takes a free one.

    Raises ImproperlyConfigured where the settings do not allow a sandbox, which is everywhere but in development and
    tests: a shop that "pays" itself must not exist in production.
    """
    if not getattr(settings, "STRIPE_SANDBOX_ALLOWED", False):
        raise ImproperlyConfigured("The local Stripe is for development and tests; these settings do not allow it.")
    store = Store(path)
    server = _Server((host, port), _QuietHandler)
    public_url = public_url or f"http://{host}:{server.server_port}"
    engine = Engine(store, public_url=public_url, delay_seconds=delay_seconds)
    if webhook_url:
        store.put(webhook_endpoint(url=webhook_url, created=store.now()))
    deliverer = Deliverer(engine, webhook_url, webhook_secret, post)
    application = Application(engine, deliverer)
    server.set_app(application)
    stop = threading.Event()
    threads = [threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)]
    if delivers:
        threads.append(threading.Thread(target=deliverer.run, args=(stop,), daemon=True))
    for thread in threads:
        thread.start()
    try:
        yield Sandbox(application, server, public_url)
    finally:
        stop.set()
        server.shutdown()
        server.server_close()
        for thread in threads:
            thread.join(timeout=5)
        store.close()
