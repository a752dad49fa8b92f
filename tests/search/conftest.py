import pytest

from search import vocabulary


@pytest.fixture(autouse=True)
def _fresh_words():
    """The words in use are remembered for a minute; tests are faster than that."""
    vocabulary.forget_words()
