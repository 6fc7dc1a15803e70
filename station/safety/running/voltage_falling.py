"""A voltage that falls while a steady current charges: a short inside a cell."""

from __future__ import annotations

from station.errors import LimitTripped
from station.safety.running.bins import Bins
from station.safety.running.rule import RuleInfo
from station.safety.running.witness import Rig, Witness
from station.safety.sample import Sample

FALL_V = 0.05
FALL_PER_CELL_V = 0.002
"""A string that gets warmer loses a little; usual practice, not verified, like the 50 mV."""
SETTLE_S = 0.5
TOLERANCE = 0.02
TIMES = 2


class VoltageFalling:
    """Two quarter seconds in a row more than 50 mV below the highest of the same charge trip.

    Where a voltage is held the current falls in small steps, and the sum of several cells with it once one of
    them is full: the highest is one of the same current, within 2 %. A current that rises excuses nothing.
    """

    def __init__(self, rig: Rig) -> None:
        self._floor_A = rig.floor_A
        self._bins = Bins()
        self._since_s = float("nan")
        self._highest_V, self._highest_A = float("-inf"), 0.0
        self._low = 0
        self._limit_V = max(FALL_V, 20 * rig.resolution_V) + FALL_PER_CELL_V * (rig.series_cells - 1)
        self.info = RuleInfo(
            "voltage_falling",
            self._limit_V,
            "V",
            "station",
            "a short inside a cell: do not charge this battery again; watch it from a distance, then "
            "quarantine it",
        )

    def check(self, sample: Sample, witness: Witness) -> LimitTripped | None:
        """Judge one valid sample."""
        command_A = sample.command_A
        if command_A <= 0:
            return None
        assert sample.voltage_V is not None
        assert sample.current_A is not None
        if witness.steady_since_s != self._since_s or command_A < (1 - TOLERANCE) * self._highest_A:
            self._since_s, self._highest_V, self._low = witness.steady_since_s, float("-inf"), 0
            self._highest_A = command_A
            self._bins.clear()
        if sample.t_s - self._since_s < SETTLE_S:
            return None
        if abs(sample.current_A - command_A) > max(TOLERANCE * command_A, self._floor_A):
            self._bins.clear()
            return None
        full = self._bins.add(sample.t_s, sample.voltage_V)
        if full is None:
            return None
        if full.voltage_V > self._highest_V:
            self._highest_V, self._highest_A = full.voltage_V, command_A
        fall_V = self._highest_V - full.voltage_V
        self._low = self._low + 1 if fall_V > self._limit_V else 0
        if self._low < TIMES:
            return None
        return self.info.trip(
            f"the voltage fell by {1000 * fall_V:.3g} mV while {command_A:.4g} A were charging",
            sample,
            value=fall_V,
        )
