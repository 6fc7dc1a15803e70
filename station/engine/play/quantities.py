"""What conditions ask for while a plan is played, from the samples as they come."""

from __future__ import annotations

from collections import deque

from profiles.plan import Segment
from station.engine.base.job import Job
from station.engine.measure.means import Drift
from station.engine.measure.sampling import Sampler
from station.engine.measure.sensors import Sensors
from station.safety.chemistry import chemistry_limits
from station.safety.running import Moved
from station.safety.sample import Sample

DRIFT_WINDOW_S = 60.0
DRIFT_POINTS = 60
"""The drift is the slope through so many means of the newest minute."""
AGE_MAX_S = 5.0
"""A value of the BMS that is older says nothing about now."""
_BMS = {
    "bms_soc": ("soc_pct", 0.01),
    "bms_soh": ("soh_pct", 0.01),
    "bms_pack_voltage_V": ("pack_voltage_V", 1.0),
    "bms_current_A": ("current_A", 1.0),
    "bms_temperature_degC": ("temperature_degC", 1.0),
}


class Quantities:
    """Listens to every sample of a run; ``kept`` are the values that the plan has kept so far."""

    def __init__(self, job: Job, sampler: Sampler, sensors: Sensors, kept: dict[str, float]) -> None:
        self._sampler, self._sensors = sampler, sensors
        self._cells, self._capacity_Ah = job.series_cells, job.plan.nominal_capacity_Ah
        self._ends_V = _chemistry_ends(job)
        self.kept = dict(kept)
        self.newest: Sample | None = None
        self._before: Sample | None = None
        self._segment: Segment | None = None
        self._step = Moved()
        self._began_s = sampler.clock.now_s()
        self._began_degC: float | None = None
        self._last: dict[str, float | None] = {}
        self._slopes: deque[tuple[int, float, float, int]] = deque()
        sampler.listeners.append(self.listen)

    def begin(self, segment: Segment) -> None:
        """The plan has come to ``segment``; what was before is the stretch before."""
        self.end()
        self._segment = segment
        self._step = Moved()
        self._began_s = self._sampler.clock.now_s()
        self._before = self.newest
        self._began_degC = None if self.newest is None else self.newest.surface_degC
        if segment.current_A != 0.0:
            self._slopes.clear()

    def end(self) -> None:
        """A stretch of current is over: what it came to is ``last_…`` from now on."""
        segment, newest, before = self._segment, self.newest, self._before
        self._segment = None
        if segment is None or segment.current_A == 0.0 or newest is None:
            return
        totals = self._step.totals
        resistance_ohm = None
        if before is not None and newest.voltage_V is not None and before.voltage_V is not None:
            step_A = (newest.current_A or 0.0) - (before.current_A or 0.0)
            if abs(step_A) > 0.1 * abs(segment.current_A):
                resistance_ohm = abs((newest.voltage_V - before.voltage_V) / step_A)
        self._last = {
            "last_charge_Ah": totals.charge_Ah,
            "last_discharge_Ah": totals.discharge_Ah,
            "last_charge_Wh": totals.charge_Wh,
            "last_discharge_Wh": totals.discharge_Wh,
            "last_time_s": newest.t_s - self._began_s,
            "last_resistance_ohm": resistance_ohm,
        }
        self._slopes.clear()

    def listen(self, sample: Sample) -> None:
        """Take one sample, which the envelope has passed."""
        assert sample.voltage_V is not None
        assert sample.current_A is not None
        segment = self._segment
        self.newest = sample
        if segment is None or sample.segment != segment.index:
            return
        # A sample that was still measured before the edge belongs to the stretch before.
        if segment.current_A == 0.0 or sample.command_A != 0.0:
            self._step.add(sample.t_s, sample.voltage_V, sample.current_A)
        self._drift_point(sample.t_s, sample.terminals_V or sample.voltage_V)

    def _drift_point(self, t_s: float, voltage_V: float) -> None:
        """Means over a sixtieth of the window each, so that noise and steps of the converter even out."""
        bin_number = int(t_s * DRIFT_POINTS / DRIFT_WINDOW_S)
        if self._slopes and self._slopes[-1][0] == bin_number:
            _, sum_s, sum_V, count = self._slopes[-1]
            self._slopes[-1] = (bin_number, sum_s + t_s, sum_V + voltage_V, count + 1)
            return
        self._slopes.append((bin_number, t_s, voltage_V, 1))
        while self._slopes[0][0] < bin_number - DRIFT_POINTS:
            self._slopes.popleft()

    def _drift_mV_per_min(self) -> float | None:
        """Per cell in series; None until half of the window has been seen."""
        drift = Drift()
        for _, sum_s, sum_V, count in self._slopes:
            drift.add(sum_s / count, sum_V / count)
        slope = drift.slope_V_per_s()
        if slope is None or drift.span_s < DRIFT_WINDOW_S / 2:
            return None
        return slope * 60_000 / self._cells

    def values(self) -> dict[str, float | None]:
        """All quantities; None where there is no reading at present."""
        newest = self.newest
        run, step = self._sampler.rules.throughput.totals, self._step.totals
        now_s = self._sampler.clock.now_s()
        found: dict[str, float | None] = {
            "nominal_capacity_Ah": self._capacity_Ah,
            **self._ends_V,
            "run_time_s": now_s,
            "step_time_s": now_s - self._began_s,
            "step_charge_Ah": step.charge_Ah, "step_discharge_Ah": step.discharge_Ah,
            "step_charge_Wh": step.charge_Wh, "step_discharge_Wh": step.discharge_Wh,
            "charge_Ah": run.charge_Ah, "discharge_Ah": run.discharge_Ah,
            "charge_Wh": run.charge_Wh, "discharge_Wh": run.discharge_Wh,
            "net_Ah": run.charge_Ah - run.discharge_Ah,
            "drift_mV_per_min": self._drift_mV_per_min(),
        }  # fmt: skip
        if newest is not None and newest.voltage_V is not None and newest.current_A is not None:
            surface_degC, began_degC = newest.surface_degC, self._began_degC
            rise_K = None
            if surface_degC is not None and began_degC is not None:
                rise_K = surface_degC - began_degC
            found |= {
                "voltage_V": newest.voltage_V,
                "cell_voltage_V": newest.voltage_V / self._cells,
                "current_A": newest.current_A,
                "rate_C": newest.current_A / self._capacity_Ah,
                "power_W": newest.voltage_V * newest.current_A,
                "surface_degC": surface_degC,
                "ambient_degC": newest.ambient_degC,
                "temperature_rise_K": rise_K,
            }
        return {**found, **self._cell_values(), **self._bms_values(), **self._last, **self.kept}

    def cells_V(self) -> tuple[float, ...]:
        """What the scanners saw last of single cells; empty where nobody sees them."""
        scan = self._sensors.latest()
        return tuple(v for v in (scan.cells_V if scan is not None else ()) if v is not None)

    def _cell_values(self) -> dict[str, float | None]:
        cells_V = self.cells_V()
        if not cells_V:
            return {"cell_min_V": None, "cell_max_V": None, "cell_spread_V": None}
        low_V, high_V = min(cells_V), max(cells_V)
        return {"cell_min_V": low_V, "cell_max_V": high_V, "cell_spread_V": high_V - low_V}

    def _bms_values(self) -> dict[str, float | None]:
        snapshot = self._sampler.bms_seen
        found: dict[str, float | None] = {}
        for name, (signal_name, factor) in _BMS.items():
            signal = snapshot.signals.get(signal_name) if snapshot is not None else None
            value = None if signal is None or signal.age_s > AGE_MAX_S else signal.value
            found[name] = None if value is None else value * factor
        return found


def _chemistry_ends(job: Job) -> dict[str, float | None]:
    """The voltages per cell between which the named chemistry is used; None where it is not named."""
    battery = job.battery
    if battery.chemistry is None:
        return {"charge_max_V": None, "discharge_min_V": None}
    limits = chemistry_limits(battery.chemistry, nominal_capacity_Ah=battery.nominal_capacity_Ah)
    return {"charge_max_V": limits.charge_max_V, "discharge_min_V": limits.discharge_min_V}
