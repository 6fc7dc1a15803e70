"""The voltage at which a constant current ends: a number of the profile, or the limit of the chemistry."""

from __future__ import annotations

from profiles.plan import End
from station.engine.base.job import Job
from station.errors import UsageError
from station.safety.chemistry import chemistry_limits


def end_cell_V(job: Job, end: End) -> float:
    """The voltage per cell in V. Raises UsageError where only a named chemistry could tell it.

    What an unknown cell is taken for is good enough to keep it safe, never to call it full or empty.
    """
    if not isinstance(end.cell_V, str):
        return end.cell_V
    if job.battery.chemistry is None:
        raise UsageError(
            f"the plan runs to {end.cell_V} of the chemistry, and the chemistry is not named",
            remedy="name the chemistry, or give the voltage as a number in the profile",
            code="usage.end_voltage_unknown",
            wanted=end.cell_V,
        )
    limits = chemistry_limits(job.battery.chemistry, nominal_capacity_Ah=job.battery.nominal_capacity_Ah)
    return limits.charge_max_V if end.cell_V == "charge_max" else limits.discharge_min_V
