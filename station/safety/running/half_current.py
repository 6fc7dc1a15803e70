"""Half of the commanded current: one of two parallel modules or leads has dropped out."""

from __future__ import annotations

from station.errors import LimitTripped
from station.safety.running.rule import RuleInfo
from station.safety.running.witness import Rig, Witness
from station.safety.sample import Sample

LOW, HIGH = 0.44, 0.56
PERSIST_S = 0.1
PERSIST_SAMPLES = 3
SETTLE_S = 0.1
STANDING = 0.03
"""A current that stands still within this share of the command is no ramp on its way."""
FLOORS = 4.0
"""Only commands of so many times what says nothing are judged."""


class HalfCurrent:
    """Three standing samples in 0.1 s near half of the command trip, long before the general comparison
    of commanded and measured current would."""

    def __init__(self, rig: Rig) -> None:
        self._least_A = FLOORS * rig.floor_A
        self._since_s: float | None = None
        self._first_A = 0.0
        self._count = 0
        self.info = RuleInfo(
            "half_current",
            HIGH,
            "",
            "station",
            "one of two parallel leads or power modules has dropped out: check both leads and the "
            "instrument's modules",
        )

    def check(self, sample: Sample, witness: Witness) -> LimitTripped | None:
        """Judge one valid sample."""
        command_A = sample.command_A
        if not command_A:
            self._count = 0
            return None
        assert sample.current_A is not None
        share = sample.current_A / command_A
        if (
            not LOW <= share <= HIGH
            or abs(command_A) < self._least_A
            or sample.t_s - witness.steady_since_s < SETTLE_S
        ):
            self._count = 0
            return None
        if not self._count or abs(sample.current_A - self._first_A) > STANDING * abs(command_A):
            self._since_s, self._first_A, self._count = sample.t_s, sample.current_A, 1
            return None
        self._count += 1
        assert self._since_s is not None
        if self._count < PERSIST_SAMPLES or sample.t_s - self._since_s < PERSIST_S:
            return None
        return self.info.trip(
            f"{sample.current_A:.4g} A flow, about half of the {command_A:.4g} A commanded",
            sample,
            value=sample.current_A,
            limit=command_A,
            unit="A",
        )
