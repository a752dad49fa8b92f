"""Questions about the work in the background."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from marketplace.outbox import registry
from marketplace.outbox.models import OutboxMessage, PeriodicRun

# A job this many times later than its beat is overdue: no worker runs, or one hangs.
OVERDUE_BEATS = 3
OVERDUE_AT_LEAST = timedelta(minutes=10)


@dataclass(frozen=True)
class Backlog:
    """How much waits, since when the oldest, and how much was given up."""

    waiting: int
    in_hand: int
    given_up: int
    oldest: datetime | None

    @property
    def is_stuck(self) -> bool:
        """Whether something that is due has waited for ten minutes."""
        return self.oldest is not None and self.oldest < timezone.now() - OVERDUE_AT_LEAST


def backlog() -> Backlog:
    """The state of the outbox, in one query. Messages that wait for a later time do not count as old."""
    State = OutboxMessage.State  # noqa: N806
    counts = OutboxMessage.objects.exclude(state=State.DONE).aggregate(
        waiting=Count("pk", filter=Q(state=State.PENDING)),
        in_hand=Count("pk", filter=Q(state=State.PROCESSING)),
        given_up=Count("pk", filter=Q(state=State.DEAD)),
        oldest=Min("available_at", filter=Q(state=State.PENDING, available_at__lte=timezone.now())),
    )
    return Backlog(**counts)


def given_up() -> "QuerySet[OutboxMessage]":
    """Messages that failed too often, newest first. Their payload stays unread: it may hold addresses."""
    return OutboxMessage.objects.filter(state=OutboxMessage.State.DEAD).defer("payload").order_by("-pk")


@dataclass(frozen=True)
class JobState:
    """A periodic job and its last run; `run` is None when it has never run."""

    name: str
    every: timedelta
    run: PeriodicRun | None

    @property
    def is_failing(self) -> bool:
        """Whether its last run ended with an error."""
        return self.run is not None and bool(self.run.last_error)

    @property
    def is_overdue(self) -> bool:
        """Whether it should have run long ago."""
        started = self.run.last_started_at if self.run else None
        return started is None or started < timezone.now() - max(self.every * OVERDUE_BEATS, OVERDUE_AT_LEAST)


def jobs() -> list[JobState]:
    """Every registered periodic job with its last run, those in trouble first; one query."""
    runs = {run.name: run for run in PeriodicRun.objects.all()}
    states = [JobState(job.name, job.every, runs.get(job.name)) for job in registry.periodic_jobs.values()]
    return sorted(states, key=lambda job: (not job.is_failing, not job.is_overdue, job.name))
