"""Reads a YAML profile; every complaint carries the line and column it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from profiles.errors import ProfileError
from profiles.model import Profile
from profiles.step_errors import StepProblem
from profiles.substitution import substituted
from profiles.yaml_events import Places, read_events

SIZE_MAX_BYTES = 4_000_000
Find = Callable[[str], str | None]
"""From a name to the text of a station's own profile; None where there is none of that name."""


def read_profile(path: Path, *, parameters: Mapping[str, float] | None = None) -> Profile:
    """Read and validate ``path``. Raises ProfileError with file, line, column, field, remedy."""
    return parse_profile(read_text(path), str(path), parameters=parameters, folder=path.parent)


def read_text(path: Path) -> str:
    """The text of a profile file. Raises ProfileError."""
    name = str(path)
    try:
        if path.stat().st_size > SIZE_MAX_BYTES:
            raise ProfileError("larger than 4 MB", file=name, remedy="a profile is a few kB of YAML")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ProfileError(
            f"cannot be read: {error.strerror or error}",
            file=name,
            remedy="check the name",
            code="profile.unreadable",
        ) from error
    except UnicodeDecodeError as error:
        raise ProfileError("is not UTF-8 text", file=name, remedy="save it as UTF-8") from error


def parse_profile(
    text: str,
    name: str = "<text>",
    *,
    parameters: Mapping[str, float] | None = None,
    folder: Path | None = None,
    find: Find | None = None,
    callers: tuple[str, ...] = (),
) -> Profile:
    """Validate YAML ``text``; ``name`` is used in messages. Raises ProfileError about the first problem.

    ``parameters`` take the place of the declared values. ``folder``: where files lie that it names.
    """
    profile, problems = problems_of(
        text, name, parameters=parameters, folder=folder, find=find, callers=callers
    )
    if profile is not None:
        return profile
    first = problems[0]
    if len(problems) == 1:
        raise first
    raise ProfileError(
        f"{first.message} (and {len(problems) - 1} more)",
        file=name,
        line=first.line,
        column=first.column,
        field=first.field,
        remedy=first.remedy,
        code=first.code,
        **first.facts,
    )


def problems_of(
    text: str,
    name: str = "<text>",
    *,
    parameters: Mapping[str, float] | None = None,
    folder: Path | None = None,
    find: Find | None = None,
    callers: tuple[str, ...] = (),
) -> tuple[Profile | None, list[ProfileError]]:
    """The profile (None where it is wrong), and all problems."""
    data: Any = None
    try:
        data, _ = read_events(text, name)
        if not isinstance(data, dict):
            return None, [_no_mapping(name)]
        data = substituted(data, parameters or {})
        context = {"folder": folder, "find": find, "callers": callers}
        return Profile.model_validate(data, context=context), []
    except ProfileError as error:
        return None, [error]
    except StepProblem as error:
        return None, [placed_problem(error, places_of(text, name), name)]
    except ValidationError as error:
        places = places_of(text, name)
        return None, [_explain(one, data, places, name) for one in error.errors()]


def places_of(text: str, name: str = "<text>") -> Places | None:
    """Where the parts of ``text`` are. Raises ProfileError where it is no YAML."""
    return read_events(text, name, places=True)[1]


def placed_problem(
    error: StepProblem, places: Places | None, name: str, code: str = "profile.value"
) -> ProfileError:
    """A problem of one step with the line and column it is about."""
    line, column, field = locate(places, error.path)
    return ProfileError(
        str(error),
        file=name,
        line=line,
        column=column,
        field=field,
        remedy=error.remedy,
        code=code,
    )


def _no_mapping(name: str) -> ProfileError:
    return ProfileError(
        "is empty or not a mapping",
        file=name,
        line=1,
        column=1,
        remedy="start from a built-in profile",
        code="profile.yaml",
    )


_KINDS = {
    "extra_forbidden": ("profile.unknown_field", "unknown field: remove it or correct its spelling"),
    "missing": ("profile.missing_field", "add this field"),
    "union_tag_invalid": ("profile.step_type", "use one of the step types named in the message"),
    "union_tag_not_found": ("profile.step_type", "every step needs `step:`"),
    "literal_error": ("profile.choice", "use one of the words named in the message"),
    "greater_than": ("profile.too_small", "give a larger value"),
    "greater_than_equal": ("profile.too_small", "give a larger value"),
    "less_than": ("profile.too_large", "give a smaller value"),
    "less_than_equal": ("profile.too_large", "give a smaller value"),
}
"""What each kind of complaint is called, and its remedy."""
_LIMITS = ("gt", "ge", "lt", "le", "min_length", "max_length")


def _explain(found: Any, data: Any, places: Places | None, name: str) -> ProfileError:
    context = found.get("ctx", {})
    problem = context.get("error")
    if isinstance(problem, StepProblem):
        return placed_problem(problem, places, name)
    line, column, field = locate(places, _in_file(found["loc"], data))
    kind = found["type"]
    default = "profile.type" if kind.endswith(("_type", "_parsing")) else "profile.value"
    code, remedy = _KINDS.get(kind, (default, "correct the value"))
    facts: dict[str, Any] = {}
    limit = next((context[key] for key in _LIMITS if key in context), None)
    if limit is not None:
        facts["limit"] = limit
    known = context.get("expected") or context.get("expected_tags")
    if known is not None:
        facts["known"] = str(known)
    if not field and kind == "value_error":  # about the profile as a whole: the steps are to blame
        line, column, field = locate(places, ("steps",))
        code = "profile.first_step"
        remedy = "begin with a contact_check"
    return ProfileError(
        found["msg"], file=name, line=line, column=column, field=field, remedy=remedy, code=code, **facts
    )


def _in_file(loc: tuple[int | str, ...], data: Any) -> tuple[int | str, ...]:
    """``loc`` without the names of union members, which stand in the location and not in the file."""
    found: list[int | str] = []
    node = data
    for number, part in enumerate(loc):
        inside = isinstance(node, dict) and part not in node and number < len(loc) - 1
        if inside and node.get("step", part) == part:
            continue
        found.append(part)
        try:
            node = node[part]
        except (KeyError, IndexError, TypeError):
            node = None
    return tuple(found)


def locate(places: Places | None, loc: tuple[int | str, ...]) -> tuple[int, int, str]:
    """Line and column (from 1) of the deepest part of ``loc`` that the file holds, and its dotted name."""
    line, column, names = 0, 0, []
    for part in loc:
        if places is not None and part in places.keys:
            line, column = places.keys[part]
        places = places.inside.get(part) if places is not None else None
        names.append(f"[{part}]" if isinstance(part, int) else str(part))
    return line + 1, column + 1, ".".join(names).replace(".[", "[")
