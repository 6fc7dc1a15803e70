"""What the inputs of a meter or scanner are wired to, and what is really there."""

from __future__ import annotations

from simulators.instruments.keysight_unit import PointOptions
from simulators.wiring import Circuit

AC_PROBE_A = 1.0
"""Current by which the resistance at this instant is found; the battery's state does not move."""


def true_V(circuit: Circuit, point: PointOptions) -> float:
    """Voltage at a point, 0 V where nothing is connected."""
    name, _, number = point.point.partition(":")
    if name == "battery":
        return circuit.posts_V()
    if name == "output":
        return circuit.terminals_V()
    if name in ("minus_chassis", "plus_chassis"):
        return circuit.chassis_V()[name == "plus_chassis"]
    if name == "cell":
        cells = circuit.battery.cell_voltages_V(circuit.current_A)
        return cells[int(number) - 1] if int(number) <= len(cells) else 0.0
    return 0.0


def true_degC(circuit: Circuit, point: PointOptions, ambient_degC: float) -> float | None:
    """Temperature at a point; None where there is no sensor."""
    name, _, number = point.point.partition(":")
    if name == "ambient":
        return ambient_degC
    surfaces = circuit.battery.temperatures_degC()
    if name == "temperature" and int(number) <= len(surfaces):
        return surfaces[int(number) - 1]
    return None


def true_ohm(circuit: Circuit) -> float:
    """What a four-wire meter with a small alternating current sees at the posts: the instantaneous slope."""
    here_A = circuit.current_A
    battery = circuit.battery
    return (battery.voltage_V(here_A + AC_PROBE_A) - battery.voltage_V(here_A)) / AC_PROBE_A
