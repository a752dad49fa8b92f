"""The admin's words that its own Indonesian lacks: each is translated, and keeps what is filled into it."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.urls import reverse

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "umkm" / "verification" / "admin_words" / "id" / "LC_MESSAGES"
WORDS, SCRIPT_WORDS = FOLDER / "django.po", FOLDER / "djangojs.po"
FILLED_IN = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|</?\w+")


def read(path: Path) -> list[Message]:
    with path.open("rb") as file:
        return [message for message in read_po(file) if message.id]


def texts(either: str | list[str] | tuple[str, ...]) -> list[str]:
    return [either] if isinstance(either, str) else list(either)


@pytest.mark.parametrize("path, at_least", [(WORDS, 400), (SCRIPT_WORDS, 60)])
def test_every_word_is_translated_once(path, at_least):
    messages = read(path)

    assert len(messages) > at_least
    assert [message.id for message in messages if not all(texts(message.string))] == []


@pytest.mark.parametrize("path", [WORDS, SCRIPT_WORDS])
def test_what_is_filled_into_a_word_stays(path):
    changed = [
        message.id
        for message in read(path)
        for text in texts(message.string)
        if not set(FILLED_IN.findall(text)) <= set(FILLED_IN.findall("".join(texts(message.id))))
        or not set(FILLED_IN.findall(texts(message.id)[-1])) <= set(FILLED_IN.findall(text))
    ]

    assert changed == []


@pytest.mark.django_db
def test_scripts_of_the_admin_speak_indonesian(editor_client):
    catalogue = editor_client.get(reverse("wagtailadmin_javascript_catalog")).content.decode()

    assert '"Collapse all": "Lipat semua"' in catalogue
    assert '"Toggle sidebar": "Buka atau tutup menu"' in catalogue


@pytest.mark.django_db
def test_the_account_offers_the_zones_of_the_country_and_no_others(editor_client):
    html = editor_client.get(reverse("wagtailadmin_account")).content.decode()

    assert {zone for zone in ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura") if f'value="{zone}"' in html} == {
        "Asia/Jakarta",
        "Asia/Makassar",
        "Asia/Jayapura",
    }
    assert "Europe/" not in html
