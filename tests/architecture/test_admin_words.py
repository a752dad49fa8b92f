"""The admin's words that its own Indonesian lacks: each is translated, and keeps what is filled into it."""

import re
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
WORDS = ROOT / "umkm" / "verification" / "admin_words" / "id" / "LC_MESSAGES" / "django.po"
FILLED_IN = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|</?\w+")


def read() -> list[Message]:
    with WORDS.open("rb") as file:
        return [message for message in read_po(file) if message.id]


def texts(either: str | list[str] | tuple[str, ...]) -> list[str]:
    return [either] if isinstance(either, str) else list(either)


def test_every_word_is_translated_once():
    messages = read()

    assert len(messages) > 200
    assert [message.id for message in messages if not all(texts(message.string))] == []


def test_what_is_filled_into_a_word_stays():
    changed = [
        message.id
        for message in read()
        for text in texts(message.string)
        if not set(FILLED_IN.findall(text)) <= set(FILLED_IN.findall("".join(texts(message.id))))
        or not set(FILLED_IN.findall(texts(message.id)[-1])) <= set(FILLED_IN.findall(text))
    ]

    assert changed == []
