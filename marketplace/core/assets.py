"""Stylesheets and scripts without a build step: many small files in development, one of each after collectstatic."""

import os
import posixpath
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

STATIC_DIR = Path(__file__).resolve().parent / "static"
STYLE_BUNDLE = "lapak/css/lapak.css"
SCRIPT_BUNDLE = "lapak/js/lapak.js"
FIRST_STYLES = ("tokens.css", "fonts.css", "base.css", "layout.css")
LAST_STYLES = ("utilities.css",)


def stylesheet_names() -> list[str]:
    """The stylesheets in the order in which they apply: tokens and layout, the components by name, then utilities."""
    components = sorted(path.name for path in (STATIC_DIR / "lapak/css/components").glob("*.css"))
    return [
        *(f"lapak/css/{name}" for name in FIRST_STYLES),
        *(f"lapak/css/components/{name}" for name in components),
        *(f"lapak/css/{name}" for name in LAST_STYLES),
    ]


def script_names() -> list[str]:
    """The page's own modules by name; each stands alone and imports nothing."""
    return [f"lapak/js/{path.name}" for path in sorted((STATIC_DIR / "lapak/js").glob("*.js"))]


def _with_addresses_from(css: str, name: str) -> str:
    """`css` of the file `name` with its relative url()s rewritten to hold from the bundle's folder."""
    folder = posixpath.dirname(name)
    start = posixpath.dirname(STYLE_BUNDLE)

    def rewrite(match: re.Match[str]) -> str:
        address = posixpath.normpath(posixpath.join(folder, match.group(1)))
        return f'url("{posixpath.relpath(address, start)}")'

    return re.sub(r"""url\(["']?((?!data:|#|/)[^"')]+)["']?\)""", rewrite, css)


def build_stylesheet() -> str:
    """All stylesheets in one, without comments and indentation."""
    parts = (_with_addresses_from((STATIC_DIR / name).read_text(), name) for name in stylesheet_names())
    css = re.sub(r"/\*.*?\*/", "", "\n".join(parts), flags=re.DOTALL)
    return re.sub(r"\s*\n\s*", "\n", css).strip() + "\n"


def build_script() -> str:
    """All modules in one; the braces keep the names of each to itself."""
    return "\n".join(f"{{\n{(STATIC_DIR / name).read_text()}\n}}" for name in script_names()) + "\n"


class BundleFinder(BaseFinder):
    """Lets collectstatic, and a server without DEBUG, find the two bundles, written anew when a source has changed."""

    builders = {
        STYLE_BUNDLE: (stylesheet_names, build_stylesheet),
        SCRIPT_BUNDLE: (script_names, build_script),
    }

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=settings.VAR_DIR / "bundles")

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The absolute path of a bundle, or an empty list for any other file."""
        if path not in self.builders:
            return []
        names, build = self.builders[path]
        target = Path(self.storage.path(path))
        newest = max((STATIC_DIR / name).stat().st_mtime for name in names())
        if not target.is_file() or target.stat().st_mtime <= newest:
            self._write(target, build())
        return [str(target)] if find_all else str(target)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """Both bundles, fresh, for collectstatic."""
        for path in self.builders:
            self.find(path)
            yield path, self.storage

    @staticmethod
    def _write(target: Path, text: str) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent)
        with os.fdopen(handle, "w") as file:
            file.write(text)
        os.chmod(name, 0o644)
        os.replace(name, target)  # at once, so that two processes never read half a file
