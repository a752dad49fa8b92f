"""Marking what changed between two texts, for eyes and for screen readers."""

from difflib import SequenceMatcher

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

# Above this the word by word comparison costs more than it tells.
LONGEST_TEXT = 20_000


def _pieces(text: str, by_word: bool) -> list[str]:
    return text.split(" ") if by_word else list(text)


def _marked(before: str, after: str, side: str) -> SafeString:
    """Wagtail's own .addition and .deletion classes on ins and del, so that it is read without colour too."""
    by_word = " " in before or " " in after
    glue = " " if by_word else ""
    old, new = _pieces(before, by_word), _pieces(after, by_word)
    if len(before) + len(after) > LONGEST_TEXT:
        return escape(before if side == "before" else after)
    parts: list[tuple[str]] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        piece = glue.join(old[i1:i2] if side == "before" else new[j1:j2])
        if not piece:
            continue
        if kind == "equal":
            parts.append((escape(piece),))
        elif side == "before":
            parts.append((format_html('<del><span class="deletion">{}</span></del>', piece),))
        else:
            parts.append((format_html('<ins><span class="addition">{}</span></ins>', piece),))
    # A blank or nothing.
    return format_html_join(mark_safe(glue), "{}", parts)  # noqa: S308


def marked_before(before: str, after: str) -> SafeString:
    """`before`, with what is gone from it marked."""
    return _marked(before, after, "before")


def marked_after(before: str, after: str) -> SafeString:
    """`after`, with what is new in it marked."""
    return _marked(before, after, "after")
