"""Segments of a plan that belong together, and places at which there are none."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.capabilities import TimingClass
from profiles.open_step import OpenStep
from profiles.plan import Junction, Segment, SegmentRole


@dataclass(frozen=True)
class Group:
    """Segments that belong together, and who makes their edges; None for a group that only rests.

    ``open`` is the place of an open step: it has no segments, and its rounds come right before it. Nor has
    a ``junction``: there the run decides what is left out.
    """

    segments: tuple[Segment, ...]
    timing: TimingClass | None
    open: OpenStep | None = None
    junction: Junction | None = None

    @property
    def _place(self) -> Segment | OpenStep | Junction:
        return self.open or self.junction or self.segments[0]

    @property
    def number(self) -> int:
        return self._place.group

    @property
    def step(self) -> int:
        return self._place.step

    @property
    def checks_contact(self) -> bool:
        return any(segment.role is SegmentRole.CONTACT_PULSE for segment in self.segments)
