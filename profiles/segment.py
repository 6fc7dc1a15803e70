"""A stretch of a plan: what flows, for how long at most, and what ends it before."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from enum import Enum
from typing import Any


class SegmentRole(Enum):
    """Why a segment is there."""

    REST = "rest"
    OCV_CHECK = "ocv_check"
    WAIT = "wait"
    CONTACT_PULSE = "contact_pulse"
    CHARGE_PULSE = "charge_pulse"
    DISCHARGE_PULSE = "discharge_pulse"
    SOC_SHIFT = "soc_shift"
    PARTIAL_CHARGE = "partial_charge"
    CONSTANT_CURRENT = "constant_current"
    CONSTANT_VOLTAGE = "constant_voltage"
    CONSTANT_POWER = "constant_power"
    CONSTANT_RESISTANCE = "constant_resistance"
    EXCITATION = "excitation"
    RAMP = "ramp"
    CURRENT_TABLE = "current_table"


@dataclass(frozen=True)
class End:
    """What ends a constant current before its time: ``cell_V`` per cell in series in V, or the name of the
    chemistry's limit; ``charge_Ah`` moved. ``must_reach``: the run ends when the voltage was not reached."""

    cell_V: float | str
    charge_Ah: float
    must_reach: bool


@dataclass(frozen=True)
class Control:
    """What the station holds by setting the current anew between the samples: ``mode`` is ``voltage``
    (``cell_V`` per cell, or the name of the chemistry's limit), ``power`` (``target`` in W) or
    ``resistance`` (in ohm).

    The segment's ``current_A`` is the most that may flow, in its direction. With ``end_A`` a held voltage
    ends when the current has fallen to it. ``from_full``: begin at the most instead of feeling the way up.
    """

    mode: str
    cell_V: float | str = 0.0
    target: float = 0.0
    end_A: float | None = None
    from_full: bool = False


@dataclass(frozen=True)
class Until:
    """What ends a segment before its time: any of ``conditions`` once ``least_s`` have passed, or
    ``charge_Ah`` moved. ``must_reach``: the run ends when none of the conditions came.

    ``steady_s``: a condition must have held for so long.
    """

    conditions: tuple[str, ...] = ()
    charge_Ah: float | None = None
    least_s: float = 0.0
    steady_s: float = 0.0
    must_reach: bool = False


@dataclass(frozen=True)
class Act:
    """What happens at zero current besides waiting: ``kind`` ``prompt`` or ``bms``, ``facts`` its fields."""

    kind: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class Recorded:
    """Which samples are kept: those ``every_s`` and those that differ by so much from the one kept before."""

    every_s: float | None = None
    voltage_V: float | None = None
    current_A: float | None = None
    temperature_K: float | None = None


_PARTS = {"end": End, "control": Control, "until": Until, "act": Act, "record": Recorded}
_FIRST = 8
"""Fields of the first version, always written; later ones only where they say something."""


@dataclass(frozen=True)
class Segment:
    """A stretch of commanded current, constant unless there is a ``control``.

    ``step`` is the index of the profile's step; segments of one ``group`` belong
    together and may be played by an instrument's own sequencer. With ``end``, ``until``, ``control`` or
    ``act`` it may be over before ``duration_s``, and only the host can play it.
    """

    index: int
    step: int
    group: int
    role: SegmentRole
    current_A: float
    duration_s: float
    drift_max_mV_per_min: float | None = None
    end: End | None = None
    control: Control | None = None
    until: Until | None = None
    act: Act | None = None
    record: Recorded | None = None

    @property
    def longest_s(self) -> float:
        """How long its current can flow in s: a charge to end by may be moved before the time is over."""
        if self.current_A == 0:
            return self.duration_s
        if self.end is None and self.until is None:
            return self.duration_s
        charges = [self.end.charge_Ah] if self.end is not None else []
        if self.until is not None and self.until.charge_Ah is not None:
            charges.append(self.until.charge_Ah)
        return min([self.duration_s, *(3600 * charge_Ah / abs(self.current_A) for charge_Ah in charges)])

    @property
    def open_ended(self) -> bool:
        """It may be over before its time."""
        return not (self.end is None and self.control is None and self.until is None and self.act is None)

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        data: dict[str, Any] = {}
        for number, one in enumerate(fields(self)):
            value = getattr(self, one.name)
            if number < _FIRST or value is not None:
                data[one.name] = asdict(value) if one.name in _PARTS and value is not None else value
        return {**data, "role": self.role.value}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Segment:
        """The inverse of ``as_dict``, also after JSON."""
        parts: dict[str, Any] = {
            name: part(**data[name]) for name, part in _PARTS.items() if data.get(name) is not None
        }
        until = parts.get("until")
        if until is not None:
            parts["until"] = Until(**{**asdict(until), "conditions": tuple(until.conditions)})
        return cls(**{**data, "role": SegmentRole(data["role"]), **parts})
