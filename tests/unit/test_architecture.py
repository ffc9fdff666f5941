"""The house rules a machine can keep: architecture.md 4 and 5, beside import-linter's layers."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = [
    ROOT / "app.py",
    ROOT / "config.py",
    *sorted((ROOT / "blueprints").rglob("*.py")),
    *sorted((ROOT / "dialognav").rglob("*.py")),
]
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
PAGES = [path for path in TEMPLATES if "mail" not in path.relative_to(ROOT).parts]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text())))


def functions(path: Path) -> Iterator[Function]:
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: Function) -> int:
    """Lines of code, without the docstring."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1 if body else 0


def is_get_view(node: Function) -> bool:
    names = [ast.unparse(decorator) for decorator in node.decorator_list]
    return any(re.match(r"\w*bp\.(get|route)\(", name) and "POST" not in name for name in names)


def is_view(node: Function) -> bool:
    return any(re.match(r"\w*bp\.\w+\(", ast.unparse(d)) for d in node.decorator_list)


def where(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def names_used(node: ast.AST) -> set[str]:
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name)} | {
        name.attr for name in ast.walk(node) if isinstance(name, ast.Attribute)
    }


def faults_of_views() -> Iterator[str]:
    for path in sorted((ROOT / "blueprints").rglob("*.py")):
        for node in functions(path):
            used = names_used(node)
            if is_get_view(node) and "unit_of_work" in used:
                yield f"{where(path, node)} {node.name}() changes something on GET"
            if is_view(node) and {"commit", "flush"} & used:
                yield f"{where(path, node)} {node.name}() commits outside unit_of_work()"
            if is_view(node) and length(node) > 40:
                yield f"{where(path, node)} {node.name}() is a view of {length(node)} lines"


def test_views_are_short_and_get_changes_nothing() -> None:
    assert list(faults_of_views()) == []


def test_files_stay_readable_in_one_sitting() -> None:
    long = {p.relative_to(ROOT): len(p.read_text().splitlines()) for p in [*PRODUCT, *TEMPLATES]}
    assert {path: lines for path, lines in long.items() if lines > 300} == {}


def test_functions_stay_readable_at_one_glance() -> None:
    long = [
        f"{where(path, node)} {node.name}() has {length(node)} lines"
        for path in PRODUCT
        for node in functions(path)
        if length(node) > 50
    ]
    assert long == []


def test_names_say_what_a_file_is_about() -> None:
    vague = {"utils", "util", "helpers", "common", "manager", "service", "misc", "base"}
    assert [path for path in PRODUCT if path.stem in vague] == []


@pytest.mark.parametrize("layer", ["actions", "queries", "models", "domain"])
def test_deeper_layers_are_told_the_time(layer: str) -> None:
    clocks = {"utcnow", "clock.utcnow", "datetime.now", "date.today", "time.time"}
    asked = [
        where(path, node)
        for path in sorted((ROOT / "dialognav" / layer).rglob("*.py"))
        for node in nodes(path)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in clocks
    ]
    assert asked == []


def test_actions_leave_commit_and_sending_to_their_callers() -> None:
    banned = {"commit", "rollback", "smtplib", "send_message"}
    assert [
        where(path, node)
        for path in sorted((ROOT / "dialognav" / "actions").rglob("*.py"))
        for node in functions(path)
        if banned & names_used(node)
    ] == []


def test_only_the_worker_catches_everything() -> None:
    caught = [
        where(path, node)
        for path in PRODUCT
        for node in nodes(path)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
        and not any(isinstance(last, ast.Raise) for last in node.body[-1:])
    ]
    assert [place for place in caught if not place.startswith("dialognav/jobs/")] == []


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("inline style", r"\sstyle\s*="),
        ("inline handler", r"\son[a-z]+\s*=\s*[\"']"),
        ("inline script", r"<script(?![^>]*\ssrc=)(?![^>]*application/ld\+json)"),
        ("style element", r"<style"),
        ("code of another server", r"<(?:img|script|iframe|source)[^>]*\ssrc=[\"']https?://"),
        ("style of another server", r"<link[^>]*\shref=[\"']https?://"),
    ],
)
def test_pages_need_nothing_our_policy_forbids(what: str, pattern: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in PAGES
        for match in re.finditer(pattern, path.read_text())
    ]
    assert found == [], what


def test_every_form_that_posts_carries_a_token() -> None:
    """The theme's form is checked by Origin (decisions.md 20), and the secret in its address lets
    a mail program that has no token post to where one leaves (RFC 8058)."""
    tokenless = ("csrf", "caller", "theme", "public.leaving.")
    form = re.compile(r"<form[^>]*method=[\"']post[\"'].*?</form>", re.IGNORECASE | re.DOTALL)
    bare = [
        f"{path.relative_to(ROOT)}: {match[0][:80]}"
        for path in PAGES
        for match in form.finditer(path.read_text())
        if not any(reason in match[0] for reason in tokenless)
    ]
    assert bare == []
