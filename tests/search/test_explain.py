"""What officers are shown of a word."""

import pytest

from search.explain import explain_word
from search.models import SynonymGroup
from tests.factories.shelf import put_on_sale

pytestmark = pytest.mark.django_db


def results(text: str) -> list[str]:
    return [step.result for step in explain_word(text)]


def test_each_step_shows_what_it_makes_of_the_word():
    case, spelled, joined, stems, kept, synonyms, *_rest = explain_word("  KRIPIK buku-buku untuk Oskab batiknya")
    assert case.result == "kripik buku buku untuk oskab batiknya"
    assert spelled.result == "keripik buku buku untuk oskab batiknya"
    assert "KRIPIK → keripik" in spelled.note
    assert joined.result == "keripik buku-buku untuk oskab batiknya"
    assert "buku-buku" in joined.note
    assert stems.result == "keripik buku untuk oskab batik"
    assert "keripik" in stems.note
    assert kept.result == "keripik buku-buku oskab batiknya"
    assert "oskab = bakso" in synonyms.result
    assert all(step.is_changed for step in (case, spelled, joined, stems, kept, synonyms))


def test_doubled_words_are_shown_as_people_write_them():
    case, spelled, joined, *_rest = explain_word("oleh2 kado")
    assert (case.result, spelled.result, joined.result) == ("oleh oleh kado", "oleh oleh kado", "oleh-oleh kado")
    assert (spelled.is_changed, spelled.note, joined.is_changed) == (False, "", True)


def test_a_plain_word_changes_nowhere():
    assert not any(step.is_changed for step in explain_word("lonceng"))
    assert results("lonceng")[:5] == ["lonceng"] * 5


def test_nothing_is_said_of_no_words():
    assert explain_word("") == []
    assert explain_word(" !?\u202e ") == []


def test_it_tells_how_many_products_are_named_so_and_what_a_slip_is_read_as(scene):
    put_on_sale(scene.vendor, "Wingko Babat")
    assert results("wingko")[6] == "wingko (1)"
    assert results("wingk0 babta")[7] == "wingk0 babat"


def test_a_new_synonym_shows_at_once():
    SynonymGroup.objects.create(canonical="wingko", synonyms="kelapabakar")
    assert "wingko" in results("kelapabakar")[5]
