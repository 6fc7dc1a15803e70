"""How old the scanner's values are, for each role that the bench file names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from station.errors import LimitTripped
from station.safety.running.rule import Notes, RuleInfo
from station.safety.running.witness import Rig, ScanView
from station.safety.sample import Sample, is_reading

Problem = Callable[[], list[dict[str, Any]]]
"""What the scanners complain of now, each as ``station.errors.told`` has it."""

WARN, TRIP = 1.0, 5.0
"""Multiples of the sensors' age limit at which to warn and to end the test."""
WARN_REAL_S, TRIP_REAL_S = 0.2, 2.0
"""And not before so many real seconds, where simulated time runs fast."""
WATCHED = ("cell_surface", "terminals", "cell")
"""Roles that a limit depends on; an ambient sensor may fail."""


class SensorAge:
    """A role is as old as the last scan in which every one of its inputs read.

    One lost surface sensor is a lost role: it may be the one at the hot cell. ``stale`` says whether values
    may still be used.
    """

    def __init__(self, rig: Rig, notes: Notes, problem: Problem, began_s: float, began_real_s: float) -> None:
        self._notes, self._problem = notes, problem
        self._warn_s, self._trip_s = WARN * rig.sensor_age_limit_s, TRIP * rig.sensor_age_limit_s
        self._good = {role: (began_s, began_real_s) for role in WATCHED if role in rig.roles}
        self._serial = 0
        self._seen = (began_s, began_real_s)
        self._lost: set[str] = set()
        self.present = bool(rig.roles)
        self.info = RuleInfo(
            "sensor_stale",
            self._trip_s,
            "s",
            "bench",
            "check the scanner, its network and the sensor's leads",
        )

    def look(self, scan: ScanView | None) -> None:
        """Take the newest scan, new or not."""
        if scan is None or scan.serial == self._serial:
            return
        self._serial, self._seen = scan.serial, (scan.end_s, scan.at)
        for role in self._good:
            if _reads(role, scan):
                self._good[role] = self._seen
                self._lost.discard(role)
            else:
                self._lost.add(role)

    def stale(self, now_s: float, real_s: float) -> bool:
        """True when nothing has come from a scanner for longer than its age limit."""
        return now_s - self._seen[0] > self._warn_s and real_s - self._seen[1] > WARN_REAL_S

    def check_age(self, sample: Sample, real_s: float) -> LimitTripped | None:
        """Judge all roles; called some ten times a second."""
        lost = self._lost
        oldest, age_s, age_real_s = "", 0.0, 0.0
        for role, (good_s, good_real_s) in self._good.items():
            if sample.t_s - good_s > age_s:
                oldest, age_s, age_real_s = role, sample.t_s - good_s, real_s - good_real_s
        stale = age_s > self._warn_s and age_real_s > WARN_REAL_S
        silent = self.present and self.stale(sample.t_s, real_s)
        blind = "cell_surface" in lost
        signal = "cell_surface" if blind else oldest
        self._notes.say_while(
            "sensor_stale",
            stale or silent or blind,
            age_s=round(age_s, 2),
            signal=signal,
            problem=self._problem(),
        )
        if age_s <= self._trip_s or age_real_s <= TRIP_REAL_S:
            return None
        complaints = "; ".join(one["message"] for one in self._problem())
        return self.info.trip(
            f"no valid {oldest} value for {age_s:.1f} s: {complaints}",
            sample,
            value=age_s,
            signal=oldest,
        )


def _reads(role: str, scan: ScanView) -> bool:
    if role == "cell_surface":
        return scan.surface_degC is not None and is_reading(scan.surface_degC)
    if role == "terminals":
        return scan.terminals_V is not None and is_reading(scan.terminals_V)
    return bool(scan.cells_V) and all(value is not None and is_reading(value) for value in scan.cells_V)
