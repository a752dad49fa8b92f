"""The colours: every pair that carries text reaches 4.5, every edge and sign 3, in light and in dark."""

import re
from pathlib import Path

import pytest

from marketplace.core.assets import STATIC_DIR

CSS = (STATIC_DIR / "lapak/css/tokens.css").read_text()
GROUNDS = ("page", "surface", "sunken")
TEXT_PAIRS = [
    *(("ink", ground) for ground in (*GROUNDS, "wedel-soft", "soga-soft", "daun-soft", "apel-soft", "line")),
    *(("ink-2", ground) for ground in (*GROUNDS, "wedel-soft", "soga-soft")),
    *(("wedel", ground) for ground in (*GROUNDS, "wedel-soft", "soga-soft")),
    *(("soga", ground) for ground in (*GROUNDS, "soga-soft")),
    *(("daun", ground) for ground in (*GROUNDS, "daun-soft")),
    *(("apel", ground) for ground in (*GROUNDS, "apel-soft")),
    ("on-wedel", "wedel"),
    ("on-wedel", "wedel-hover"),
    ("on-kunyit", "kunyit"),
    ("on-deep", "wedel-deep"),
    ("on-deep-2", "wedel-deep"),
    ("page", "ink"),
]
EDGE_PAIRS = [
    *(("line-strong", ground) for ground in GROUNDS),
    *(("star", ground) for ground in GROUNDS),
    *(("focus", ground) for ground in GROUNDS),
    ("kunyit", "wedel-deep"),
    ("focus", "focus-gap"),
]


def colours_in(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9A-Fa-f]{6});", block))


def blocks() -> dict[str, dict[str, str]]:
    """The colours of the light block, of the one that follows the system, and of the one that is asked for."""
    light = re.search(r':root,\n\[data-theme="light"\] \{(.*?)\n\}', CSS, re.DOTALL)
    by_system = re.search(r':root:not\(\[data-theme="light"\]\) \{(.*?)\n  \}', CSS, re.DOTALL)
    asked = re.search(r'\n\[data-theme="dark"\] \{(.*?)\n\}', CSS, re.DOTALL)
    assert light
    assert by_system
    assert asked
    return {"light": colours_in(light[1]), "dark": colours_in(by_system[1]), "dark_asked": colours_in(asked[1])}


def luminance(colour: str) -> float:
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_wcag_says():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("text, ground", TEXT_PAIRS)
def test_text_can_be_read(theme, text, ground):
    colours = blocks()[theme]
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("edge, ground", EDGE_PAIRS)
def test_edges_and_signs_can_be_seen(theme, edge, ground):
    colours = blocks()[theme]
    assert contrast(colours[edge], colours[ground]) >= 3


def test_both_ways_into_the_dark_have_the_same_colours():
    found = blocks()
    assert found["dark"] == found["dark_asked"]
    assert found["dark"].keys() == found["light"].keys()


def test_components_take_their_colours_from_the_tokens():
    # Pictures, enamel signs and avatars keep their own colours in both themes; print and QR codes are black on white.
    own = {"sign.css", "avatar.css", "hero.css", "account.css", "transfer.css"}
    strays = {
        path.name: re.findall(r"#[0-9A-Fa-f]{3,8}\b", path.read_text())
        for path in sorted((STATIC_DIR / "lapak/css/components").glob("*.css"))
        if path.name not in own
    }
    assert {name: found for name, found in strays.items() if found} == {}


def test_no_text_is_smaller_than_13_pixels():
    sizes = {
        int(size)
        for path in Path(STATIC_DIR / "lapak/css").rglob("*.css")
        for size in re.findall(r"(?:font-size: |font: [^;]*?)(\d+)px", path.read_text())
    }
    assert min(sizes) >= 13
