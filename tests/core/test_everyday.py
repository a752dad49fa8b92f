"""Short words of sellers for readers of English; Indonesian pages show them as they were written."""

import pytest
from django.template import Context, Template
from django.utils import translation

from marketplace.core.everyday import hours_words, seller_words

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "written, english",
    [
        ("Berat", "Weight"),
        ("Level Pedas", "Spiciness"),
        ("37 / Hitam", "37 / Black"),
        ("Anak M", "Child M"),
        ("8-10 th", "8-10 yr"),
        ("150 g", "150 g"),
        ("Nampol", "Nampol"),
        ("", ""),
    ],
)
def test_labels(written: str, english: str):
    with translation.override("en"):
        assert seller_words(written) == english
    with translation.override("id"):
        assert seller_words(written) == written


@pytest.mark.parametrize(
    "written, english",
    [
        ("08.00–16.00, Minggu tutup", "08.00–16.00, closed on Sunday"),
        ("Sen–Sab 08.00–17.00", "Mon–Sat 08.00–17.00"),
        ("Setiap hari pukul 07.00–12.00", "every day 07.00–12.00"),
        ("Telepon dulu", "Telepon dulu"),
    ],
)
def test_opening_hours(written: str, english: str):
    with translation.override("en"):
        assert hours_words(written) == english
    with translation.override("id"):
        assert hours_words(written) == written


def test_what_a_seller_wrote_is_still_escaped():
    with translation.override("en"):
        html = Template("{{ label|seller_words }}{{ label|hours_words }}").render(Context({"label": "<b>Merah</b>"}))
    assert "<b>" not in html
