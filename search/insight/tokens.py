"""What a page of results showed, signed into the page, so that its browser can tell what came of it.

A page may come from a cache: the token is the same for all who get that page and names nobody. It changes once a day
only, so that a page that is rendered anew keeps its ETag.
"""

from dataclasses import dataclass

from django.core.signing import BadSignature, Signer
from django.utils import timezone

from search.queries import RELEVANCE, SearchQuery
from search.services import SearchResult

SALT = "search.insight"
# Today's and yesterday's: a page that is open over midnight still counts.
DAYS_VALID = 1


class TooOld(Exception):
    """The page was made too long ago."""


@dataclass(frozen=True)
class Shown:
    """One page of results, as it was shown.

    Arguments:
        text: what was typed.
        results: the number of products on all pages.
        page: the number of the page.
        is_loosened: another spelling, or only some of the words, was searched instead.
        is_narrowed: the visitor's filters or order decided what stands where.
    """

    text: str
    results: int
    page: int = 1
    is_loosened: bool = False
    is_narrowed: bool = False


def shown_of(query: SearchQuery, result: SearchResult) -> Shown:
    """What the page of a result shows."""
    return Shown(
        text=query.text,
        results=result.total,
        page=query.page,
        is_loosened=bool(result.corrected or result.is_partial),
        is_narrowed=query.has_filters or query.sort != RELEVANCE,
    )


def sign(shown: Shown) -> str:
    """The token of a page."""
    flags = shown.is_loosened + 2 * shown.is_narrowed
    return Signer(salt=SALT).sign_object([shown.text, shown.results, shown.page, flags, _today()])


def read(token: str) -> Shown:
    """What the page of this token showed. Raises BadSignature for a token that is not ours, TooOld for an old one."""
    found = Signer(salt=SALT).unsign_object(token)
    try:
        text, results, page, flags, day = found
    except (TypeError, ValueError) as wrong:
        raise BadSignature("no page of results") from wrong
    if not 0 <= _today() - day <= DAYS_VALID:
        raise TooOld
    return Shown(text, results, page, is_loosened=bool(flags & 1), is_narrowed=bool(flags & 2))


def _today() -> int:
    return timezone.localdate().toordinal()
