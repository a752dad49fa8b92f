"""Asking an engine as often as it takes: as typed, then as it may have been meant, then for a part of it."""

import re
from dataclasses import dataclass, field, replace
from itertools import islice, product

from marketplace.core import pagecache
from search import vocabulary
from search.analysis import AnalysedQuery, Analyser
from search.correcting import corrected_texts, unknown_words
from search.engines.base import Answer, Engine, Request
from search.engines.browsing import browsed_facets, scope_name
from search.places import category_tree
from search.relaxing import Relaxation, other_readings, relaxations
from search.spelling import SHORTEST

# With fewer hits than this the spelling is looked at.
FEW = 3
# Of a list without words or filters, so many pages are kept.
KEPT_PAGES = 10
# A query is compared with the names of categories in so many ways.
MOST_NAMES = 24
_PARTS = re.compile(r"\s*(?:&|,|/| dan | and )\s*")


@dataclass
class Found:
    """What an engine was asked in the end, and what it said."""

    request: Request
    answer: Answer
    corrected: str = ""
    nearest_words: list[str] = field(default_factory=list)
    relaxed: list[Relaxation] = field(default_factory=list)


def find(answering: Engine, request: Request, analyser: Analyser) -> Found:
    """What the engine answers, with the readings and the ways on that the answer calls for.

    With few hits, words that no product is named with are read as beginnings, then as what may have been meant; with
    none at all, products that have some of the words are found instead.
    """
    request = replace(request, asked_categories=_asked_categories(request.analysed, analyser))
    answer, last, corrected = _ask(answering, request, analyser)
    found = Found(last, answer, corrected)
    if not answer.total and (request.analysed or request.query.has_filters):
        found.nearest_words = other_readings(request, analyser, answering)
        found.relaxed = relaxations(request, analyser, answering)
    return found


def _ask(answering: Engine, request: Request, analyser: Analyser) -> tuple[Answer, Request, str]:
    answer = _answer(answering, request)
    query, corrected = request.query, ""
    if answer.total >= FEW or not request.analysed or query.literal or (query.page > 1 and answer.total):
        return answer, request, corrected
    unknown = unknown_words(request.analysed)
    if unknown:
        beginnings = frozenset(word for word in unknown if len(word) >= SHORTEST - 1 and vocabulary.begins_a_word(word))
        if beginnings:
            request, answer = _better(answering, replace(request, prefixes=beginnings), request, answer)
        if answer.total < FEW and unknown - beginnings:
            for text in corrected_texts(query.text, request.analysed, unknown - beginnings):
                meant = analyser.query(text)
                other = replace(request, analysed=meant, asked_categories=_asked_categories(meant, analyser))
                chosen, answer = _better(answering, other, request, answer)
                if chosen is other:
                    request, corrected = chosen, text
                    break
    telling = tuple(term for term in request.analysed.terms if not "".join(term.original).isdigit())
    if not answer.total and telling and len(request.analysed.terms) > 1 and not query.has_filters:
        # A number alone says nothing: "iphone 15" is not asked with fifteen of something else.
        some = replace(request, analysed=replace(request.analysed, terms=telling), any_term=True)
        request, answer = _better(answering, some, request, answer)
    return answer, request, corrected


def _better(answering: Engine, tried: Request, known: Request, answer: Answer) -> tuple[Request, Answer]:
    second = answering.search(tried)
    return (tried, second) if second.total > answer.total else (known, answer)


def _answer(answering: Engine, request: Request) -> Answer:
    """Browsing without words or filters asks the same again and again: the answer is kept while the catalogue stands.

    What is kept is which products stand where and the facets; the cards themselves are read anew every time.
    """
    query = request.query
    if query.text or query.has_filters or query.near or query.page > KEPT_PAGES:
        return answering.search(request)
    page = pagecache.remember(
        f"browse:{answering.name}:{scope_name(query)}:{query.sort}:{query.page_size}:{query.page}",
        pagecache.CATALOGUE,
        lambda: answering.search(replace(request, with_facets=False)),
    )
    return replace(page, facets=browsed_facets(answering, request)) if request.with_facets else page


def _asked_categories(analysed: AnalysedQuery, analyser: Analyser) -> frozenset[str]:
    """The categories that are called what was typed, in either language, or a word that means the same."""
    if not analysed:
        return frozenset()
    names = pagecache.remember("category-names", pagecache.LEXICON, lambda: _category_names(analyser), seconds=300)
    asked = [
        {" ".join(term.stems), *(" ".join(map(analyser.stem, phrase)) for phrase in term.synonyms)}
        for term in analysed.terms
    ]
    found: set[str] = set()
    for words in islice(product(*asked), MOST_NAMES):
        found.update(names.get(" ".join(words), ()))
    return frozenset(found)


def _category_names(analyser: Analyser) -> dict[str, list[str]]:
    """The paths of categories by the stems of their names: of each part of "Tas & dompet", too."""
    found: dict[str, list[str]] = {}
    for node in category_tree():
        names = {part for name in (node.name, node.name_en) for part in (name, *_PARTS.split(name))}
        for name in names:
            stems = " ".join(token.stem for token in analyser.tokens(name))
            if stems:
                found.setdefault(stems, []).append(node.path)
    return found
