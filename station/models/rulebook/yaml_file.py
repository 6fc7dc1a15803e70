"""Reads one strict document from YAML; every complaint carries file, line, field and remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from station.errors import DataError

Document = TypeVar("Document", bound=BaseModel)

SIZE_MAX_BYTES = 500_000
NODES_MAX = 50_000
"""Aliases can make a small file mean a huge document."""

_HINTS = {
    "extra_forbidden": "unknown field: remove it or correct its spelling",
    "missing": "add this field",
}


def read_part(kind: type[Document], path: Path, *, code: str) -> Document:
    """Read and validate ``path``. Raises DataError with ``code``; params name file, line and field."""
    data = _load(path, code)
    try:
        return kind.model_validate(_plain(data, [0]))
    except ValidationError as error:
        first = error.errors()[0]
        line, field = _place(data, first["loc"])
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise DataError(
            f"{path}:{line}: {field}: {first['msg']}{more}",
            remedy=_HINTS.get(first["type"], "correct the value"),
            code=code,
            file=str(path),
            line=line,
            field=field,
        ) from error
    except (OverflowError, RecursionError) as error:
        raise _wrong(path, "refers to itself or grows without end", "write the parts out", code) from error


def _load(path: Path, code: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import RoundTripConstructor
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    class DaysAsText(RoundTripConstructor):
        """A day stays text, so that a wrong one is told with its line and field."""

    DaysAsText.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)
    try:
        if path.stat().st_size > SIZE_MAX_BYTES:
            raise _wrong(path, "is larger than 500 kB", "give one document of a few kB", code)
        yaml = YAML(typ="rt", pure=True)
        yaml.Constructor = DaysAsText
        data = yaml.load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _wrong(path, f"cannot be read: {error.strerror or error}", "check the path", code) from error
    except UnicodeDecodeError as error:
        raise _wrong(path, "is not UTF-8 text", "save it as UTF-8", code) from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise _wrong(path, str(error.problem), "mend the YAML at that place", code, line) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise _wrong(path, f"is not valid YAML: {error}", "mend the YAML", code) from error
    if not isinstance(data, dict):
        raise _wrong(path, "is empty or not a mapping", "start from the file that ships", code)
    return data


def _wrong(path: Path, what: str, remedy: str, code: str, line: int = 0) -> DataError:
    where = f"{path}:{line}" if line else str(path)
    return DataError(f"{where}: {what}", remedy=remedy, code=code, file=str(path), line=line or None)


def _plain(data: Any, count: list[int]) -> Any:
    """Plain containers. Raises OverflowError when there are too many nodes."""
    count[0] += 1
    if count[0] > NODES_MAX:
        raise OverflowError
    if isinstance(data, dict):
        return {str(key): _plain(value, count) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(item, count) for item in data]
    return data


def _place(data: Any, loc: tuple[int | str, ...]) -> tuple[int, str]:
    """Line (from 1) of the deepest part of ``loc`` in the file, and its dotted name."""
    node, line = data, 0
    for part in loc:
        try:
            line = (node.lc.item(part) if isinstance(part, int) else node.lc.key(part))[0]
            node = node[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line + 1, ".".join(str(part) for part in loc) or "(whole file)"
