"""What becomes of a word and what it finds, for the people who keep the lists: the screen behind "Try it"."""

from dataclasses import dataclass, field
from math import ceil

from marketplace.outbox.models import OutboxMessage
from search.explain import Step, explain_word
from search.models import REBUILD_TOPIC, PinnedResult, SearchDocument, SynonymGroup
from search.pins import same_search
from search.queries import SearchQuery, clean_text
from search.services import SearchResult, search_products

FIRST_HITS = 6
# A third of what a small machine does: it is told in whole minutes.
PRODUCTS_PER_MINUTE = 30_000


@dataclass(frozen=True)
class Trial:
    """A text as buyers would type it.

    Arguments:
        steps: what the analyser makes of it; none where there is no word in it.
        result: what is found now, its first few products.
        pin: what is pinned for it, in force or not.
        group: the synonyms that are kept under exactly this word.
    """

    text: str
    steps: list[Step] = field(default_factory=list)
    result: SearchResult | None = None
    pin: PinnedResult | None = None
    group: SynonymGroup | None = None


def try_text(text: str) -> Trial:
    """Show what the search does with a text, from the lists as they are now."""
    text = clean_text(text)
    steps = explain_word(text)
    if not steps:
        return Trial(text)
    return Trial(
        text,
        steps,
        search_products(SearchQuery(text=text, page_size=FIRST_HITS), with_facets=False),
        same_search(text),
        group_of(text),
    )


def group_of(word: str) -> SynonymGroup | None:
    """The synonyms that are kept under this word, everyday words before slang."""
    return SynonymGroup.objects.filter(canonical__iexact=word).order_by("kind").first()


@dataclass(frozen=True)
class Reading:
    """Whether the products have been read with the words as they are now."""

    products: int
    is_waiting: bool

    @property
    def minutes(self) -> int:
        """How long it takes to read them all, at most about so many minutes."""
        return max(ceil(self.products / PRODUCTS_PER_MINUTE), 1)


def reading_of_products() -> Reading:
    """Whether the worker still has to read the products anew after a change of words."""
    State = OutboxMessage.State  # noqa: N806
    waiting = OutboxMessage.objects.filter(topic=REBUILD_TOPIC, state__in=(State.PENDING, State.PROCESSING))
    return Reading(SearchDocument.objects.count(), waiting.exists())
