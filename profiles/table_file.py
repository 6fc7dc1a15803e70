"""Reads a table of currents: a CSV file with a time in s and a current per line, a heading allowed."""

from __future__ import annotations

import csv
import math
from pathlib import Path

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
