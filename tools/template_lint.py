"""Rules for templates that no other tool knows. Run by make lint; the tests have samples that break each rule."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("marketplace", "umkm", "cms", "search")
# Pages that are not the site's: the stand-in for Stripe's own hosted page speaks both languages by itself.
NOT_THE_SITE = ("templates/payments/sandbox/", "marketplace/payments/sandbox/")

# The page of components is in the language of whoever builds pages.
FOR_DEVELOPERS = ("components_page.html",)

DJANGO = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.S)
COMMENT = re.compile(r"\{%\s*comment\b.*?\{%\s*endcomment\s*%\}", re.S)
SPOKEN = re.compile(r"\{%-?\s*blocktrans(?:late)?\b.*?\{%-?\s*endblocktrans(?:late)?\s*-?%\}", re.S)
CLASS_BLOCK = re.compile(r"\{%\s*block \w*(?:class|theme|attr)\w*\s*%\}.*?\{%\s*endblock.*?%\}", re.S)
TAG = re.compile(r"<[a-zA-Z/!](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.S)
SILENT = re.compile(r"<(script|style|svg|code|kbd|pre)\b.*?</\1>", re.S)
WORD = re.compile(r"[^\W\d_]{2,}")
# Names, units and abbreviations that are the same in every language.
NAMES = {
    *("Rp", "kg", "gr", "cm", "ml", "px", "MB", "KB", "WIB", "PP", "UU", "ID", "EN", "QR", "URL", "SMS", "COD", "SKU"),
    *("NIB", "NIK", "NPWP", "KBLI", "UMKM", "PIRT", "IRT", "BPOM", "QRIS", "TOTP"),
    *("PDF", "JPG", "JPEG", "PNG", "WebP", "HEIC", "XLSX", "CSV", "JSON", "GeoJSON", "Esc", "Enter", "Ctrl"),
    *("WA", "WhatsApp", "Instagram", "TikTok", "Stripe", "Google", "Wagtail"),
    *("Lapak", "Ngalam", "Malang", "Batu", "Bahasa", "Indonesia", "English"),
}
SPEAKING = ("alt", "title", "placeholder", "aria-label", "aria-description", "label")
RULES = [
    (re.compile(r"<[^>]*\sstyle\s*=", re.S), "an inline style: the Content-Security-Policy refuses it; use a class"),
    (re.compile(r"<[a-z][^>]*\son[a-z]+\s*=\s*[\"']", re.S), "an inline event handler: put it into a module under js/"),
    (re.compile(r"javascript:", re.I), "a javascript: address"),
    (re.compile(r"\|\s*safe\b|\{%\s*autoescape\s+off"), "unescaped output: build it with format_html in Python"),
    (re.compile(r"<script(?![^>]*(?:\ssrc=|\snonce=|type=\"(?:application/|speculation)))[^>]*>"), "an inline script"),
    (re.compile(r"<img(?![^>]*\salt=)(?![^>]*\{%\s*image)[^>]*>", re.S), "a picture without alt"),
    (re.compile(r"<button(?![^>]*\stype=)[^>]*>", re.S), "a button without a type"),
    (re.compile(r"<a\b(?=[^>]*target=\"_blank\")(?![^>]*rel=)[^>]*>", re.S), "target=_blank without rel"),
    (re.compile(r"\t"), "a tab"),
    (re.compile(r"[ ]+$", re.M), "blanks at the end of a line"),
    (re.compile(r"\{%\s*load [^%]*\bui\b"), "the library ui is built in: no need to load it"),
]


def without_code(text: str) -> str:
    """The text with Django's tags and comments blanked out, line ends kept, so that only HTML is left."""
    # `<{% if href %}a{% else %}button{% endif %} …>` is a tag as well, and `{% block body_class %}` is no text.
    text = re.sub(r"(</?)(?=\{[%{])", r"\1x", CLASS_BLOCK.sub(blanked, text))
    return DJANGO.sub(blanked, text)


def blanked(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match.group())


def problems(text: str, *, is_read_by_people: bool = True) -> Iterator[tuple[int, str]]:
    """Each broken rule in one template: line number and what is wrong."""
    text = COMMENT.sub(lambda match: "\n" * match.group().count("\n"), text)
    for pattern, message in RULES:
        for match in pattern.finditer(text):
            yield text.count("\n", 0, match.start()) + 1, message
    if is_read_by_people:
        yield from untranslated(text)


def untranslated(text: str) -> Iterator[tuple[int, str]]:
    """Words that a person sees or hears and that no translation tag holds."""
    blank = SPOKEN.sub(blanked, text)
    html = without_code(SILENT.sub(blanked, blank))
    for match in TAG.finditer(html):
        for attribute in re.finditer(r"\s(" + "|".join(SPEAKING) + r")=\"([^\"]*)\"", match.group()):
            words = [word for word in WORD.findall(attribute.group(2)) if word not in NAMES]
            if words:
                yield text.count("\n", 0, match.start()) + 1, f"untranslated {attribute.group(1)}: {words[0]}"
    visible = TAG.sub(blanked, html)
    for number, line in enumerate(re.sub(r"&\w+;", " ", visible).splitlines(), 1):
        words = [word for word in WORD.findall(line) if word not in NAMES]
        if words:
            yield number, f"untranslated text: {' '.join(words)[:60]}"


def templates() -> list[Path]:
    """Every template of the project."""
    found = sorted((ROOT / "templates").rglob("*.html"))
    for package in PACKAGES:
        found += sorted((ROOT / package).glob("**/templates/**/*.html"))
    return [path for path in found if not str(path.relative_to(ROOT)).startswith(NOT_THE_SITE)]


def main() -> int:
    count = 0
    for path in templates():
        for line, message in problems(path.read_text(), is_read_by_people=path.name not in FOR_DEVELOPERS):
            count += 1
            print(f"{path.relative_to(ROOT)}:{line}: {message}")
    print(f"{len(templates())} templates, {count} problems")
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main())
