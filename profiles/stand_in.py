"""A capacity to plan with where nobody knows the battery yet: for durations, words and first checks."""

from __future__ import annotations

from profiles.model import Profile
from profiles.nesting import walk
from profiles.steps import ConstantCurrent, CurrentTable

_PLAIN_AH = 1.0
_MANY = 1_000.0
"""So many Ah for each A that a profile names: no limit in C or in shares of the capacity is judged by it."""


def stand_in_capacity_Ah(profile: Profile) -> float:
    """1 Ah where all currents are in C; large where some are in A, which no unknown battery refuses."""
    return max(_PLAIN_AH, _MANY * max((_named_A(step) for _, step in walk(profile.steps)), default=0.0))


def _named_A(step: object) -> float:
    """The largest current that ``step`` names in A."""
    if isinstance(step, ConstantCurrent):
        return step.current_A or 0.0
    if isinstance(step, CurrentTable) and step.unit == "A":
        return step.scale * max(abs(current) for _, current in step.rows)
    return 0.0
