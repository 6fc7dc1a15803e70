"""The capacitor across a power instrument's terminals while no contactor ties it to the battery.

One node with the capacitor to ground, a bleeder, the battery through the pre-charge resistor (or
nothing), and the instruments. Between the instruments' voltage settings every current is constant,
so the voltage follows ``u = u_end + (u_start - u_end) exp(-t / RC)`` exactly; a step is cut where a
setting is reached. The instruments' freewheeling diodes hold the node at their drop below 0 V.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, inf, log

from simulators.network import Drive

DIODE_V = -0.7


class OutputStage:
    """State: ``voltage_V`` at the terminals. Resistances in ohm, ``inf`` for none."""

    def __init__(self, capacitance_F: float, bleeder_ohm: float = inf) -> None:
        if capacitance_F <= 0.0:
            raise ValueError(f"an output capacitor needs a capacitance, not {capacitance_F} F")
        self._farad = capacitance_F
        self._bleeder_S = 1.0 / bleeder_ohm
        self.voltage_V = 0.0

    @property
    def capacitance_F(self) -> float:
        """Of the output capacitor."""
        return self._farad

    def advance(
        self, drives: Sequence[Drive], source_V: float, series_ohm: float, duration_s: float
    ) -> float:
        """Let ``duration_s`` pass; returns the charge in As that went from the node into the source."""
        series_S = 1.0 / series_ohm
        total_S = series_S + self._bleeder_S
        charge_As = 0.0
        left_s = duration_s
        # Each setting is met at most once per direction, and the direction never turns within a step.
        for _ in range(len(drives) + 2):
            if left_s <= 0.0:
                break
            at_V = self.voltage_V
            low_A, high_A = _pushed(drives, at_V)
            leaving_A = at_V * total_S - source_V * series_S
            if low_A <= leaving_A <= high_A or (at_V <= DIODE_V and leaving_A > high_A):
                self.voltage_V = max(at_V, DIODE_V)
                charge_As += (self.voltage_V - source_V) * series_S * left_s
                break
            falling = leaving_A > high_A
            pushed_A = high_A if falling else low_A
            stop_V = _next_setting(drives, at_V, falling)
            step_s = min(left_s, self._time_to(stop_V, pushed_A - leaving_A, total_S))
            mean_V = self._move(pushed_A - leaving_A, total_S, step_s)
            if step_s < left_s:
                self.voltage_V = stop_V
            charge_As += (mean_V - source_V) * series_S * step_s
            left_s -= step_s
        return charge_As

    def shares_A(self, drives: Sequence[Drive], source_V: float, series_ohm: float) -> tuple[float, ...]:
        """What each instrument pushes at this instant."""
        at_V = self.voltage_V
        low_A, high_A = _pushed(drives, at_V)
        leaving_A = at_V * (1.0 / series_ohm + self._bleeder_S) - source_V / series_ohm
        part = 0.0 if high_A == low_A else min(max((leaving_A - low_A) / (high_A - low_A), 0.0), 1.0)
        return tuple(
            drive.highest_A
            if drive.set_V > at_V
            else drive.lowest_A
            if drive.set_V < at_V
            else drive.lowest_A + part * (drive.highest_A - drive.lowest_A)
            for drive in drives
        )

    def _time_to(self, stop_V: float, net_A: float, total_S: float) -> float:
        """Seconds until ``stop_V`` is reached with ``net_A`` into the capacitor now; ``inf`` if never."""
        away_V = stop_V - self.voltage_V
        if total_S == 0.0:
            return away_V * self._farad / net_A
        end_V = net_A / total_S
        if abs(end_V) <= abs(away_V):
            return inf
        return -self._farad / total_S * log(1.0 - away_V / end_V)

    def _move(self, net_A: float, total_S: float, duration_s: float) -> float:
        """Charge for ``duration_s``; returns the mean voltage meanwhile."""
        start_V = self.voltage_V
        if total_S == 0.0:
            self.voltage_V = start_V + net_A * duration_s / self._farad
            return (start_V + self.voltage_V) / 2.0
        tau_s = self._farad / total_S
        end_V = start_V + net_A / total_S
        self.voltage_V = end_V + (start_V - end_V) * exp(-duration_s / tau_s)
        return end_V + (start_V - self.voltage_V) * tau_s / duration_s


def _pushed(drives: Sequence[Drive], at_V: float) -> tuple[float, float]:
    """Sum of the instruments' currents just above and just below ``at_V``."""
    above_A = below_A = 0.0
    for drive in drives:
        above_A += drive.lowest_A if drive.set_V <= at_V else drive.highest_A
        below_A += drive.highest_A if drive.set_V >= at_V else drive.lowest_A
    return above_A, below_A


def _next_setting(drives: Sequence[Drive], at_V: float, falling: bool) -> float:
    """The voltage setting (or the diodes' drop) that comes next."""
    if falling:
        return max([DIODE_V, *(drive.set_V for drive in drives if drive.set_V < at_V)])
    return min([inf, *(drive.set_V for drive in drives if drive.set_V > at_V)])
