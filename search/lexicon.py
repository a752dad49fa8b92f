"""The lexicon as it stands in the database, made into an analyser; one per process for as long as nothing changes."""

import csv
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from marketplace.core import pagecache
from search.analysis import Analyser, Lexicon, Phrase
from search.models import LexiconWord, SynonymGroup

DATA = Path(__file__).resolve().parent / "data"


def current_analyser() -> Analyser:
    """The analyser by the lists as they are now; a change in the admin is in force with the next request."""
    return pagecache.remember("analyser", pagecache.LEXICON, _analyser, is_shared=False)


def _analyser() -> Analyser:
    groups = SynonymGroup.objects.filter(is_active=True).values(
        "canonical", "spellings", "synonyms", "narrower", "english"
    )
    return Analyser(build_lexicon(groups, LexiconWord.objects.values_list("kind", "word")))


def build_lexicon(groups: Iterable[Any], words: Iterable[tuple[str, str]]) -> Lexicon:
    """A lexicon from rows of synonyms and of words with a rule, as the tables and the fixtures hold them."""
    groups = list(groups)
    by_kind: dict[str, set[str]] = defaultdict(set)
    for kind, word in words:
        by_kind[kind].add(word)
    base = Lexicon(
        protected=frozenset(by_kind["protected"]),
        doubled=frozenset(by_kind["doubled"]),
        stop_words=frozenset(by_kind["stop"]),
    )
    plain = Analyser(base)
    spellings: dict[Phrase, Phrase] = {}
    for group in groups:
        common = _phrase(plain, group["canonical"])
        for other in _separate(group["spellings"]):
            key = _phrase(plain, other)
            if key and key != common:
                spellings[key] = common
    spelled = Analyser(
        Lexicon(spellings=spellings, protected=base.protected, doubled=base.doubled, stop_words=base.stop_words)
    )
    return Lexicon(
        spellings=spellings,
        synonyms=_synonyms(spelled, groups),
        protected=base.protected,
        doubled=base.doubled,
        stop_words=base.stop_words,
    )


def _synonyms(analyser: Analyser, groups: list[dict[str, str]]) -> dict[Phrase, tuple[Phrase, ...]]:
    found: dict[Phrase, dict[Phrase, None]] = defaultdict(dict)
    for group in groups:
        word = _phrase(analyser, group["canonical"])
        same = [_phrase(analyser, other) for other in _separate(group["synonyms"])]
        narrower = [_phrase(analyser, other) for other in _separate(group["narrower"])]
        for one in (word, *same):
            found[one].update(dict.fromkeys(other for other in (word, *same) if other != one))
        found[word].update(dict.fromkeys(narrower))
        # An English word finds the Indonesian ones; the other way round English titles would only add noise.
        for english in _separate(group["english"]):
            key = _phrase(analyser, english)
            found[key].update(dict.fromkeys(other for other in (word, *same) if other != key))
    return {key: tuple(others) for key, others in found.items() if key and others}


def _phrase(analyser: Analyser, text: str) -> Phrase:
    return tuple(token.surface for token in analyser.tokens(text))


def _separate(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def fixture_groups() -> list[dict[str, str]]:
    """The synonyms that the product ships."""
    with (DATA / "synonyms.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fixture_words() -> list[tuple[str, str]]:
    """The words with a rule that the product ships, as (kind, word)."""
    with (DATA / "words.csv").open(encoding="utf-8", newline="") as file:
        return [(row["kind"], row["word"]) for row in csv.DictReader(file)]
