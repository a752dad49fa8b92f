"""The engine that answers; the one place that chooses it."""

from search.engines.base import Engine
from search.engines.database import database_engine

ENGINES = {"database": database_engine}


def engine(name: str = "database") -> Engine:
    """The engine of this name, or KeyError."""
    return ENGINES[name]()


__all__ = ["ENGINES", "Engine", "engine"]
