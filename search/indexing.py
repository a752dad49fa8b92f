"""Keeping the indices true: outbox handlers that read the state anew, and the rebuild of everything.

The built-in index is always kept, since it answers when the cluster does not; the cluster's is kept where there is one.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.cache import cache
from django.db import transaction

from marketplace.catalogue.listings import SEARCH_TOPIC as TOPIC
from marketplace.catalogue.models import Product, ProductListing
from marketplace.core import pagecache
from marketplace.outbox.registry import TryLater
from search import drift
from search.documents import documents_of
from search.engines import EngineUnavailable, database_engine
from search.engines.base import Document
from search.engines.clusters import WritesFailed, cluster, is_configured
from search.lexicon import current_analyser
from search.models import REBUILD_TOPIC, SearchDocument
from search.pins import refresh_keys

logger = logging.getLogger(__name__)

BATCH = 500
# How often a new index is compared and mended before it is given up.
ROUNDS = 3
# Of a product whose row is gone: its number is never given again, so nothing newer can come.
NEVER_AGAIN = 2**53
_REBUILDING = "search:rebuilding"
# Longer than any batch takes: a rebuild that was killed does not keep the next one waiting for long.
_LOCK_SECONDS = 300

__all__ = [
    "REBUILD_TOPIC",
    "TOPIC",
    "RebuildIncomplete",
    "RebuildRunning",
    "index_batch",
    "index_product",
    "index_products",
    "rebuild",
    "rebuild_after_new_words",
]

Progress = Callable[[int], object]


class RebuildRunning(Exception):
    """Another process makes the index anew just now."""


class RebuildIncomplete(Exception):
    """The new index does not hold what the database says; the old one goes on serving."""


def index_product(payload: dict[str, Any]) -> None:
    """Bring one product's document up to what the database says now."""
    index_products([int(payload["product_id"])])


def index_batch(payloads: list[dict[str, Any]]) -> dict[int, str]:
    """Outbox handler for many products at once; those that the cluster refused are returned with the reason.

    While the cluster does not answer the messages wait without being given up; the built-in index is up to date.
    """
    ids = [int(payload["product_id"]) for payload in payloads]
    try:
        index_products(ids)
    except WritesFailed as failed:
        return {place: failed.reasons[pk] for place, pk in enumerate(ids) if pk in failed.reasons}
    except EngineUnavailable as error:
        raise TryLater(str(error)) from error
    return {}


def index_products(product_ids: list[int]) -> int:
    """Write the documents of these products, take out those that are no longer shown; return how many were written.

    Raises EngineUnavailable or WritesFailed when the cluster did not take them; the built-in index then has them.
    """
    documents, gone = _read(product_ids)
    _write_built_in(documents, gone)
    if is_configured():
        # After the products were read, never inside a transaction.
        try:
            cluster().put(documents, gone)
        finally:
            # Pages that were drawn since the change was made may show what the cluster knew before.
            pagecache.bump(pagecache.SEARCH, pagecache.CATALOGUE)
    return len(documents)


def _read(product_ids: list[int]) -> tuple[list[Document], dict[int, int]]:
    """The documents of those that are shown, and the versions of those that are not."""
    # Before the products: whatever changes in between has a greater version, and a message of its own.
    versions = dict(ProductListing.objects.filter(pk__in=product_ids).values_list("pk", "search_version"))
    documents = documents_of(product_ids, current_analyser())
    shown = {document.product_id for document in documents}
    return documents, {pk: versions.get(pk, NEVER_AGAIN) for pk in product_ids if pk not in shown}


def _write_built_in(documents: list[Document], gone: dict[int, int]) -> None:
    with transaction.atomic():
        database_engine().write(documents)
        if gone:
            database_engine().remove(gone)
        pagecache.bump(pagecache.SEARCH)


# --- everything --------------------------------------------------------------------------------------------------
def rebuild(*, progress: Progress = lambda done: None) -> int:
    """Write every document anew and drop those whose product is gone; the site goes on searching meanwhile.

    The built-in index is written over; the cluster's is made beside the old one and then takes its place.
    Raises RebuildRunning, RebuildIncomplete or EngineUnavailable.
    """
    written = _rebuild_built_in(progress)
    if is_configured():
        rebuild_cluster()
    return written


def _rebuild_built_in(progress: Progress) -> int:
    written = 0
    for batch in batches():
        documents, gone = _read(batch)
        _write_built_in(documents, gone)
        written += len(documents)
        progress(len(batch))
    visible = Product.objects.visible_products().order_by().values("pk")
    database_engine().remove(list(SearchDocument.objects.exclude(pk__in=visible).values_list("pk", flat=True)))
    database_engine().optimise()
    pagecache.bump(pagecache.SEARCH)
    return written


def rebuild_cluster(*, progress: Progress = lambda done: None) -> str:
    """Make the cluster's index anew beside the old one, compare it with the database, let it take over; its name."""

    def fill(alias: str) -> None:
        for batch in batches():
            documents, gone = _read(batch)
            cluster().put_into(alias, documents, gone, refresh=False)
            cache.touch(_REBUILDING, _LOCK_SECONDS)
            progress(len(batch))

    with _only_one():
        name = cluster().rebuilt(fill, _agree)
    pagecache.bump(pagecache.SEARCH)
    return name


def _agree(alias: str) -> None:
    """Mend what differs from the database; what changes all the time is left to the messages that wait for it."""
    for _round in range(ROUNDS):
        cache.touch(_REBUILDING, _LOCK_SECONDS)
        different = drift.in_cluster(alias)
        if not different:
            return
        for start in range(0, len(different), BATCH):
            documents, gone = _read(different[start : start + BATCH])
            cluster().put_into(alias, documents, gone, refresh=True)
    different = drift.in_cluster(alias)
    if different:
        raise RebuildIncomplete(f"{len(different)} products differ from the database, such as {different[:5]}")


@contextmanager
def _only_one() -> Iterator[None]:
    if not cache.add(_REBUILDING, 1, _LOCK_SECONDS):
        raise RebuildRunning
    try:
        yield
    finally:
        cache.delete(_REBUILDING)


def rebuild_after_new_words(payload: dict[str, Any]) -> None:
    """Outbox handler: synonyms or words with a rule changed, so every document may read differently now.

    Written over in place: the mapping is the same, and nothing that is found meanwhile is wrong.
    """
    refresh_keys()
    try:
        for batch in batches():
            index_products(batch)
    except EngineUnavailable as error:
        raise TryLater(str(error)) from error
    database_engine().optimise()


def batches() -> Iterator[list[int]]:
    """The ids of all products, some at a time, by their order."""
    last = 0
    while True:
        ids = list(Product.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not ids:
            return
        yield ids
        last = ids[-1]
