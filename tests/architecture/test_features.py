"""docs/features.md promises features, each with an address and a test: both must exist."""

import re
from collections.abc import Iterator

import pytest
from django.urls import get_resolver

from tests.architecture.promises import ROOT, missing_tests, table_rows
from tests.permissions.test_matrix import walk

pytestmark = pytest.mark.once


def rows() -> Iterator[list[str]]:
    """The cells of each feature: point, feature, address, test."""
    return table_rows("docs/features.md", "point")


def shape(route: str) -> str:
    """An address with every argument as <>, however it is written: `<slug:slug>`, `(?P<pk>[0-9]+)`, `<slug>`."""
    route = re.sub(r"\(\?P<\w+>(?:\[[^\]]*\]|\\.|[^()\[\]])*\)", "<>", route)
    return "/" + re.sub(r"<[^>]*>", "<>", route).strip("^$").lstrip("/").rstrip("\\Z$")


SHAPES = {shape(route) for _name, route, _pattern in walk(get_resolver().url_patterns)}


def test_there_are_features_of_every_point():
    points = {int(match.group()) for row in rows() if (match := re.match(r"\d+", row[0]))}
    assert points >= set(range(1, 15))


def test_every_address_exists():
    missing = []
    for _point, feature, address, _test in rows():
        for path in re.findall(r"`(/[^`?#]*)", address):
            if shape(path) not in SHAPES and not is_page(path):
                missing.append(f"{path} ({feature})")
    assert not missing


def is_page(path: str) -> bool:
    """Editors' pages have addresses of their own: the root, and those that every new site begins with."""
    slugs = path.removeprefix("/en").strip("/").split("/")
    begun = "".join(source.read_text() for source in (ROOT / "cms").rglob("*.py"))
    return slugs == [""] or f'"{slugs[0]}"' in begun


def test_every_test_exists():
    assert not missing_tests((feature, tests) for _point, feature, _address, tests in rows())
