"""What gunicorn's configuration promises: a worker's calls have one piece of memory."""

import resource
import runpy
import sys
from types import SimpleNamespace

from django.conf import settings

CALLS = 300
# A piece of 16 KiB holds about 200 calls of this kind: one of these depths stands at its edge.
DEPTHS = range(400)


def callee() -> None:
    pass


def called_in_a_loop(depth: int) -> None:
    if depth:
        called_in_a_loop(depth - 1)
        return
    for _turn in range(CALLS):
        callee()


def most_mapped() -> int:
    """How often memory was mapped anew in the loop, at the depth where that happened most."""
    most = 0
    for depth in DEPTHS:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        called_in_a_loop(depth)
        most = max(most, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
    return most


def test_a_loop_of_calls_maps_no_memory_at_any_depth():
    found = []
    worker = SimpleNamespace(run=lambda: found.append(most_mapped()))

    runpy.run_path(str(settings.BASE_DIR / "tools/deploy/gunicorn.py"))["post_worker_init"](worker)
    worker.run()

    # Called without it, Python 3.11 and 3.12 map memory with each call of the loop at one depth.
    assert most_mapped() >= CALLS or sys.version_info >= (3, 13)
    assert found[0] < CALLS / 2
