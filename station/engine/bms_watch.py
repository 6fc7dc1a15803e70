"""The battery's own management system as a witness: ages, faults, cells, agreement."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from drivers.contracts.bms import Bms, BmsSnapshot
from station.errors import LimitTripped
from station.safety.checks import BMS_AGREEMENT_FRACTION, BMS_AGREEMENT_V
from station.safety.envelope import Envelope
from station.safety.sample import Sample

POLL_S = 0.1
WARN_AGE_S = 1.0
TRIP_AGE_S = 2.0
"""Ages of the pack voltage in real seconds: a bus is as fast or slow as it is."""
RECORD_S = 1.0
CURRENT_TOLERANCE = 0.05
CURRENT_TOLERANCE_A = 2.0
STEADY_S = 1.5
"""Agreement is judged once the current has been steady for this long (bench time)."""
PERSIST_S = 0.5
FAULT_POLLS = 3
"""A fault seen in so many looks in a row is one; a single look may fall between two frames."""


class BmsWatch:
    """``check`` is called with every sample and looks at the BMS ten times a second (real time)."""

    def __init__(self, bms: Bms, envelope: Envelope, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._bms = bms
        self._monotonic = monotonic
        self._envelope = envelope
        self._next = 0.0
        self._next_record_s = float("-inf")
        self._disagrees_since: float | None = None
        self._faulty = 0
        self.stale = False
        self.record: dict[str, Any] | None = None
        self.cells: list[float | None] | None = None

    def check(self, sample: Sample, steady_since_s: float) -> LimitTripped | None:
        """Judge the newest signals. ``record`` is not None when there is something for the journal."""
        now = self._monotonic()
        self.record = self.cells = None
        if now < self._next:
            return None
        self._next = now + POLL_S
        snapshot = self._bms.snapshot()
        if sample.t_s >= self._next_record_s:
            self._next_record_s = sample.t_s + RECORD_S
            self.record = {
                **{name: signal.value for name, signal in snapshot.signals.items()},
                "faults": list(snapshot.faults),
            }
            self.cells = list(snapshot.cell_voltages_V) or None
        return self._judge(snapshot, sample, steady_since_s, now)

    def _judge(
        self, snapshot: BmsSnapshot, sample: Sample, steady_since_s: float, now: float
    ) -> LimitTripped | None:
        pack = snapshot.signals.get("pack_voltage_V")
        age_s = float("inf") if pack is None or pack.value is None else pack.age_s
        self.stale = age_s > WARN_AGE_S
        if age_s > TRIP_AGE_S:
            return _trip(
                "bms_stale", age_s, TRIP_AGE_S, "s", "the BMS is silent", "check the CAN plug", sample
            )
        self._faulty = self._faulty + 1 if snapshot.faults else 0
        if self._faulty >= FAULT_POLLS:
            names = ", ".join(snapshot.faults)
            return _trip("bms_fault", None, None, "", f"the BMS reports {names}", "read out the BMS", sample)
        temperature = snapshot.signals.get("temperature_degC")
        if temperature is not None and temperature.value is not None:
            error = self._envelope.check_temperature(temperature.value, sample)
            if error is not None:
                return error
        error = self._envelope.check_cells(snapshot.cell_voltages_V)
        if error is not None or self.stale or pack is None or pack.value is None:
            return error
        return self._agreement(snapshot, pack.value, sample, steady_since_s, now)

    def _agreement(
        self, snapshot: BmsSnapshot, pack_V: float, sample: Sample, steady_since_s: float, now: float
    ) -> LimitTripped | None:
        assert sample.voltage_V is not None
        assert sample.current_A is not None
        if sample.t_s - steady_since_s < STEADY_S:
            self._disagrees_since = None
            return None
        checks = [("bms_voltage", sample.voltage_V, pack_V, BMS_AGREEMENT_V, BMS_AGREEMENT_FRACTION, "V")]
        current = snapshot.signals.get("current_A")
        if current is not None and current.value is not None and current.age_s < WARN_AGE_S:
            checks.append(
                ("bms_current", sample.current_A, current.value, CURRENT_TOLERANCE_A, CURRENT_TOLERANCE, "A")
            )
        for rule, ours, theirs, floor, share, unit in checks:
            limit = max(floor, share * abs(ours))
            if abs(ours - theirs) > limit:
                if self._disagrees_since is None:
                    self._disagrees_since = now
                if now - self._disagrees_since < PERSIST_S:
                    return None
                text = f"instrument {ours:.4g} {unit}, BMS {theirs:.4g} {unit}"
                remedy = "another path carries current, or one of the two measures wrong"
                return _trip(rule, abs(ours - theirs), limit, unit, text, remedy, sample)
        self._disagrees_since = None
        return None


def _trip(
    rule: str, value: float | None, limit: float | None, unit: str, text: str, remedy: str, sample: Sample
) -> LimitTripped:
    finite = None if value == float("inf") else value
    return LimitTripped(
        f"{rule}: {text}",
        remedy=remedy,
        code=f"safety.{rule}",
        rule=rule,
        value=finite,
        limit=limit,
        unit=unit,
        t_s=round(sample.t_s, 4),
        segment=sample.segment,
    )
