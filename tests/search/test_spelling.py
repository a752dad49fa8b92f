import pytest

from search.spelling import DeletesIndex, corrections, distance, halves, said_backwards

pytestmark = pytest.mark.once
WORDS = {"keripik": 20, "topeng": 12, "keramik": 8, "kopi": 30, "kaos": 9, "tempe": 15, "bakso": 7, "anyaman": 6}


@pytest.mark.parametrize(
    ("first", "second", "away"),
    [
        ("kopi", "kopi", 0),
        ("kpoi", "kopi", 1),
        ("kopii", "kopi", 1),
        ("koi", "kopi", 1),
        ("kapi", "kopi", 1),
        ("abcd", "kopi", 3),
    ],
)
def test_swaps_count_as_one_mistake(first, second, away):
    assert distance(first, second, 2) == away


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("topneg", "topeng"), ("keramk", "keramik"), ("tempee", "tempe"), ("baksoo", "bakso"), ("anyamann", "anyaman")],
)
def test_a_misspelt_word_is_corrected_towards_words_in_use(typed, meant):
    assert corrections(typed, DeletesIndex(WORDS).lookup(typed))[0] == meant


@pytest.mark.parametrize("typed", ["xyzzy", "kop", "televisi", "kulkas"])
def test_what_is_like_nothing_is_left_alone(typed):
    assert corrections(typed, DeletesIndex(WORDS).lookup(typed)) == []


def test_of_two_equally_near_words_the_one_in_wider_use_wins():
    assert corrections("kaop", [("kaos", 9), ("kaop2", 1)])[0] == "kaos"


@pytest.mark.parametrize(
    ("word", "other"), [("oskab", "bakso"), ("ngalam", "malang"), ("nowar", "rawon"), ("lecep", "pecel")]
)
def test_walikan_is_read_from_behind_with_ng_as_one_letter(word, other):
    assert said_backwards(word) == other
    assert said_backwards(other) == word


def test_a_joined_word_is_read_as_two():
    assert ("waist", "bag") in halves("waistbag")
    assert halves("kopi") == []
