"""Keeping the index true: outbox handlers that read the state anew, and the rebuild of everything."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction

from marketplace.catalogue.listings import SEARCH_TOPIC as TOPIC
from marketplace.catalogue.models import Product
from marketplace.core import pagecache
from search.documents import documents_of
from search.engines import Engine, engine
from search.lexicon import current_analyser
from search.models import REBUILD_TOPIC, SearchDocument

BATCH = 500

__all__ = ["REBUILD_TOPIC", "TOPIC", "index_product", "index_products", "rebuild", "rebuild_after_new_words"]


def index_product(payload: dict[str, Any]) -> None:
    """Outbox handler: bring one product's document up to what the database says now."""
    index_products([int(payload["product_id"])])


def index_products(product_ids: list[int], *, into: Engine | None = None) -> int:
    """Write the documents of these products, take out those that are no longer live; return how many were written."""
    target = into or engine()
    documents = documents_of(product_ids, current_analyser())
    with transaction.atomic():
        target.write(documents)
        gone = set(product_ids) - {document.product_id for document in documents}
        if gone:
            target.remove(gone)
        pagecache.bump(pagecache.SEARCH)
    return len(documents)


def rebuild(*, progress: Callable[[int], object] = lambda done: None) -> int:
    """Write every document anew and drop those whose product is gone; the site goes on searching meanwhile."""
    target = engine()
    written = 0
    for batch in _batches():
        written += index_products(batch, into=target)
        progress(len(batch))
    dead = SearchDocument.objects.exclude(product__live=True, product__archived_at=None)
    target.remove(list(dead.values_list("pk", flat=True)))
    target.optimise()
    pagecache.bump(pagecache.SEARCH)
    return written


def rebuild_after_new_words(payload: dict[str, Any]) -> None:
    """Outbox handler: synonyms or words with a rule changed, so every document may read differently now."""
    rebuild()


def _batches() -> Iterator[list[int]]:
    last = 0
    while True:
        ids = list(Product.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not ids:
            return
        yield ids
        last = ids[-1]
