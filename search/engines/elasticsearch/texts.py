"""An analysed query as a query of the cluster. The weights are those of `search/engines/base.py`, for both engines."""

from elasticsearch_dsl import Q, Query

from search.analysis import AnalysedQuery, Phrase, Term
from search.engines.base import CATEGORY_BOOST, Request

SURFACE, STEM, LABEL, BODY = "title.surface^4", "title.stem^8", "label^2", "body"
# What was typed stands before what merely means the same.
EXACT_BOOST = 1.6
# A word in several fields counts for the best of them, and a little for the others.
TIE = 0.3


def text_query(request: Request) -> Query:
    """Everything that answers the request's words; what has them all as they were typed counts for more."""
    terms = request.analysed.terms
    whole = _joined([_term(term, request.prefixes) for term in terms], least=request.least_terms)
    if request.any_term or request.prefixes or any(term.synonyms for term in terms):
        typed = Q("bool", must=[_literal(term) for term in terms], boost=EXACT_BOOST)
        whole = Q("dis_max", queries=[typed, whole])
    if not request.asked_categories:
        return whole
    # The same once more, for a part: so it comes to CATEGORY_BOOST times as much.
    inside = [Q("terms", category_path=sorted(request.asked_categories))]
    again = Q("bool", must=[whole], filter=inside, boost=CATEGORY_BOOST - 1)
    return Q("bool", must=[whole], should=[again])


def completion_query(analysed: AnalysedQuery) -> Query:
    """What goes on as typed: the last word is unfinished, those before it are not."""
    *firm, last = analysed.terms
    parts = [_term(term, frozenset()) for term in firm]
    if len(last.original) > 1:
        parts.append(_phrase(last.original[:-1]))
    typed = last.original[-1]
    begins = Q(
        "multi_match",
        query=typed,
        type="bool_prefix",
        fields=["title.ac^4", "title.ac._2gram^4"],
    )
    # A whole word stands before the mere beginning of another.
    ends = [begins, _word(typed, typed), Q("prefix", label={"value": typed, "boost": 2.0})]
    parts.append(Q("dis_max", queries=[*ends, *(_phrase(phrase) for phrase in last.synonyms)]))
    return Q("bool", must=parts)


def _joined(parts: list[Query], *, least: int) -> Query:
    return Q("bool", should=parts, minimum_should_match=least) if least < len(parts) else Q("bool", must=parts)


def _term(term: Term, prefixes: frozenset[str]) -> Query:
    others = [_phrase(phrase) for phrase in term.synonyms]
    if len(term.original) == 1 and term.original[0] in prefixes:
        others.append(_beginning(term.original[0]))
    literal = _literal(term)
    return Q("dis_max", queries=[literal, *others]) if others else literal


def _literal(term: Term) -> Query:
    """The words as they were typed, each by itself or by its stem; a doubled one also by the simple word."""
    if len(term.original) == 1 and term.simple:
        doubled = term.original[0]
        return Q("dis_max", queries=[_word(doubled, doubled), _word(term.simple, term.simple)])
    stems = term.stems if len(term.stems) == len(term.original) else term.original
    words = [_word(word, stem) for word, stem in zip(term.original, stems, strict=True)]
    return words[0] if len(words) == 1 else Q("bool", must=words)


def _word(word: str, stem: str) -> Query:
    if word == stem:
        return _in_fields(word, [STEM, SURFACE, LABEL, BODY])
    return Q(
        "dis_max",
        tie_breaker=TIE,
        queries=[_in_fields(word, [SURFACE, LABEL, BODY]), _in_fields(stem, [STEM, LABEL, BODY])],
    )


def _in_fields(word: str, fields: list[str]) -> Query:
    """One word in any of the fields, weighed as rare as it is in all of them together."""
    return Q("multi_match", query=word, type="cross_fields", operator="and", tie_breaker=TIE, fields=fields)


def _phrase(words: Phrase) -> Query:
    if len(words) == 1:
        return _in_fields(words[0], [STEM, SURFACE, LABEL, BODY])
    return Q("multi_match", query=" ".join(words), type="phrase", tie_breaker=TIE, fields=[SURFACE, LABEL, BODY])


def _beginning(word: str) -> Query:
    return Q(
        "dis_max",
        queries=[
            Q("prefix", **{"title.surface": {"value": word, "boost": 4.0}}),
            Q("prefix", label={"value": word, "boost": 2.0}),
            Q("prefix", body={"value": word}),
        ],
    )
