"""Independent voltmeters must go on agreeing while a test runs."""

from __future__ import annotations

from station.engine.means import Recent
from station.engine.sensors import Scan
from station.errors import LimitTripped
from station.safety.checks import AGREEMENT_FRACTION, AGREEMENT_V

SETTLED_S = 0.5
TIMES = 2


class VoltageAgreement:
    """Compares each scan of the terminals with the instrument's samples of the same moment.

    Only while the current has been steady for half a second; two disagreeing scans in a row trip.
    ``contact_max_ohm`` times the current is allowed on top: that much was accepted by the contact check.
    """

    def __init__(self, contact_max_ohm: float) -> None:
        self._contact_max_ohm = contact_max_ohm
        self._serial = 0
        self._bad = 0

    def check(self, scan: Scan, recent: Recent, steady_since_s: float) -> LimitTripped | None:
        """Judge one scan, once."""
        if scan.serial == self._serial or scan.terminals_V is None:
            return None
        self._serial = scan.serial
        if scan.start_s < steady_since_s + SETTLED_S:
            return None
        means = recent.mean(scan.start_s, scan.end_s)
        if means is None:
            return None
        voltage_V, current_A = means
        limit_V = max(AGREEMENT_V, AGREEMENT_FRACTION * abs(voltage_V)) + self._contact_max_ohm * abs(
            current_A
        )
        difference_V = abs(voltage_V - scan.terminals_V)
        self._bad = self._bad + 1 if difference_V > limit_V else 0
        if self._bad < TIMES:
            return None
        return LimitTripped(
            f"voltage_agreement: instrument {voltage_V:.4g} V, scanner {scan.terminals_V:.4g} V",
            remedy="a sense lead came off, or one of the two instruments repeats an old value",
            code="safety.voltage_agreement",
            rule="voltage_agreement",
            value=difference_V,
            limit=limit_V,
            unit="V",
            t_s=round(scan.end_s, 4),
        )
