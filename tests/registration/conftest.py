"""Counting what the registration itself asks the database; the page's frame has its own tests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

OWN_TABLES = ("registration_", "reference_", "accounts_agency", "vendors_")


@pytest.fixture
def assert_own_queries() -> Callable:
    """A context manager that fails unless exactly so many queries touch this slice's tables."""

    @contextmanager
    def assert_count(expected: int) -> Iterator[None]:
        with CaptureQueriesContext(connection) as captured:
            yield
        own = [query["sql"] for query in captured if any(table in query["sql"] for table in OWN_TABLES)]
        assert len(own) == expected, "\n".join([f"{len(own)} queries, not {expected}:", *own])

    return assert_count
