"""Reads a table of currents: a CSV file with a time in s and a current per line, a heading allowed."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from profiles.round_trip import read_round_trip, write_round_trip

SIZE_MAX_BYTES = 2_000_000


def read_table(name: str, folder: Path | None) -> list[tuple[float, float]]:
    """The rows of the file ``name`` beside the profile. Raises ValueError with the line."""
    if folder is None:
        raise ValueError(f"{name}: a profile without a place of its own has no files: give rows")
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ValueError(f"{name}: the file must lie beside the profile")
    try:
        if path.stat().st_size > SIZE_MAX_BYTES:
            raise ValueError(f"{name}: larger than 2 MB")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{name}: cannot be read: {error}") from error
    rows: list[tuple[float, float]] = []
    for number, line in enumerate(csv.reader(text.splitlines()), start=1):
        if not line or line[0].lstrip().startswith("#"):
            continue
        try:
            row = (float(line[0]), float(line[1]))
        except (ValueError, IndexError):
            if number == 1:
                continue  # the heading
            raise ValueError(f"{name}, line {number}: a time in s and a current are wanted") from None
        if not all(math.isfinite(value) for value in row):
            raise ValueError(f"{name}, line {number}: no finite number")
        rows.append(row)
    return rows


def with_rows(text: str, folder: Path) -> str:
    """The profile ``text`` with its tables written into it: it needs no files any more, and says the same.

    Comments stay. Raises ValueError where a table cannot be read.
    """
    data = read_round_trip(text)
    tables = [step for step in _mappings(data) if step.get("step") == "current_table" and step.get("file")]
    steps = [step for step in tables if step.get("rows") is None]
    if not steps:
        return text
    for step in steps:  # the name stays: the hash is the same
        step["rows"] = [list(row) for row in read_table(str(step["file"]), folder)]
    return write_round_trip(data)


def _mappings(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        yield node
    inside = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for part in inside:
        yield from _mappings(part)
