"""Marking in a name what was searched for."""

from collections.abc import Collection

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from search.analysis import Analyser


def highlighted(text: str, words: Collection[str], analyser: Analyser) -> SafeString | str:
    """`text`, escaped, with the words that answer the search in <mark>; the text itself where there are none.

    Arguments:
        words: surfaces and stems of what was searched, as the analyser reads them.
    """
    pieces: list[str] = []
    at = 0
    for token in analyser.tokens(text):
        if token.start < at or not words or not ({token.surface, token.stem, token.simple} & set(words)):
            continue
        pieces += [text[at : token.start], format_html("<mark>{}</mark>", text[token.start : token.end])]
        at = token.end
    if not pieces:
        return text
    # Plain pieces are escaped here, marked ones were.
    return format_html_join("", "{}", ((piece,) for piece in [*pieces, text[at:]]))
