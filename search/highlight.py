"""Marking in a name what was searched for."""

from collections.abc import Collection

from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from search.analysis import Analyser


def highlighted(text: str, words: Collection[str], analyser: Analyser) -> SafeString | str:
    """`text`, escaped, with the words that answer the search in <mark>; the text itself where there are none.

    Arguments:
        words: surfaces and stems of what was searched, as the analyser reads them.
    """
    pieces: list[tuple[str, str, str]] = []
    at = 0
    for token in analyser.tokens(text):
        if token.start < at or not words or not ({token.surface, token.stem, token.simple} & set(words)):
            continue
        pieces += [("", text[at : token.start], ""), ("mark", text[token.start : token.end], "")]
        at = token.end
    if not at:
        return text
    pieces.append(("", text[at:], ""))
    # Each piece is escaped on its own; joining them gives a plain string again.
    return mark_safe(
        "".join(format_html_join("", "<mark>{}</mark>" if tag else "{}", [(part,)]) for tag, part, _rest in pieces)
    )
