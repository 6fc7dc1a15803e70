"""Limits of the profile that hold while one role plays; they only tighten what holds anyway."""

from __future__ import annotations

from profiles.limits import RoleLimits
from profiles.plan import Segment
from station.engine.base.job import Job
from station.errors import LimitTripped
from station.safety.sample import Sample


class RoleWatch:
    """Listens to every sample. Raises LimitTripped."""

    def __init__(self, job: Job) -> None:
        self._by_role = {str(role): limits for role, limits in job.profile_limits.by_role.items()}
        self._cells, self._capacity_Ah = job.series_cells, job.plan.nominal_capacity_Ah
        self._segment: Segment | None = None
        self._limits: RoleLimits | None = None

    @property
    def needed(self) -> bool:
        """Is there anything to watch?"""
        return bool(self._by_role)

    def begin(self, segment: Segment) -> None:
        """The plan has come to ``segment``."""
        self._segment, self._limits = segment, self._by_role.get(segment.role.value)

    def listen(self, sample: Sample) -> None:
        """Judge one sample that the envelope has passed."""
        limits, segment = self._limits, self._segment
        if limits is None or segment is None or sample.segment != segment.index:
            return
        assert sample.voltage_V is not None
        assert sample.current_A is not None
        # The instrument may be off by a little of what it was told, and is judged for that elsewhere.
        most_C = None if limits.current_max_C is None else limits.current_max_C * 1.02
        cell_V, rate_C = sample.voltage_V / self._cells, abs(sample.current_A) / self._capacity_Ah
        for name, value, low, high, unit in (
            ("cell_voltage", cell_V, limits.cell_voltage_min_V, limits.cell_voltage_max_V, "V"),
            ("current", rate_C, None, most_C, "C"),
            ("surface", sample.surface_degC, limits.surface_min_degC, limits.surface_max_degC, "degC"),
        ):
            if value is None:
                continue
            if low is not None and value < low:
                raise _tripped(name, value, low, unit, sample, segment)
            if high is not None and value > high:
                raise _tripped(name, value, high, unit, sample, segment)


def _tripped(
    name: str, value: float, limit: float, unit: str, sample: Sample, segment: Segment
) -> LimitTripped:
    return LimitTripped(
        f"{name} {value:.4g} {unit} during {segment.role.value}, the profile allows {limit:.4g} {unit} there",
        remedy="look at the battery; change the profile's limits by role only where that is safe",
        code="safety.role_limit",
        rule="role_limit",
        quantity=name,
        role=segment.role.value,
        value=round(value, 5),
        limit=limit,
        unit=unit,
        source="profile",
        t_s=round(sample.t_s, 4),
        segment=segment.index,
    )
