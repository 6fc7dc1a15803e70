"""Walks through steps that hold steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from profiles.steps import CallProfile, If, Loop, RepeatUntil

Path = tuple[int | str, ...]


_HOLDERS = frozenset({If, Loop, RepeatUntil, CallProfile})


def held_by(step: Any) -> list[tuple[str, Sequence[Any]]]:
    """The lists of steps that ``step`` holds, with the names of their fields in a file."""
    if type(step) not in _HOLDERS:
        return []
    if isinstance(step, If):
        return [("then", step.then), ("else", step.otherwise)]
    return [("steps", step.steps)]


def walk(steps: Sequence[Any], path: Path = ("steps",)) -> Iterator[tuple[Path, Any]]:
    """Every step at every depth with its place, in the order of the file."""
    for number, step in enumerate(steps):
        place = (*path, number)
        yield place, step
        if type(step) in _HOLDERS:
            for field, inner in held_by(step):
                yield from walk(inner, (*place, field))


def calls_of(steps: Sequence[Any]) -> Iterator[CallProfile]:
    """Every call, at every depth."""
    for _, step in walk(steps):
        if isinstance(step, CallProfile):
            yield step
