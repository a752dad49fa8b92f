"""The engine that answers; the one place that chooses it."""

from collections.abc import Callable

from django.conf import settings

from search.engines.base import Engine, EngineUnavailable
from search.engines.clusters import cluster
from search.engines.database import database_engine

ENGINES: dict[str, Callable[[], Engine]] = {"database": database_engine, "elasticsearch": cluster}


def engine(name: str | None = None) -> Engine:
    """The engine of this name, or the one that the settings choose; KeyError for a name that there is not."""
    return ENGINES[name or settings.SEARCH_ENGINE]()


__all__ = ["ENGINES", "Engine", "EngineUnavailable", "database_engine", "engine"]
