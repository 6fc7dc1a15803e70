"""Reads a YAML profile; every complaint carries the line and column it is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from profiles.complaints import Complaint, complaint
from profiles.errors import ProfileError
from profiles.model import Profile
from profiles.schema_line import without_schema
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
        raise ProfileError(
            "is not UTF-8 text", file=name, remedy="save it as UTF-8", code="profile.encoding"
        ) from error


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
    lacking: list[ProfileError] = []
    try:
        data, _ = read_events(text, name)
        if not isinstance(data, dict):
            return None, [_no_mapping(name)]
        lacking = without_schema(data, name)
        data = substituted(data, parameters or {})
        context = {"folder": folder, "find": find, "callers": callers}
        profile = Profile.model_validate(data, context=context, by_alias=True, by_name=False)
        return (None, lacking) if lacking else (profile, [])
    except ProfileError as error:
        return None, [error]
    except StepProblem as error:
        return None, [*lacking, placed_problem(error, places_of(text, name), name)]
    except ValidationError as error:
        places = places_of(text, name)
        return None, [*lacking, *_without_followers(list(_explained(error, data, places, name)))]


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


def _explained(error: ValidationError, data: Any, places: Places | None, name: str) -> Iterator[ProfileError]:
    """One problem for each place: a value that may be a number or a word is wrong in both ways at once."""
    ways: dict[tuple[int | str, ...], list[Any]] = {}
    for one in error.errors():
        ways.setdefault(_in_file(one["loc"], data, missing=one["type"] == "missing"), []).append(one)
    for found in ways.values():
        yield _explain(_of_ways(found), data, places, name)


def _without_followers(problems: list[ProfileError]) -> list[ProfileError]:
    """``problems`` without the missing fields that stand there under a wrong name."""
    meant = set()
    for one in problems:
        if one.code in ("profile.unknown_field", "profile.odd_character"):
            around, _, word = one.field.rpartition(".")
            meant.add((around, one.facts.get("near") or re.split(r"[^A-Za-z_]", word)[0]))
    return [
        one
        for one in problems
        if one.code != "profile.missing_field" or one.field.rpartition(".")[::2] not in meant
    ]


def _of_ways(found: list[Any]) -> Any:
    """The error to tell of a value that may be a number or one of some words."""
    first = found[0]
    words = next((one for one in found if one["type"] == "literal_error"), None)
    if words is None or first is words or type(first["input"]) in (int, float):
        return first
    return {**words, "ctx": {"expected": f"a number, {words['ctx']['expected']}"}}


def _explain(found: Any, data: Any, places: Places | None, name: str) -> ProfileError:
    problem = found.get("ctx", {}).get("error")
    if isinstance(problem, StepProblem):
        return placed_problem(problem, places, name)
    path = _in_file(found["loc"], data, missing=found["type"] == "missing")
    line, column, field = locate(places, path)
    holder, where = data, ""
    for part in path[:-1]:
        where = part if isinstance(part, str) else where
        try:
            holder = holder[part]
        except (KeyError, IndexError, TypeError):
            break
    told = complaint(found, holder, where)
    if not field and found["type"] == "value_error":  # about the profile as a whole: the steps are to blame
        line, column, field = locate(places, ("steps",))
        told = Complaint("profile.first_step", told.message, "begin with a contact_check")
    return ProfileError(
        told.message, file=name, line=line, column=column, field=field, remedy=told.remedy,
        code=told.code, **told.facts,
    )  # fmt: skip


def _in_file(loc: tuple[int | str, ...], data: Any, *, missing: bool) -> tuple[int | str, ...]:
    """``loc`` without the names of union members, which stand in the location and not in the file."""
    found: list[int | str] = []
    node = data
    for number, part in enumerate(loc):
        last = number == len(loc) - 1
        if (
            isinstance(node, dict)
            and part not in node
            and node.get("step") == part
            and not (last and missing)
        ):
            continue
        if part == "[key]":  # what is wrong is the key before
            continue
        if found and isinstance(part, str) and not isinstance(node, dict):  # one of the ways to read it
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
