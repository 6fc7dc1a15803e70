"""A sudden dip of a resting voltage: the mark of a micro short inside a cell."""

from __future__ import annotations

from station.errors import LimitTripped
from station.safety.running.bins import Bin, Bins
from station.safety.running.rule import RuleInfo
from station.safety.running.witness import Rig, Witness
from station.safety.sample import Sample

DIP_V = 0.05
DIP_FRACTION = 0.0005
"""What a voltmeter of a high pack may wander; usual practice, not verified, like the 50 mV."""
SETTLE_S = 0.5
SUDDEN_S = 3.0
"""A change over a longer gap between samples is not known to be sudden."""


class VoltageDip:
    """Compares each quarter second at rest with the two before it.

    After a pulse a voltage relaxes ever more slowly; what is judged is how much more it fell than the
    stretch before foretells, so that no relaxation, however large, looks like a dip.
    """

    def __init__(self, rig: Rig) -> None:
        self._rest_A = rig.floor_A
        self._bins = Bins()
        self._before: Bin | None = None
        self._last: Bin | None = None
        self._floor_V = max(DIP_V, 20 * rig.resolution_V)
        self.info = RuleInfo(
            "voltage_dip",
            self._floor_V,
            "V",
            "station",
            "a short inside a cell, or a loose lead: watch voltage and temperature for ten minutes from a "
            "distance, then quarantine the battery",
        )

    def check(self, sample: Sample, witness: Witness) -> LimitTripped | None:
        """Judge one valid sample."""
        assert sample.voltage_V is not None
        assert sample.current_A is not None
        if sample.command_A or abs(sample.current_A) > self._rest_A:
            self.forget()
            return None
        if sample.t_s - witness.steady_since_s < SETTLE_S:
            return None
        full = self._bins.add(sample.t_s, sample.voltage_V)
        return None if full is None else self._judge(full, sample)

    def forget(self) -> None:
        """Begin anew: what came before is not comparable."""
        self._bins.clear()
        self._before = self._last = None

    def _judge(self, full: Bin, sample: Sample) -> LimitTripped | None:
        before, last = self._before, self._last
        self._before, self._last = last, full
        if before is None or last is None or full.t_s - last.t_s > SUDDEN_S:
            return None
        foretold_V = (before.voltage_V - last.voltage_V) / (last.t_s - before.t_s) * (full.t_s - last.t_s)
        dip_V = last.voltage_V - full.voltage_V - max(foretold_V, 0.0)
        limit_V = max(self._floor_V, DIP_FRACTION * abs(last.voltage_V))
        if dip_V <= limit_V:
            return None
        return self.info.trip(
            f"the resting voltage fell by {1000 * dip_V:.3g} mV at once", sample, value=dip_V, limit=limit_V
        )
