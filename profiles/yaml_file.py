"""Reads a YAML profile; every complaint carries the line and column it is about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from profiles.errors import ProfileError
from profiles.model import Profile

SIZE_MAX_BYTES = 1_000_000


def read_profile(path: Path) -> Profile:
    """Read and validate ``path``. Raises ProfileError with file, line, column, field, remedy."""
    return parse_profile(read_text(path), str(path))


def read_text(path: Path) -> str:
    """The text of a profile file. Raises ProfileError."""
    name = str(path)
    try:
        if path.stat().st_size > SIZE_MAX_BYTES:
            raise ProfileError("larger than 1 MB", file=name, remedy="a profile is a few kB of YAML")
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


def parse_profile(text: str, name: str = "<text>") -> Profile:
    """Validate YAML ``text``; ``name`` is used in messages. Raises ProfileError about the first problem."""
    data = read_yaml(text, name)
    try:
        return Profile.model_validate(data)
    except ValidationError as error:
        first = _explain(error.errors()[0], data, name)
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise ProfileError(
            first.message + more,
            file=name,
            line=first.line,
            column=first.column,
            field=first.field,
            remedy=first.remedy,
            code=first.code,
            **first.facts,
        ) from error


def problems_of(text: str, name: str = "<text>") -> tuple[Profile | None, Any, list[ProfileError]]:
    """The profile (None where it is wrong), the YAML with its marks (None where it is none), all problems."""
    try:
        data = read_yaml(text, name)
    except ProfileError as error:
        return None, None, [error]
    try:
        return Profile.model_validate(data), data, []
    except ValidationError as error:
        return None, data, [_explain(one, data, name) for one in error.errors()]


def read_yaml(text: str, name: str) -> Any:
    """The mapping that ``text`` is, with the places of its parts. Raises ProfileError."""
    # Imported late: a worker gets its plan as JSON.
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        data = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        raise ProfileError(
            str(error.problem or "is not valid YAML"),
            file=name,
            line=mark.line + 1 if mark else 0,
            column=mark.column + 1 if mark else 0,
            remedy="mend the YAML at that place",
            code="profile.yaml",
        ) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise ProfileError(
            "is not valid YAML", file=name, remedy="mend the YAML", code="profile.yaml"
        ) from error
    if not isinstance(data, dict):
        raise ProfileError(
            "is empty or not a mapping",
            file=name,
            line=1,
            column=1,
            remedy="start from a built-in profile",
            code="profile.yaml",
        )
    return data


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


def _explain(found: Any, data: Any, name: str) -> ProfileError:
    line, column, field = locate(data, found["loc"])
    context = found.get("ctx", {})
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
        line, column, field = locate(data, ("steps",))
        code = "profile.first_step"
        remedy = "begin with a contact_check"
    return ProfileError(
        found["msg"], file=name, line=line, column=column, field=field, remedy=remedy, code=code, **facts
    )


def locate(data: Any, loc: tuple[int | str, ...]) -> tuple[int, int, str]:
    """Line and column (from 1) of the deepest part of ``loc`` that the file holds, and its dotted name."""
    node, line, column, names = data, 1, 1, []
    for part in loc:
        try:
            if isinstance(part, int):
                line, column = node.lc.item(part)
            else:
                line, column = node.lc.key(part)
            node = node[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            if isinstance(node, dict) and not isinstance(part, int) and part not in node and part != loc[-1]:
                continue  # pydantic names the union member in the location; the file does not
            names.append(str(part))
            continue
        line, column = line + 1, column + 1
        names.append(f"[{part}]" if isinstance(part, int) else str(part))
    return line, column, ".".join(names).replace(".[", "[")
