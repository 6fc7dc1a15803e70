"""Finds the codes that the source says, so that no code is without words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
CODE = re.compile(r"[a-z][a-z0-9]*(\.[a-z][a-z0-9_]*)+")
_EVENT_CALLS = ("once", "add_event", "event", "_note", "Refusal", "Outcome", "Ended", "SwitchResult")
"""Calls that take a code among their first arguments."""
_CHECK_CALLS = {
    "CheckResult": "safety.check.",
    "_tripped": "safety.",
    "_trip": "safety.",
    "_warn": "engine.",
    "RuleInfo": "safety.",
    "within": "safety.",
    "_bound": "safety.",
    "say_while": "engine.",
}
"""Calls whose first argument is a rule, and what its code begins with."""


def codes_in_use() -> dict[str, str]:
    """Code → where it is said first."""
    found: dict[str, str] = {}
    for package in ("station", "drivers", "profiles"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for code, line in _codes_of(ast.parse(path.read_text(encoding="utf-8"))):
                found.setdefault(code, f"{path.relative_to(ROOT)}:{line}")
    return found


def _codes_of(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for statement in node.body:
                if isinstance(statement, (ast.Assign, ast.AnnAssign)) and _names(statement) == ["code"]:
                    yield from _literals(statement.value)
        elif isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg in ("code", "warning"):
                    yield from _literals(keyword.value)
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in _EVENT_CALLS:
                for argument in node.args[:3]:
                    yield from _literals(argument)
            if name in _CHECK_CALLS and node.args:
                for rule, line in _words(node.args[0]):
                    yield _CHECK_CALLS[name] + rule, line
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "code":
                    yield from _literals(value)


def _names(statement: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _literals(node: ast.expr | None) -> Iterator[tuple[str, int]]:
    """Codes in a literal, or in the branches of a choice."""
    for text, line in _words(node):
        if CODE.fullmatch(text):
            yield text, line


def _words(node: ast.expr | None) -> Iterator[tuple[str, int]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value, node.lineno
    elif isinstance(node, ast.IfExp):
        yield from _words(node.body)
        yield from _words(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for part in node.values:
            yield from _words(part)
