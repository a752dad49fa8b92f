"""What the search makes of a word, step by step: for the people who keep its lists."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from search import vocabulary
from search.analysis import Analyser, Phrase, Term, Token
from search.correcting import corrected_texts, spoken, unknown_words
from search.lexicon import current_analyser
from search.models import VocabularyWord
from search.queries import clean_text

# Of what a text may become, so much is shown.
MOST_READINGS = 3


@dataclass(frozen=True)
class Step:
    """One step of the analyser: its name, what the text is after it, and why; `about` tells a newcomer what it does."""

    title: str | Promise
    result: str
    note: str = ""
    is_changed: bool = False
    about: str | Promise = ""


def explain_word(text: str) -> list[Step]:
    """What a word or a whole query becomes, in the order in which it happens; nothing for no words.

    The first four steps are those of product texts as well; stop words and synonyms are for queries alone.
    """
    analyser = current_analyser()
    text = clean_text(text)
    tokens = analyser.tokens(text)
    if not tokens:
        return []
    query = analyser.query(text)
    kept = [term.original for term in query.terms]
    folded = " ".join(analyser.plain_words(text))
    spelled = " ".join(map(_apart, tokens))
    joined = " ".join(spoken(token.surface) for token in tokens)
    return [
        Step(
            gettext_lazy("Case, accents and marks"),
            folded,
            is_changed=folded != text,
            about=gettext_lazy("Capitals, accents and punctuation make no difference."),
        ),
        Step(
            gettext_lazy("Other spellings"),
            spelled,
            _spelling_note(analyser, text, tokens),
            spelled != folded,
            gettext_lazy("What people write is read as the usual spelling. Kept under Synonyms."),
        ),
        Step(
            gettext_lazy("Doubled words"),
            joined,
            _doubling_note(tokens),
            joined != spelled,
            gettext_lazy("“oleh-oleh”, “oleh oleh” and “oleh2” are one word."),
        ),
        Step(
            gettext_lazy("Stems"),
            " ".join(spoken(token.stem) for token in tokens),
            _stem_note(analyser, tokens),
            any(token.stem != (token.simple or token.surface) for token in tokens),
            gettext_lazy("Beginnings and endings fall away: “batiknya” finds “batik”. Protected words stay whole."),
        ),
        Step(
            gettext_lazy("Stop words left out"),
            " ".join(map(_written, kept)),
            is_changed=sum(map(len, kept)) < len(tokens),
            about=gettext_lazy("Small words that say nothing about a product are not searched for."),
        ),
        Step(
            gettext_lazy("Also found by"),
            "; ".join(_synonyms(term) for term in query.terms if term.synonyms) or "–",
            is_changed=any(term.synonyms for term in query.terms),
            about=gettext_lazy("Words that mean the same bring each other's products. Kept under Synonyms."),
        ),
        _in_use(query.terms),
        _readings(text, analyser),
    ]


def _spelling_note(analyser: Analyser, text: str, tokens: list[Token]) -> str:
    changed = []
    for token in tokens:
        typed = text[token.start : token.end]
        if " ".join(analyser.plain_words(typed)) != _apart(token):
            changed.append(f"{typed} → {spoken(token.surface)}")
    return ", ".join(dict.fromkeys(changed))


def _apart(token: Token) -> str:
    """A doubled word as two, the way it stands before doubled words are joined."""
    return spoken(token.surface).replace("-", " ")


def _doubling_note(tokens: list[Token]) -> str:
    notes = [
        _("“%(word)s” also counts as “%(simple)s”") % {"word": spoken(token.surface), "simple": token.simple}
        for token in tokens
        if token.simple
    ]
    return ", ".join(notes)


def _stem_note(analyser: Analyser, tokens: list[Token]) -> str:
    protected = [token.surface for token in tokens if token.surface in analyser.lexicon.protected]
    return _("protected: %(words)s") % {"words": ", ".join(protected)} if protected else ""


def _synonyms(term: Term) -> str:
    return f"{_written(term.original)} = {', '.join(map(_written, term.synonyms))}"


def _written(phrase: Phrase) -> str:
    return " ".join(map(spoken, phrase))


def _in_use(terms: tuple[Term, ...]) -> Step:
    words = {
        word for term in terms for word in (*term.original, *(word for phrase in term.synonyms for word in phrase))
    }
    counts = dict(VocabularyWord.objects.filter(word__in=words, documents__gt=0).values_list("word", "documents"))
    shown = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return Step(
        gettext_lazy("In names of products"),
        ", ".join(f"{spoken(word)} ({count})" for word, count in shown) or "–",
        is_changed=bool(shown),
        about=gettext_lazy("How many products have the word in their name. None: no seller writes it this way."),
    )


def _readings(text: str, analyser: Analyser) -> Step:
    analysed = analyser.query(text)
    unknown = unknown_words(analysed)
    readings = list(corrected_texts(text, analysed, unknown))[:MOST_READINGS] if unknown else []
    begun = sorted(word for word in unknown if vocabulary.begins_a_word(word))
    note = _("the beginning of a word: %(words)s") % {"words": ", ".join(begun)} if begun else ""
    return Step(
        gettext_lazy("Read as, when hardly anything is found"),
        "; ".join(readings) or "–",
        note,
        bool(readings),
        gettext_lazy("With fewer than three products a likely spelling is tried instead, and the page says so."),
    )
