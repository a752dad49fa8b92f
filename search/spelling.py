"""Spelling correction towards the words that products are named with."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

SHORTEST = 4
# From this length on two mistakes are forgiven.
LONG = 7
SHORTEST_HALF = 3
_LETTERS = re.compile(r"ng|ny|.")


def allowed_distance(word: str) -> int:
    """How many mistakes may lie between what was typed and what was meant."""
    if len(word) < SHORTEST:
        return 0
    return 2 if len(word) >= LONG else 1


def distance(first: str, second: str, limit: int) -> int:
    """Optimal string alignment: insertions, deletions, replacements and swaps of neighbours; `limit + 1` if more."""
    if abs(len(first) - len(second)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, left in enumerate(first, 1):
        before, row, above = row, [i], before
        for j, right in enumerate(second, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == second[j - 2] and first[i - 2] == right:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]


def corrections(word: str, candidates: Iterable[tuple[str, int]]) -> list[str]:
    """The candidates that may have been meant, the likeliest first: fewer mistakes, the same beginning, wider use.

    Arguments:
        candidates: words in use, each with the number of products named with it.
    """
    limit = allowed_distance(word)
    ranked = []
    for candidate, documents in candidates:
        away = distance(word, candidate, limit)
        if 0 < away <= limit:
            ranked.append((away, candidate[0] != word[0], -documents, candidate))
    return [candidate for *_rank, candidate in sorted(ranked)]


def said_backwards(word: str) -> str:
    """The word as boso walikan turns it around, where ng and ny stay letters of their own: ngalam → malang."""
    return "".join(reversed(_LETTERS.findall(word)))


def halves(word: str) -> list[tuple[str, str]]:
    """The ways to read a word as two that were joined: `waistbag`."""
    return [(word[:i], word[i:]) for i in range(SHORTEST_HALF, len(word) - SHORTEST_HALF + 1)]


class DeletesIndex:
    """Words by everything that is left of them after up to two deletions, so that a lookup compares only a handful."""

    def __init__(self, words: Mapping[str, int]) -> None:
        self.words = dict(words)
        self._by_remainder: dict[str, list[str]] = defaultdict(list)
        for word in self.words:
            for remainder in _remainders(word, allowed_distance(word) or 1):
                self._by_remainder[remainder].append(word)

    def lookup(self, word: str) -> list[tuple[str, int]]:
        """Words that may lie within the allowed distance of `word`, with the number of their products."""
        found: dict[str, int] = {}
        for remainder in _remainders(word, allowed_distance(word)):
            for candidate in self._by_remainder.get(remainder, ()):
                found[candidate] = self.words[candidate]
        return sorted(found.items(), key=lambda pair: (distance(word, pair[0], 3), -pair[1], pair[0]))


def _remainders(word: str, deletions: int) -> set[str]:
    # Long words differ early enough: their first letters keep the index small.
    layer = {word[:14]}
    found = set(layer)
    for _step in range(deletions):
        layer = {one[:i] + one[i + 1 :] for one in layer for i in range(len(one))}
        found |= layer
    return found
