"""Reads a bench file; every complaint carries file, line, field and remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from station.bench.geometry import PackGeometry
from station.bench.model import Bench
from station.errors import BenchError

_FOLDER = Path(__file__).parent / "builtin"
_HINTS = {
    "extra_forbidden": "unknown field: remove it or correct its spelling",
    "missing": "add this field",
    "shared_power": "give each channel an instrument of its own: one output cannot obey two programs",
}
_CODES = {
    "shared_power": "bench.shared_power",
    "extra_forbidden": "bench.unknown_field",
    "missing": "bench.missing_field",
}


def builtin_benches() -> list[str]:
    """Names of the bench files that ship."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def locate_bench(name_or_path: str) -> Path:
    """The file behind a built-in name or a path. Raises BenchError."""
    if name_or_path in builtin_benches():
        return _FOLDER / f"{name_or_path}.yaml"
    path = Path(name_or_path)
    if path.is_file():
        return path
    raise BenchError(
        f"there is no bench file {name_or_path!r}",
        remedy=f"give the path of a bench file, or one of: {', '.join(builtin_benches())}",
        code="bench.not_found",
        file=name_or_path,
    )


def load_bench(name_or_path: str) -> Bench:
    """Load and validate a bench file by built-in name or path. Raises BenchError."""
    path = locate_bench(name_or_path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BenchError(
            f"{path}: cannot be read: {error}", remedy="check the name", file=str(path)
        ) from error
    except UnicodeDecodeError as error:
        raise BenchError(f"{path}: is not UTF-8 text", remedy="save it as UTF-8", file=str(path)) from error
    bench, problems = check_bench_text(text, str(path))
    if bench is None:
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise BenchError(first.message + more, remedy=first.remedy, code=first.code, **first.params)
    return bench


def is_shipped(path: Path) -> bool:
    """True for a bench file that comes with the station; those are never written."""
    return path.resolve().parent == _FOLDER.resolve()


def check_bench_text(text: str, name: str) -> tuple[Bench | None, list[BenchError]]:
    """The bench that ``text`` describes, or None and all that is wrong with it, each with its place."""
    try:
        data = read_bench_yaml(text, name)
    except BenchError as error:
        return None, [error]
    try:
        _with_geometries(data, Path(name).parent)
    except BenchError as error:
        return None, [error]
    try:
        return Bench.model_validate(data), []
    except ValidationError as error:
        return None, [_explain(one, data, name) for one in error.errors()]


def load_geometry(path: Path) -> PackGeometry:
    """Load and check a file that says how a pack is built. Raises BenchError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BenchError(
            f"{path}: cannot be read: {error}", remedy="check the name", file=str(path)
        ) from error
    data = read_bench_yaml(text, str(path))
    try:
        return PackGeometry.model_validate(data)
    except ValidationError as error:
        raise _explain(error.errors()[0], data, str(path)) from error


def _with_geometries(data: Any, folder: Path) -> None:
    """Put what the named geometry files say in place of their names, for the record of a run is whole."""
    channels = data.get("channels")
    for channel in channels if isinstance(channels, list) else ():
        if isinstance(channel, dict) and isinstance(channel.get("geometry"), str):
            told = load_geometry(folder / channel["geometry"])
            channel["geometry"] = told.model_dump(mode="json", by_alias=True, exclude_none=True)


def _explain(found: Any, data: Any, name: str) -> BenchError:
    line, column, field = _place(data, found["loc"])
    return BenchError(
        f"{name}:{line}:{column}: {field}: {found['msg']}",
        remedy=_HINTS.get(found["type"], "correct the value"),
        code=_CODES.get(found["type"], "bench.invalid"),
        file=name,
        line=line,
        column=column,
        field=field,
    )


def read_bench_yaml(text: str, name: str) -> Any:
    """The mapping that ``text`` is, with the places of its parts. Raises BenchError."""
    # Imported late: workers and guards get their bench as JSON.
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        data = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise BenchError(
            f"{name}:{line}: {error.problem}",
            remedy="mend the YAML at that place",
            file=name,
            line=line,
            column=column,
        ) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise BenchError(f"{name}: is not valid YAML", remedy="mend the YAML", file=name) from error
    if not isinstance(data, dict):
        raise BenchError(
            f"{name}: is empty or not a mapping", remedy="start from the demo bench file", file=name
        )
    return data


def _place(data: Any, loc: tuple[int | str, ...]) -> tuple[int, int, str]:
    """Line and column (from 1) of the deepest part of ``loc`` in the file, and its dotted name."""
    node, line, column = data, 0, 0
    for part in loc:
        try:
            line, column = node.lc.item(part) if isinstance(part, int) else node.lc.key(part)
            node = node[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line + 1, column + 1, ".".join(str(part) for part in loc) or "file"
