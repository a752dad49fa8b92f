"""What machines ask the site: is the process alive, can it serve, and how is it doing.

`/healthz` answers while the process runs. `/readyz` says whether it can serve pages now: database, its tables, cache.
`/metrics` has figures for Prometheus; slices add theirs with `register_metrics` in their AppConfig.ready().
"""

import hmac
import logging
import uuid
from collections.abc import Callable, Iterable

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

logger = logging.getLogger(__name__)

MetricSource = Callable[[], Iterable[Metric]]
_sources: dict[str, MetricSource] = {}
_states: dict[str, Callable[[], str]] = {}
_state = {"tables_are_current": False}


def register_state(name: str, source: Callable[[], str]) -> None:
    """Let `/readyz` show what `source()` says. It is told, no more: the site serves pages without that part."""
    _states[name] = source


def register_metrics(name: str, source: MetricSource) -> None:
    """Let `/metrics` show what `source()` yields each time it is asked."""
    _sources[name] = source


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process runs. Touches nothing else: a slow database is no reason to restart it."""
    return HttpResponse("ok\n", content_type="text/plain")


class HealthzMiddleware:
    """Answers `/healthz` before anything else: whoever checks needs no right host name, no TLS and no database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return healthz(request) if request.path_info == "/healthz" else self.get_response(request)


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether pages can be served now, part by part; 503 takes this process out of the rotation."""
    parts = {}
    for name, check in (("database", _database_answers), ("tables", _tables_are_current), ("cache", _cache_answers)):
        try:
            parts[name] = "ok" if check() else "not ready"
        except Exception:  # whatever is wrong with a part, the answer is that it is not ready
            logger.exception("readyz: %s", name)
            parts[name] = "failed"
    ready = all(state == "ok" for state in parts.values())
    if ready:
        parts |= {name: source() for name, source in _states.items()}
    return JsonResponse(parts, status=200 if ready else 503)


def _database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _tables_are_current() -> bool:
    """No migration waits. Asked until it is true once: an upgrade starts new processes."""
    if not _state["tables_are_current"]:
        executor = MigrationExecutor(connection)
        _state["tables_are_current"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _state["tables_are_current"]


def _cache_answers() -> bool:
    key, value = f"readyz:{uuid.uuid4()}", "here"
    cache.set(key, value, timeout=5)
    return cache.get(key) == value


class _Registered(Collector):
    def collect(self) -> Iterable[Metric]:
        for source in _sources.values():
            yield from source()


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus, for whoever has METRICS_TOKEN; without one set, in development only."""
    token = settings.METRICS_TOKEN
    offered = request.headers.get("Authorization", "")
    if not (settings.DEBUG if not token else hmac.compare_digest(offered, f"Bearer {token}")):
        raise Http404
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Registered())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
