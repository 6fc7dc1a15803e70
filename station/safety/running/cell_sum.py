"""The cells in series must add up to the voltage at the terminals."""

from __future__ import annotations

from collections.abc import Sequence

from drivers.contracts.bms import BmsSnapshot
from station.errors import LimitTripped
from station.safety.checks import AGREEMENT_FRACTION, AGREEMENT_V, BMS_AGREEMENT_FRACTION, BMS_AGREEMENT_V
from station.safety.running.rule import Notes, RuleInfo
from station.safety.running.witness import Rig, ScanView, Witness
from station.safety.sample import Sample, is_reading

SETTLED_S = 0.5
TIMES = 2
BMS_PERSIST_S = 0.5
BMS_CELLS_AGE_S = 5.0


class CellSum:
    """By the scanner: two scans in a row, against the instrument at the same moment. By the BMS: half a real
    second, and only when the current has been steady since before its sweep of the cells began."""

    def __init__(self, rig: Rig, notes: Notes) -> None:
        self._cells, self._speed, self._notes = rig.series_cells, rig.speed, notes
        self.contact_max_ohm = rig.contact_max_ohm
        self._bad = 0
        self._since: float | None = None
        self.info = RuleInfo(
            "cell_sum",
            AGREEMENT_V,
            "V",
            "station",
            "a cell's sense lead is wrong or off, or a link between cells is loose: inspect the pack",
        )

    def check_scan(self, scan: ScanView, sample: Sample, witness: Witness) -> LimitTripped | None:
        """Judge the scanner's cells, once for each scan."""
        total_V = self._total_V(scan.cells_V, "scanner")
        if total_V is None or scan.start_s < witness.steady_since_s + SETTLED_S:
            return None
        means = witness.recent.mean(scan.start_s, scan.end_s, witness.steady_since_s + SETTLED_S / 2)
        if means is None:
            return None
        voltage_V, current_A = means
        limit_V = max(AGREEMENT_V * max(1.0, self._cells**0.5), AGREEMENT_FRACTION * abs(voltage_V))
        limit_V += self.contact_max_ohm * abs(current_A)
        self._bad = self._bad + 1 if abs(total_V - voltage_V) > limit_V else 0
        if self._bad < TIMES:
            return None
        return self._trip(total_V, voltage_V, limit_V, sample, "scanner")

    def check_bms(self, snapshot: BmsSnapshot, sample: Sample, witness: Witness) -> LimitTripped | None:
        """Judge the BMS's cells at one look."""
        age_s = snapshot.cell_voltages_age_s
        total_V = self._total_V(snapshot.cell_voltages_V, "BMS")
        swept_s = (age_s + BMS_CELLS_AGE_S) * self._speed
        if total_V is None or age_s > BMS_CELLS_AGE_S or sample.t_s - witness.steady_since_s < swept_s:
            self._since = None
            return None
        assert sample.voltage_V is not None
        limit_V = max(BMS_AGREEMENT_V, BMS_AGREEMENT_FRACTION * abs(sample.voltage_V))
        if abs(total_V - sample.voltage_V) <= limit_V:
            self._since = None
            return None
        if self._since is None:
            self._since = witness.real_s
        if witness.real_s - self._since < BMS_PERSIST_S:
            return None
        return self._trip(total_V, sample.voltage_V, limit_V, sample, "BMS")

    def _total_V(self, cells_V: Sequence[float | None], signal: str) -> float | None:
        if not cells_V:
            return None
        known = [value for value in cells_V if value is not None and is_reading(value)]
        if len(known) < len(cells_V):
            return None  # a missing cell is no zero; how long it is missing is judged by its age
        if len(known) != self._cells:
            self._notes.once("engine.rule_thin", "info", self.info.name, rule=self.info.name, signal=signal)
            return None
        return sum(known)

    def _trip(
        self, total_V: float, voltage_V: float, limit_V: float, sample: Sample, signal: str
    ) -> LimitTripped:
        text = f"the cells by the {signal} add up to {total_V:.5g} V, the instrument reads {voltage_V:.5g} V"
        return self.info.trip(text, sample, value=abs(total_V - voltage_V), limit=limit_V, signal=signal)
