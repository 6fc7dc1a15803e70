"""What libyaml cannot read, with what an engineer most likely did."""

from __future__ import annotations

from typing import Any

from profiles.errors import ProfileError
from profiles.odd_characters import odd_in

_INDENT = "mend the indentation: the fields of one step begin in the same column, behind `- `"
_REMEDIES = {
    "did not find expected '-' indicator": _INDENT,
    "did not find expected key": _INDENT,
    "did not find expected <document start>": _INDENT,
    "did not find expected ',' or '}'": "add the missing , or } before this place",
    "did not find expected ',' or ']'": "add the missing , or ] before this place",
    "mapping values are not allowed in this context":
        "mend the indentation, or put a text with a colon in it into quotes",
    "could not find expected ':'": "add `: ` (colon and space) behind the field's name",
    "found unexpected end of stream": "close the quote that is open",
}  # fmt: skip
"""By libyaml's own words."""


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
    return ProfileError(
        told, file=name, line=mark.line + 1, column=mark.column + 1,
        remedy=_REMEDIES.get(told, "mend the YAML at that place"), code="profile.yaml",
    )  # fmt: skip
