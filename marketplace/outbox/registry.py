"""Who does what with a message, and which jobs run on a clock. Slices register in their AppConfig.ready()."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

Handler = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class PeriodicJob:
    """A job that the worker starts again and again; it must be harmless to run twice."""

    name: str
    every: timedelta
    run: Callable[[], object]


handlers: dict[str, Handler] = {}
periodic_jobs: dict[str, PeriodicJob] = {}


def register_handler(topic: str, handler: Handler) -> None:
    """Let `handler(payload)` do the messages of `topic`. One handler per topic; a second is a mistake."""
    if topic in handlers and handlers[topic] is not handler:
        raise ValueError(f"the topic {topic} already has a handler")
    handlers[topic] = handler


def register_periodic(name: str, *, every: timedelta, run: Callable[[], object]) -> None:
    """Let the worker call `run()` about once in `every`."""
    periodic_jobs[name] = PeriodicJob(name, every, run)
