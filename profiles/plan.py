"""From a profile to a plan: amps and seconds for one battery on one channel."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from profiles.errors import ProfileError
from profiles.model import Profile
from profiles.open_step import OpenStep
from profiles.steps import (
    Adaptive,
    ConstantCurrentUntil,
    ContactCheck,
    OcvCheck,
    PulsePair,
    PulseTrain,
    Repeat,
    Rest,
)


class SegmentRole(Enum):
    """Why a segment is there."""

    REST = "rest"
    OCV_CHECK = "ocv_check"
    CONTACT_PULSE = "contact_pulse"
    CHARGE_PULSE = "charge_pulse"
    DISCHARGE_PULSE = "discharge_pulse"
    SOC_SHIFT = "soc_shift"
    PARTIAL_CHARGE = "partial_charge"
    CONSTANT_CURRENT = "constant_current"


@dataclass(frozen=True)
class End:
    """What ends a constant current before its time: ``cell_V`` per cell in series in V, or the name of the
    chemistry's limit; ``charge_Ah`` moved. ``must_reach``: the run ends when the voltage was not reached."""

    cell_V: float | str
    charge_Ah: float
    must_reach: bool


@dataclass(frozen=True)
class Segment:
    """A stretch of constant commanded current.

    ``step`` is the index of the profile's step; segments of one ``group`` belong
    together and may be played by an instrument's own sequencer. With ``end`` it may be over
    before ``duration_s``, and only the host can play it.
    """

    index: int
    step: int
    group: int
    role: SegmentRole
    current_A: float
    duration_s: float
    drift_max_mV_per_min: float | None = None
    end: End | None = None

    @property
    def longest_s(self) -> float:
        """How long it can last in s: a charge to end by may be moved before the time is over."""
        if self.end is None or self.current_A == 0:
            return self.duration_s
        return min(self.duration_s, 3600 * self.end.charge_Ah / abs(self.current_A))

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {**asdict(self), "role": self.role.value}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Segment:
        """The inverse of ``as_dict``."""
        end = End(**data["end"]) if data.get("end") else None
        return cls(**{**data, "role": SegmentRole(data["role"]), "end": end})


@dataclass(frozen=True)
class CurrentLimits:
    """What the channel allows, as positive magnitudes in A."""

    charge_max_A: float
    discharge_max_A: float


@dataclass(frozen=True)
class Plan:
    """A resolved profile; ``digest`` is the SHA-256 of its canonical JSON.

    The segments of ``open_steps`` are not known yet: they come while the test runs.
    """

    profile: str
    nominal_capacity_Ah: float
    timing: str
    sampling_Hz: float
    segments: tuple[Segment, ...]
    digest: str
    open_steps: tuple[OpenStep, ...] = ()

    @property
    def duration_s(self) -> float:
        """Sum of all segments, in s: open steps count with all their time, those that end by a voltage with
        the most it can be."""
        return sum(s.duration_s for s in self.segments) + sum(o.budget_s for o in self.open_steps)

    def bounds(self) -> list[tuple[float, float]]:
        """Currents in A and times in s that together ask for as much as this plan ever may."""
        known = [(segment.current_A, segment.longest_s) for segment in self.segments]
        return known + [bound for opened in self.open_steps for bound in opened.bounds()]

    def open_step(self, step: int) -> OpenStep | None:
        """The open step at the profile's step ``step``; None where all is known."""
        return next((opened for opened in self.open_steps if opened.step == step), None)

    def before_s(self, segment: Segment) -> float:
        """What is planned before ``segment``, in s; before the whole step where it belongs to an open one."""
        known = (
            other.duration_s
            for other in self.segments
            if other.step < segment.step or (other.step == segment.step and other.index < segment.index)
        )
        return sum(known) + sum(o.budget_s for o in self.open_steps if o.step < segment.step)

    def as_dict(self) -> dict[str, Any]:
        """Plain data, from which ``Plan.from_dict`` makes an equal plan."""
        data = {**asdict(self), "segments": [segment.as_dict() for segment in self.segments]}
        if not self.open_steps:
            del data["open_steps"]
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Plan:
        """The inverse of ``as_dict``."""
        segments = tuple(Segment.from_dict(segment) for segment in data["segments"])
        opened = tuple(OpenStep.from_dict(one) for one in data.get("open_steps", ()))
        return cls(**{**data, "segments": segments, "open_steps": opened})


def resolve(
    profile: Profile, *, nominal_capacity_Ah: float, limits: CurrentLimits | None = None, file: str = ""
) -> Plan:
    """Resolve ``profile`` for a battery of ``nominal_capacity_Ah``.

    Raises ProfileError when a current is beyond ``limits`` and no floor allows less.
    """
    if not nominal_capacity_Ah > 0:
        raise ProfileError(
            f"nominal capacity {nominal_capacity_Ah} Ah is not a positive number",
            file=file,
            field="nominal_capacity_Ah",
            remedy="give the capacity printed on the battery, in Ah",
            code="profile.capacity",
        )
    segments: list[Segment] = []
    opened: list[OpenStep] = []
    group = 0
    for number, step in _unfolded(profile):
        if isinstance(step, Adaptive):
            opened.append(_open_step(profile, number, step, group, nominal_capacity_Ah, limits))
            group += 1
            continue
        for parts in _groups(profile, number, step, nominal_capacity_Ah, limits, file):
            for role, current_A, duration_s in parts:
                drift = step.drift_max_mV_per_min if isinstance(step, OcvCheck) else None
                end = _end(step, nominal_capacity_Ah) if isinstance(step, ConstantCurrentUntil) else None
                place = (len(segments), number, group)
                segments.append(Segment(*place, role, current_A, duration_s, drift, end))
            group += 1
    body: dict[str, Any] = {
        "profile": profile.canonical(),
        "nominal_capacity_Ah": nominal_capacity_Ah,
        "segments": [(s.role.value, s.current_A, s.duration_s) for s in segments],
    }
    if opened:
        body["open_steps"] = [asdict(one) for one in opened]
    digest = hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return Plan(
        profile.name,
        nominal_capacity_Ah,
        profile.timing,
        profile.sampling_Hz,
        tuple(segments),
        digest,
        tuple(opened),
    )


_Part = tuple[SegmentRole, float, float]


def _unfolded(profile: Profile) -> Iterator[tuple[int, Any]]:
    """Every step to play with the number of the profile's step it belongs to."""
    for number, step in enumerate(profile.steps):
        if isinstance(step, Repeat):
            yield from ((number, part) for _ in range(step.times) for part in step.steps)
        else:
            yield number, step


def _end(step: ConstantCurrentUntil, capacity_Ah: float) -> End:
    return End(step.cell_voltage_V, step.charge_max_of_capacity * capacity_Ah, step.must_reach)


def _groups(
    profile: Profile, number: int, step: Any, capacity_Ah: float, limits: CurrentLimits | None, file: str
) -> Iterator[list[_Part]]:
    if isinstance(step, Rest):
        yield [(SegmentRole.REST, 0.0, step.duration_s)]
    elif isinstance(step, OcvCheck):
        yield [(SegmentRole.OCV_CHECK, 0.0, step.duration_s)]
    elif isinstance(step, ContactCheck):
        current_A = _allowed_A(profile, number, step.current_C, None, capacity_Ah, limits, file)
        # Discharge first: a small discharge is harmless to a full and to an unknown cell alike.
        yield [
            (SegmentRole.CONTACT_PULSE, -current_A, step.duration_s),
            (SegmentRole.REST, 0.0, step.rest_s),
        ]
    elif isinstance(step, PulsePair):
        current_A = _allowed_A(
            profile, number, step.current_C, step.current_floor_C, capacity_Ah, limits, file
        )
        yield _pair(current_A, step.duration_s, step.rest_s, step.last_rest_s or step.rest_s)
    elif isinstance(step, PulseTrain):
        rest_s = step.duration_s * step.rest_factor
        for current_C in step.currents_C:
            current_A = _allowed_A(
                profile, number, current_C, step.current_floor_C, capacity_Ah, limits, file
            )
            yield _pair(current_A, step.duration_s, rest_s, rest_s)
    elif isinstance(step, ConstantCurrentUntil):
        current_A = _allowed_A(
            profile, number, step.current_C, step.current_floor_C, capacity_Ah, limits, file
        )
        signed_A = current_A if step.direction == "charge" else -current_A
        yield [(SegmentRole.CONSTANT_CURRENT, signed_A, step.duration_max_s)]


def _pair(current_A: float, duration_s: float, rest_s: float, last_rest_s: float) -> list[_Part]:
    return [
        (SegmentRole.CHARGE_PULSE, current_A, duration_s),
        (SegmentRole.REST, 0.0, rest_s),
        (SegmentRole.DISCHARGE_PULSE, -current_A, duration_s),
        (SegmentRole.REST, 0.0, last_rest_s),
    ]


def _open_step(
    profile: Profile,
    number: int,
    step: Adaptive,
    group: int,
    capacity_Ah: float,
    limits: CurrentLimits | None,
) -> OpenStep:
    """Currents lowered to what is allowed here: what is decided later has to fit, not the other way round."""
    charge_max_A, discharge_max_A = step.charge_max_C * capacity_Ah, step.discharge_max_C * capacity_Ah
    if profile.limits.current_max_C is not None:
        charge_max_A = min(charge_max_A, profile.limits.current_max_C * capacity_Ah)
        discharge_max_A = min(discharge_max_A, profile.limits.current_max_C * capacity_Ah)
    if limits is not None:
        charge_max_A = min(charge_max_A, limits.charge_max_A)
        discharge_max_A = min(discharge_max_A, limits.discharge_max_A)
    points = step.goal.half_width_points
    return OpenStep(
        step=number,
        group=group,
        inside_grade=step.goal.inside_grade,
        half_width=None if points is None else points / 100,
        budget_s=step.budget_s,
        kinds=step.kinds,
        charge_max_A=charge_max_A,
        discharge_max_A=discharge_max_A,
        soc_shift_max_Ah=step.soc_shift_max * capacity_Ah,
        throughput_max_Ah=step.throughput_max * capacity_Ah,
        rest_factor=step.rest_factor,
        shift_rest_s=step.shift_rest_s,
        answer_timeout_s=step.answer_timeout_s,
    )


def _allowed_A(
    profile: Profile,
    number: int,
    current_C: float,
    floor_C: float | None,
    capacity_Ah: float,
    limits: CurrentLimits | None,
    file: str,
) -> float:
    """The current in A, lowered to the limits only where the step's floor allows it."""
    wanted_A = current_C * capacity_Ah
    cap_A = min(limits.charge_max_A, limits.discharge_max_A) if limits else wanted_A
    if profile.limits.current_max_C is not None:
        cap_A = min(cap_A, profile.limits.current_max_C * capacity_Ah)
    if wanted_A <= cap_A * (1 + 1e-9):
        return wanted_A
    if floor_C is not None and floor_C * capacity_Ah <= cap_A:
        return cap_A
    raise ProfileError(
        f"{current_C:g} C of {capacity_Ah:g} Ah is {wanted_A:.3g} A, beyond the {cap_A:.3g} A allowed here",
        file=file,
        field=f"steps[{number}]",
        remedy="use a channel with a larger limit or a profile with smaller currents, "
        "or give the step a current_floor_C",
        code="profile.beyond_limits",
        step=number,
        wanted_A=round(wanted_A, 4),
        allowed_A=round(cap_A, 4),
    )
