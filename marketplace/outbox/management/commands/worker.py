"""manage.py worker: the outbox, the periodic jobs and the task queue, in one process."""

import logging
import os
import signal
import threading
import time
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, task_backends
from django_tasks_db.backend import DatabaseBackend
from django_tasks_db.management.commands.db_worker import Worker

from marketplace.outbox.services import process_due, run_periodic_jobs

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Does what waits: outbox messages, periodic jobs and background tasks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do everything that is due, then stop")
        parser.add_argument("--interval", type=float, default=0.5, help="seconds to sleep when nothing is due")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            run_periodic_jobs()
            while process_due():
                pass
            return
        self.stop = threading.Event()
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, self._on_signal)
        if isinstance(task_backends[DEFAULT_TASK_BACKEND_ALIAS], DatabaseBackend):
            threading.Thread(target=self._run_tasks, daemon=True).start()
        self.stdout.write("worker: ready")
        last_periodic = 0.0
        while not self.stop.is_set():
            close_old_connections()
            if time.monotonic() - last_periodic > 5:
                run_periodic_jobs()
                last_periodic = time.monotonic()
            if not process_due():
                self.stop.wait(options["interval"])

    def _on_signal(self, signum: int, frame: FrameType | None) -> None:
        self.stop.set()

    def _run_tasks(self) -> None:
        """Wagtail's own background tasks (search promotions, reference index) run beside the outbox."""
        while not self.stop.is_set():
            try:
                # The library's command installs signal handlers, which only a main thread may do: use its worker.
                Worker(
                    queue_names=["*"],
                    interval=1,
                    batch=True,
                    backend_name=DEFAULT_TASK_BACKEND_ALIAS,
                    startup_delay=False,
                    max_tasks=None,
                    worker_id=f"lapak-{os.getpid()}",
                    excluded_queue_names=[],
                ).run()
            except Exception:  # a broken task must not end the outbox; it is logged and the queue tried again
                logger.exception("the task queue stopped; it is tried again")
            self.stop.wait(2)
