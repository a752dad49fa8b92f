"""The words that products are named with: what misspelt words may have meant. Kept by the built-in index."""

import threading
import time
from collections.abc import Iterable

from django.db import connection

from search.models import VocabularyWord
from search.spelling import DeletesIndex

# A word that came into use a minute ago may be missed by the spelling correction, by nothing else.
_INDEX_AGE = 60.0


class _Memory:
    """What this process keeps: when it was read, from which database, the words."""

    lock = threading.Lock()
    kept: tuple[float, str, DeletesIndex] | None = None


def known_words(words: Iterable[str]) -> frozenset[str]:
    """Those of `words` that some product is named with."""
    return frozenset(VocabularyWord.objects.filter(word__in=set(words), documents__gt=0).values_list("word", flat=True))


def begins_a_word(beginning: str) -> bool:
    """Whether some word in use begins like this."""
    return VocabularyWord.objects.filter(word__startswith=beginning, documents__gt=0).exists()


def similar_words(word: str, *, limit: int = 20) -> list[tuple[str, int]]:
    """Words in use that look like `word`, each with the number of its products, in no particular order."""
    if connection.vendor == "postgresql":
        return _by_trigrams(word, limit)
    # SQLite has no trigrams worth the name: from an index in memory.
    return _index().lookup(word)[:limit]


def _by_trigrams(word: str, limit: int) -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        # Two swapped letters leave a short word with few trigrams in common.
        cursor.execute("SELECT set_limit(0.2)")
        cursor.execute(
            "SELECT word, documents FROM search_word WHERE word %% %s AND documents > 0"
            " ORDER BY similarity(word, %s) DESC, documents DESC LIMIT %s",
            [word, word, limit],
        )
        return list(cursor.fetchall())


def _index() -> DeletesIndex:
    where = str(connection.settings_dict["NAME"])
    with _Memory.lock:
        kept = _Memory.kept
        if kept is None or kept[1] != where or time.monotonic() - kept[0] > _INDEX_AGE:
            words = VocabularyWord.objects.filter(documents__gt=0).values_list("word", "documents")
            kept = (time.monotonic(), where, DeletesIndex(dict(words)))
            _Memory.kept = kept
        return kept[2]


def forget_words() -> None:
    """Read the words in use again at the next question; for tests and after a rebuild."""
    _Memory.kept = None
