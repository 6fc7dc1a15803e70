"""Reads a family's YAML; every complaint names file, line and field."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from drivers.bms.description import FamilyModel
from drivers.bms.errors import BadDescription

SIZE_MAX_BYTES = 500_000


Places = Callable[[tuple[int | str, ...]], tuple[int, str]]


def read_description(path: Path) -> tuple[FamilyModel, Places]:
    """Read and check one description; the second tells line and name of a part by its path.

    Raises BadDescription; params hold ``file``, ``line``, ``field``.
    """
    try:
        if path.stat().st_size > SIZE_MAX_BYTES:
            raise wrong(path, "is larger than 500 kB")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise wrong(path, f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise wrong(path, "is not UTF-8 text") from error
    data = _load(text, path)
    try:
        return FamilyModel.model_validate(_plain(data)), partial(place, data)
    except ValidationError as error:
        found = error.errors()
        line, field = place(data, found[0]["loc"])
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise wrong(path, found[0]["msg"] + more, line, field) from error
    except RecursionError as error:
        raise wrong(path, "refers to itself") from error


def wrong(path: Path | str, what: str, line: int = 0, field: str = "") -> BadDescription:
    """Build the error of a description."""
    where = f"{path}:{line}" if line else str(path)
    return BadDescription(
        f"{where}: {field + ': ' if field else ''}{what}",
        remedy="Correct the description at that place; the ones that ship are in drivers/bms/families.",
        file=str(path),
        line=line or None,
        field=field,
    )


def _load(text: str, path: Path) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        data = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise wrong(path, str(error.problem), line) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise wrong(path, f"is not valid YAML: {error}") from error
    if not isinstance(data, dict):
        raise wrong(path, "is empty or not a mapping")
    return data


def _plain(data: Any) -> Any:
    if isinstance(data, dict):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(item) for item in data]
    if isinstance(data, bool) or not isinstance(data, int):
        return data
    return int(data)  # the round-trip reader keeps hexadecimal numbers in a class of their own


def place(data: Any, loc: tuple[int | str, ...]) -> tuple[int, str]:
    """Line (from 1) of the deepest part of ``loc`` that stands in the file, and its dotted name."""
    node, line = data, 0
    for part in loc:
        try:
            line = (node.lc.item(part) if isinstance(part, int) else node.lc.key(part))[0]
            node = node[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line + 1, ".".join(str(part) for part in loc) or "(whole file)"
