import pytest

from search.engines.database.sqlite import SQLiteEngine


@pytest.fixture(autouse=True)
def _fresh_words():
    """The words in use are remembered for a minute; tests are faster than that."""
    SQLiteEngine.forget_words()
