"""Looking after the indices: compare, mend, and keep what an operator wants to see."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from marketplace.catalogue.listings import SEARCH_TOPIC
from marketplace.outbox.models import OutboxMessage
from marketplace.outbox.registry import Fact
from search import drift
from search.engines import breaker
from search.engines.clusters import cluster, is_configured
from search.indexing import BATCH, RebuildRunning, index_products, rebuild_cluster
from search.models import SearchDocument, VocabularyWord

_LAST_CHECK = "search:last-check"
# Outlives any pause between two checks.
_KEEP_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True)
class Check:
    """What a comparison found.

    Arguments:
        different: products that differ, by engine.
        mended: whether they were written anew.
        rebuilt: the name of the cluster's new index, where nothing less would do.
    """

    different: dict[str, list[int]]
    mended: bool = False
    rebuilt: str = ""

    @property
    def is_clean(self) -> bool:
        return not any(self.different.values())


def check_indices(*, repair: bool) -> Check:
    """Compare every index with the database and, with `repair`, write anew what differs.

    Where writing does not help, since the cluster holds newer versions than the database (one that was restored from a
    backup), or where it has no index at all, its index is made anew. Raises EngineUnavailable.
    """
    different = {"database": drift.in_built_in()}
    rebuilt = ""
    if is_configured():
        if cluster().exists():
            different["elasticsearch"] = drift.in_cluster()
        elif repair:
            rebuilt = _rebuild()
    if repair:
        _write_anew(sorted({pk for ids in different.values() for pk in ids}))
        if different.get("elasticsearch") and set(drift.in_cluster()) & set(different["elasticsearch"]):
            rebuilt = _rebuild()
    cache.set(_LAST_CHECK, (time.time(), {name: len(ids) for name, ids in different.items()}), _KEEP_SECONDS)
    return Check(different, mended=repair, rebuilt=rebuilt)


def _write_anew(product_ids: list[int]) -> None:
    for start in range(0, len(product_ids), BATCH):
        index_products(product_ids[start : start + BATCH])


def _rebuild() -> str:
    try:
        return rebuild_cluster()
    except RebuildRunning:
        return ""


def check_and_repair() -> None:
    """Periodic job: what got lost by whatever accident is back within minutes."""
    check_indices(repair=True)


# --- for people and machines that watch ---------------------------------------------------------------------------
def is_simplified() -> bool:
    """Whether visitors get the database's answers now because the cluster does not give any."""
    return settings.SEARCH_ENGINE == "elasticsearch" and breaker.is_open()


def state_for_machines() -> str:
    """The part of `/readyz`: pages are served either way."""
    return "simplified" if is_simplified() else "ok"


def fact_for_operators() -> Fact:
    """Who answers now, and what the last comparison found."""
    is_far = settings.SEARCH_ENGINE == "elasticsearch" and not is_simplified()
    return Fact(
        title=_("Product search"),
        value=_("by the cluster") if is_far else _("by the database"),
        note=_("the cluster does not answer") if is_simplified() else _last_comparison(),
        is_trouble=is_simplified(),
    )


def _last_comparison() -> str:
    checked = cache.get(_LAST_CHECK)
    if checked is None:
        return _("its index was not compared yet")
    count = sum(checked[1].values())
    if not count:
        return _("its index holds what the database says")
    text = ngettext("%(count)s product differed and was mended", "%(count)s products differed and were mended", count)
    return text % {"count": count}


def status() -> dict[str, Any]:
    """Everything that `search_status` tells. Raises EngineUnavailable only when it is asked for the cluster's part."""
    checked = cache.get(_LAST_CHECK)
    return {
        "engine": settings.SEARCH_ENGINE,
        "documents": SearchDocument.objects.count(),
        "words": VocabularyWord.objects.filter(documents__gt=0).count(),
        "waiting": OutboxMessage.objects.filter(topic=SEARCH_TOPIC, state=OutboxMessage.State.PENDING).count(),
        "given_up": OutboxMessage.objects.filter(topic=SEARCH_TOPIC, state=OutboxMessage.State.DEAD).count(),
        "simplified_now": is_simplified(),
        "simplified_answers": breaker.fallbacks(),
        "last_check": datetime.fromtimestamp(checked[0], UTC).isoformat(timespec="seconds") if checked else None,
        "last_differences": checked[1] if checked else {},
    }


def metrics() -> Iterator[Metric]:
    """For `/metrics`: from the cache only, a scrape asks the cluster nothing."""
    yield GaugeMetricFamily(
        "lapak_search_simplified", "1 while the database answers in place of the cluster", value=int(is_simplified())
    )
    yield CounterMetricFamily(
        "lapak_search_simplified_answers",
        "Answers that the database gave in its place",
        value=breaker.fallbacks(),
    )
    checked = cache.get(_LAST_CHECK)
    if checked is None:
        return
    yield GaugeMetricFamily("lapak_search_checked_timestamp", "When the indices were last compared", value=checked[0])
    different = GaugeMetricFamily(
        "lapak_search_drift",
        "Products that differed at the last comparison, before they were mended",
        labels=["engine"],
    )
    for name, count in checked[1].items():
        different.add_metric([name], count)
    yield different
