import pytest

from search.engines import breaker
from tests.search_node import cluster


@pytest.fixture(params=["database", pytest.param("elasticsearch", marks=pytest.mark.search_node)])
def engine_name(request):
    """Each engine in turn, as the site's: what the test puts on sale is in its index, what it searches asks it."""
    if request.param == "elasticsearch":
        request.getfixturevalue("cluster")
    yield request.param
    # The built-in engine must not have answered in its place.
    assert not breaker.fallbacks()


__all__ = ["cluster", "engine_name"]
