"""Who does what with a message, and which jobs run on a clock. Slices register in their AppConfig.ready()."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

Handler = Callable[[dict[str, Any]], None]
# Gets the payloads of several messages and returns what went wrong, by position; {} when all is done.
BatchHandler = Callable[[list[dict[str, Any]]], dict[int, str]]


class TryLater(Exception):
    """A handler cannot work now, through no fault of the message: a server is down. The attempt does not count."""

    def __init__(self, reason: str, *, seconds: int = 10) -> None:
        super().__init__(reason)
        self.seconds = seconds


@dataclass(frozen=True)
class PeriodicJob:
    """A job that the worker starts again and again; it must be harmless to run twice."""

    name: str
    every: timedelta
    run: Callable[[], object]


@dataclass(frozen=True)
class Fact:
    """What a slice tells operators on the page of the work in the background."""

    title: str
    value: str
    note: str = ""
    is_trouble: bool = False


handlers: dict[str, Handler] = {}
batch_handlers: dict[str, tuple[BatchHandler, int]] = {}
periodic_jobs: dict[str, PeriodicJob] = {}
facts: dict[str, Callable[[], Fact]] = {}


def register_handler(topic: str, handler: Handler) -> None:
    """Let `handler(payload)` do the messages of `topic`. One handler per topic; a second is a mistake."""
    if topic in batch_handlers or (topic in handlers and handlers[topic] is not handler):
        raise ValueError(f"the topic {topic} already has a handler")
    handlers[topic] = handler


def register_batch_handler(topic: str, handler: BatchHandler, *, size: int) -> None:
    """Let `handler(payloads)` do up to `size` messages of `topic` together, where one by one would take too long."""
    if topic in handlers or (topic in batch_handlers and batch_handlers[topic][0] is not handler):
        raise ValueError(f"the topic {topic} already has a handler")
    batch_handlers[topic] = (handler, size)


def register_periodic(name: str, *, every: timedelta, run: Callable[[], object]) -> None:
    """Let the worker call `run()` about once in `every`."""
    periodic_jobs[name] = PeriodicJob(name, every, run)


def register_fact(name: str, source: Callable[[], Fact]) -> None:
    """Let operators read what `source()` says each time they open the page; it asks the cache only."""
    facts[name] = source
