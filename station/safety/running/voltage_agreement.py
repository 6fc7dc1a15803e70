"""Independent voltmeters must go on agreeing while a test runs."""

from __future__ import annotations

from station.errors import LimitTripped
from station.safety.checks import AGREEMENT_FRACTION, AGREEMENT_V
from station.safety.running.rule import RuleInfo
from station.safety.running.witness import Rig, ScanView, Witness
from station.safety.sample import Sample, is_reading

SETTLED_S = 0.5
TIMES = 2
AT_REST_A = 0.2
NOISE_V = 0.003
NOISE_FRACTION = 0.0003
"""Noise of a mean over one scan: of a cell, and of a whole pack on a coarse instrument."""


class VoltageAgreement:
    """Compares each scan of the terminals with the instrument's samples of the same moment.

    Only while the current has been steady for half a second; two disagreeing scans in a row trip. The
    difference may be what was accepted before energy, and may grow with the current by no more than
    ``contact_max_ohm`` from what it was at rest.
    """

    def __init__(self, rig: Rig) -> None:
        self.contact_max_ohm = rig.contact_max_ohm
        self.info = RuleInfo(
            "voltage_agreement",
            AGREEMENT_V,
            "V",
            "station",
            "a sense lead came off, or one of the two instruments repeats an old value",
        )
        self._steps_V = 2 * rig.resolution_V
        self._at_rest_V: float | None = None
        self._bad = 0

    def check_scan(self, scan: ScanView, sample: Sample, witness: Witness) -> LimitTripped | None:
        """Judge one scan, once."""
        terminals_V = scan.terminals_V
        if terminals_V is None or not is_reading(terminals_V):
            return None
        if scan.start_s < witness.steady_since_s + SETTLED_S:
            return None
        means = witness.recent.mean(scan.start_s, scan.end_s, witness.steady_since_s + SETTLED_S / 2)
        if means is None:
            return None
        voltage_V, current_A = means
        signed_V = voltage_V - terminals_V
        contact_V = self.contact_max_ohm * abs(current_A)
        static_V = max(AGREEMENT_V, AGREEMENT_FRACTION * abs(voltage_V)) + contact_V
        noise_V = max(NOISE_V, NOISE_FRACTION * abs(voltage_V)) + self._steps_V
        rest_V = self._at_rest_V
        limit_V = static_V if rest_V is None else min(static_V, abs(rest_V) + noise_V + contact_V)
        good = abs(signed_V) <= static_V and (rest_V is None or abs(signed_V - rest_V) <= noise_V + contact_V)
        if good and abs(current_A) < AT_REST_A:
            # Follows slowly, so that the drift of two good voltmeters is no alarm.
            self._at_rest_V = signed_V if rest_V is None else 0.9 * rest_V + 0.1 * signed_V
        self._bad = 0 if good else self._bad + 1
        if self._bad < TIMES:
            return None
        return self.info.trip(
            f"instrument {voltage_V:.4g} V, scanner {terminals_V:.4g} V",
            sample,
            value=abs(signed_V),
            limit=limit_V,
        )
