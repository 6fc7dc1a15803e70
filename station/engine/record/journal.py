"""The run journal: append-only JSON lines, on disk within a second, complete whatever the window sees."""

from __future__ import annotations

import io
import json
import os
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

from station.engine.record.journal_reader import FORMAT, Journal, read_journal
from station.errors import DataError
from station.safety.sample import Sample

__all__ = ["FORMAT", "Journal", "JournalWriter", "read_journal"]

FLUSH_S = 0.25
SYNC_S = 1.0


class JournalWriter:
    """Gathers lines; a helper thread hands them to the system every 0.25 s, to the disk every second.

    A killed process loses at most that quarter second, a power cut at most the last second.
    ``check`` raises DataError in the main loop once the disk has refused: nothing is measured that is
    not recorded.
    """

    def __init__(self, path: Path, header: dict[str, Any], *, gap: dict[str, Any] | None = None) -> None:
        """A new journal, or with ``gap`` the same run's own journal going on after that gap.

        Raises DataError: the file exists, or with ``gap`` does not, or cannot be written.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            if gap is None:
                self._file = path.open("xb", buffering=0)
            else:
                self._file = path.open("r+b", buffering=0)
                _end_torn_line(self._file)
        except OSError as error:
            raise _refused(path, error) from error
        self.path = path
        self._lines: deque[str | Sample] = deque()
        self._io = threading.Lock()
        self._error: OSError | None = None
        self._ended = threading.Event()
        if gap is None:
            clock = {"boot": boot_id(), "monotonic_s": round(time.monotonic(), 3)}
            self._record({"k": "header", "format": FORMAT, **header, **clock})
        else:
            self._record({"k": "gap", **gap, "boot": boot_id(), "monotonic_s": round(time.monotonic(), 3)})
        self.flush(sync=True)
        try:
            self.check()
        except DataError:
            self._file.close()
            raise
        self._thread = threading.Thread(target=self._keep_flushing, name="journal", daemon=True)
        self._thread.start()

    def sample(self, sample: Sample) -> None:
        """Append one sample. Voltage and current must be there. It is put into words by the helper thread."""
        if sample.voltage_V is None or sample.current_A is None:
            raise ValueError(f"a sample without reading: {sample}")
        self._lines.append(sample)

    def event(self, t_s: float, code: str, level: str, params: dict[str, Any]) -> None:
        """Append an event; ``level`` is info, warning or alarm."""
        self._record({"k": "event", "t": round(t_s, 6), "code": code, "level": level, "params": params})

    def edge(
        self,
        t_s: float,
        segment: int,
        asked_s: float,
        achieved_s: float | None,
        method: str,
        dead_s: float | None = None,
    ) -> None:
        """Append one edge; ``achieved_s`` is from the samples, the command, or None when not seen.

        ``dead_s``: for how many real s a supply and a load were both off, where one handed over to the other.
        """
        achieved = None if achieved_s is None else round(achieved_s, 6)
        self._record(
            {"k": "edge", "t": round(t_s, 6), "segment": segment, "asked_s": round(asked_s, 6),
             "achieved_s": achieved, "method": method,
             **({} if dead_s is None else {"dead_s": round(dead_s, 6)})}
        )  # fmt: skip

    def cells(self, t_s: float, voltages_V: list[float | None], at_s: list[float] | None = None) -> None:
        """Append the single cells' voltages; ``at_s``: when each was told, where they come in turn."""
        at = {} if at_s is None else {"at": [round(one_s, 4) for one_s in at_s]}
        self._record({"k": "cells", "t": round(t_s, 6), "voltages_V": voltages_V, **at})

    def lateness(self, from_s: float, to_s: float, late: list[list[int]], skipped: int) -> None:
        """Append how late the samples of a stretch were begun: ``[bin, count]`` of lateness.Histogram."""
        self._record(
            {
                "k": "lateness",
                "t": round(to_s, 6),
                "from_s": round(from_s, 6),
                "late": late,
                "skipped": skipped,
            }
        )

    def bms(self, t_s: float, signals: dict[str, Any]) -> None:
        """Append what the BMS says."""
        self._record({"k": "bms", "t": round(t_s, 6), **signals})

    def group(self, t_s: float, group: int, step: int, attempt: int, *, ended: bool) -> None:
        """Append the start or the end of one attempt at a group of segments."""
        self._record(
            {
                "k": "group",
                "t": round(t_s, 6),
                "group": group,
                "step": step,
                "attempt": attempt,
                "ended": ended,
            }
        )

    def round(self, t_s: float, record: dict[str, Any]) -> None:
        """Append what an open step was answered, with the segments that come of it."""
        self._record({"k": "round", "t": round(t_s, 6), **record})

    def void(self, from_s: float, to_s: float, reason: str) -> None:
        """Append a span whose rows no diagnosis may use. They stay where they are."""
        self._record({"k": "void", "from_s": round(from_s, 6), "to_s": round(to_s, 6), "reason": reason})

    def totals(self, t_s: float, totals: dict[str, float]) -> None:
        """Append charge and energy moved so far, and the real time that belongs to ``t_s``."""
        rounded = {name: round(value, 9) for name, value in totals.items()}
        self._record(
            {"k": "totals", "t": round(t_s, 6), **rounded, "monotonic_s": round(time.monotonic(), 3)}
        )

    def end(self, outcome: str, code: str, params: dict[str, Any], safe: dict[str, Any]) -> None:
        """Append the end record and close. Raises DataError when it could not be written."""
        self._record({"k": "end", "outcome": outcome, "code": code, "params": params, "safe": safe})
        self.close()
        self.check()

    def close(self) -> None:
        """Write what is left, sync, close. Idempotent."""
        self._ended.set()
        self._thread.join(timeout=5.0)
        if not self._file.closed:
            self.flush(sync=True)
            self._file.close()

    def check(self) -> None:
        """Raise DataError when a write has failed."""
        if self._error is not None:
            raise _refused(self.path, self._error) from self._error

    def flush(self, *, sync: bool) -> None:
        """Hand all lines to the system, with ``sync`` to the disk."""
        with self._io:
            waiting = self._lines
            lines = [_line(waiting.popleft()) for _ in range(len(waiting))]
            try:
                if lines:
                    data = memoryview("".join(lines).encode())
                    while data:
                        data = data[self._file.write(data) or 0 :]
                if sync:
                    os.fsync(self._file.fileno())
            except OSError as error:
                self._error = error

    def _keep_flushing(self) -> None:
        synced = time.monotonic()
        while not self._ended.wait(FLUSH_S):
            sync = time.monotonic() - synced >= SYNC_S - FLUSH_S
            self.flush(sync=sync)
            if sync:
                synced = time.monotonic()

    def _record(self, record: dict[str, Any]) -> None:
        self._add(json.dumps(record, ensure_ascii=False, allow_nan=False, default=str))

    def _add(self, line: str) -> None:
        self._lines.append(line)


def boot_id() -> str:
    """Names this start of the computer, so that monotonic times can be compared; '' where nothing does."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _end_torn_line(file: io.FileIO) -> None:
    """Go to the end; what a crash tore stays as it is, on a line of its own."""
    size = file.seek(0, os.SEEK_END)
    if size:
        file.seek(size - 1)
        whole = file.read(1) == b"\n"
        file.seek(0, os.SEEK_END)
        if not whole:
            file.write(b"\n")


def _line(entry: str | Sample) -> str:
    if isinstance(entry, str):
        return entry + "\n"
    return (
        f'["s",{entry.t_s:.6f},{entry.unix_s:.6f},{entry.voltage_V:.6f},{entry.current_A:.6f},'
        f"{entry.command_A:.6g},{entry.segment},{_number(entry.surface_degC)},"
        f"{_number(entry.ambient_degC)},{_number(entry.terminals_V)}]\n"
    )


def _number(value: float | None) -> str:
    return "null" if value is None else f"{value:.6g}"


def _refused(path: Path, error: OSError) -> DataError:
    return DataError(
        f"{path}: the journal cannot be written: {error.strerror or error}",
        remedy="free disk space, check rights and that this run id is new",
        code="data.journal_write",
        file=str(path),
    )
