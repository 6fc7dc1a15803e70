"""The earlier part of a run that was cut off: what is needed to go on, from its journal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from station.engine.record.journal_reader import FORMAT, broken, whole_record
from station.errors import DataError
from station.safety.running import Moved, Totals

RESUMABLE = frozenset({None, "supervision_lost", "instrument_fault", "check_failed", "record_failed"})
"""How the earlier part may have ended: not at all, or by something that is neither a choice nor a limit."""


@dataclass(frozen=True)
class Begun:
    """A group that had begun and not ended: its number, when, and what had moved by then."""

    group: int
    t_s: float
    totals: Totals


@dataclass
class Earlier:
    """``t_s`` and ``unix_s`` are those of the last sample; ``groups_done`` have ended or were skipped."""

    header: dict[str, Any]
    t_s: float = 0.0
    unix_s: float | None = None
    groups_done: set[int] = field(default_factory=set)
    attempts: dict[int, int] = field(default_factory=dict)
    begun: Begun | None = None
    outcome: str | None = None
    parts: int = 1
    """How often this run has been begun or gone on with."""
    flow_s: float | None = None
    """Bench time of the last sample under current."""
    moment: tuple[str, float, float] | None = None
    """Boot, monotonic time and bench time of the newest record that tells all three."""
    moved: Moved = field(default_factory=Moved)
    rounds: list[dict[str, Any]] = field(default_factory=list)
    """What open steps were answered, as recorded."""
    kept: dict[str, float] = field(default_factory=dict)
    """Values that the plan has kept under a name."""

    def take_sample(self, record: list[Any]) -> None:
        """One sample row."""
        t_s, voltage_V, current_A = float(record[1]), record[3], record[4]
        self.t_s, self.unix_s = max(self.t_s, t_s), float(record[2])
        self.moved.add(t_s, float(voltage_V), float(current_A))
        if record[5] != 0:
            self.flow_s = t_s

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
    for number, record in _records(path):
        try:
            if earlier is None:
                if not isinstance(record, dict) or record.get("k") != "header" or record["format"] != FORMAT:
                    raise broken(path, number, f"is not the header of a {FORMAT} file")
                earlier = Earlier(record)
                _moment(earlier, record)
            elif isinstance(record, list):
                earlier.take_sample(record)
            else:
                _take(earlier, record)
        except (KeyError, TypeError, ValueError) as error:
            raise broken(path, number, "is no record of a journal") from error
    if earlier is None:
        raise broken(path, 1, "has no header")
    return earlier


def _take(earlier: Earlier, record: dict[str, Any]) -> None:
    kind = record.get("k")
    if kind == "group":
        group = int(record["group"])
        earlier.attempts[group] = max(earlier.attempts.get(group, 0), int(record["attempt"]))
        if record["ended"]:
            earlier.groups_done.add(group)
            earlier.begun = None
        else:
            earlier.begun = Begun(group, float(record["t"]), earlier.moved.totals.copy())
    elif kind == "round":
        earlier.rounds.append(record)
    elif kind == "event" and record.get("code") == "run.value":
        earlier.kept[str(record["params"]["name"])] = float(record["params"]["value"])
    elif kind == "totals":
        _moment(earlier, record)
    elif kind == "void":
        if record["reason"] == "crash":
            earlier.begun = None  # taken over by the part that wrote this
    elif kind == "gap":
        # What had begun stays so: this part may have ended at its checks, before it took anything over.
        earlier.outcome = None
        earlier.t_s = max(earlier.t_s, float(record["to_s"]))
        earlier.parts += 1
        earlier.moved.interrupted()
        _moment(earlier, record)
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
