"""What may have been meant: words that nobody here sells by, read as joined, said backwards or misspelt."""

from collections.abc import Iterator
from itertools import islice, product

from search import vocabulary
from search.analysis import AnalysedQuery, Term
from search.spelling import SHORTEST, corrections, halves, said_backwards

# So many readings of the whole text are tried, the likeliest first.
MOST_TRIED = 5
# And of one word so many.
MOST_OF_A_WORD = 3


def unknown_words(analysed: AnalysedQuery) -> frozenset[str]:
    """Words that no product is named with and that have no synonym: misspelt, unfinished, or not sold here."""
    lone = {
        term.original[0] for term in analysed.terms if len(term.original) == 1 and not term.synonyms and not term.simple
    }
    words = {word for word in lone if word.isalpha() and len(word) >= SHORTEST - 1}
    return frozenset(words - vocabulary.known_words(words)) if words else frozenset()


def corrected_texts(text: str, analysed: AnalysedQuery, unknown: frozenset[str]) -> Iterator[str]:
    """The typed text with each unknown word read as what may have been meant, the likeliest first.

    Nothing if for none of them anything comes near; a word for which nothing does stays as it is.
    """
    places: list[tuple[Term, list[str]]] = []
    for term in analysed.terms:
        if len(term.original) == 1 and term.original[0] in unknown:
            meant = list(islice(_meant(term.original[0]), MOST_OF_A_WORD))
            if meant:
                places.append((term, meant))
    if not places:
        return
    for chosen in islice(product(*(meant for _term, meant in places)), MOST_TRIED):
        parts, at = [], 0
        for (term, _meant_by_it), word in zip(places, chosen, strict=True):
            parts += [text[at : term.start], word]
            at = term.end
        yield "".join([*parts, text[at:]])


def _meant(word: str) -> Iterator[str]:
    backwards = said_backwards(word)
    if len(word) >= SHORTEST and backwards != word and vocabulary.known_words([backwards]):
        yield spoken(backwards)
    pairs = halves(word)
    known = vocabulary.known_words({half for pair in pairs for half in pair}) if pairs else frozenset()
    for first, second in pairs:
        if first in known and second in known:
            yield f"{first} {second}"
    for better in corrections(word, vocabulary.similar_words(word)):
        yield spoken(better)


def spoken(word: str) -> str:
    """A word of the index as people write it: `oleholeh` → `oleh-oleh`."""
    half = len(word) // 2
    return f"{word[:half]}-{word[half:]}" if half > 1 and word[:half] == word[half:] else word
