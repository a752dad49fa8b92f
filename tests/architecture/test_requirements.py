"""The locked requirements: complete, hashed, and free of anything of the machine they were locked on."""

import re
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKED = ["requirements.txt", "requirements-dev.txt", "requirements-stripe-schema.txt"]
# Parts of Wagtail, of Django and of their task queue that a Wagtail site uses as a matter of course.
BROUGHT_BY_WAGTAIL = {
    "django-modelcluster",
    "django-taggit",
    "django-treebeard",
    "modelsearch",
    "django-filter",
    "willow",
}
pytestmark = pytest.mark.once
PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[^\]]+\])?==(\S+)")
# Licences under which a dependency may come; docs/dependencies.md says why each weaker copyleft is fine here.
COPYLEFT = re.compile(r"(?<!L)(?<!Lesser )(A?GPL|General Public License)", re.I)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name)


def pins(name: str) -> dict[str, str]:
    found = {}
    for line in (ROOT / name).read_text().splitlines():
        match = PIN.match(line)
        if match and not re.search(r"; .*(python_full_version < '3\.11\.|win32|'never')", line):
            found[normal(match.group(1))] = match.group(2)
    return found


@pytest.mark.parametrize("name", LOCKED)
def test_every_package_has_a_version_and_a_hash_and_nothing_else_is_named(name: str):
    lines = (ROOT / name).read_text().splitlines()
    heads = [index for index, line in enumerate(lines) if line and not line.startswith((" ", "#"))]
    assert heads
    for index in heads:
        assert PIN.match(lines[index]), lines[index]
        assert "--hash=sha256:" in lines[index + 1], lines[index]
    text = (ROOT / name).read_text()
    assert not re.search(r"https?:|--index|--find-links|file:|/opt/|/home/", text)


@pytest.mark.parametrize("name", LOCKED)
def test_the_short_list_is_pinned_and_stands_in_the_lock(name: str):
    locked = pins(name)
    for line in (ROOT / name.replace(".txt", ".in")).read_text().splitlines():
        if not line or line.startswith(("#", "-r ")):
            continue
        match = PIN.match(line)
        assert match, f"{line}: not pinned"
        assert locked[normal(match.group(1))] == match.group(2), line


def test_development_runs_the_versions_of_production():
    production, development = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {name: development.get(name) for name in production} == production


def test_the_packages_the_product_promises():
    locked = pins("requirements.txt")
    promised = {
        "django": "5.2.",
        "wagtail": "8.",
        "stripe": "16.",
        "django-allauth": "65.",
        "elasticsearch-dsl": "8.18.",
    }
    for name, start in promised.items():
        assert locked[name].startswith(start), name


def test_the_gpl_encoder_is_left_out():
    """docs/adr/0004-no-gpl-encoder.md"""
    assert "pillow-heif" not in pins("requirements.txt")
    with pytest.raises(metadata.PackageNotFoundError):
        metadata.version("pillow-heif")


def test_the_product_names_every_package_that_it_imports():
    distributions = metadata.packages_distributions()
    wanted = {match.group(1) for match in map(PIN.match, (ROOT / "requirements.in").read_text().splitlines()) if match}
    named = {normal(name) for name in wanted}
    unnamed = set()
    for package in ("marketplace", "umkm", "cms", "search"):
        for path in (ROOT / package).rglob("*.py"):
            for module in re.findall(r"^(?:from|import) (\w+)", path.read_text(), re.M):
                owners = {normal(owner.lower()) for owner in distributions.get(module, [])}
                if owners and not owners & (named | BROUGHT_BY_WAGTAIL):
                    unnamed.add(f"{path.relative_to(ROOT)}: {module}")
    assert not unnamed


def test_no_package_has_a_licence_that_would_bind_ours():
    strong = []
    for name in pins("requirements-dev.txt"):
        data = metadata.metadata(name)
        classifiers = [text for text in data.get_all("Classifier", []) if text.startswith("License")]
        named = data.get("License-Expression") or "; ".join(classifiers) or (data.get("License") or "")[:80]
        if COPYLEFT.search(named.replace("LGPL", "")) and "Lesser" not in named:
            strong.append(f"{name}: {named}")
    assert not strong
