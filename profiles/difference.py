"""What one profile says differently from another: by meaning, step by step."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from profiles.model import Profile

_CHILDREN = ("steps", "then", "else", "otherwise")
"""Fields of a step that hold steps of their own."""


@dataclass(frozen=True)
class Change:
    """One difference. ``place`` is dotted, steps count from 1 (``steps[3].current_C``).

    ``before`` or ``after`` is None where something was added or removed. ``before_place`` is where the step
    stood, where that is not ``place``.
    """

    kind: Literal["changed", "added", "removed"]
    place: str
    before: Any
    after: Any
    before_place: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)

    def __str__(self) -> str:
        if self.kind == "added":
            return f"+ {self.place}: {_short(self.after)}"
        if self.kind == "removed":
            return f"- {self.place}: {_short(self.before)}"
        was = f" (was {self.before_place})" if self.before_place else ""
        return f"~ {self.place}{was}: {_short(self.before)} → {_short(self.after)}"


def differences(before: Profile, after: Profile) -> list[Change]:
    """What ``after`` says differently. Empty when both mean the same, whatever their files look like."""
    return list(_fields("", before.canonical(), after.canonical(), ""))


def _fields(place: str, before: dict[str, Any], after: dict[str, Any], was: str) -> Iterator[Change]:
    for name in [*before, *(name for name in after if name not in before)]:
        here = f"{place}.{name}" if place else name
        there = f"{was}.{name}" if was else name
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if name in _CHILDREN and _are_steps(old) and _are_steps(new):
            yield from _steps(here, old or [], new or [], there)
        elif isinstance(old, dict) and isinstance(new, dict):
            yield from _fields(here, old, new, there)
        elif old is None or new is None:
            yield Change("added" if old is None else "removed", here, old, new)
        else:
            yield Change("changed", here, old, new, there if there != here else "")


def _are_steps(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(one, dict) for one in value))


def _steps(place: str, before: Sequence[Any], after: Sequence[Any], was: str) -> Iterator[Change]:
    """Steps that are alike are matched first, what stands between them by kind of step."""
    old, new = ([json.dumps(step, sort_keys=True) for step in steps] for steps in (before, after))
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from _between(place, before, after, range(a, b), range(c, d), was)


def _between(
    place: str, before: Sequence[Any], after: Sequence[Any], old: range, new: range, was: str
) -> Iterator[Change]:
    kinds = [before[n].get("step") for n in old], [after[n].get("step") for n in new]
    for tag, a, b, c, d in SequenceMatcher(None, *kinds, autojunk=False).get_opcodes():
        if tag == "equal":
            for n, m in zip(old[a:b], new[c:d], strict=True):
                yield from _fields(f"{place}[{m + 1}]", before[n], after[m], f"{was}[{n + 1}]")
            continue
        for n in old[a:b]:
            yield Change("removed", f"{was}[{n + 1}]", before[n], None)
        for m in new[c:d]:
            yield Change("added", f"{place}[{m + 1}]", None, after[m])


def _short(value: Any) -> str:
    """One line; what says nothing is left out."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_short(part)}" for name, part in value.items() if part is not None)
    if isinstance(value, list):
        return "[" + ", ".join(_short(part) for part in value) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value)
