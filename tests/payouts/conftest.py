"""Fixtures of payouts."""

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def in_indonesian():
    """A request leaves its language behind in the thread; the next test must not take it on."""
    with translation.override("id"):
        yield
