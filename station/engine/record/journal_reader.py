"""Reads a journal back, also one whose writer was killed in the middle of a line."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
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
    """What a journal holds. ``end`` is None when the worker was killed; ``torn``: its last line was cut.

    ``gaps`` are the interruptions after which a run went on; a line torn by one is left out. Rows inside
    a span of ``voids`` were measured and are kept, but no diagnosis may use them.
    """

    path: Path
    header: dict[str, Any]
    samples: list[list[Any]] = field(repr=False)
    events: list[dict[str, Any]] = field(default_factory=list)
    edges: list[dict[str, Any]] = field(default_factory=list)
    cells: list[dict[str, Any]] = field(default_factory=list)
    bms: list[dict[str, Any]] = field(default_factory=list)
    end: dict[str, Any] | None = None
    torn: bool = False
    lateness: list[dict[str, Any]] = field(default_factory=list, repr=False)
    groups: list[dict[str, Any]] = field(default_factory=list, repr=False)
    voids: list[dict[str, Any]] = field(default_factory=list)
    totals: list[dict[str, Any]] = field(default_factory=list, repr=False)
    gaps: list[dict[str, Any]] = field(default_factory=list)
    rounds: list[dict[str, Any]] = field(default_factory=list)

    @property
    def segments(self) -> list[dict[str, Any]]:
        """Every segment that rows may bear, by index: those of the plan and those decided on the way."""
        planned: list[dict[str, Any]] = self.header["plan"]["segments"]
        return planned + [segment for record in self.rounds for segment in record["segments"]]

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
        raise broken(path, 1, "has no header")
    header: dict[str, Any] | None = None
    journal = Journal(path, {}, [])
    end: dict[str, Any] | None = None
    kinds = {
        "event": journal.events,
        "edge": journal.edges,
        "cells": journal.cells,
        "bms": journal.bms,
        "lateness": journal.lateness,
        "group": journal.groups,
        "void": journal.voids,
        "totals": journal.totals,
        "gap": journal.gaps,
        "round": journal.rounds,
    }
    unread: tuple[int, str] | None = None
    for number, line in enumerate(lines, start=1):
        record = whole_record(line + b"\n")
        kind = record.get("k") if isinstance(record, dict) else None
        if header is None:
            if kind != "header" or record.get("format") != FORMAT:
                raise broken(path, 1, f"is not the header of a {FORMAT} file")
            header = record
            continue
        if unread is not None and record is None:
            continue
        if unread is not None and kind != "gap":
            raise broken(path, *unread)
        unread = None
        if isinstance(record, list):
            journal.samples.append(record[1:])
        elif record is not None and kind in kinds:
            kinds[kind].append(record)
            if kind == "gap":
                end = None
        elif record is not None and kind == "end":
            end = record
        else:
            # Only a line torn by a crash may stand here: the last one, or one that a gap follows.
            unread = (number, "is not JSON" if record is None else "is no record of a journal")
    if unread is not None:
        if unread[0] < len(lines) or unread[1] != "is not JSON":
            raise broken(path, *unread)
        torn = True
    assert header is not None
    return replace(journal, header=header, end=end, torn=torn)


def whole_record(line: bytes) -> Any:
    """The sample (list) or record (dict) of one line; None of a line that is torn or neither."""
    if not line.endswith(b"\n"):
        return None
    try:
        record = json.loads(line)
    except ValueError:  # also bytes that are no text
        return None
    if isinstance(record, list):
        return record if len(record) == len(SAMPLE_FIELDS) + 1 and record[0] == "s" else None
    return record if isinstance(record, dict) else None


def broken(path: Path, line: int, what: str) -> DataError:
    """The error for line ``line`` of a journal."""
    return DataError(
        f"{path}:{line}: {what}",
        remedy="restore the file from a copy; a journal is never edited",
        code="data.journal",
        file=str(path),
        line=line,
    )
