"""tsvector, written directly, in the configuration `simple`: the analyser has done the rest."""

from collections.abc import Iterable
from string import Template

from django.db import connection

from search.analysis import AnalysedQuery, Term
from search.engines.base import Request
from search.engines.database.engine import EXACT_BOOST, DatabaseEngine
from search.engines.database.statement import Sql

# Weights of D (body), C (label), B (surface), A (stem); normalised by the logarithm of the length.
_RANK = "ts_rank('{0.1, 0.25, 0.5, 1.0}', document.vector, wanted.query, 1)"
# OFFSET 0 keeps a query from being read anew for every row: a plan that is kept for any words would put the call
# of to_tsquery() wherever its result is used.
_MATCHES = Template(
    "SELECT document.product_id, $score AS score FROM search_document AS document,"
    " (SELECT to_tsquery('simple', %s) AS query, to_tsquery('simple', %s) AS literal OFFSET 0) AS wanted"
    " WHERE document.vector @@ wanted.query"
)
# Whoever has more of the words stands first.
_SOME = Template(
    "SELECT product_id, rank_all * matched * matched AS score FROM (SELECT document.product_id, $rank AS rank_all,"
    " $matched AS matched FROM search_document AS document,"
    " (SELECT to_tsquery('simple', %s) AS query OFFSET 0) AS wanted"
    " WHERE document.vector @@ wanted.query) AS partly WHERE matched >= %s"
)
_COMPLETIONS = Template(
    "SELECT document.product_id FROM search_document AS document,"
    " (SELECT to_tsquery('simple', %s) AS query OFFSET 0) AS wanted"
    " WHERE document.vector @@ wanted.query ORDER BY $rank DESC, document.product_id LIMIT %s"
)
_STEM_WEIGHTS = "ACD"


class PostgreSQLEngine(DatabaseEngine):
    """The engine on PostgreSQL."""

    def expression(self, request: Request) -> str:
        """The tsquery with everything that may answer the request."""
        joiner = " | " if request.any_term else " & "
        return joiner.join(_term(term, request.prefixes) for term in request.analysed.terms)

    def matches(self, request: Request) -> Sql:
        """See DatabaseEngine.matches()."""
        if request.any_term:
            terms = [_term(term, request.prefixes) for term in request.analysed.terms]
            matched = " + ".join(["(document.vector @@ to_tsquery('simple', %s))::int"] * len(terms))
            return _SOME.substitute(rank=_RANK, matched=matched), [
                *terms,
                self.expression(request),
                request.least_terms,
            ]
        literal = " & ".join(_literal(term) for term in request.analysed.terms)
        score = f"{_RANK} * (CASE WHEN document.vector @@ wanted.literal THEN {EXACT_BOOST} ELSE 1.0 END)"
        return _MATCHES.substitute(score=score), [self.expression(request), literal]

    def complete(self, analysed: AnalysedQuery, *, limit: int) -> list[int]:
        """See Engine.complete()."""
        if not analysed:
            return []
        *firm, last = analysed.terms
        ends = [f"{_quoted(last.original[-1])}:*ABC", *(_phrase(phrase) for phrase in last.synonyms)]
        parts = [_term(term, frozenset()) for term in firm]
        if len(last.original) > 1:
            parts.append(_phrase(last.original[:-1]))
        parts.append(f"({' | '.join(ends)})")
        with connection.cursor() as cursor:
            cursor.execute(_COMPLETIONS.substitute(rank=_RANK), [" & ".join(parts), limit])
            return [row[0] for row in cursor.fetchall()]

    def optimise(self) -> None:
        """See Engine.optimise()."""
        super().optimise()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE search_document")
            cursor.execute("ANALYZE search_word")


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _phrase(words: Iterable[str]) -> str:
    return f"({' <-> '.join(_quoted(word) for word in words)})"


def _word(word: str, stem: str) -> str:
    return _quoted(word) if stem == word else f"({_quoted(word)} | {_quoted(stem)}:{_STEM_WEIGHTS})"


def _literal(term: Term) -> str:
    if len(term.original) == 1 and term.simple:
        return f"({_quoted(term.original[0])} | {_quoted(term.simple)})"
    stems = term.stems if len(term.stems) == len(term.original) else term.original
    return f"({' & '.join(_word(word, stem) for word, stem in zip(term.original, stems, strict=True))})"


def _term(term: Term, prefixes: frozenset[str]) -> str:
    others = [_phrase(phrase) for phrase in term.synonyms]
    if len(term.original) == 1 and term.original[0] in prefixes:
        others.append(f"{_quoted(term.original[0])}:*")
    return f"({' | '.join([_literal(term), *others])})"
