"""Is every text of the code and the templates translated into Indonesian and English? Run by make lint and the tests.

Collects the texts anew (GNU gettext's xgettext, in a copy of the tree) and compares them with locale/: nothing may be
missing, left over, untranslated or fuzzy, and a translation must keep the placeholders of its text.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("id", "en")
SOURCES = ("marketplace", "umkm", "cms", "search", "templates", "locale")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
Key = tuple[str | None, str, str]


def key_of(entry: polib.POEntry) -> Key:
    return entry.msgctxt, entry.msgid, entry.msgid_plural


def catalogue(root: Path, language: str) -> polib.POFile:
    return polib.pofile(str(root / "locale" / language / "LC_MESSAGES" / "django.po"))


def collect_anew(root: Path) -> None:
    """Run makemessages in a copy of the tree below `root`."""
    for name in SOURCES:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "static", "fixtures"))
    shutil.copy(ROOT / "manage.py", root)
    languages = [part for language in LANGUAGES for part in ("-l", language)]
    subprocess.run(
        [
            sys.executable,
            "manage.py",
            "makemessages",
            *languages,
            "--no-location",
            "--no-obsolete",
            "-e",
            "html,txt,py",
        ],
        cwd=root,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "marketplace.settings.test"},
        check=True,
        capture_output=True,
    )


def problems(committed: polib.POFile, fresh: polib.POFile) -> Iterator[str]:
    """What is wrong with one language's catalogue."""
    have = {key_of(entry): entry for entry in committed if not entry.obsolete}
    need = {key_of(entry) for entry in fresh if not entry.obsolete}
    for key in need - have.keys():
        yield f"not in the catalogue: {key[1]!r}"
    for key in have.keys() - need:
        yield f"no longer in the code: {key[1]!r}"
    for key in need & have.keys():
        entry = have[key]
        texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        if entry.fuzzy or not all(texts):
            yield f"untranslated: {key[1]!r}"
            continue
        allowed = set(PLACEHOLDER.findall(entry.msgid)) | set(PLACEHOLDER.findall(entry.msgid_plural))
        for text in texts:
            if not set(PLACEHOLDER.findall(text)) <= allowed:
                yield f"a placeholder that the text has not: {text!r}"
        if not entry.msgid_plural and set(PLACEHOLDER.findall(entry.msgstr)) != allowed:
            yield f"a placeholder is missing: {entry.msgstr!r}"


def main() -> int:
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        collect_anew(root)
        for language in LANGUAGES:
            for problem in sorted(problems(catalogue(ROOT, language), catalogue(root, language))):
                count += 1
                print(f"{language}: {problem}")
    print(f"{count} problems")
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main())
