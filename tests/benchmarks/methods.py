"""Every method of the field that ships, played by the engine on a cell in memory; ``rows`` prints a table.

The clock moves only when the engine waits or an instrument takes its time, so hours cost seconds. Two samples
a second instead of what the method asks for: nothing is said of estimators, only of the course.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import profiles
from profiles.library import builtin_names, everyday_names
from station.engine.base.live import LiveWriter
from station.engine.base.stop import StopFlags
from station.engine.record.journal import read_journal
from station.engine.run import Run
from tests.benchmarks.table import Row
from tests.station.engine.fakes import FakeBench, FakeCell, make_job

CAPACITY_AH = 20.0
SAMPLING_HZ = 2.0
BUDGET_S = float(os.environ.get("METHODS_BUDGET_S", "600"))
"""Of processor time for each method; what takes longer is stopped and told so."""


class LinearCell(FakeCell):
    """Rested voltage between 3.0 V empty and 4.2 V full, linear in the charge held; 3 mΩ."""

    def __init__(self, bench: FakeBench, held_Ah: float) -> None:
        super().__init__(bench.clock)
        self.held_Ah, self._last_s = held_Ah, 0.0

    def voltage_V(self) -> float:
        now_s = self.clock.now_s()
        self.held_Ah += self.current_A * max(0.0, now_s - self._last_s) / 3600
        self._last_s = now_s
        self.ocv_V = 3.0 + 1.2 * self.held_Ah / CAPACITY_AH
        return super().voltage_V()


@dataclass(frozen=True)
class Course:
    """How one method went."""

    name: str
    planned_s: float
    lasted_s: float
    end: str
    charge_Ah: float
    discharge_Ah: float
    missed: int
    processor_s: float

    def line(self) -> str:
        """A row of the Markdown table."""
        moved = f"{self.charge_Ah:.2f} / {self.discharge_Ah:.2f}"
        return f"| {self.name} | {self.lasted_s / 3600:.2f} | {self.end} | {moved} | {self.missed} |"


def play(name: str, held_Ah: float = 10.0, sampling_Hz: float = SAMPLING_HZ) -> Course:
    """Play ``name`` on a cell of 20 Ah."""
    plan = profiles.resolve(profiles.load(name), nominal_capacity_Ah=CAPACITY_AH).as_dict()
    plan["sampling_Hz"] = sampling_Hz
    bench, began = FakeBench(), time.process_time()
    bench.cell = bench.source.cell = bench.scanner.cell = LinearCell(bench, held_Ah)
    stop = Budget(began)
    with tempfile.TemporaryDirectory() as folder:
        live = LiveWriter(os.open(os.devnull, os.O_WRONLY))
        ended = Run(
            make_job(folder, plan), live, stop,
            opener=bench.open, make_clock=lambda _speed, _begin_s: bench.clock,
        ).run()  # fmt: skip
        live.close()
        journal = read_journal(Path(folder) / "journal.jsonl")
    outcome, flows = ended.outcome, {1: 0.0, -1: 0.0}
    t_s, amps = journal.column("t_s"), journal.column("current_A")
    for step_s, current_A in zip(t_s[1:] - t_s[:-1], amps[:-1], strict=True):
        flows[1 if current_A > 0 else -1] += abs(current_A) * step_s / 3600
    missed = sum(e["code"].endswith("_missed") for e in journal.events)
    end = outcome.outcome if outcome.outcome == "completed" else f"{outcome.outcome}: {outcome.code}"
    if stop.spent:
        end = "stopped: its time was up"
    planned_s = sum(part["duration_s"] for part in plan["segments"])
    used_s = time.process_time() - began
    return Course(name, planned_s, bench.clock.t, end, flows[1], flows[-1], missed, used_s)


class Budget(StopFlags):
    """Stops a run that takes too long."""

    def __init__(self, began: float) -> None:
        super().__init__()
        self._began = began

    def check(self) -> None:
        """As asked from outside, or when the time is up."""
        if self.spent:
            self.request("benchmark")
        super().check()

    @property
    def spent(self) -> bool:
        """Whether the time is up."""
        return time.process_time() - self._began > BUDGET_S


def names() -> list[str]:
    """The methods, without the everyday profiles."""
    return [name for name in builtin_names() if name not in everyday_names()]


def rows() -> list[Row]:
    """Prints how each method went; the row says how many came to their end."""
    whole = 0
    wanted = os.environ.get("METHODS", "").split() or names()
    print("| method | hours | end | Ah charged / discharged | ends missed |\n|---|---|---|---|---|")
    for name in wanted:
        course = play(name)
        whole += course.end == "completed"
        print(course.line(), f"<!-- {course.processor_s:.0f} s -->", flush=True)
    return [Row("methods not played to their end", len(wanted) - whole, "", 0)]


if __name__ == "__main__":
    sys.exit(0 if rows()[0].met else 1)
