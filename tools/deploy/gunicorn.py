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


def when_ready(server: Any) -> None:
    """What is loaded before the workers start stays in memory that they share.

    The garbage collector would write into each of these objects, so that each worker got a copy of them.
    """
    gc.collect()
    gc.freeze()
