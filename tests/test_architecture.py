"""The house rules that a reader relies on, checked from the source itself. See docs/developer/architecture.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "lti_tool"
FLOORS = {
    "core": 1,
    "lti": 2,
    "organizations": 3,
    "platforms": 4,
    "people": 5,
    "contexts": 6,
    "files": 6,
    "agreements": 7,
    "discussions": 7,
    "grades": 7,
    "announcements": 8,
    "console": 8,
    "exchange": 8,
    "courses": 10,
    "school": 11,
    "launch": 11,
}
INNER = {
    "models": 0,
    "queries": 1,
    "policy": 1,
    "operations": 2,
    "forms": 3,
    "jobs": 3,
    "views": 4,
    "cli": 4,
}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "sandbox" not in path.parts)
SANDBOX = sorted((PACKAGE / "sandbox").rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[tuple[str, ast.stmt]]:
    """Every dotted name the module imports, made absolute, with its statement."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(("lti_tool", *path.relative_to(PACKAGE).parts)[: -node.level]) if node.level else ""
            module = ".".join(part for part in (above, node.module) if part)
            yield from ((f"{module}.{alias.name}", node) for alias in node.names)


def feature(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


def room(dotted: str) -> str | None:
    """`models`, `views`… of `lti_tool.<feature>.…`: the first part that has a place in the inner order."""
    return next((part for part in dotted.split(".")[2:] if part in INNER), None)


def for_each(paths: Sequence[Path]) -> Callable[[Callable[[Path], None]], Callable[[str], None]]:
    """Ask a rule of every one of these files: a test per feature."""

    def add(rule: Callable[[Path], None]) -> Callable[[str], None]:
        @pytest.mark.parametrize("part", sorted({feature(path) for path in paths}))
        def ask(part: str) -> None:
            for path in paths:
                if feature(path) == part:
                    rule(path)

        return ask

    return add


@for_each(MODULES)
def test_imports_only_from_floors_below(path: Path) -> None:
    own = feature(path)
    if not own:
        return
    for dotted, _node in imports(path):
        parts = dotted.split(".")
        if parts[0] == "lti_tool" and len(parts) > 1 and parts[1] != own:
            assert parts[1] in FLOORS, f"{name_of(path)} imports {dotted}"
            assert FLOORS[parts[1]] < FLOORS[own], f"{name_of(path)} imports upwards or sideways: {dotted}"


@for_each(MODULES)
def test_inner_order_of_a_feature(path: Path) -> None:
    own = room("lti_tool." + ".".join(path.relative_to(PACKAGE).with_suffix("").parts))
    if own is None:
        return
    for dotted, _node in imports(path):
        parts = dotted.split(".")
        other = room(dotted)
        if parts[:2] == ["lti_tool", feature(path)] and other is not None and other != own:
            assert INNER[other] < INNER[own], f"{name_of(path)} imports {dotted}"


@for_each(MODULES)
def test_only_lti_knows_pylti1p3(path: Path) -> None:
    if feature(path) != "lti":
        assert not [dotted for dotted, _node in imports(path) if dotted.startswith("pylti1p3")]


@for_each(MODULES)
def test_lti_knows_no_model_and_no_flask(path: Path) -> None:
    if feature(path) == "lti":
        known = [dotted for dotted, _node in imports(path)]
        assert not [dotted for dotted in known if dotted.split(".")[0] in ("flask", "sqlalchemy", "celery")]


@for_each(MODULES)
def test_request_and_session_stay_in_views(path: Path) -> None:
    relative = path.relative_to(PACKAGE).parts
    allowed = {
        "views",
        "forms",
        "launch",
        "web.py",
        "limits.py",
        "errors.py",
        "i18n.py",
        "db.py",
        "session.py",
        "metrics.py",
    }
    if allowed & ({part.removesuffix(".py") for part in relative} | set(relative)):
        return
    touched = [dotted for dotted, _node in imports(path) if dotted in ("flask.request", "flask.session")]
    assert not touched, f"{name_of(path)} touches {touched}"


@for_each(MODULES)
def test_only_the_unit_of_work_commits(path: Path) -> None:
    if name_of(path) == "core/db.py":
        return
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr != "commit", f"{name_of(path)}:{node.lineno} commits"


@for_each(MODULES)
def test_only_core_http_and_lti_send_http(path: Path) -> None:
    if name_of(path) == "core/http.py" or feature(path) == "lti":
        return
    senders = ("requests", "urllib.request", "http.client", "httpx", "urllib3")
    assert not [dotted for dotted, _node in imports(path) if dotted.startswith(senders)]


@for_each(MODULES + SANDBOX)
def test_imports_inside_functions_give_their_reason(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Import | ast.ImportFrom):
                    around = lines[inner.lineno - 2] + lines[inner.lineno - 1]
                    assert "#" in around, f"{name_of(path)}:{inner.lineno} imports inside a function without a reason"


@for_each(SANDBOX)
def test_the_sandbox_shares_nothing_with_the_tool(path: Path) -> None:
    for dotted, _node in imports(path):
        if dotted.startswith("lti_tool."):
            assert dotted.startswith("lti_tool.sandbox"), f"{name_of(path)} imports {dotted}"


@for_each(MODULES)
def test_nothing_imports_the_sandbox(path: Path) -> None:
    assert not [dotted for dotted, _node in imports(path) if dotted.startswith("lti_tool.sandbox")]


@for_each(MODULES + SANDBOX)
def test_functions_and_files_stay_readable(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= 60, f"{name_of(path)}:{node.lineno} {node.name} has {length} lines"
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 420, name_of(path)


def test_no_drawer_for_everything() -> None:
    names = {path.stem for path in MODULES + SANDBOX} | {path.parent.name for path in MODULES + SANDBOX}
    assert not names & {"util", "utils", "common", "helpers", "misc", "services_util"}


def test_every_module_says_what_it_is() -> None:
    assert [name_of(path) for path in MODULES + SANDBOX if not ast.get_docstring(tree(path))] == []


def test_links_to_files_go_with_the_session() -> None:
    """Chromium fetches what has a bare `download` without the cookies of a frame."""
    bare = re.compile(r"<a\s[^>]*\sdownload(?=[\s=>])")
    templates = (ROOT / "templates").rglob("*.html")
    assert [path.name for path in templates if bare.search(path.read_text(encoding="utf-8"))] == []


def test_templates_hold_no_inline_script_or_style() -> None:
    """The content security policy forbids them, so a page would silently lose its look or its life."""
    wrong = re.compile(r"<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=\"|<style", re.IGNORECASE)
    for path in sorted((ROOT / "templates").rglob("*.html")):
        found = wrong.search(path.read_text(encoding="utf-8"))
        assert not found, f"{path.relative_to(ROOT)}: {found and found.group()!r}"
