"""A step whose segments are decided while the test runs, as it stands in a plan: bounds in A, Ah and s."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class OpenStep:
    """What an adaptive step may do at most; ``step`` and ``group`` are its place in the plan.

    ``half_width`` is a fraction of SOH, None where only the grade counts. Currents are positive magnitudes.
    ``soc_shift_max_Ah`` bounds the charge moved one way from where the step began, ``throughput_max_Ah`` all
    charge and all discharge of the step. ``answer_timeout_s`` is real time, all else bench time.
    """

    step: int
    group: int
    inside_grade: bool
    half_width: float | None
    budget_s: float
    kinds: tuple[str, ...]
    charge_max_A: float
    discharge_max_A: float
    soc_shift_max_Ah: float
    throughput_max_Ah: float
    rest_factor: float
    shift_rest_s: float
    answer_timeout_s: float

    def bounds(self) -> list[tuple[float, float]]:
        """Currents in A and times in s that together ask for as much as the step ever may."""
        found = [(0.0, self.budget_s)]
        for current_A in (self.charge_max_A, -self.discharge_max_A):
            if current_A:
                found.append((current_A, self.throughput_max_Ah * 3600 / abs(current_A)))
        return found

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> OpenStep:
        """The inverse of ``dataclasses.asdict``, also after JSON."""
        return cls(**{**data, "kinds": tuple(data["kinds"])})
