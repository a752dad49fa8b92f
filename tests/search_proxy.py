"""A proxy before the real search node that makes it slow, busy, or gone in mid-sentence."""

import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.conf import settings as site


class Trouble:
    """What happens to the requests that come, in force at once.

    Arguments:
        delay: seconds before one is passed on.
        cut: the connection ends in the middle of the answer.
        refuse: statuses, one for each of the next requests whose address contains the text.
    """

    def __init__(self):
        self.delay = 0.0
        self.cut = False
        self.refuse: list[tuple[str, int]] = []
        self.asked: list[str] = []


def _handler(trouble: Trouble, target: str):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            trouble.asked.append(f"{self.command} {self.path}")
            time.sleep(trouble.delay)
            if trouble.refuse and trouble.refuse[0][0] in self.path:
                self._answer(trouble.refuse.pop(0)[1], b'{"error":"rejected_execution_exception"}', "application/json")
                return
            request = urllib.request.Request(target + self.path, body or None, method=self.command)
            for name in ("Content-Type", "Accept"):
                if self.headers.get(name):
                    request.add_header(name, self.headers[name])
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    self._answer(answer.status, answer.read(), answer.headers.get("Content-Type", "application/json"))
            except urllib.error.HTTPError as error:
                self._answer(error.code, error.read(), error.headers.get("Content-Type", "application/json"))

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _pass_on  # noqa: N815

        def _answer(self, status, body, kind):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if trouble.cut:
                self.wfile.write(body[: len(body) // 2])
                self.wfile.flush()
                self.close_connection = True
                self.connection.close()
                return
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_arguments):
            """Quiet."""

    return Handler


@pytest.fixture
def trouble(cluster, settings):
    """The site reaches the node of `cluster` through the proxy, which so far does nothing."""
    made = Trouble()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(made, site.TEST_SEARCH_URL))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.ELASTICSEARCH = {**settings.ELASTICSEARCH, "urls": [f"http://127.0.0.1:{server.server_port}"]}
    yield made
    made.delay, made.cut, made.refuse = 0.0, False, []
    server.shutdown()
    server.server_close()
