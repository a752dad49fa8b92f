"""The one analyser for every engine: index text and query text go through the same steps.

1. NFKC, casefold, fold diacritics. 2. Informal spelling to the common one (kripik → keripik). 3. Reduplication
(oleh-oleh, oleh oleh, oleh2) to one token. 4. Snowball's Indonesian stem behind a list of words that it would spoil.
5. A short stop list and 6. synonyms, both on the query side only.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import snowballstemmer

MAX_QUERY_CHARACTERS = 200
MAX_QUERY_WORDS = 12
LONGEST_PHRASE = 3
# What many people ask is read once.
MOST_QUERIES_KEPT = 5_000
# Shorter words have no affixes worth cutting, and Snowball cuts them all the same.
SHORTEST_TO_STEM = 5

Phrase = tuple[str, ...]

_WORD = re.compile(r"[^\W_]+(?:[-'’`][^\W_]+)*")
_INNER_MARK = re.compile(r"[-'’`]")
# oleh2, anak2nya, macam2an
_DIGIT_DOUBLING = re.compile(r"^([^\W\d_]{2,})2(?:nya|an|x)?$")
_SUFFIXES = ("nya", "an", "kan", "i")
_PARTICLES = ("nya", "ku", "mu", "lah", "kah", "pun")


@dataclass(frozen=True)
class Lexicon:
    """The lists that people keep: what is spelled alike, what means the same, what must not be cut or counted."""

    spellings: Mapping[Phrase, Phrase] = field(default_factory=dict)
    synonyms: Mapping[Phrase, tuple[Phrase, ...]] = field(default_factory=dict)
    protected: frozenset[str] = frozenset()
    # Doubled words with a meaning of their own: kupu-kupu is no "kupu".
    doubled: frozenset[str] = frozenset()
    stop_words: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Token:
    """One word of a text: how it is looked up, its stem, the simple word of a doubled one, where it stands."""

    surface: str
    stem: str
    simple: str = ""
    start: int = 0
    end: int = 0

    @property
    def forms(self) -> tuple[str, ...]:
        """The surface and the simple word, where there is one."""
        return (self.surface, self.simple) if self.simple else (self.surface,)


@dataclass(frozen=True)
class Term:
    """One thing that a query asks for: what was typed and everything that answers it.

    Arguments:
        original: the phrase as the analyser reads it.
        stems: the stems that answer it in the fields that hold stems.
        synonyms: other phrases that mean the same.
        start, end: where it stands in the query.
    """

    original: Phrase
    simple: str = ""
    stems: Phrase = ()
    synonyms: tuple[Phrase, ...] = ()
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class AnalysedQuery:
    """A query, ready for any engine. All terms must match, each by any of its forms."""

    text: str
    terms: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)


def fold(text: str) -> str:
    """Compatibility forms, case and diacritics folded: `Ｋéripik` → `keripik`."""
    composed = unicodedata.normalize("NFKC", text).casefold()
    decomposed = unicodedata.normalize("NFD", composed)
    return unicodedata.normalize("NFC", "".join(mark for mark in decomposed if unicodedata.category(mark) != "Mn"))


@dataclass(frozen=True)
class _Word:
    text: str
    start: int
    end: int
    doubled: bool = False


def _words(text: str) -> Iterator[_Word]:
    """The folded words of `text` with their places in it; hyphenated pairs are either doubled or two words."""
    for match in _WORD.finditer(text):
        start, end = match.span()
        folded = fold(match.group())
        digit = _DIGIT_DOUBLING.match(folded)
        if digit:
            yield _Word(digit.group(1), start, end, doubled=True)
            continue
        parts = [part for part in _INNER_MARK.split(folded) if part]
        if len(parts) == 2 and _is_doubling(*parts):
            yield _Word(parts[0], start, end, doubled=True)
            continue
        for part in parts:
            # NFKC may bring marks into a word (½ → 1⁄2): only letters and digits reach an engine.
            for piece in re.findall(r"[^\W_]+", part):
                yield _Word(piece, start, end)


def _is_doubling(first: str, second: str) -> bool:
    return first.isalpha() and (first == second or (second.startswith(first) and second[len(first) :] in _SUFFIXES))


class Analyser:
    """Turns text into tokens by a lexicon. Immutable, so that processes may share one per lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._stemmer = snowballstemmer.stemmer("indonesian")
        self._stems: dict[str, str] = {}
        self._queries: dict[str, AnalysedQuery] = {}

    # --- words ---------------------------------------------------------------------------------------------------
    def stem(self, word: str) -> str:
        """The stem of a folded word; protected, short and numbered words stay whole."""
        known = self._stems.get(word)
        if known is None:
            known = self._stem_anew(word)
            if len(self._stems) < 50_000:
                self._stems[word] = known
        return known

    def _stem_anew(self, word: str) -> str:
        protected = self.lexicon.protected
        if word in protected or len(word) < SHORTEST_TO_STEM or not word.isalpha():
            return word
        for particle in _PARTICLES:
            if word.endswith(particle) and word[: -len(particle)] in protected:
                return word[: -len(particle)]
        return self._stemmer.stemWord(word)

    def tokens(self, text: str) -> list[Token]:
        """The tokens of `text` in order, spelled the common way, doubled words joined."""
        return [self._token(word) for word in self._spelled(self._undoubled(_words(text)))]

    @staticmethod
    def plain_words(text: str) -> list[str]:
        """The folded words of `text` before anything else is done to them, doubled ones as two."""
        return [one for word in _words(text) for one in ([word.text] * 2 if word.doubled else [word.text])]

    @staticmethod
    def _undoubled(words: Iterable[_Word]) -> Iterator[_Word]:
        """`oleh oleh` is written for `oleh-oleh`, too."""
        previous: _Word | None = None
        for word in words:
            if previous is not None and not previous.doubled and previous.text == word.text and word.text.isalpha():
                previous = _Word(word.text, previous.start, word.end, doubled=True)
                continue
            if previous is not None:
                yield previous
            previous = word
        if previous is not None:
            yield previous

    def _spelled(self, words: Iterable[_Word]) -> list[_Word]:
        spellings, all_words = self.lexicon.spellings, list(words)
        result: list[_Word] = []
        position = 0
        while position < len(all_words):
            for length in range(min(LONGEST_PHRASE, len(all_words) - position), 0, -1):
                run = all_words[position : position + length]
                common = spellings.get(tuple(word.text for word in run))
                if common and not (length > 1 and any(word.doubled for word in run)):
                    doubled = length == 1 and run[0].doubled
                    result += [_Word(text, run[0].start, run[-1].end, doubled) for text in common]
                    position += length
                    break
            else:
                result.append(all_words[position])
                position += 1
        return result

    def _token(self, word: _Word) -> Token:
        if not word.doubled:
            return Token(word.text, self.stem(word.text), "", word.start, word.end)
        joined = word.text * 2
        if word.text in self.lexicon.doubled:
            return Token(joined, joined, "", word.start, word.end)
        return Token(joined, self.stem(word.text), word.text, word.start, word.end)

    # --- index side ----------------------------------------------------------------------------------------------
    def surface_text(self, text: str) -> str:
        """The text as its tokens, for a field that holds words as they are read."""
        return " ".join(form for token in self.tokens(text) for form in token.forms)

    def stem_text(self, text: str) -> str:
        """The stems of the text, for a field that holds stems."""
        return " ".join(token.stem for token in self.tokens(text))

    def full_text(self, text: str) -> str:
        """Words and, where they differ, their stems, for a field that holds both."""
        parts: list[str] = []
        for token in self.tokens(text):
            parts += token.forms
            if token.stem not in token.forms:
                parts.append(token.stem)
        return " ".join(parts)

    # --- query side ----------------------------------------------------------------------------------------------
    def query(self, text: str) -> AnalysedQuery:
        """What a person typed, as terms. Stop words fall away unless there is nothing else."""
        text = text[:MAX_QUERY_CHARACTERS].strip()
        known = self._queries.get(text)
        if known is None:
            known = self._query_anew(text)
            if len(self._queries) < MOST_QUERIES_KEPT:
                self._queries[text] = known
        return known

    def _query_anew(self, text: str) -> AnalysedQuery:
        tokens = self.tokens(text)[:MAX_QUERY_WORDS]
        telling = [token for token in tokens if token.surface not in self.lexicon.stop_words]
        return AnalysedQuery(text, tuple(self._terms(telling or tokens)))

    def _terms(self, tokens: list[Token]) -> Iterator[Term]:
        position = 0
        while position < len(tokens):
            for length in range(min(LONGEST_PHRASE, len(tokens) - position), 0, -1):
                run = tokens[position : position + length]
                phrase = tuple(token.surface for token in run)
                synonyms = self.lexicon.synonyms.get(phrase, ())
                if not synonyms and length == 1 and run[0].simple:
                    synonyms = self.lexicon.synonyms.get((run[0].simple,), ())
                if synonyms or length == 1:
                    yield self._term(run, phrase, synonyms)
                    position += length
                    break

    def _term(self, run: list[Token], phrase: Phrase, synonyms: tuple[Phrase, ...]) -> Term:
        simple = run[0].simple if len(run) == 1 else ""
        return Term(
            original=phrase,
            simple=simple,
            stems=tuple(token.stem for token in run),
            synonyms=tuple(other for other in synonyms if other not in (phrase, (simple,))),
            start=run[0].start,
            end=run[-1].end,
        )

    def completions(self, beginning: str, *, limit: int = 8) -> tuple[Phrase, ...]:
        """What words that people know begin like this, as the index has them: `krip` → keripik, `choc` → cokelat."""
        found: dict[Phrase, None] = {}
        for key, common in self.lexicon.spellings.items():
            if key[0].startswith(beginning):
                found[common] = None
        for key, others in self.lexicon.synonyms.items():
            if key[0].startswith(beginning):
                found.update(dict.fromkeys((key, *others)))
        return tuple(found)[:limit]
