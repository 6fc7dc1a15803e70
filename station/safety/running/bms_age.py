"""How old each of the BMS's signals is. A silent bus is no zero."""

from __future__ import annotations

from drivers.contracts.bms import BmsSnapshot
from station.errors import LimitTripped
from station.safety.running.rule import Notes, RuleInfo
from station.safety.sample import Sample

PACK_WARN_S, PACK_TRIP_S = 1.0, 2.0
"""A pack voltage comes every 10 to 100 ms. All ages are real seconds: a bus is as fast or slow as it is."""
CELLS_WARN_S, CELLS_TRIP_S = 5.0, 20.0
"""Cell voltages are polled, a sweep takes up to 3.4 s on the slowest pack measured, and requests get lost."""
SIGNAL_TRIP_S = 10.0
"""Temperature and current, once they have been heard."""


class BmsAge:
    """The pack voltage must be there from the start; what else the BMS has told once must go on."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._heard: dict[str, float] = {}
        self._no_cells_since: float | None = None
        self.pack_stale = False
        remedy = "check the CAN plug, the pack's 12 V supply, and whether another tester is on the bus"
        self.info = RuleInfo("bms_stale", PACK_TRIP_S, "s", "station", remedy)
        self.cells = RuleInfo("bms_cells_stale", CELLS_TRIP_S, "s", "station", remedy)

    def check_bms(self, snapshot: BmsSnapshot, sample: Sample, real_s: float) -> LimitTripped | None:
        """Judge one look."""
        pack = snapshot.signals.get("pack_voltage_V")
        age_s = float("inf") if pack is None or pack.value is None else pack.age_s
        self.pack_stale = age_s > PACK_WARN_S
        cells_age_s = self._cells_age_s(snapshot, real_s)
        stale = self.pack_stale or cells_age_s > CELLS_WARN_S
        self._notes.say_while("bms_stale", stale, signal="pack" if self.pack_stale else "cells")
        if age_s > PACK_TRIP_S:
            value = None if age_s == float("inf") else age_s
            return self.info.trip("the BMS is silent", sample, value=value, signal="pack_voltage_V")
        if cells_age_s > CELLS_TRIP_S:
            return self.cells.trip(
                f"no cell voltages from the BMS for {cells_age_s:.0f} s", sample, value=cells_age_s
            )
        return self._others(snapshot, sample, real_s)

    def _others(self, snapshot: BmsSnapshot, sample: Sample, real_s: float) -> LimitTripped | None:
        for name in ("temperature_degC", "current_A"):
            signal = snapshot.signals.get(name)
            if signal is not None and signal.value is not None:
                self._heard[name] = real_s - signal.age_s
            heard_s = self._heard.get(name)
            if heard_s is not None and real_s - heard_s > SIGNAL_TRIP_S:
                text = f"no {name} from the BMS for {real_s - heard_s:.0f} s"
                return self.info.trip(text, sample, value=real_s - heard_s, limit=SIGNAL_TRIP_S, signal=name)
        return None

    def _cells_age_s(self, snapshot: BmsSnapshot, real_s: float) -> float:
        if not snapshot.gives_cells:
            return 0.0
        if snapshot.cell_voltages_V and snapshot.cell_voltages_age_s != float("inf"):
            self._no_cells_since = None
            return snapshot.cell_voltages_age_s
        if self._no_cells_since is None:
            self._no_cells_since = real_s
        return real_s - self._no_cells_since
