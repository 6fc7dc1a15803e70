"""A cell that answers as a recorded table of one test does, as long as that test is played on it.

The table (CSV: ``time_s``, ``current_A``, ``voltage_V``, ``soc``) is cut into phases of one current. The
cell goes on to the next phase when the current that flows is the next phase's; a rest may last longer than
it did in the table (the last value stays) or less. Away from the phase's own current the voltage moves by
the resistance that the table's next edge shows, so that a rise of the source, and a small check before the
test, have a voltage too.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from simulators.battery.base import Truth
from simulators.battery.errors import BatteryError
from simulators.battery.replay_config import ReplayCellConfig

SAME_CURRENT = 0.03
"""Of the table's largest current: what an instrument may be off and still play that phase."""
DEFAULT_OHM = 0.001


@dataclass(frozen=True)
class Phase:
    """One constant current; ``time_s`` counts from its beginning."""

    current_A: float
    time_s: tuple[float, ...]
    voltage_V: tuple[float, ...]
    soc: tuple[float, ...]
    edge_ohm: float

    def at(self, values: tuple[float, ...], elapsed_s: float) -> float:
        """Between the table's rows on a straight line, the last value behind them."""
        upper = bisect_right(self.time_s, elapsed_s)
        if upper == 0:
            return values[0]
        if upper == len(self.time_s):
            return values[-1]
        t0, t1 = self.time_s[upper - 1], self.time_s[upper]
        share = (elapsed_s - t0) / (t1 - t0)
        return values[upper - 1] * (1 - share) + values[upper] * share


class ReplayCell:
    """See ``Battery``. Positive current charges."""

    series_cells = 1

    def __init__(self, config: ReplayCellConfig) -> None:
        self._config = config
        self._phases = _phases(Path(config.table), Path(config.table).stat().st_mtime_ns)
        self._same_A = SAME_CURRENT * max(abs(phase.current_A) for phase in self._phases)
        self._number, self._elapsed_s = 0, 0.0

    @property
    def _phase(self) -> Phase:
        return self._phases[self._number]

    def advance(self, current_A: float, dt_s: float) -> None:
        """Let ``current_A`` flow for ``dt_s`` >= 0 s."""
        if dt_s < 0:
            raise ValueError(f"dt_s must not be negative, got {dt_s}")
        if abs(current_A - self._phase.current_A) > self._same_A and self._number + 1 < len(self._phases):
            coming = self._phases[self._number + 1]
            if abs(current_A - coming.current_A) <= self._same_A:
                self._number, self._elapsed_s = self._number + 1, 0.0
        self._elapsed_s += dt_s

    def voltage_V(self, current_A: float) -> float:
        """Terminal voltage in V at this instant if ``current_A`` flowed."""
        phase = self._phase
        return phase.at(phase.voltage_V, self._elapsed_s) + phase.edge_ohm * (current_A - phase.current_A)

    def current_for_voltage_A(self, voltage_V: float) -> float:
        """Current in A that makes the terminal voltage ``voltage_V`` at this instant."""
        phase = self._phase
        standing_V = phase.at(phase.voltage_V, self._elapsed_s)
        return phase.current_A + (voltage_V - standing_V) / phase.edge_ohm

    def cell_voltages_V(self, current_A: float) -> tuple[float, ...]:
        """The terminal voltage, as a tuple of one."""
        return (self.voltage_V(current_A),)

    def temperatures_degC(self) -> tuple[float, ...]:
        """The surroundings': the table tells none."""
        return (self._config.ambient_degC,)

    def truth(self) -> Truth:
        """What the table says."""
        c, phase = self._config, self._phase
        capacity_Ah = c.capacity_Ah or c.nominal_capacity_Ah
        soc = phase.at(phase.soc, self._elapsed_s) if phase.soc else float("nan")
        return Truth(
            chemistry=c.chemistry,
            nominal_capacity_Ah=c.nominal_capacity_Ah,
            capacity_Ah=capacity_Ah,
            soh=capacity_Ah / c.nominal_capacity_Ah,
            soc=soc,
            cell_ids=(Path(c.table).stem,),
        )


@lru_cache(maxsize=4)
def _phases(path: Path, _mtime_ns: int) -> tuple[Phase, ...]:
    rows = _rows(path)
    starts = [0, *(n for n in range(1, len(rows)) if rows[n][1] != rows[n - 1][1]), len(rows)]
    found: list[Phase] = []
    for first, end in pairwise(starts):
        # The edge itself lies where the phase before ended; its rows begin a moment later.
        begin_s = rows[first - 1][0] if first else rows[0][0]
        part = rows[first:end]
        ohm = _edge_ohm(part[-1], rows[end]) if end < len(rows) else DEFAULT_OHM
        found.append(
            Phase(
                part[0][1],
                tuple(row[0] - begin_s for row in part),
                tuple(row[2] for row in part),
                tuple(row[3] for row in part if row[3] is not None),
                ohm,
            )
        )
    return tuple(found)


def _edge_ohm(before: _Row, behind: _Row) -> float:
    change_A = behind[1] - before[1]
    return (behind[2] - before[2]) / change_A if change_A else DEFAULT_OHM


_Row = tuple[float, float, float, float | None]


def _rows(path: Path) -> list[_Row]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows: list[_Row] = [
                (
                    float(row["time_s"]),
                    float(row["current_A"]),
                    float(row["voltage_V"]),
                    float(row["soc"]) if row.get("soc") else None,
                )
                for row in csv.DictReader(file)
            ]
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise BatteryError(
            f"table: {path}: wants the columns time_s, current_A, voltage_V in numbers ({error!r})"
        ) from error
    if len(rows) < 2 or any(b[0] < a[0] for a, b in pairwise(rows)):
        raise BatteryError(f"table: {path}: needs at least two rows, and times that never go back")
    return rows
