"""Marking in a name what was searched for."""

from collections.abc import Collection
from functools import lru_cache
from html import escape

from django.utils.safestring import SafeString, mark_safe

from search.analysis import Analyser

_Spot = tuple[int, int, frozenset[str]]


def highlighted(text: str, words: Collection[str], analyser: Analyser) -> SafeString | str:
    """`text`, escaped, with the words that answer the search in <mark>; the text itself where there are none.

    Arguments:
        words: surfaces and stems of what was searched, as the analyser reads them.
    """
    if not words:
        return text
    pieces: list[str] = []
    at = 0
    for start, end, forms in _spots(analyser, text):
        if start < at or forms.isdisjoint(words):
            continue
        pieces += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
        at = end
    if not pieces:
        return text
    return mark_safe("".join([*pieces, escape(text[at:])]))  # noqa: S308  every piece of the text is escaped


@lru_cache(maxsize=16_384)
def _spots(analyser: Analyser, text: str) -> tuple[_Spot, ...]:
    """Where the words of a name stand and what finds them; the same names are shown again and again."""
    return tuple(
        (token.start, token.end, frozenset((token.surface, token.stem, token.simple)))
        for token in analyser.tokens(text)
    )
