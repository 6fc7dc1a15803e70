"""The parts of a parsed expression."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Number:
    """A value in the unit in which this project counts; ``unit`` '' for a bare number."""

    value: float
    unit: str
    column: int


@dataclass(frozen=True)
class Name:
    """A parameter, or a measured or derived quantity."""

    name: str
    column: int


@dataclass(frozen=True)
class Unary:
    """``-`` or ``not``."""

    sign: str
    inner: Node
    column: int


@dataclass(frozen=True)
class Binary:
    """``+ - * /``, a comparison, ``and`` or ``or``."""

    sign: str
    left: Node
    right: Node
    column: int


@dataclass(frozen=True)
class Call:
    """``min``, ``max`` or ``abs``."""

    function: str
    arguments: tuple[Node, ...]
    column: int


Node = Number | Name | Unary | Binary | Call
COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
"""They answer a question, as do ``and``, ``or`` and ``not``."""
