"""gunicorn's configuration in production; numbers by environment."""

import gc
import os
from typing import Any

bind = "0.0.0.0:8000"
workers = int(os.environ.get("WEB_WORKERS", "2"))
# nginx takes slow phones off the workers, so plain ones are enough and the fastest.
worker_class = "sync"
worker_tmp_dir = "/dev/shm"
preload_app = True
timeout = 30
graceful_timeout = 30
keepalive = 5
# A worker is replaced now and then, not all at once, so that nothing grows for ever.
max_requests = 10_000
max_requests_jitter = 2_000
accesslog = None
forwarded_allow_ips = "*"

# Places on the stack of the worker's outermost call, 8 bytes each: room for all calls within it.
STACK = 64 * 1024


def when_ready(server: Any) -> None:
    """What is loaded before the workers start stays in memory that they share.

    The garbage collector would write into each of these objects, so that each worker got a copy of them.
    """
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """Let the worker's calls stand in one piece of memory.

    CPython before the 2026 releases of 3.13 and 3.14 gives calls their room in pieces of 16 KiB, and gives a piece back
    as soon as it is empty: a loop that happens to call across the edge of a piece maps and unmaps memory each time.
    A first call that needs much room gets one large piece, in which the calls within it find theirs.
    """

    def run() -> None:
        worker_run()

    worker_run = worker.run
    run.__code__ = run.__code__.replace(co_stacksize=STACK)
    worker.run = run
