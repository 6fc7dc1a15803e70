"""The grade table as data: what each grade asks for, and the limit between reuse and recycling."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GradeStep:
    """A grade, the lowest SOH (fraction) that earns it, and its other gates.

    ``resistance_growth_max``: largest growth over new as a fraction, None = no gate;
    ``history_required``: only for batteries whose history is known.
    """

    grade: str
    soh_min: float
    resistance_growth_max: float | None = None
    history_required: bool = False


@dataclass(frozen=True)
class GradeTable:
    """Best grade first; the last one starts at 0 and means recycling. Raises ValueError when it cannot be
    applied.

    ``reuse_soh_min``: an interval wholly at or above it passes, wholly below it fails, else there is no
    verdict.
    ``steps_above_low90``: how many steps a grade may lie above the grade of the interval's lower end.
    """

    version: str
    grades: tuple[GradeStep, ...]
    reuse_soh_min: float
    steps_above_low90: int = 1

    def __post_init__(self) -> None:
        limits = [step.soh_min for step in self.grades]
        if len(limits) < 2 or limits != sorted(set(limits), reverse=True) or limits[-1] != 0.0:
            raise ValueError("grades: soh_min must fall strictly from best to worst and end at 0")
        if len({step.grade for step in self.grades}) != len(self.grades):
            raise ValueError("grades: every grade needs its own name")
        if self.reuse_soh_min not in limits[:-1]:
            raise ValueError("reuse_soh_min: must be the soh_min of the last grade that is still reused")
        if self.steps_above_low90 < 0:
            raise ValueError("steps_above_low90: must not be negative")

    def position(self, soh: float) -> int:
        """Index of the grade a SOH earns by itself, 0 = best."""
        return next(index for index, step in enumerate(self.grades) if max(soh, 0.0) >= step.soh_min)
