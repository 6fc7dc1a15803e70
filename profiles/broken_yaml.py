"""What libyaml cannot read, with what an engineer most likely did."""

from __future__ import annotations

import re
from typing import Any

from profiles.errors import ProfileError
from profiles.odd_characters import odd_in

_INDENT = "mend the indentation: the fields of one step begin in the same column, behind `- `"
_REMEDIES = {
    "did not find expected '-' indicator": _INDENT,
    "did not find expected key": _INDENT,
    "did not find expected <document start>": _INDENT,
    "did not find expected ',' or '}'": "add the missing , between two fields, or the } at the end",
    "did not find expected ',' or ']'": "add the missing , between two values, or the ] at the end",
    "mapping values are not allowed in this context":
        "mend the indentation, or put a text with a colon in it into quotes",
    "could not find expected ':'": "add `: ` (colon and space) behind the field's name",
    "found unexpected end of stream": "close the quote that is open",
}  # fmt: skip
"""By libyaml's own words."""


_BEGUN = (
    "did not find expected ',' or '}'",
    "did not find expected ',' or ']'",
    "could not find expected ':'",
    "found unexpected end of stream",
)
"""What libyaml notices behind the line that is to blame: where it begins is told."""
_NO_SPACE = re.compile(r"\s*-[^\s\-]")
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def unreadable(text: str, name: str) -> ProfileError:
    """What is no text at all, with the first character of that kind."""
    odd = _NO_TEXT.search(text)
    if odd is None:
        return ProfileError(
            "is not valid YAML", file=name, line=1, column=1, remedy="mend the YAML", code="profile.yaml"
        )
    line, column = text.count("\n", 0, odd.start()) + 1, odd.start() - text.rfind("\n", 0, odd.start())
    return ProfileError(
        f"a character that is no text (U+{ord(odd[0]):04X}) stands here", file=name, line=line, column=column,
        remedy="give a YAML file; this is none, or it is damaged", code="profile.yaml",
    )  # fmt: skip


def broken(error: Any, text: str, name: str) -> ProfileError:
    """The error with its place; a character of another keyboard in that line or the one before is named."""
    mark, told = error.problem_mark, str(error.problem or "is not valid YAML")
    if mark is None:
        return ProfileError(told, file=name, line=1, column=1, remedy="mend the YAML", code="profile.yaml")
    lines = text.splitlines() or [""]
    at = min(mark.line, len(lines) - 1)
    for number in (at, at - 1):
        odd = odd_in(lines[number].split("#")[0]) if number >= 0 else None
        if odd is not None:
            return ProfileError(
                f"{odd.name} stands here ({told})", file=name, line=number + 1, column=odd.place + 1,
                remedy=odd.remedy, code="profile.odd_character", given=odd.character,
            )  # fmt: skip
    remedy = _REMEDIES.get(told, "mend the YAML at that place")
    begun = error.context_mark
    if told in _BEGUN and begun is not None and begun.line != mark.line:
        mark = begun
    if any(_NO_SPACE.match(lines[number]) for number in (at, max(at - 1, 0))):
        remedy = "put a space behind the dash"
    return ProfileError(
        told, file=name, line=mark.line + 1, column=mark.column + 1, remedy=remedy, code="profile.yaml",
    )  # fmt: skip
