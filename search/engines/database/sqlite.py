"""FTS5, written directly: every token quoted, so that no character has a meaning of its own."""

from collections.abc import Iterable
from string import Template

from django.db import connection

from search.analysis import AnalysedQuery, Phrase, Term
from search.engines.base import Request
from search.engines.database.engine import EXACT_BOOST, DatabaseEngine
from search.engines.database.statement import Sql

# Weights of surface, stem, label and body.
RANK = "bm25(search_document_fts, 4.0, 8.0, 2.0, 1.0)"
_ROWS = "SELECT rowid FROM search_document_fts WHERE search_document_fts MATCH %s"
_MATCHES = Template(
    "SELECT rowid AS product_id, $score AS score FROM search_document_fts WHERE search_document_fts MATCH %s"
)
# Whoever has more of the words stands first.
_SOME = Template(
    "SELECT product_id, rank_all * matched * matched AS score FROM (SELECT rowid AS product_id, -$rank AS rank_all,"
    " $matched AS matched FROM search_document_fts WHERE search_document_fts MATCH %s) AS partly WHERE matched >= %s"
)
_STEM_COLUMNS = "{stem label body}"


class SQLiteEngine(DatabaseEngine):
    """The engine on SQLite."""

    def expression(self, request: Request) -> str:
        """The FTS5 query with everything that may answer the request."""
        joiner = " OR " if request.any_term else " AND "
        return joiner.join(_term(term, request.prefixes) for term in request.analysed.terms)

    def matches(self, request: Request) -> Sql:
        """See DatabaseEngine.matches()."""
        expression = self.expression(request)
        if request.any_term:
            terms = [_term(term, request.prefixes) for term in request.analysed.terms]
            matched = " + ".join([f"(rowid IN ({_ROWS}))"] * len(terms))
            return _SOME.substitute(rank=RANK, matched=matched), [*terms, expression, request.least_terms]
        literal = " AND ".join(_literal(term) for term in request.analysed.terms)
        if literal == expression:
            return _MATCHES.substitute(score=f"-{RANK}"), [expression]
        score = f"-{RANK} * (CASE WHEN rowid IN ({_ROWS}) THEN {EXACT_BOOST} ELSE 1.0 END)"
        return _MATCHES.substitute(score=score), [literal, expression]

    def complete(self, analysed: AnalysedQuery, *, limit: int) -> list[int]:
        """See Engine.complete()."""
        if not analysed:
            return []
        *firm, last = analysed.terms
        ends = [f"{_quoted(last.original[-1:])} *", *(_quoted(phrase) for phrase in last.synonyms)]
        parts = [_term(term, frozenset()) for term in firm]
        if len(last.original) > 1:
            parts.append(_quoted(last.original[:-1]))
        parts.append(f"({' OR '.join(ends)})")
        with connection.cursor() as cursor:
            cursor.execute(
                f"{_ROWS} ORDER BY rank LIMIT %s",
                [f"{{surface stem label}} : ({' AND '.join(parts)})", limit],
            )
            return [row[0] for row in cursor.fetchall()]

    def optimise(self) -> None:
        """See Engine.optimise()."""
        super().optimise()
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO search_document_fts(search_document_fts) VALUES ('optimize')")
            cursor.execute("ANALYZE")


def _quoted(words: Iterable[str]) -> str:
    phrase = " ".join(words).replace('"', '""')
    return f'"{phrase}"'


def _word(word: str, stem: str) -> str:
    exact = _quoted([word])
    return exact if stem == word else f"({exact} OR {_STEM_COLUMNS} : {_quoted([stem])})"


def _literal(term: Term) -> str:
    if len(term.original) == 1 and term.simple:
        return f"({_quoted(term.original)} OR {_quoted([term.simple])})"
    return " AND ".join(_word(word, stem) for word, stem in zip(term.original, _stems(term), strict=True))


def _stems(term: Term) -> Phrase:
    return term.stems if len(term.stems) == len(term.original) else term.original


def _term(term: Term, prefixes: frozenset[str]) -> str:
    literal = _literal(term)
    others = [_quoted(phrase) for phrase in term.synonyms]
    if len(term.original) == 1 and term.original[0] in prefixes:
        others.append(f"{_quoted(term.original)} *")
    if not others:
        return literal
    return f"(({literal}) OR {' OR '.join(others)})"
