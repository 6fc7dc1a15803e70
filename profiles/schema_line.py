"""The line that says which version of the language a file is written in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiles.errors import ProfileError

SCHEMA = "pulse-station/profile/1"


def without_schema(data: Mapping[str, Any], name: str) -> list[ProfileError]:
    """The problem of a file that does not say it: nobody could tell later what its words meant."""
    if "schema" in data:
        return []
    return [
        ProfileError(
            "the field schema is missing", file=name, line=1, column=1, field="schema",
            remedy=f"write `schema: {SCHEMA}` as the first line", code="profile.missing_field",
        )
    ]  # fmt: skip
