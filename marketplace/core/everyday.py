"""Short words that sellers write over and over, for readers of English.

A seller may give a product an English name and description, but not each size and colour, nor the opening hours. These
are few and always the same, so they are looked up; what is not in the list stays as the seller wrote it.
"""

import re

from django.utils.translation import get_language

# Whole phrases, as they stand between the separators of a label.
PHRASES = {
    # what differs
    "bahasa": "Language", "bahan": "Material", "bentuk": "Form", "berat": "Weight", "bingkai": "Frame",
    "gilingan": "Grind", "isi": "Inside", "jenis": "Kind", "jumlah": "Number", "jumlah wajah": "Number of faces",
    "level pedas": "Spiciness", "motif": "Pattern", "nada": "Scale", "panjang": "Length", "rasa": "Flavour",
    "tokoh": "Character", "ukuran": "Size", "varian": "Variant", "warna": "Colour",
    # sizes
    "all size": "One size", "anak": "Child", "besar": "Large", "dewasa": "Adult", "kecil": "Small", "sedang": "Medium",
    # tastes
    "apel": "Apple", "asin": "Salted", "bawang": "Garlic", "cokelat": "Chocolate", "ekstra pedas": "Extra hot",
    "kacang hijau": "Mung bean", "keju": "Cheese", "leci": "Lychee", "mangga": "Mango", "manis": "Sweet",
    "original": "Original", "pedas": "Hot", "stroberi": "Strawberry", "tawar": "Plain", "tidak pedas": "Not hot",
    # colours
    "abu": "Grey", "abu-abu": "Grey", "biru": "Blue", "biru telur asin": "Duck-egg blue", "cerah": "Bright",
    "cokelat tua": "Dark brown", "hijau": "Green", "hijau lumut": "Moss green", "hijau teh": "Tea green",
    "hijau tentara": "Army green", "hitam": "Black", "hitam doff": "Matt black", "krem": "Cream", "kuning": "Yellow",
    "marun": "Maroon", "merah": "Red", "merah bata": "Brick red", "merah hitam": "Red and black",
    "merah soga": "Soga red", "putih": "White", "putih gading": "Ivory", "putih tulang": "Off-white", "ungu": "Purple",
    "tanah": "Earth",
    # making
    "bergaris": "Lined", "biji": "Beans", "bubuk": "Powder", "halus": "Fine", "indonesia": "Indonesian",
    "inggris": "English", "kasar": "Coarse", "kayu hitam": "Black wood", "kayu natural": "Plain wood",
    "polos": "Plain", "tanpa": "None", "titik": "Dotted",
}  # fmt: skip
DAYS = {
    "senin": "Monday", "selasa": "Tuesday", "rabu": "Wednesday", "kamis": "Thursday", "jumat": "Friday",
    "sabtu": "Saturday", "minggu": "Sunday", "sen": "Mon", "sel": "Tue", "rab": "Wed", "kam": "Thu", "jum": "Fri",
    "sab": "Sat", "min": "Sun",
}  # fmt: skip
WORDS = {"tutup": "closed", "buka": "open", "libur": "closed", "dan": "and", "kecuali": "except", "pukul": ""}
UNITS = {"th": "yr", "thn": "yr", "bln": "mo", "lembar": "sheets", "buah": "pcs", "pcs": "pcs"}

_SEPARATORS = re.compile(r"(\s*/\s*|\s*,\s*)")
_CLOSED_ON = re.compile(rf"\b({'|'.join(DAYS)})\s+(?:tutup|libur)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_CHILD_OR_ADULT = re.compile(r"^(anak|dewasa) (\w{1,4})$", re.IGNORECASE)
_NUMBER_AND_UNIT = re.compile(rf"^([\d–-]+) ({'|'.join(UNITS)})$", re.IGNORECASE)


def _is_english() -> bool:
    return (get_language() or "").startswith("en")


def seller_words(text: str) -> str:
    """The label of a variant or of what differs, in English for its readers; unchanged where no word is known."""
    if not text or not _is_english():
        return text
    return "".join(part if _SEPARATORS.fullmatch(part) else _phrase(part) for part in _SEPARATORS.split(text))


def _phrase(text: str) -> str:
    key = text.strip().casefold()
    if key in PHRASES:
        return PHRASES[key]
    if match := _CHILD_OR_ADULT.match(text):
        return f"{PHRASES[match[1].casefold()]} {match[2]}"
    if match := _NUMBER_AND_UNIT.match(text):
        return f"{match[1]} {UNITS[match[2].casefold()]}"
    return text


def hours_words(text: str) -> str:
    """Opening hours as the seller wrote them, in English for its readers: `08.00–16.00, closed on Sunday`."""
    if not text or not _is_english():
        return text
    text = re.sub(r"\b(?:se)?tiap hari\b", "every day", text, flags=re.IGNORECASE)
    text = _CLOSED_ON.sub(lambda match: f"closed on {DAYS[match[1].casefold()]}", text)

    def word(match: re.Match[str]) -> str:
        key = match[0].casefold()
        return DAYS.get(key, WORDS.get(key, match[0]))

    return re.sub(r"  +", " ", _WORD.sub(word, text)).strip()
