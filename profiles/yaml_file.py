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
    name = str(path)
    try:
        if path.stat().st_size > SIZE_MAX_BYTES:
            raise ProfileError("larger than 1 MB", file=name, remedy="a profile is a few kB of YAML")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ProfileError(
            f"cannot be read: {error.strerror or error}",
            file=name,
            remedy="check the name",
            code="profile.unreadable",
        ) from error
    except UnicodeDecodeError as error:
        raise ProfileError("is not UTF-8 text", file=name, remedy="save it as UTF-8") from error
    return parse_profile(text, name)


def parse_profile(text: str, name: str = "<text>") -> Profile:
    """Validate YAML ``text``; ``name`` is used in messages."""
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
        ) from error
    except YAMLError as error:
        raise ProfileError("is not valid YAML", file=name, remedy="mend the YAML") from error
    if not isinstance(data, dict):
        raise ProfileError(
            "is empty or not a mapping", file=name, line=1, remedy="start from a built-in profile"
        )
    try:
        return Profile.model_validate(data)
    except ValidationError as error:
        raise _explain(error, data, name) from error


def _explain(error: ValidationError, data: Any, name: str) -> ProfileError:
    first = error.errors()[0]
    line, column, field = _locate(data, first["loc"])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    hints = {
        "extra_forbidden": "unknown field: remove it or correct its spelling",
        "missing": "add this field",
        "union_tag_invalid": "use one of the step types named in the message",
        "union_tag_not_found": "every step needs `step:`",
    }
    return ProfileError(
        first["msg"] + more,
        file=name,
        line=line,
        column=column,
        field=field,
        remedy=hints.get(first["type"], "correct the value"),
    )


def _locate(data: Any, loc: tuple[int | str, ...]) -> tuple[int, int, str]:
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
