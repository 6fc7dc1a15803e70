"""Collects the segments, open steps and junctions of a plan while a profile is resolved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from profiles.errors import ProfileError
from profiles.junction import Junction
from profiles.model import Profile
from profiles.open_step import OpenStep
from profiles.segment import Act, Control, End, Recorded, Segment, SegmentRole, Until
from profiles.step_base import Recording

SEGMENTS_MAX = 100_000


@dataclass(frozen=True)
class CurrentLimits:
    """What the channel allows, as positive magnitudes in A."""

    charge_max_A: float
    discharge_max_A: float


@dataclass
class Builder:
    """``path`` is the place of the step that is being resolved, ``number`` the profile's step around it."""

    profile: Profile
    capacity_Ah: float
    limits: CurrentLimits | None
    file: str
    segments: list[Segment] = field(default_factory=list)
    opened: list[OpenStep] = field(default_factory=list)
    junctions: list[Junction] = field(default_factory=list)
    group: int = 0
    number: int = 0
    path: tuple[int | str, ...] = ()
    record: Recorded | None = None

    def add(self, parts: Sequence[Segment]) -> None:
        """One group of ``parts``, which get their places here. Raises ProfileError for too many."""
        if len(self.segments) + len(parts) > SEGMENTS_MAX:
            raise self.refused(
                f"more than {SEGMENTS_MAX} stretches of current and rest",
                "repeat less often, or divide the test",
                "profile.too_long",
            )
        about = {"step": self.number, "group": self.group, "record": self.record}
        for index, p in enumerate(parts, start=len(self.segments)):
            # A copy with its place, made without the frozen class's slow way of setting field by field.
            placed = object.__new__(Segment)
            placed.__dict__.update(p.__dict__, index=index, **about)
            self.segments.append(placed)
        self.group += 1

    def junction(self, kind: str, text: str, **facts: Any) -> int:
        """A junction here; its place among the junctions, for ``skipping``."""
        self.junctions.append(Junction(self.number, self.group, kind, text, **facts))
        self.group += 1
        return len(self.junctions) - 1

    def skipping(self, place: int, **ranges: tuple[int, int]) -> None:
        """What the junction at ``place`` leaves out, now that it is known."""
        self.junctions[place] = replace(self.junctions[place], **ranges)  # type: ignore[arg-type]

    def recording(self, record: Recording | None) -> None:
        """How the segments from here on are recorded."""
        self.record = (
            None
            if record is None
            else Recorded(
                record.every_s,
                record.voltage_change_V,
                record.current_change_A,
                record.temperature_change_K,
            )
        )

    def allowed_A(
        self,
        wanted_C: float,
        floor_C: float | None = None,
        direction: Literal["charge", "discharge"] | None = None,
    ) -> float:
        """The current in A, lowered to the limits only where the step's floor allows it.

        ``direction`` None: the step charges and discharges with it. Raises ProfileError.
        """
        capacity_Ah, limits = self.capacity_Ah, self.limits
        wanted_A = wanted_C * capacity_Ah
        cap_A = wanted_A
        if limits is not None:
            ways = {"charge": limits.charge_max_A, "discharge": limits.discharge_max_A}
            cap_A = min(ways.values()) if direction is None else ways[direction]
        if self.profile.limits.current_max_C is not None:
            cap_A = min(cap_A, self.profile.limits.current_max_C * capacity_Ah)
        if wanted_A <= cap_A * (1 + 1e-9):
            return wanted_A
        if floor_C is not None and floor_C * capacity_Ah <= cap_A:
            return cap_A
        raise self.refused(
            f"{wanted_C:g} C of {capacity_Ah:g} Ah is {wanted_A:.3g} A, "
            f"beyond the {cap_A:.3g} A allowed here",
            "use a channel with a larger limit or a profile with smaller currents, "
            "or give the step a current_floor_C",
            "profile.beyond_limits",
            wanted_A=round(wanted_A, 4),
            allowed_A=round(cap_A, 4),
        )

    def refused(self, message: str, remedy: str, code: str, **facts: Any) -> ProfileError:
        """What is wrong with the step that is being resolved."""
        field_name = ".".join(f"[{part}]" if isinstance(part, int) else part for part in self.path)
        return ProfileError(
            message,
            file=self.file,
            field=field_name.replace(".[", "["),
            remedy=remedy,
            code=code,
            step=self.number,
            path=list(self.path),
            **facts,
        )


_BLANK = dict(vars(Segment(0, 0, 0, SegmentRole.REST, 0.0, 0.0)))


def part(
    role: SegmentRole,
    current_A: float,
    duration_s: float,
    *,
    drift: float | None = None,
    end: End | None = None,
    control: Control | None = None,
    until: Until | None = None,
    act: Act | None = None,
) -> Segment:
    """A segment that has no place yet."""
    made = object.__new__(Segment)
    made.__dict__.update(
        _BLANK, role=role, current_A=current_A, duration_s=duration_s, drift_max_mV_per_min=drift,
        end=end, control=control, until=until, act=act,
    )  # fmt: skip
    return made
