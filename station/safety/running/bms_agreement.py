"""Instrument and BMS must agree on voltage and current."""

from __future__ import annotations

from drivers.contracts.bms import BmsSnapshot
from station.errors import LimitTripped
from station.safety.checks import BMS_AGREEMENT_FRACTION, BMS_AGREEMENT_V
from station.safety.running.rule import RuleInfo
from station.safety.running.witness import Witness
from station.safety.sample import Sample

CURRENT_TOLERANCE = 0.05
CURRENT_TOLERANCE_A = 2.0
STEADY_S = 1.5
"""Agreement is judged once the current has been steady for this long (bench time)."""
PERSIST_S = 0.5
FRESH_S = 1.0


class BmsAgreement:
    """A disagreement that lasts half a (real) second trips."""

    def __init__(self) -> None:
        self._since: float | None = None
        remedy = "another path carries current, or one of the two measures wrong"
        self.voltage = RuleInfo("bms_voltage", BMS_AGREEMENT_V, "V", "station", remedy)
        self.current = RuleInfo("bms_current", CURRENT_TOLERANCE_A, "A", "station", remedy)

    def check_bms(self, snapshot: BmsSnapshot, sample: Sample, witness: Witness) -> LimitTripped | None:
        """Judge one look."""
        assert sample.voltage_V is not None
        assert sample.current_A is not None
        if sample.t_s - witness.steady_since_s < STEADY_S:
            self._since = None
            return None
        for info, ours, share in (
            (self.voltage, sample.voltage_V, BMS_AGREEMENT_FRACTION),
            (self.current, sample.current_A, CURRENT_TOLERANCE),
        ):
            signal = snapshot.signals.get("pack_voltage_V" if info is self.voltage else "current_A")
            if signal is None or signal.value is None or signal.age_s >= FRESH_S:
                continue
            assert info.limit is not None
            limit = max(info.limit, share * abs(ours))
            if abs(ours - signal.value) <= limit:
                continue
            if self._since is None:
                self._since = witness.real_s
            if witness.real_s - self._since < PERSIST_S:
                return None
            return info.trip(
                f"instrument {ours:.4g} {info.unit}, BMS {signal.value:.4g} {info.unit}",
                sample,
                value=abs(ours - signal.value),
                limit=limit,
            )
        self._since = None
        return None
