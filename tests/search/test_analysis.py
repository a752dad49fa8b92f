"""The analyser, by the lists that the product ships."""

import string

import pytest

from search.analysis import Analyser, fold
from search.lexicon import build_lexicon, fixture_groups, fixture_words

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def analyser() -> Analyser:
    return Analyser(build_lexicon(fixture_groups(), fixture_words()))


def surfaces(analyser: Analyser, text: str) -> list[str]:
    return [token.surface for token in analyser.tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("KÉRIPIK", "keripik"), ("Ｋｏｐｉ", "kopi"), ("Straße", "strasse"), ("1½", "11⁄2"), ("Café crème", "cafe creme")],
)
def test_case_width_and_diacritics_are_folded(text, expected):
    assert fold(text) == expected


@pytest.mark.parametrize(
    ("typed", "common"),
    [
        ("kripik", "keripik"), ("kripek", "keripik"), ("telor", "telur"), ("sambel", "sambal"), ("cabe", "cabai"),
        ("coklat", "cokelat"), ("cemilan", "camilan"), ("sendal", "sandal"), ("krupuk", "kerupuk"), ("mie", "mi"),
        ("kaus", "kaos"), ("setiker", "stiker"), ("yogurt", "yoghurt"), ("eco print", "ecoprint"),
        ("sio may", "siomay"),
    ],
)  # fmt: skip
def test_informal_spellings_become_the_common_one(analyser, typed, common):
    assert surfaces(analyser, typed) == [common]


def test_a_longer_phrase_wins_over_the_word_in_it(analyser):
    assert surfaces(analyser, "kaus kaki batik") == ["kauskaki", "batik"]


@pytest.mark.parametrize("typed", ["oleh-oleh", "oleh oleh", "oleh2", "Oleh-Oleh", "OLEH  OLEH"])
def test_doubled_words_are_one_token_however_they_are_written(analyser, typed):
    assert surfaces(analyser, typed) == ["oleholeh"]


def test_a_doubled_word_also_counts_as_the_simple_one(analyser):
    token = analyser.tokens("buku-buku")[0]
    assert (token.surface, token.simple, token.stem) == ("bukubuku", "buku", "buku")
    assert "buku" in analyser.surface_text("buku-buku anak").split()


def test_a_doubled_word_with_its_own_meaning_does_not(analyser):
    token = analyser.tokens("kupu-kupu")[0]
    assert (token.surface, token.simple) == ("kupukupu", "")


def test_only_neighbours_double_each_other(analyser):
    assert surfaces(analyser, "tas kulit tas kain") == ["tas", "kulit", "tas", "kain"]
    assert surfaces(analyser, "10 10") == ["10", "10"]


# Words that share a stem, and words that must not although a plain stemmer merges them.
SAME_STEM = [
    ("minuman", "minum"), ("anyaman", "anyam"), ("lukisan", "lukis"), ("bordiran", "bordir"), ("rasanya", "rasa"),
    ("dibordir", "bordir"), ("berbahan", "bahan"), ("digoreng", "goreng"), ("ukiran", "ukir"), ("kemejanya", "kemeja"),
    ("batiknya", "batik"), ("menggambar", "gambar"), ("tulisan", "tulis"), ("jajanan", "jajan"),
]  # fmt: skip
DIFFERENT_STEM = [
    ("kemeja", "meja"), ("keranjang", "ranjang"), ("durian", "duri"), ("keramik", "ramik"), ("kelapa", "lapa"),
    ("kerudung", "rudung"), ("kepala", "pala"), ("kelereng", "lereng"), ("mentega", "tega"), ("pelangi", "langi"),
    ("kemasan", "masan"), ("permata", "mata"), ("melati", "lati"), ("pesanan", "sanan"), ("celengan", "celeng"),
    ("lebaran", "lebar"), ("manisan", "manis"), ("beruang", "uang"), ("permainan", "main"), ("perahu", "ahu"),
    ("terasi", "asi"), ("petani", "tani"), ("kuningan", "kuning"), ("halaman", "halam"), ("keripik", "ripik"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second"), SAME_STEM)
def test_forms_of_a_word_share_their_stem(analyser, first, second):
    assert analyser.stem(first) == analyser.stem(second)


@pytest.mark.parametrize(("first", "second"), DIFFERENT_STEM)
def test_words_that_only_look_alike_keep_apart(analyser, first, second):
    assert analyser.stem(first) != analyser.stem(second)


def test_numbers_and_short_words_are_never_cut(analyser):
    assert [analyser.stem(word) for word in ("250ml", "2026", "kain", "apel")] == ["250ml", "2026", "kain", "apel"]


def test_stop_words_fall_away_from_a_query_but_not_from_the_index(analyser):
    assert [term.original for term in analyser.query("kopi dari dampit").terms] == [("kopi",), ("dampit",)]
    assert "dari" in analyser.surface_text("kopi dari dampit").split()


def test_a_query_of_stop_words_alone_keeps_them(analyser):
    assert [term.original for term in analyser.query("untuk dan").terms] == [("untuk",), ("dan",)]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("oskab", "bakso"), ("ipok", "kopi"), ("wallet", "dompet"), ("hijab", "kerudung"), ("coffee", "kopi"),
        ("board game", "permainan"), ("magnet", "magnet"), ("souvenir", "oleholeh"), ("hampers", "bingkisan"),
    ],
)  # fmt: skip
def test_synonyms_english_and_walikan_words_lead_to_the_common_one(analyser, typed, found):
    (term,) = analyser.query(typed).terms
    words = {word for phrase in (term.original, *term.synonyms) for word in phrase}
    assert found in words


def test_a_kind_of_something_does_not_find_everything_of_it(analyser):
    (wide,) = analyser.query("anyaman").terms
    (narrow,) = analyser.query("rotan").terms
    assert ("rotan",) in wide.synonyms
    assert ("anyaman",) not in narrow.synonyms


def test_tokens_know_where_they_stand(analyser):
    text = "Kripik  TEMPE-nya enak"
    first = analyser.tokens(text)[0]
    assert text[first.start : first.end] == "Kripik"
    assert all(text[token.start : token.end].strip() for token in analyser.tokens(text))


@pytest.mark.parametrize("mark", [*string.punctuation, "–", "’", "“", "\u200b", "\x00", "\u202e", "😀", "½"])
def test_no_mark_ever_reaches_an_engine(analyser, mark):
    query = analyser.query(f"{mark}kopi{mark}dampit{mark}")
    for term in query.terms:
        for word in (*term.original, *term.stems):
            assert word.isalnum()


def test_a_query_is_bounded(analyser):
    query = analyser.query("kata " * 500 + "x" * 5000)
    assert len(query.text) <= 200
    assert len(query.terms) <= 12


def test_completions_know_the_spellings(analyser):
    assert ("keripik",) in analyser.completions("kripi")
    assert ("cokelat",) in analyser.completions("choco")
