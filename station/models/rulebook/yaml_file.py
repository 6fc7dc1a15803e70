"""Reads one strict document from YAML; every complaint carries file, line, field and remedy."""

from __future__ import annotations

import warnings
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
    try:
        if path.stat().st_size > SIZE_MAX_BYTES:
            raise _too_large(path, code)
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise _wrong(path, f"cannot be read: {error.strerror or error}", "check the path", code) from error
    except UnicodeDecodeError as error:
        raise _wrong(path, "is not UTF-8 text", "save it as UTF-8", code) from error
    return parse_part(kind, text, path, code=code)


def parse_part(kind: type[Document], text: str, name: Path | str, *, code: str) -> Document:
    """Validate YAML ``text``; ``name`` stands in messages. Raises DataError as ``read_part``."""
    document, problems = check_part(kind, text, name, code=code)
    if document is None:
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise DataError(first.message + more, remedy=first.remedy, code=code, **first.params)
    return document


def check_part(
    kind: type[Document], text: str, name: Path | str, *, code: str
) -> tuple[Document | None, list[DataError]]:
    """The document, or None and everything that is wrong with it, each with its place."""
    try:
        data = _load(text, name, code)
        return kind.model_validate(_plain(data, [0])), []
    except DataError as error:
        return None, [error]
    except ValidationError as error:
        return None, [_explain(one, data, name, code) for one in error.errors()]
    except (OverflowError, RecursionError):
        return None, [_wrong(name, "refers to itself or grows without end", "write the parts out", code)]


def _explain(found: Any, data: Any, name: Path | str, code: str) -> DataError:
    line, field = _place(data, found["loc"])
    return DataError(
        f"{name}:{line}: {field}: {found['msg']}",
        remedy=_HINTS.get(found["type"], "correct the value"),
        code=code,
        file=str(name),
        line=line,
        field=field,
    )


def _load(text: str, path: Path | str, code: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import RoundTripConstructor
    from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError

    class DaysAsText(RoundTripConstructor):
        """A day stays text, so that a wrong one is told with its line and field."""

    DaysAsText.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)
    if len(text) > SIZE_MAX_BYTES:
        raise _too_large(path, code)
    try:
        yaml = YAML(typ="rt", pure=True)
        yaml.Constructor = DaysAsText
        with warnings.catch_warnings():
            warnings.simplefilter("error", ReusedAnchorWarning)
            data = yaml.load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise _wrong(path, str(error.problem), "mend the YAML at that place", code, line) from error
    except ReusedAnchorWarning as error:
        raise _wrong(path, "names two things by one anchor", "give each anchor (&name) once", code) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise _wrong(path, f"is not valid YAML: {error}", "mend the YAML", code) from error
    if not isinstance(data, dict):
        raise _wrong(path, "is empty or not a mapping", "start from the file that ships", code)
    return data


def _too_large(path: Path | str, code: str) -> DataError:
    return _wrong(path, "is larger than 500 kB", "give one document of a few kB", code)


def _wrong(path: Path | str, what: str, remedy: str, code: str, line: int = 0) -> DataError:
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
