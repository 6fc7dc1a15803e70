"""The earlier part of a run that was cut off by a crash: what is needed to go on, from its journal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from station.engine.journal_reader import FORMAT, broken, whole_record
from station.errors import DataError

RESUMABLE = frozenset({None, "supervision_lost", "instrument_fault", "check_failed"})
"""How the earlier part may have ended: not at all, or by something that is neither a choice nor a limit."""


@dataclass
class Earlier:
    """``t_s`` and ``unix_s`` are those of the last sample; ``groups_done`` have ended or were skipped."""

    header: dict[str, Any]
    t_s: float = 0.0
    unix_s: float | None = None
    totals: dict[str, float] = field(default_factory=dict)
    groups_done: set[int] = field(default_factory=set)
    attempts: dict[int, int] = field(default_factory=dict)
    open_group: tuple[int, float] | None = None
    """The group that had begun and not ended, and when it began."""
    paused: bool = False
    outcome: str | None = None
    moment: tuple[str, float, float] | None = None
    """Boot, monotonic time and bench time of the newest record that tells all three."""

    def gap_s(self, unix_s: float, boot: str, monotonic_s: float, speed: float) -> tuple[float, bool]:
        """Real seconds from the last sample until now, and whether they are known.

        By the monotonic clock where the computer has not been started since, else by the wall clock; one
        that went back tells nothing, and the gap then counts as 0.
        """
        if self.moment is not None and boot and self.moment[0] == boot:
            last_s = self.moment[1] + (self.t_s - self.moment[2]) / speed
            return max(0.0, monotonic_s - last_s), True
        if self.unix_s is None or unix_s < self.unix_s:
            return 0.0, False
        return unix_s - self.unix_s, True


def read_earlier(path: Path) -> Earlier:
    """Read what matters of ``path`` line by line. Raises DataError when it is no journal or damaged."""
    earlier: Earlier | None = None
    last_sample: list[Any] | None = None
    for number, record in _records(path):
        if isinstance(record, list):
            last_sample = record
        elif earlier is not None:
            try:
                _take(earlier, record)
            except (KeyError, TypeError, ValueError) as error:
                raise broken(path, number, "is no record of a journal") from error
        elif record.get("k") == "header" and record.get("format") == FORMAT:
            earlier = Earlier(record)
            _moment(earlier, record)
        else:
            raise broken(path, number, f"is not the header of a {FORMAT} file")
    if earlier is None:
        raise broken(path, 1, "has no header")
    if last_sample is not None:
        earlier.t_s, earlier.unix_s = max(earlier.t_s, float(last_sample[1])), float(last_sample[2])
    return earlier


def _take(earlier: Earlier, record: dict[str, Any]) -> None:
    kind = record.get("k")
    if kind == "group":
        group = int(record["group"])
        earlier.attempts[group] = max(earlier.attempts.get(group, 0), int(record["attempt"]))
        if record["ended"]:
            earlier.groups_done.add(group)
            earlier.open_group = None
        else:
            earlier.open_group = (group, float(record["t"]))
    elif kind == "totals":
        earlier.totals = {name: float(value) for name, value in record.items() if name[-2:] in ("Ah", "Wh")}
        _moment(earlier, record)
    elif kind == "gap":
        earlier.outcome, earlier.open_group, earlier.paused = None, None, False
        earlier.t_s = max(earlier.t_s, float(record["to_s"]))
        _moment(earlier, record)
    elif kind == "event" and record["code"] in ("run.paused", "run.resumed"):
        earlier.paused = record["code"] == "run.paused"
    elif kind == "end":
        earlier.outcome = str(record["outcome"])


def _moment(earlier: Earlier, record: dict[str, Any]) -> None:
    boot = record.get("boot") or (earlier.moment[0] if earlier.moment else "")
    if boot and record.get("monotonic_s") is not None:
        t_s = record.get("t", record.get("to_s", 0.0))
        earlier.moment = (str(boot), float(record["monotonic_s"]), float(t_s))


def _records(path: Path) -> Iterator[tuple[int, Any]]:
    """Every whole line with its number; a torn tail, also one before an earlier gap, is left out."""
    try:
        with path.open("rb") as journal:
            torn_at = 0
            for number, line in enumerate(journal, start=1):
                record = whole_record(line)
                if record is None:
                    torn_at = torn_at or number
                    continue
                if torn_at and not (isinstance(record, dict) and record.get("k") == "gap"):
                    raise broken(path, torn_at, "is not JSON")
                torn_at = 0
                yield number, record
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read: {error.strerror or error}",
            remedy="check the run's folder",
            code="data.journal",
            file=str(path),
            line=0,
        ) from error
