"""Rules about the plan: nothing is started that the limits would end anyway."""

from __future__ import annotations

from collections.abc import Sequence

from station.safety.checks.result import CheckResult
from station.safety.envelope import Envelope

_REMEDY = "use a channel with a larger limit or a profile with smaller currents"
_ROUNDING = 1 + 1e-9


def plan_current(currents_A: Sequence[float], envelope: Envelope) -> CheckResult:
    """Every current of the plan lies inside the limits; the one nearest to its limit is told."""
    worst_A, worst_limit = 0.0, envelope.charge_current_max_A
    for current_A in currents_A:
        limit = envelope.charge_current_max_A if current_A > 0 else envelope.discharge_current_max_A
        # Compared as products: a limit may be zero.
        if abs(current_A) * worst_limit.value >= abs(worst_A) * limit.value:
            worst_A, worst_limit = current_A, limit
        if abs(current_A) > limit.value * _ROUNDING:
            worst_A, worst_limit = current_A, limit
            break
    return CheckResult(
        "plan_current",
        abs(worst_A) <= worst_limit.value * _ROUNDING,
        abs(worst_A),
        worst_limit.value,
        "A",
        f"the plan asks for {worst_A:.4g} A, the {worst_limit.source} allows {worst_limit.value:.4g} A",
        _REMEDY,
        source=worst_limit.source,
    )


def plan_power(currents_A: Sequence[float], envelope: Envelope, rested_V: float) -> CheckResult:
    """The largest pulse at the rested voltage stays below the power limit."""
    largest_W = max((abs(current_A) for current_A in currents_A), default=0.0) * abs(rested_V)
    limit = envelope.power_max_W
    return CheckResult(
        "plan_power",
        largest_W <= limit.value,
        largest_W,
        limit.value,
        "W",
        f"the plan needs {largest_W:.4g} W, the {limit.source} allows {limit.value:.4g} W",
        _REMEDY,
        source=limit.source,
    )
