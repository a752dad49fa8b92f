"""Icons as inline SVG: the Phosphor files under static/lapak/icons, read once and kept."""

import re
from functools import lru_cache
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

ICON_DIR = Path(__file__).resolve().parent / "static" / "lapak" / "icons"
WEIGHTS = ("regular", "bold", "fill")
SIZES = (16, 20, 24, 32, 64)
NAME_PATTERN = re.compile(r"[a-z0-9-]+\Z")


class UnknownIcon(LookupError):
    """The icon's file is not in the project."""


@lru_cache(maxsize=512)
def read_icon(name: str, weight: str) -> str:
    """The drawing inside the SVG file of icon `name`; raises UnknownIcon for a name or weight that has no file."""
    if not NAME_PATTERN.match(name) or weight not in WEIGHTS:
        raise UnknownIcon(f"no icon “{name}” in weight “{weight}”")
    path = ICON_DIR / f"{weight}/{name}.svg"
    if not path.is_file():
        raise UnknownIcon(f"no file static/lapak/icons/{weight}/{name}.svg; copy it from @phosphor-icons/core")
    drawing = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(), re.DOTALL)
    if drawing is None:
        raise UnknownIcon(f"{path} is not an SVG file")
    return drawing.group(1).strip()


@lru_cache(maxsize=1024)
def render_icon(name: str, size: int = 24, weight: str = "", label: str = "", css_class: str = "") -> SafeString:
    """The `<svg>` of an icon.

    Arguments:
        name: the Phosphor name without its weight, `magnifying-glass`.
        size: 16, 20, 24, 32 or 64 pixels.
        weight: regular, bold or fill; by default bold at 16 pixels and regular above, as the design asks.
        label: a name for screen readers; without it the icon is decoration and hidden from them.
        css_class: one more class.
    """
    if size not in SIZES:
        raise UnknownIcon(f"icons have the sizes {SIZES}, not {size}")
    drawing = read_icon(name, weight or ("bold" if size == 16 else "regular"))
    classes = " ".join(part for part in ("icon", "" if size == 24 else f"icon--{size}", css_class) if part)
    names = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="{}" viewBox="0 0 256 256" width="{}" height="{}" {}>{}</svg>',
        classes,
        size,
        size,
        names,
        SafeString(drawing),  # a file of ours, never what a person typed
    )
