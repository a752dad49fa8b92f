"""The connection to the cluster: Elasticsearch, or OpenSearch, which speaks the same but for two headers."""

import os
import re
import threading
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from elastic_transport import HttpHeaders, Urllib3HttpNode
from elastic_transport.client_utils import DEFAULT, DefaultType
from elasticsearch import Elasticsearch

from search.engines.base import EngineUnavailable

# What writes may take; nobody waits for them.
WRITE_SECONDS = 30.0
_VENDOR_TYPE = re.compile(r"application/vnd\.elasticsearch\+(json|x-ndjson);\s*compatible-with=\d+")
_lock = threading.Lock()
_clients: dict[tuple[Any, ...], Elasticsearch] = {}


class OpenSearchNode(Urllib3HttpNode):
    """OpenSearch knows no vendor media types, and does not call itself Elasticsearch, which the client asks for."""

    def perform_request(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: HttpHeaders | None = None,
        request_timeout: DefaultType | float | None = DEFAULT,
    ) -> Any:
        plain = HttpHeaders(
            {name: _VENDOR_TYPE.sub(r"application/\1", value) for name, value in (headers or HttpHeaders()).items()}
        )
        answer = super().perform_request(method, target, body, plain, request_timeout)
        answer.meta.headers["x-elastic-product"] = "Elasticsearch"
        return answer


def client() -> Elasticsearch:
    """The client by the settings, one per process, safe for threads.

    It never tries again by itself: a visitor gets the database's answer instead of waiting.
    """
    options: Mapping[str, Any] = settings.ELASTICSEARCH
    if not options["urls"]:
        raise EngineUnavailable("no address: ELASTICSEARCH_URL is not set")
    # Two processes must not talk over one connection: after a fork each opens its own.
    key = (os.getpid(), *sorted((name, str(value)) for name, value in options.items()))
    with _lock:
        if key not in _clients:
            _clients[key] = _connect(options)
        return _clients[key]


def _connect(options: Mapping[str, Any]) -> Elasticsearch:
    given: dict[str, Any] = {}
    if options["api_key"]:
        given["api_key"] = options["api_key"]
    elif options["user"]:
        given["basic_auth"] = (options["user"], options["password"])
    if options["ca"]:
        given["ca_certs"] = options["ca"]
    if options["flavour"] == "opensearch":
        given["node_class"] = OpenSearchNode
    return Elasticsearch(
        options["urls"], request_timeout=options["timeout"], max_retries=0, retry_on_timeout=False, **given
    )


def patient_client() -> Elasticsearch:
    """The same for writing: nobody waits for it."""
    return client().options(request_timeout=WRITE_SECONDS)


def index_name() -> str:
    """The alias that is searched."""
    return str(settings.ELASTICSEARCH["index"])
