"""The engine of larger sites: a cluster of Elasticsearch or OpenSearch."""

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from zlib import crc32

from elasticsearch import ApiError, TransportError
from elasticsearch_dsl import Q, Search

from search.analysis import AnalysedQuery
from search.engines import breaker
from search.engines.base import Answer, Document, EngineUnavailable, Request
from search.engines.elasticsearch import indices, writing
from search.engines.elasticsearch.client import client, index_name
from search.engines.elasticsearch.faceted import ProductSearch, read
from search.engines.elasticsearch.mapping import LIVE
from search.engines.elasticsearch.texts import completion_query

logger = logging.getLogger(__name__)


class ElasticsearchEngine:
    """See `search.engines.base.Engine`."""

    name = "elasticsearch"

    # --- finding -------------------------------------------------------------------------------------------------
    def search(self, request: Request) -> Answer:
        """See Engine.search()."""
        if request.query.text and not request.analysed:
            return Answer()
        found = ProductSearch(request, using=client(), index=index_name())
        return read(_asked(found._s), request)

    def complete(self, analysed: AnalysedQuery, *, limit: int) -> list[int]:
        """See Engine.complete()."""
        if not analysed:
            return []
        search = Search(using=client(), index=index_name()).params(allow_partial_search_results=False)
        search = search.query(Q("bool", must=[completion_query(analysed)], filter=[Q("term", status=LIVE)]))
        # By score alone, which lets the engine stop as soon as it has that many of the best: a few letters begin many
        # names. Equals come as the index has them, which differs from copy to copy: the same words are asked of
        # the same one.
        search = search.params(preference=f"words-{crc32(analysed.text.encode())}")
        found = _asked(search.extra(size=limit, _source=False, track_total_hits=False))
        return [int(hit["_id"]) for hit in found["hits"]["hits"]]

    def explain(self, request: Request) -> str:
        """See Engine.explain(): the request's body, and how the first hit came by its score."""
        body = ProductSearch(request, using=client(), index=index_name())._s.to_dict()
        asked = Search(using=client(), index=index_name()).update_from_dict(
            {"query": body["query"], "size": 1, "explain": True}
        )
        hits = _asked(asked)["hits"]["hits"]
        shown = {"query": body["query"], "first": hits[0]["_explanation"] if hits else None}
        return json.dumps(shown, ensure_ascii=False, indent=1, default=str)

    # --- keeping -------------------------------------------------------------------------------------------------
    def write(self, documents: Sequence[Document]) -> None:
        """See Engine.write(). They are findable when it returns."""
        self.put(documents, {})

    def remove(self, product_ids: Iterable[int]) -> None:
        """See Engine.remove(). Given with their versions: a tombstone needs one."""
        if not isinstance(product_ids, Mapping):
            raise TypeError("the cluster needs to know which version of each product is gone")
        self.put([], product_ids)

    def put(self, documents: Sequence[Document], gone: Mapping[int, int]) -> None:
        """Write and remove in one go."""
        changes = writing.changes_of(documents, gone)
        if changes:
            writing.write(changes, into=writing.targets(), refresh=True)

    def optimise(self) -> None:
        """See Engine.optimise(). The cluster tidies up by itself."""

    def put_into(self, alias: str, documents: Sequence[Document], gone: Mapping[int, int], *, refresh: bool) -> None:
        """The same as put() for one index, such as the new one of a rebuild."""
        writing.write(writing.changes_of(documents, gone), into=[alias], refresh=refresh)

    # --- looking after it ----------------------------------------------------------------------------------------
    def exists(self) -> bool:
        """Whether there is an index to search in."""
        return indices.exists()

    def rebuilt(self, fill: Callable[[str], None], check: Callable[[str], None]) -> str:
        """See indices.rebuilt()."""
        return indices.rebuilt(fill, check)

    def sums(self, alias: str | None = None) -> dict[int, tuple[int, int]]:
        """See indices.sums()."""
        return indices.sums(alias)

    def versions_in(self, bucket: int, alias: str | None = None) -> dict[int, int]:
        """See indices.versions_in()."""
        return indices.versions_in(bucket, alias)

    def health(self) -> dict[str, Any]:
        """See indices.health()."""
        return indices.health()


def _asked(search: Search) -> dict[str, Any]:
    """The cluster's answer, whole and in time; EngineUnavailable for everything else."""
    body = search.to_dict()
    parameters = dict(search._params)

    def ask() -> dict[str, Any]:
        answer: dict[str, Any] = client().search(index=index_name(), body=body, **parameters).body
        if answer["timed_out"] or answer["_shards"]["failed"]:
            raise TransportError("part of the index did not answer")
        return answer

    return _guarded(ask)


def _guarded(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return breaker.through(ask, is_failure=_is_trouble)
    except breaker.BreakerOpen as error:
        raise EngineUnavailable("left alone after it failed several times") from error
    except ApiError as error:
        if error.status_code == 400:
            # The fault is ours, not the cluster's.
            logger.exception("the search engine refused a request")
        raise EngineUnavailable(f"{error.status_code}: {error.message}") from error
    except TransportError as error:
        raise EngineUnavailable(str(error)) from error


def _is_trouble(error: Exception) -> bool:
    # A request that it does not understand says nothing about the cluster.
    return isinstance(error, TransportError) or (isinstance(error, ApiError) and error.status_code != 400)
