"""Writing to the cluster: what is older than what is there changes nothing; what fails is told product by product."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import ApiError, TransportError
from elasticsearch.helpers import streaming_bulk

from search.engines.base import Document, EngineUnavailable
from search.engines.clusters import WritesFailed
from search.engines.elasticsearch.client import index_name, patient_client
from search.engines.elasticsearch.mapping import source_of, tombstone

# The new index during a rebuild; writes go to it, too.
BUILDING = "{}-building"
CHUNK = 500
# Products that the cluster had no room for are tried again after so many seconds each.
PAUSES = (0.2, 1.0, 3.0, 10.0)
_BUSY = {429, 503}


@dataclass(frozen=True)
class _Change:
    product_id: int
    version: int
    source: dict[str, Any]


def changes_of(documents: Sequence[Document], gone: Mapping[int, int]) -> list[_Change]:
    """What is to be written: documents, and tombstones for those that are `gone`, by id with their versions."""
    written = [_Change(one.product_id, one.search_version, source_of(one)) for one in documents]
    return written + [_Change(pk, version, tombstone(pk, version)) for pk, version in gone.items()]


def targets() -> list[str]:
    """The aliases to write to: the one that is searched and, during a rebuild, that of the new index.

    Ask after the products were read: an index that is begun later reads them itself, as they are then.
    """
    names = [index_name(), BUILDING.format(index_name())]
    try:
        there = patient_client().indices.get_alias(name=names, ignore_unavailable=True).body
    except ApiError as error:
        if error.status_code != 404:
            raise EngineUnavailable(str(error)) from error
        # Some are missing; what there is stands in the answer.
        there = {name: state for name, state in error.body.items() if isinstance(state, dict) and "aliases" in state}
    except TransportError as error:
        raise EngineUnavailable(str(error)) from error
    found = {alias for state in there.values() for alias in state["aliases"]}
    return [name for name in names if name in found]


def write(changes: Iterable[_Change], *, into: Sequence[str], refresh: bool) -> int:
    """Write the changes to each of the aliases and return how many were newer than what was there.

    Arguments:
        refresh: make them findable before this returns.
    Raises EngineUnavailable when the cluster does not answer, WritesFailed with those that it refused.
    """
    changes = list(changes)
    newer, refused = 0, dict[int, str]()
    for alias in into:
        written, reasons = _write_to(alias, changes)
        newer, refused = max(newer, written), refused | reasons
    if refresh and changes and into:
        _refresh(into)
    if refused:
        raise WritesFailed(refused)
    return newer


def _write_to(alias: str, changes: list[_Change]) -> tuple[int, dict[int, str]]:
    """One alias: how many were newer, and what was refused.

    Those that find no room are tried again by themselves, the others are through.
    """
    waiting, newer = {change.product_id: change for change in changes}, 0
    reasons: dict[int, str] = {}
    for pause in (*PAUSES, None):
        busy: dict[int, str] = {}
        for product_id, status, reason in _bulk(alias, list(waiting.values())):
            if status in (200, 201):
                newer += 1
            elif status in _BUSY:
                busy[product_id] = reason
            elif not _is_harmless(status, reason, alias):
                reasons[product_id] = reason
        waiting = {product_id: waiting[product_id] for product_id in busy}
        if not waiting or pause is None:
            reasons |= busy
            break
        time.sleep(pause)
    return newer, reasons


def _is_harmless(status: int, reason: str, alias: str) -> bool:
    """A conflict means that something newer is there; a building index may have taken its place in between."""
    return status == 409 or (status == 404 and alias == BUILDING.format(index_name()))


def _bulk(alias: str, changes: list[_Change]) -> Iterator[tuple[int, int, str]]:
    """The outcome of each change: product id, status, reason."""
    actions = (
        {
            "_op_type": "index",
            "_index": alias,
            "_id": str(change.product_id),
            "version": change.version,
            "version_type": "external_gte",
            "_source": change.source,
        }
        for change in changes
    )
    try:
        results = streaming_bulk(
            patient_client(),
            actions,
            chunk_size=CHUNK,
            raise_on_error=False,
            raise_on_exception=False,
            # An alias that is missing must not come into being as an index with a mapping of its own.
            require_alias=True,
        )
        for _is_fine, result in results:
            item = result["index"]
            error = item.get("error", "")
            if isinstance(item.get("exception"), TransportError):
                raise EngineUnavailable(str(item["exception"]))
            yield int(item["_id"]), int(item.get("status", 503)), str(error)
    except (ApiError, TransportError) as error:
        raise EngineUnavailable(str(error)) from error


def _refresh(aliases: Sequence[str]) -> None:
    try:
        patient_client().indices.refresh(index=list(aliases), ignore_unavailable=True)
    except (ApiError, TransportError) as error:
        raise EngineUnavailable(str(error)) from error
