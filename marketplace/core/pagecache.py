"""The cache of pages that look the same to everyone who is not signed in.

An entry belongs to an address (path, query and language prefix included) and to the versions of its scopes. A version
moves in the transaction that changes what is shown, so price, stock and visibility are never shown late. What differs
per visitor (basket count, buy form) loads apart: a cached page carries no cookie and no token.
"""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.db import InterfaceError, OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

CATALOGUE = "catalogue"
CONTENT = "content"
LEXICON = "lexicon"
PINS = "pins"
SEARCH = "search"

SHARDS = 8
# Only for what changes by the clock alone: "new" tags, permits that run out at midnight.
MAX_AGE = 900
# A page longer than this is an export, not a page.
MAX_BYTES = 600_000
_MARK = "_page_cache_scopes"
# Small values only: names of categories, counts, which products stand where.
MOST_KEPT = 1000
_local = threading.local()
_kept: dict[str, tuple[int, float, Any]] = {}

T = TypeVar("T")
View = Callable[..., HttpResponse]


# --- versions ----------------------------------------------------------------------------------------------------
def bump(*scopes: str) -> None:
    """Let every page of these scopes be rendered anew. Call it inside the transaction that makes the change."""
    with connection.cursor() as cursor:
        for scope in sorted(set(scopes)):
            cursor.execute(
                "INSERT INTO core_pageversion (scope, shard, version) VALUES (%s, %s, 1) "
                "ON CONFLICT (scope, shard) DO UPDATE SET version = core_pageversion.version + 1",
                [scope, _own_shard()],
            )
    forget()
    if connection.in_atomic_block:
        # Until it commits, this thread sees a version that may never be: nothing is kept under it.
        _local.is_moving = True
        transaction.on_commit(_arrived)


def _arrived() -> None:
    _local.is_moving = False


def _own_shard() -> int:
    """The shard of this thread: a transaction that moves a version twice must not wait for another that does, too."""
    if not hasattr(_local, "shard"):
        _local.shard = secrets.randbelow(SHARDS)
    return int(_local.shard)


def versions() -> dict[str, int]:
    """The version of each scope; one query, remembered until the request ends."""
    known: dict[str, int] | None = getattr(_local, "versions", None)
    if known is None:
        known = _read_versions()
        if getattr(_local, "in_request", False):
            _local.versions = known
    return known


def _read_versions() -> dict[str, int]:
    """The versions as they stand. As the first question of a request it also finds out whether the connection lives.

    Django would ask that with a statement of its own, a fifth of the time of a page from the cache.
    """
    wrapper: Any = connection
    if not wrapper.health_check_enabled or wrapper.health_check_done or wrapper.in_atomic_block:
        return _asked_versions()
    wrapper.health_check_done = True
    try:
        return _asked_versions()
    except (OperationalError, InterfaceError):
        # The server has closed it since the last request: once more, with a new one.
        connection.close()
        return _asked_versions()


def _asked_versions() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT scope, sum(version) FROM core_pageversion GROUP BY scope")
        return {scope: int(total) for scope, total in cursor.fetchall()}


def forget() -> None:
    """Read the versions again at the next question."""
    _local.versions = None


def remember(name: str, scope: str, build: Callable[[], T], *, seconds: float = 24 * 3600, is_shared: bool = True) -> T:
    """The value of `build()`, kept for as long as the version of `scope` stands, at most `seconds`.

    For data that many pages share (category tree, facet counts); what it is built from must move the version. Kept at
    hand in this process and, unless `is_shared` is off, in the cache for the other processes. Nobody may change it.
    """
    version = versions().get(scope, 0)
    entry = _kept.get(name)
    if entry is not None and entry[0] == version and entry[1] > time.monotonic():
        return entry[2]
    if getattr(_local, "is_moving", False):
        return build()
    shared = cache.get(f"kept:{name}") if is_shared else None
    if shared is not None and shared[0] == version:
        value: T = shared[1]
    else:
        value = build()
        if is_shared:
            cache.set(f"kept:{name}", (version, value), seconds)
    if len(_kept) >= MOST_KEPT:
        _kept.clear()
    _kept[name] = (version, time.monotonic() + seconds, value)
    return value


def forget_everything() -> None:
    """Drop what this process keeps, after the database was put back to an earlier state."""
    _kept.clear()
    _arrived()
    forget()


# --- pages -------------------------------------------------------------------------------------------------------
def cached_page(*scopes: str) -> Callable[[View], View]:
    """Mark the pages of a view as the same for everyone who is not signed in, for as long as `scopes` stand."""

    def decorate(view: View) -> View:
        @wraps(view)
        def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            # Asked for sooner or later, and first they spare the page a check of its connection.
            versions()
            return mark(view(request, *args, **kwargs), *scopes)

        return marked

    return decorate


def mark(response: HttpResponse, *scopes: str) -> HttpResponse:
    """Mark one response in the same way."""
    setattr(response, _MARK, scopes)
    return response


class PageCacheMiddleware:
    """Answers from the cache where it may, and keeps what views marked.

    Stands above sessions, so that a page that is kept costs neither a session nor a person.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        _local.in_request = True
        _arrived()
        forget()
        try:
            return self._answer(request)
        finally:
            _local.in_request = False
            forget()

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if not _may_share(request):
            response = self.get_response(request)
            if hasattr(response, _MARK):
                response.headers["Cache-Control"] = "private, no-cache"
            return response
        key = _key(request)
        entry = cache.get(key)
        if entry is not None and entry["versions"] == _versions_of(entry["scopes"]):
            return _from_entry(request, entry)
        # Before the view reads anything: a change that commits while the page is rendered makes this entry stale.
        before = dict(versions())
        response = self.get_response(request)
        scopes = getattr(response, _MARK, None)
        if scopes is None or not _may_keep(response):
            return response
        entry = _entry(response, scopes, {scope: before.get(scope, 0) for scope in scopes})
        cache.set(key, entry, MAX_AGE)
        return _from_entry(request, entry)


def _may_share(request: HttpRequest) -> bool:
    """Whether this visitor sees what every visitor sees: nobody has signed in, and no message waits to be shown."""
    return (
        request.method in ("GET", "HEAD")
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and "messages" not in request.COOKIES
    )


def _may_keep(response: HttpResponse) -> bool:
    return (
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and len(response.content) <= MAX_BYTES
    )


def _key(request: HttpRequest) -> str:
    part = "part:" if "HX-Request" in request.headers else ""
    address = f"{part}{request.scheme}://{request.get_host()}{request.get_full_path()}"
    return "page:" + hashlib.blake2b(address.encode(), digest_size=20).hexdigest()


def _versions_of(scopes: Iterable[str]) -> dict[str, int]:
    known = versions()
    return {scope: known.get(scope, 0) for scope in scopes}


def _entry(response: HttpResponse, scopes: Iterable[str], found: dict[str, int]) -> dict[str, Any]:
    body = response.content
    headers = {
        name: value for name, value in response.headers.items() if name.lower() not in ("vary", "content-length")
    }
    headers["ETag"] = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    # Proxies may keep it but must ask again: the answer to that question is what makes a new price visible at once.
    headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    headers["Vary"] = "Cookie, HX-Request"
    return {"scopes": tuple(scopes), "versions": found, "body": body, "headers": headers}


def _from_entry(request: HttpRequest, entry: dict[str, Any]) -> HttpResponse:
    response = HttpResponse(entry["body"])
    for name, value in entry["headers"].items():
        response.headers[name] = value
    if "HTTP_IF_NONE_MATCH" not in request.META:
        return response
    conditional = get_conditional_response(request, etag=entry["headers"]["ETag"], response=response)
    return conditional if conditional is not None else response
