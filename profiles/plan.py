"""From a profile to a plan: amps and seconds for one battery on one channel."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left, bisect_right
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

from profiles.building import Builder, CurrentLimits
from profiles.errors import ProfileError
from profiles.junction import Junction
from profiles.lowering_flow import lower
from profiles.model import Profile
from profiles.open_step import OpenStep
from profiles.segment import Act, Control, End, Recorded, Segment, SegmentRole, Until

__all__ = [
    "Act",
    "Control",
    "CurrentLimits",
    "End",
    "Junction",
    "Plan",
    "Recorded",
    "Segment",
    "SegmentRole",
    "Until",
    "resolve",
]


@dataclass(frozen=True)
class Plan:
    """A resolved profile; ``digest`` is the SHA-256 of its canonical JSON.

    The segments of ``open_steps`` are not known yet: they come while the test runs. At ``junctions`` some of
    ``segments`` are left out; whatever may be played stands here.
    """

    profile: str
    nominal_capacity_Ah: float
    timing: str
    sampling_Hz: float
    segments: tuple[Segment, ...]
    digest: str
    open_steps: tuple[OpenStep, ...] = ()
    junctions: tuple[Junction, ...] = ()

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
        opened_s = sum(o.budget_s for o in self.open_steps if o.step < segment.step)
        begun = bisect_left(self.segments, segment.step, key=lambda other: other.step)
        after = bisect_right(self.segments, segment.step, key=lambda other: other.step)
        # A segment of an open step has an index behind all of them, and belongs behind its step's own.
        place = min(max(segment.index, begun), after)
        return self._begins_s[place] + opened_s

    @cached_property
    def _begins_s(self) -> list[float]:
        """Where each segment begins were there no open steps, and where all of them end."""
        return [0.0, *accumulate(segment.duration_s for segment in self.segments)]

    def as_dict(self) -> dict[str, Any]:
        """Plain data, from which ``Plan.from_dict`` makes an equal plan."""
        data: dict[str, Any] = {
            "profile": self.profile,
            "nominal_capacity_Ah": self.nominal_capacity_Ah,
            "timing": self.timing,
            "sampling_Hz": self.sampling_Hz,
            "segments": [segment.as_dict() for segment in self.segments],
            "digest": self.digest,
        }
        if self.open_steps:
            data["open_steps"] = [asdict(one) for one in self.open_steps]
        if self.junctions:
            data["junctions"] = [one.as_dict() for one in self.junctions]
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Plan:
        """The inverse of ``as_dict``."""
        segments = tuple(Segment.from_dict(segment) for segment in data["segments"])
        opened = tuple(OpenStep.from_dict(one) for one in data.get("open_steps", ()))
        junctions = tuple(Junction.from_dict(one) for one in data.get("junctions", ()))
        return cls(**{**data, "segments": segments, "open_steps": opened, "junctions": junctions})


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
    to = Builder(profile, nominal_capacity_Ah, limits, file)
    for number, step in enumerate(profile.steps):
        to.number = number
        lower(to, step, ("steps", number))
    return Plan(
        profile.name,
        nominal_capacity_Ah,
        profile.timing,
        profile.sampling_Hz,
        tuple(to.segments),
        _digest(profile, to),
        tuple(to.opened),
        tuple(to.junctions),
    )


def _digest(profile: Profile, to: Builder) -> str:
    names = {role: role.value for role in SegmentRole}
    body: dict[str, Any] = {
        "profile": profile.canonical(),
        "nominal_capacity_Ah": to.capacity_Ah,
        "segments": [(names[s.role], s.current_A, s.duration_s) for s in to.segments],
    }
    if to.opened:
        body["open_steps"] = [asdict(one) for one in to.opened]
    if to.junctions:
        body["junctions"] = [one.as_dict() for one in to.junctions]
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
