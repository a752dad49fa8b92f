"""Fixtures of the owner's pages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

OF_THE_FRAME = ("core_pageversion", '"cms_')


@pytest.fixture(autouse=True)
def in_indonesian():
    """A request leaves its language behind in the thread; addresses of the next test must not take it on."""
    with translation.override("id"):
        yield


@pytest.fixture
def count_queries():
    """`count_queries(client, url)`: how many questions a page asks, without those of the site's frame.

    The frame (editors' settings, version of the page cache) is the same on every page and is counted where it is made.
    """

    def count(client, url: str) -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            response = client.get(url)
        assert response.status_code == 200
        return len([each for each in captured if not any(table in each["sql"] for table in OF_THE_FRAME)])

    return count
