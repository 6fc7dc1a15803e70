"""Independent voltmeters must go on agreeing while a test runs."""

from __future__ import annotations

from station.engine.means import Recent
from station.engine.sensors import Scan
from station.errors import LimitTripped
from station.safety.checks import AGREEMENT_FRACTION, AGREEMENT_V

SETTLED_S = 0.5
TIMES = 2
AT_REST_A = 0.2
NOISE_V = 0.003


class VoltageAgreement:
    """Compares each scan of the terminals with the instrument's samples of the same moment.

    Only while the current has been steady for half a second; two disagreeing scans in a row trip. The
    difference may be what was accepted before energy, and may grow with the current by no more than
    ``contact_max_ohm`` from what it was at rest.
    """

    def __init__(self, contact_max_ohm: float, resolution_V: float) -> None:
        self.contact_max_ohm = contact_max_ohm
        self._noise_V = NOISE_V + 2 * resolution_V
        self._at_rest_V: float | None = None
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
        signed_V = voltage_V - scan.terminals_V
        contact_V = self.contact_max_ohm * abs(current_A)
        static_V = max(AGREEMENT_V, AGREEMENT_FRACTION * abs(voltage_V)) + contact_V
        rest_V = self._at_rest_V
        limit_V = static_V if rest_V is None else min(static_V, abs(rest_V) + self._noise_V + contact_V)
        good = abs(signed_V) <= static_V and (
            rest_V is None or abs(signed_V - rest_V) <= self._noise_V + contact_V
        )
        if good and abs(current_A) < AT_REST_A:
            # Follows slowly, so that the drift of two good voltmeters is no alarm.
            self._at_rest_V = signed_V if rest_V is None else 0.9 * rest_V + 0.1 * signed_V
        self._bad = 0 if good else self._bad + 1
        if self._bad < TIMES:
            return None
        return LimitTripped(
            f"voltage_agreement: instrument {voltage_V:.4g} V, scanner {scan.terminals_V:.4g} V",
            remedy="a sense lead came off, or one of the two instruments repeats an old value",
            code="safety.voltage_agreement",
            rule="voltage_agreement",
            value=abs(signed_V),
            limit=limit_V,
            unit="V",
            t_s=round(scan.end_s, 4),
        )
