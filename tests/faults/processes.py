"""A real process that is killed (SIGKILL) at a chosen point of the code, with its own connection to the database."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from typing import Any
from unittest import mock

from django.db import connections

_fork = multiprocessing.get_context("fork")
WAIT = 60


def killed_at(target: str, work: Callable[[], Any], *, before: Callable[[], Any] = lambda: None) -> None:
    """Do `work` in another process and kill it the moment it calls `target`, before that does anything.

    Arguments:
        target: the dotted name of a function, where it is used.
        before: what to change in that process first, for controls.
    """
    arrived = _fork.Event()

    def run() -> None:
        before()

        def stop(*_arguments: Any, **_named: Any) -> None:
            arrived.set()
            time.sleep(WAIT)

        with mock.patch(target, stop):
            work()
        os._exit(0)

    # Each process has connections of its own: none may be shared over the fork.
    connections.close_all()
    process = _fork.Process(target=run, daemon=True)
    process.start()
    try:
        assert arrived.wait(WAIT), f"it never came to {target}"
    finally:
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join(WAIT)
    assert process.exitcode == -signal.SIGKILL
