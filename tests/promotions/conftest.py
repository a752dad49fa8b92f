"""The shops and the basket of the checkout's tests."""

import pytest
from django.utils import translation

from tests.checkout.conftest import basket, shops, variants  # noqa: F401  fixtures


@pytest.fixture(autouse=True)
def in_indonesian():
    """A request leaves its language behind in the thread; addresses of the next test must not take it on."""
    with translation.override("id"):
        yield
