"""The indices behind the alias: made anew without anybody noticing, and compared with what they should hold."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from elasticsearch import ApiError, NotFoundError, TransportError

from search.engines.base import EngineUnavailable
from search.engines.clusters import BUCKET
from search.engines.elasticsearch.client import index_name, patient_client
from search.engines.elasticsearch.mapping import LIVE, index_settings, mappings
from search.engines.elasticsearch.writing import BUILDING

logger = logging.getLogger(__name__)


@contextmanager
def translated() -> Iterator[None]:
    """Whatever keeps the cluster from answering is EngineUnavailable to the callers."""
    try:
        yield
    except (ApiError, TransportError) as error:
        raise EngineUnavailable(str(error)) from error


# --- names -------------------------------------------------------------------------------------------------------
def behind(alias: str) -> list[str]:
    """The indices behind an alias."""
    with translated():
        try:
            return sorted(patient_client().indices.get_alias(name=alias).body)
        except NotFoundError:
            return []


def exists() -> bool:
    """Whether there is an index to search in."""
    return bool(behind(index_name()))


def create(*, loading: bool) -> str:
    """A new, empty index; its name. The time in it says when it was begun."""
    name = f"{index_name()}-{datetime.now(UTC):%Y%m%d%H%M%S%f}"
    with translated():
        patient_client().indices.create(index=name, mappings=mappings(), settings=index_settings(loading=loading))
    return name


def sweep() -> list[str]:
    """Delete indices that no alias searches: what a rebuild that was broken off has left."""
    with translated():
        states = patient_client().indices.get_alias(index=f"{index_name()}-*").body
        unused = [name for name, state in states.items() if index_name() not in state["aliases"]]
        for name in unused:
            patient_client().indices.delete(index=name, ignore_unavailable=True)
    return unused


# --- anew --------------------------------------------------------------------------------------------------------
def rebuilt(fill: Callable[[str], None], check: Callable[[str], None]) -> str:
    """Make a new index and let it take the place of the old one in one step; the old one serves until then.

    From the moment that the new index is there, every write goes to both (`writing.targets`).

    Arguments:
        fill: writes every product into the alias that it is given.
        check: raises when what is there, and can be searched, is not what should be.
    """
    building = BUILDING.format(index_name())
    sweep()
    name = create(loading=True)
    try:
        with translated():
            patient_client().indices.put_alias(index=name, name=building)
        fill(building)
        with translated():
            wanted = index_settings()
            patient_client().indices.put_settings(
                index=name,
                settings={key: wanted[key] for key in ("number_of_replicas", "refresh_interval")},
            )
            patient_client().indices.refresh(index=name)
        check(building)
        _take_over(name, building)
    except BaseException:
        _give_up(name)
        raise
    return name


def _take_over(name: str, building: str) -> None:
    alias = index_name()
    old = behind(alias)
    actions: list[dict[str, Any]] = [{"remove": {"index": one, "alias": alias}} for one in old]
    actions += [
        {"add": {"index": name, "alias": alias, "is_write_index": True}},
        {"remove": {"index": name, "alias": building}},
    ]
    with translated():
        patient_client().indices.update_aliases(actions=actions)
        for one in old:
            patient_client().indices.delete(index=one, ignore_unavailable=True)


def _give_up(name: str) -> None:
    try:
        patient_client().indices.delete(index=name, ignore_unavailable=True)
    except (ApiError, TransportError):
        # The next rebuild sweeps it away.
        logger.warning("the unfinished index %s could not be deleted", name)


def drop_everything() -> None:
    """Delete the alias's indices, whatever they hold. For tests and benchmarks."""
    with translated():
        for name in patient_client().indices.get_alias(index=f"{index_name()}-*").body:
            patient_client().indices.delete(index=name, ignore_unavailable=True)


# --- what is there -----------------------------------------------------------------------------------------------
def sums(alias: str | None = None) -> dict[int, tuple[int, int]]:
    """For each bucket of product ids: how many are shown and the sum of their versions."""
    buckets = {
        "ids": {
            "histogram": {"field": "product_id", "interval": BUCKET, "min_doc_count": 1},
            "aggs": {"versions": {"sum": {"field": "search_version"}}},
        }
    }
    with translated():
        found = patient_client().search(
            index=alias or index_name(),
            size=0,
            query={"term": {"status": LIVE}},
            aggregations=buckets,
            allow_partial_search_results=False,
        )
    return {
        int(bucket["key"]) // BUCKET: (bucket["doc_count"], int(bucket["versions"]["value"]))
        for bucket in found.body["aggregations"]["ids"]["buckets"]
    }


def versions_in(bucket: int, alias: str | None = None) -> dict[int, int]:
    """The versions of the products that are shown in one bucket of ids."""
    ids = {"range": {"product_id": {"gte": bucket * BUCKET, "lt": (bucket + 1) * BUCKET}}}
    with translated():
        found = patient_client().search(
            index=alias or index_name(),
            size=BUCKET,
            query={"bool": {"filter": [{"term": {"status": LIVE}}, ids]}},
            source={"includes": ["search_version"]},
            sort=["product_id"],
            allow_partial_search_results=False,
        )
    return {int(hit["_id"]): int(hit["_source"]["search_version"]) for hit in found.body["hits"]["hits"]}


def refresh() -> None:
    """Let what was written be found."""
    with translated():
        patient_client().indices.refresh(index=index_name())


def health() -> dict[str, Any]:
    """What an operator wants to know: the cluster's colour and version, the index, how much it holds."""
    with translated():
        about = patient_client().info().body
        colour = patient_client().cluster.health().body
        names = behind(index_name())
        counted = patient_client().count(index=index_name(), query={"term": {"status": LIVE}}) if names else None
    return {
        "version": f"{about['version'].get('distribution', 'elasticsearch')} {about['version']['number']}",
        "status": colour["status"],
        "nodes": colour["number_of_nodes"],
        "index": ", ".join(names),
        "products": counted.body["count"] if counted else 0,
    }
