"""Current for a given voltage of a measured battery."""

from __future__ import annotations

from collections.abc import Callable

from simulators.battery.pulse_phase import REST_BELOW_C, Phase, PulseClock
from simulators.battery.pulse_response import PulseResponse

_TOLERANCE_V = 1e-9


def current_for_instant_V(
    target_V: float, clock: PulseClock, response: PulseResponse[float], extra_ohm: float = 0.0
) -> float:
    """Solve ``instant_V(I) + extra_ohm * I = target_V`` for I in A.

    The left side rises piecewise linearly with I, with a small step (some mV) between rest and
    current; a target inside that step is met by the largest current that still counts as rest.
    """

    def miss(current: float) -> float:
        return response.instant_V(clock, current) + extra_ohm * current - target_V

    rest_A = REST_BELOW_C * clock.nominal_Ah
    at_rest = miss(0.0)
    if at_rest == 0.0:
        return 0.0
    sign = -1.0 if at_rest > 0 else 1.0
    edge = sign * rest_A
    if sign * miss(edge) >= 0:
        return -at_rest / (response.ohmic_ohm + extra_ohm)
    low, at_low = edge * (1 + 1e-9), miss(edge * (1 + 1e-9))
    if sign * at_low >= 0:
        return edge
    phase = Phase.CHARGE if sign > 0 else Phase.DISCHARGE
    for current, instant_V in response.nodes_V(clock, phase):
        at = instant_V + extra_ohm * current - target_V
        if sign * at >= 0:
            return _between(miss, low, at_low, current, at)
        low, at_low = current, at
    high = 2 * low
    while sign * miss(high) < 0:
        low, at_low, high = high, miss(high), 2 * high
        if abs(high) > 1e9 * clock.nominal_Ah:
            raise ValueError(f"no current gives {target_V} V beyond the open-circuit voltage")
    return _between(miss, low, at_low, high, miss(high))


def _between(miss: Callable[[float], float], low: float, at_low: float, high: float, at_high: float) -> float:
    """Regula falsi with the Illinois rule: exact at once on a straight piece."""
    current, side = high, 0
    for _ in range(60):
        if abs(at_high - at_low) <= 1e-15:
            break
        current = (low * at_high - high * at_low) / (at_high - at_low)
        at = miss(current)
        if abs(at) <= _TOLERANCE_V:
            break
        if (at > 0) == (at_high > 0):
            high, at_high = current, at
            if side == 1:
                at_low /= 2
            side = 1
        else:
            low, at_low = current, at
            if side == -1:
                at_high /= 2
            side = -1
    return current
