"""Tables of the documentation that name tests: their rows, and whether what they name is there."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMED_TEST = re.compile(r"`(tests/[^`:]+\.py)(?:::(\w+))?(?:::(\w+))?`")


def table_rows(document: str, first: str) -> Iterator[list[str]]:
    """The rows of four cells in a document, headings (whose first cell is `first`) left out."""
    for line in (ROOT / document).read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and cells[0] != first and not set(cells[0]) <= set(":- "):
            yield cells


def named_tests(cell: str) -> list[tuple[str, ...]]:
    """The tests that a cell names: path and names in it."""
    return NAMED_TEST.findall(cell)


def missing_tests(cells: Iterable[tuple[str, str]]) -> list[str]:
    """What is wrong with (what it proves, cell that names tests): no test named, or one that does not exist."""
    missing = []
    for about, cell in cells:
        named = named_tests(cell)
        if not named:
            missing.append(f"no test named for: {about}")
        for path, *names in named:
            text = (ROOT / path).read_text() if (ROOT / path).exists() else ""
            if not text:
                missing.append(f"{path} ({about})")
            missing += [
                f"{path}::{name} ({about})"
                for name in filter(None, names)
                if not re.search(rf"^\s*(def|class) {name}\b", text, re.M)
            ]
    return missing
