"""What the tests send to the search node is judged by Elasticsearch, too: what only OpenSearch takes fails the test.

Bodies of searches and settings of indices are read by Elasticsearch 8.19's own parser
(tools/search-node/SearchJudge.java); mappings, addresses and parameters are held against lists of what both have.
"""

import json
import re
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

import search_node

# Types and parameters of fields that both mapping references describe alike.
FIELD_TYPES = {
    "boolean", "date", "float", "geo_point", "integer", "keyword", "long", "object", "rank_feature",
    "search_as_you_type", "text",
}  # fmt: skip
FIELD_PARAMETERS = {"type", "properties", "dynamic", "analyzer", "index_prefixes", "max_shingle_size"}
ANALYZERS = {"standard", "simple", "whitespace", "keyword"}
_one_at_a_time = threading.Lock()
# Addresses, and the parameters in them, that both API references have.
ADDRESSES = {
    r"GET /": set(),
    r"PUT /[^_/][^/]*": set(),
    r"GET /[^_/][^/]*": set(),
    r"HEAD /[^_/][^/]*": set(),
    r"DELETE /[^_/][^/]*": {"ignore_unavailable"},
    r"PUT /_bulk": {"require_alias", "refresh"},
    r"POST /[^/]+/_search": {"allow_partial_search_results", "preference"},
    r"POST /[^/]+/_(count|mget)": set(),
    r"POST /[^/]+/_refresh": {"ignore_unavailable"},
    r"PUT /[^/]+/_settings": set(),
    r"(GET|PUT) (/[^/]+)?/_alias(/[^/]+)?": {"ignore_unavailable"},
    r"POST /_aliases": set(),
    r"GET /_cluster/health": {"wait_for_status", "wait_for_nodes", "timeout"},
    r"(GET|PUT|DELETE) /[^/]+/_doc/[^/]+": {"refresh", "version", "version_type"},
}


class OnlyOneOfThem(AssertionError):
    """A request that Elasticsearch would refuse, or that OpenSearch need not know."""


def install(node_class) -> None:
    """Let a node class of the client have every request judged before it is sent."""
    if hasattr(node_class, "_is_judged"):
        return
    send = node_class.perform_request

    def judged(self, method, target, body=None, *rest, **more):
        judge(method, target, body)
        return send(self, method, target, body, *rest, **more)

    node_class.perform_request = judged
    node_class._is_judged = True


def judge(method: str, target: str, body: bytes | None) -> None:
    """Raise OnlyOneOfThem unless both would understand the request."""
    address = urlsplit(target)
    _check_address(method, address.path, tuple(sorted(dict(parse_qsl(address.query)))))
    if not body:
        return
    if address.path.endswith(("/_search", "/_count")):
        _ask("search", body.decode())
    elif address.path.endswith("/_settings"):
        _ask("settings", body.decode())
    elif method == "PUT" and address.path.count("/") == 1 and address.path != "/_bulk":
        created = json.loads(body)
        if "settings" in created:
            _ask("settings", json.dumps(created["settings"]))
        check_mapping(created.get("mappings", {}))


@cache
def _check_address(method: str, path: str, parameters: tuple[str, ...]) -> None:
    for pattern, known in ADDRESSES.items():
        if re.fullmatch(pattern, f"{method} {path}") and set(parameters) <= known:
            return
    raise OnlyOneOfThem(f"{method} {path} with {parameters} is in none of the lists")


def check_mapping(mapping: dict) -> None:
    """Raise OnlyOneOfThem for a type or a parameter of a field that is not on the lists."""
    unknown = set(mapping) - FIELD_PARAMETERS
    if unknown:
        raise OnlyOneOfThem(f"parameters of a field: {unknown}")
    for name, field in mapping.get("properties", {}).items():
        if field.get("type", "object") not in FIELD_TYPES or field.get("analyzer", "standard") not in ANALYZERS:
            raise OnlyOneOfThem(f"{name}: {field}")
        check_mapping(field)


@cache
def _ask(kind: str, body: str) -> None:
    # The races of the tests ask from several threads: each has to read the answer to its own question.
    with _one_at_a_time:
        process = _process()
        process.stdin.write(f"{kind} {body}\n")
        process.stdin.flush()
        said = process.stdout.readline().strip()
    if said != "ok":
        raise OnlyOneOfThem(f"Elasticsearch refuses this {kind}: {said or 'no answer'}\n{body}")


@cache
def _process() -> subprocess.Popen:
    """One judge for each process of a run; it ends when its input does."""
    return subprocess.Popen(
        search_node.prepare_judge(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
