"""Things happen at their time: a queue of events, run in order, each with the clock set to when it happens."""

import heapq
from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from itertools import count
from random import Random

import time_machine
from django.utils import timezone

Action = Callable[[], object]

# Offices and kitchens work from eight to five in Malang (UTC+7).
FIRST_HOUR, LAST_HOUR = 8, 17


class Timeline:
    """Events between a year ago and now. An event may schedule later ones; what would lie ahead does not happen."""

    def __init__(self, *, seed: int = 3573) -> None:
        self.now = timezone.localtime()
        self.random = Random(seed)  # noqa: S311 - the same demo every time, nothing secret
        self._events: list[tuple[datetime, int, Action]] = []
        self._order = count()

    def days_ago(self, days: float) -> datetime:
        """Some moment of the working hours of that day."""
        day = (self.now - timedelta(days=days)).date()
        hour, minute = self.random.randrange(FIRST_HOUR, LAST_HOUR), self.random.randrange(60)
        moment = datetime.combine(day, time(hour, minute), tzinfo=timezone.get_current_timezone())
        return min(moment, self.now - timedelta(minutes=5))

    def after(self, moment: datetime, *, hours: float) -> datetime:
        """About so many hours later, give or take a fifth."""
        return moment + timedelta(hours=hours * self.random.uniform(0.8, 1.2))

    def at(self, moment: datetime, action: Action) -> None:
        """Let `action` happen at `moment`, unless that is still ahead."""
        if moment < self.now:
            heapq.heappush(self._events, (moment, next(self._order), action))

    def run(self) -> Iterable[datetime]:
        """Run everything in its order, yielding the time of each event once it has happened."""
        while self._events:
            moment, _order, action = heapq.heappop(self._events)
            with time_machine.travel(moment, tick=False):
                action()
            yield moment
