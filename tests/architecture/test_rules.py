"""The rules of docs/architecture.md that no linter knows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("marketplace", "umkm", "cms", "search")
pytestmark = pytest.mark.once


def modules() -> Iterator[tuple[str, str]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), path.read_text()


MODULES = dict(modules())
TREES = {name: ast.parse(text) for name, text in MODULES.items()}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def test_modules_stay_short():
    assert not {name: n for name, text in MODULES.items() if (n := len(text.splitlines())) > 400}


def test_functions_stay_short():
    long = {
        f"{name}:{function.name}": lines
        for name, tree in TREES.items()
        for function in functions(tree)
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > 80
    }
    assert not long


def test_nothing_of_ours_is_imported_inside_a_function():
    """Except where Django itself asks for it: AppConfig.ready() runs after the models are loaded."""
    dodges = []
    for name, tree in TREES.items():
        for function in functions(tree):
            if name.endswith("apps.py") and function.name in ("ready", "import_models"):
                continue
            for node in ast.walk(function):
                module = node.module if isinstance(node, ast.ImportFrom) else None
                if module and module.split(".")[0] in PACKAGES:
                    dodges.append(f"{name}:{node.lineno} {module}")
    assert not dodges


def test_models_import_no_services():
    """None of their own slice; announcing a change through the outbox is what every slice may do."""
    wrong = []
    for name, tree in TREES.items():
        if re.search(r"/(models|querysets)(\.py|/)", name):
            own = re.split(r"/(?:models|querysets)", name)[0].replace("/", ".")
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.module in (f"{own}.services", f"{own}.views"):
                    wrong.append(f"{name}: {node.module}")
    assert not wrong


BELOW_VIEWS = ("services.py", "selectors.py", "policies.py", "models.py", "querysets.py", "lock_objects.py")


def test_no_request_below_the_views():
    """Services, selectors, policies and models are called by tasks and commands as well, which have no request."""
    wrong = []
    for name, tree in TREES.items():
        # Wagtail hands its request to pages: they are models and views in one.
        if Path(name).name in BELOW_VIEWS and name != "cms/models.py":
            for function in functions(tree):
                arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
                kinds = [ast.unparse(argument.annotation) for argument in arguments if argument.annotation]
                if any("HttpRequest" in kind for kind in kinds):
                    wrong.append(f"{name}:{function.name}")
    assert not wrong


def test_no_signals_of_our_own():
    """Work that follows a write goes through the outbox. What runs after migrations is no such work."""
    pattern = re.compile(r"\b(pre|post)_(save|delete|init)\b|\bm2m_changed\b|\bSignal\(")
    assert not [name for name, text in MODULES.items() if pattern.search(text)]


def public_functions(name: str) -> Iterator[Function]:
    for node in TREES[name].body:
        if isinstance(node, Function) and not node.name.startswith("_"):
            yield node


LAYERS = [name for name in MODULES if Path(name).name in ("services.py", "selectors.py", "policies.py")]


def test_what_others_call_says_what_it_promises():
    silent = [
        f"{name}:{function.name}"
        for name in LAYERS
        for function in public_functions(name)
        if not ast.get_docstring(function)
    ]
    assert not silent


def test_what_others_call_is_typed():
    untyped = []
    for name in LAYERS:
        for function in public_functions(name):
            arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
            if function.returns is None or any(argument.annotation is None for argument in arguments):
                untyped.append(f"{name}:{function.name}")
    assert not untyped


def test_services_take_keywords_only():
    """A call reads by itself. Guards (`require_…`) change nothing and take what they guard."""
    positional = [
        f"{name}:{function.name}"
        for name in LAYERS
        if name.endswith("services.py")
        for function in public_functions(name)
        if len(function.args.args) > 1 and not function.name.startswith("require_")
    ]
    assert not positional


def text_files() -> Iterator[tuple[str, str]]:
    for suffix in ("py", "html", "css", "js", "md", "toml", "yaml", "txt", "conf", "in"):
        for path in sorted(ROOT.rglob(f"*.{suffix}")):
            parts = path.relative_to(ROOT).parts
            if parts[0] in (".venv", "var", ".git", "node_modules") or "node_modules" in parts:
                continue
            yield "/".join(parts), path.read_text(errors="replace")


def test_nothing_unfinished_and_nothing_of_the_workshop():
    words = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error", "/wo" + "rk/", "/tm" + "p/w"]
    pattern = re.compile(
        "|".join(rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])" for word in words[:4]) + "|" + "|".join(words[4:])
    )
    found = [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1} {match.group()}"
        for name, text in text_files()
        for match in pattern.finditer(text)
    ]
    assert not found


def test_no_test_is_skipped_or_expected_to_fail():
    marks = re.compile(r"pytest\.(mark\.)?(" + "sk" + r"ip|skipif|importorskip|" + "xf" + r"ail)\b|@unittest\.skip")
    assert not [name for name, text in text_files() if name.startswith("tests/") and marks.search(text)]
