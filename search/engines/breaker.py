"""A breaker before the cluster: after several failures in a row nobody waits for it any more, until it answers again.

It is shared by all processes through the cache.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache

# Open after so many failures in a row; one request in so many seconds tries again.
FAILURES = 5
PAUSE_SECONDS = 30
_KEEP_SECONDS = 3600
_FAILED, _OPEN, _TRIAL = "search:breaker:failed", "search:breaker:open", "search:breaker:trial"
_FALLBACKS = "search:fallbacks"

T = TypeVar("T")


class BreakerOpen(Exception):
    """The cluster failed a moment ago and is left alone."""


def through(ask: Callable[[], T], *, is_failure: Callable[[Exception], bool]) -> T:
    """The answer of `ask()`. Raises BreakerOpen at once while the breaker is open.

    Arguments:
        is_failure: whether what `ask()` raised says that the cluster is in trouble, rather than the question.
    """
    state = cache.get_many([_FAILED, _OPEN])
    # add() succeeds for one process only: that one tries whether the cluster is back, the others go on without it.
    if _OPEN in state and (state[_OPEN] > time.time() or not cache.add(_TRIAL, 1, PAUSE_SECONDS)):
        raise BreakerOpen
    try:
        answer = ask()
    except Exception as error:
        if is_failure(error):
            _failed(is_trial=_OPEN in state)
        elif _OPEN in state:
            reset()
        raise
    if state:
        reset()
    return answer


def _failed(*, is_trial: bool) -> None:
    cache.add(_FAILED, 0, _KEEP_SECONDS)
    try:
        count = cache.incr(_FAILED)
    except ValueError:  # it was reset in between
        count = 1
    if is_trial or count >= FAILURES:
        cache.set(_OPEN, time.time() + PAUSE_SECONDS, _KEEP_SECONDS)
        cache.delete(_TRIAL)


def reset() -> None:
    """The cluster answers."""
    cache.delete_many([_FAILED, _OPEN, _TRIAL])


def count_fallback() -> None:
    """One more answer that the database gave in place of the cluster."""
    cache.add(_FALLBACKS, 0, None)
    cache.incr(_FALLBACKS)


def fallbacks() -> int:
    """How many there were."""
    return int(cache.get(_FALLBACKS, 0))


def is_open() -> bool:
    """Whether the cluster is left alone now, or has yet to show that it is back."""
    return cache.get(_OPEN) is not None
