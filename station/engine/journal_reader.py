"""Reads a journal back, also one whose writer was killed in the middle of a line."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from station.errors import DataError

if TYPE_CHECKING:
    import numpy as np

FORMAT = "pulse-station/journal/1"

SAMPLE_FIELDS = (
    "t_s",
    "unix_s",
    "voltage_V",
    "current_A",
    "command_A",
    "segment",
    "surface_degC",
    "ambient_degC",
    "terminals_V",
)


@dataclass(frozen=True)
class Journal:
    """What a journal holds. ``end`` is None when the worker was killed; ``torn``: its last line was cut."""

    path: Path
    header: dict[str, Any]
    samples: list[list[Any]] = field(repr=False)
    events: list[dict[str, Any]] = field(default_factory=list)
    edges: list[dict[str, Any]] = field(default_factory=list)
    cells: list[dict[str, Any]] = field(default_factory=list)
    bms: list[dict[str, Any]] = field(default_factory=list)
    end: dict[str, Any] | None = None
    torn: bool = False

    def column(self, name: str) -> np.ndarray[Any, np.dtype[Any]]:
        """One of ``SAMPLE_FIELDS``, shape (samples,); missing sensor values are NaN, segments int64."""
        import numpy as np

        index = SAMPLE_FIELDS.index(name)
        if name == "segment":
            return np.array([row[index] for row in self.samples], dtype=np.int64)
        return np.array(
            [np.nan if row[index] is None else row[index] for row in self.samples], dtype=np.float64
        )


def read_journal(path: Path) -> Journal:
    """Read ``path``. A torn last line is dropped; anything else unreadable raises DataError with its line."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read: {error.strerror or error}", remedy="check the name", file=str(path)
        ) from error
    torn = bool(lines.pop())  # whole lines end in a line feed
    if not lines:
        raise _broken(path, 1, "has no header")
    records: list[Any] = []
    for number, line in enumerate(lines, start=1):
        try:
            records.append(json.loads(line))
        except ValueError as error:
            if number == len(lines):
                torn = True
                break
            raise _broken(path, number, "is not JSON") from error
    header = records[0] if records else None
    if not isinstance(header, dict) or header.get("k") != "header" or header.get("format") != FORMAT:
        raise _broken(path, 1, f"is not the header of a {FORMAT} file")
    journal = Journal(path, header, [])
    end: dict[str, Any] | None = None
    kinds = {"event": journal.events, "edge": journal.edges, "cells": journal.cells, "bms": journal.bms}
    for number, record in enumerate(records[1:], start=2):
        if isinstance(record, list) and len(record) == len(SAMPLE_FIELDS) + 1 and record[0] == "s":
            journal.samples.append(record[1:])
        elif isinstance(record, dict) and record.get("k") in kinds:
            kinds[record["k"]].append(record)
        elif isinstance(record, dict) and record.get("k") == "end":
            end = record
        else:
            raise _broken(path, number, "is no record of a journal")
    return Journal(
        path, header, journal.samples, journal.events, journal.edges, journal.cells, journal.bms, end, torn
    )


def _broken(path: Path, line: int, what: str) -> DataError:
    return DataError(
        f"{path}:{line}: {what}",
        remedy="restore the file from a copy; a journal is never edited",
        code="data.journal",
        file=str(path),
        line=line,
    )
