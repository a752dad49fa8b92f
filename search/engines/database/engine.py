"""The built-in engine on either database: how a request is answered, and how the index is kept."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db import connection, transaction

from search.analysis import AnalysedQuery
from search.engines.base import Answer, Document, Request
from search.engines.browsing import browsed_facets
from search.engines.database.counting import read
from search.engines.database.statement import Sql, filters_of, statement
from search.models import SearchDocument, VocabularyWord

# What was typed stands before what merely means the same.
EXACT_BOOST = 1.6
# What each kind of filter counts.
_COUNTED = {
    "category": ("categories",),
    "region": ("villages",),
    "subsector": ("subsectors",),
    "price": ("prices", "price_min", "price_max", "any_price"),
    "permit": ("permits",),
    "delivery": ("deliveries",),
    "shelf": ("shelf_lives",),
    "rating": ("ratings",),
    "stock": ("in_stock", "any_stock"),
}


class DatabaseEngine(ABC):
    """The part that does not depend on the database; the subclasses know how to match text."""

    name = "database"

    # --- to be given by the subclasses -----------------------------------------------------------------------------
    @abstractmethod
    def expression(self, request: Request) -> str:
        """The request in the database's own query language, with everything that may answer it."""

    @abstractmethod
    def matches(self, request: Request) -> Sql:
        """A SELECT of product_id and score, the greater the better, of the documents that match."""

    @abstractmethod
    def complete(self, analysed: AnalysedQuery, *, limit: int) -> list[int]:
        """See Engine.complete()."""

    # --- finding -------------------------------------------------------------------------------------------------
    def search(self, request: Request) -> Answer:
        """See Engine.search()."""
        if request.query.text and not request.analysed:
            return Answer()
        kinds = [one.kind for one in filters_of(request)]
        if request.with_facets and not request.analysed and len(kinds) == 1:
            return self._browse_by_one(request, kinds[0])
        return self._ask(request, kinds)

    def _ask(self, request: Request, kinds: list[str], *, is_narrowed: bool = False) -> Answer:
        matches = self.matches(request) if request.analysed else None
        sql, parameters = statement(request, matches, is_narrowed=is_narrowed)
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return read(cursor.fetchall(), request, kinds)

    def _browse_by_one(self, request: Request, kind: str) -> Answer:
        """Browsing by one kind of filter: its own facet is that of the whole scope, which is kept.

        So only what passes the filter is read, instead of everything there is.
        """
        answer = self._ask(request, [], is_narrowed=True)
        own = browsed_facets(self, request)
        return replace(answer, facets=replace(answer.facets, **{name: getattr(own, name) for name in _COUNTED[kind]}))

    def explain(self, request: Request) -> str:
        """See Engine.explain()."""
        return self.expression(request)

    # --- keeping -------------------------------------------------------------------------------------------------
    def write(self, documents: Sequence[Document]) -> None:
        """See Engine.write()."""
        if not documents:
            return
        with transaction.atomic():
            known = {
                kept.product_id: kept
                for kept in SearchDocument.objects.select_for_update()
                .filter(pk__in=[document.product_id for document in documents])
                .order_by("pk")
            }
            fresh = [
                document
                for document in documents
                if document.product_id not in known
                or known[document.product_id].search_version <= document.search_version
            ]
            change: Counter[str] = Counter()
            for document in fresh:
                change.update(_named_words(document.surface, document.label))
                kept = known.get(document.product_id)
                if kept is not None:
                    change.subtract(_named_words(kept.surface, kept.label))
            SearchDocument.objects.bulk_create(
                [
                    SearchDocument(
                        product_id=document.product_id,
                        search_version=document.search_version,
                        surface=document.surface,
                        stem=document.stem,
                        label=document.label,
                        body=document.body,
                    )
                    for document in fresh
                ],
                update_conflicts=True,
                unique_fields=["product"],
                update_fields=["search_version", "surface", "stem", "label", "body", "indexed_at"],
                batch_size=500,
            )
            _count_words(change)

    def remove(self, product_ids: Iterable[int]) -> None:
        """See Engine.remove()."""
        with transaction.atomic():
            kept = SearchDocument.objects.select_for_update().filter(pk__in=list(product_ids)).order_by("pk")
            change: Counter[str] = Counter()
            ids = []
            for document in kept:
                ids.append(document.pk)
                change.subtract(_named_words(document.surface, document.label))
            SearchDocument.objects.filter(pk__in=ids).delete()
            _count_words(change)

    def optimise(self) -> None:
        """See Engine.optimise()."""
        VocabularyWord.objects.filter(documents__lte=0).delete()


def _named_words(surface: str, label: str) -> set[str]:
    """The words that a product is named with and that a misspelt word may have meant."""
    return {word for word in f"{surface} {label}".split() if word.isalpha() and 3 <= len(word) <= 40}


def _count_words(change: Counter[str]) -> None:
    moved = sorted((word, count) for word, count in change.items() if count)
    with connection.cursor() as cursor:
        # In one order, so that two workers never wait for each other in a ring.
        cursor.executemany(
            "INSERT INTO search_word (word, documents) VALUES (%s, %s)"
            " ON CONFLICT (word) DO UPDATE SET documents = search_word.documents + excluded.documents",
            moved,
        )
