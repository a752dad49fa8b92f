import pytest

from search.spelling import DeletesIndex, best_correction, distance

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
    assert best_correction(typed, DeletesIndex(WORDS).lookup(typed)) == meant


@pytest.mark.parametrize("typed", ["xyzzy", "kop", "televisi", "kulkas"])
def test_what_is_like_nothing_is_left_alone(typed):
    assert best_correction(typed, DeletesIndex(WORDS).lookup(typed)) is None


def test_of_two_equally_near_words_the_one_in_wider_use_wins():
    assert best_correction("kaop", [("kaos", 9), ("kaop2", 1)]) == "kaos"
