"""A constant current that ends when the cells reach a voltage, judged on each sample.

The end voltage protects nothing: every sample is held against the envelope before it is looked at here.
"""

from __future__ import annotations

from collections.abc import Callable

from profiles.plan import End, Segment
from station.engine.base.end_voltage import end_cell_V
from station.engine.base.job import Job
from station.engine.measure.sampling import Sampler
from station.engine.measure.sensors import Sensors
from station.errors import CheckFailed
from station.safety.running import Moved
from station.safety.sample import Sample

CONFIRM = 2
"""Samples in a row at or beyond the voltage: one alone may be noise, and the envelope lies behind."""
CYCLER_MARGIN_V = 0.002
"""A cycler ends at the voltage as it sees it: its last record may lie just before."""


class EndWatch:
    """Listens to the samples of one constant current; ``why`` is ``voltage``, ``charge``, or '' (time)."""

    def __init__(self, end: End, cell_V: float, cells: int, current_A: float, sensors: Sensors) -> None:
        self.why = ""
        self.confirm, self.margin_V = CONFIRM, 0.0
        self.extreme_V = float("nan")
        """The cell voltage of the last sample: of the cell nearest to the end where a scanner sees them."""
        self._end, self._cell_V, self._cells, self._sensors = end, cell_V, cells, sensors
        self._current_A = current_A
        self._beyond = 0
        self._moved = Moved()

    @property
    def moved_Ah(self) -> float:
        """Charge moved in the direction of the current, by the samples."""
        totals = self._moved.totals
        return totals.charge_Ah if self._current_A > 0 else totals.discharge_Ah

    def done(self) -> bool:
        """Is it over?"""
        return self.why != ""

    def listen(self, sample: Sample) -> None:
        """Take one sample, which the envelope has passed."""
        if self.why or sample.command_A != self._current_A:
            return
        assert sample.voltage_V is not None
        assert sample.current_A is not None
        self._moved.add(sample.t_s, sample.voltage_V, sample.current_A)
        scan = self._sensors.latest()
        cells_V = [v for v in (scan.cells_V if scan is not None else ()) if v is not None]
        seen_V = [sample.voltage_V / self._cells, *cells_V]
        charging = self._current_A > 0
        self.extreme_V = max(seen_V) if charging else min(seen_V)
        left_V = self._cell_V - self.extreme_V if charging else self.extreme_V - self._cell_V
        reached = left_V <= self.margin_V
        self._beyond = self._beyond + 1 if reached else 0
        if self._beyond >= self.confirm:
            self.why = "voltage"
        elif self.moved_Ah >= self._end.charge_Ah:
            self.why = "charge"


def play_until(
    job: Job,
    sampler: Sampler,
    sensors: Sensors,
    segment: Segment,
    start_s: float,
    drive: Callable[[Callable[[], bool]], object],
    *,
    by_cycler: bool = False,
) -> float:
    """Play ``segment`` until it ends; returns the bench time. The current is zero afterwards.

    ``drive`` plays it, and ends it when what it is given answers True; ``by_cycler``: what plays it ends
    it by itself at the voltage. Tells how it ended. Raises CheckFailed when the voltage had to be reached
    and was not, and whatever ends or interrupts the run.
    """
    assert segment.end is not None
    cell_V = end_cell_V(job, segment.end)
    watch = EndWatch(segment.end, cell_V, job.series_cells, segment.current_A, sensors)
    if by_cycler:
        watch.confirm, watch.margin_V = 1, CYCLER_MARGIN_V
    sampler.listeners.append(watch.listen)
    try:
        drive(watch.done)
    finally:
        sampler.listeners.remove(watch.listen)
    end_s = sampler.clock.now_s()
    reached = watch.why == "voltage"
    facts: dict[str, object] = {
        "segment": segment.index, "ended_by": watch.why or "time", "end_V": cell_V,
        "cell_V": round(watch.extreme_V, 4), "moved_Ah": round(watch.moved_Ah, 4),
        "duration_s": round(end_s - start_s, 2),
    }  # fmt: skip
    if reached:
        sampler.event(end_s, "engine.end_voltage_reached", "info", facts)
        return end_s
    sampler.event(end_s, "engine.end_voltage_missed", "warning", facts)
    if segment.end.must_reach:
        raise CheckFailed(
            f"{watch.extreme_V:.4g} V per cell after {watch.moved_Ah:.4g} Ah, not {cell_V:.4g} V",
            remedy="check the nominal capacity and the profile; a battery that takes or gives more than it "
            "can hold may have a short inside: watch it, do not charge it again",
            code="safety.check.end_voltage",
            rule="end_voltage",
            value=watch.extreme_V,
            limit=cell_V,
            unit="V",
            **{key: facts[key] for key in ("segment", "ended_by", "moved_Ah")},
        )
    return end_s
