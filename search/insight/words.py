"""Which typed texts may be counted, and under which words."""

import re

import lokal
from django.utils.crypto import salted_hmac

from search.analysis import fold

LONGEST = 60
# Longer numbers are a telephone, an identity, an account or a birthday; no product is looked for by so many digits.
MOST_DIGITS = 7
# What people might type about themselves; what they have (an illness) is also what they look for help against.
PERSONAL = frozenset(
    {
        "NIK", "KK", "NPWP", "PASSPORT", "SIM", "NIP", "BPJS", "NISN", "AKTA", "PHONE", "EMAIL", "BANK_ACCOUNT", "CARD",
        "PLATE", "IP", "GEO", "NAME", "ADDRESS", "BIRTH_DATE",
    }
)  # fmt: skip
_WORD = re.compile(r"[^\W_]+")
_LONG_NUMBER = re.compile(rf"\d(?:[\s./()+-]*\d){{{MOST_DIGITS},}}")
_ADDRESS_ON_THE_WEB = re.compile(r"@|://|\bwww\.", re.IGNORECASE)


def counted_words(text: str) -> str:
    """The words of a query as they are counted: without case, marks and accents, at most 60 letters.

    Nothing for a text without words, and for one that may say something about a person.
    """
    words = _WORD.findall(fold(text))
    if not words or is_personal(text):
        return ""
    kept = ""
    for word in words:
        longer = f"{kept} {word}" if kept else word
        if len(longer) > LONGEST:
            break
        kept = longer
    return kept


def is_personal(text: str) -> bool:
    """Whether a text looks like a number, an address or a name that belongs to somebody."""
    if _LONG_NUMBER.search(text) or _ADDRESS_ON_THE_WEB.search(text):
        return True
    return any(found.type in PERSONAL for found in lokal.detect_pii(text))


def key_of(words: str) -> str:
    """What stands for words that are not written down: without the site's secret nobody finds the words by it."""
    return salted_hmac("search.insight", words, algorithm="sha256").hexdigest()[:32]
