"""What the inputs of a meter or scanner are wired to, and what is really there."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from simulators.wiring import Circuit

_POINTS = (
    "battery", "cell", "output", "temperature", "ambient", "minus_chassis", "plus_chassis", "open"
)  # fmt: skip

AC_PROBE_A = 1.0
"""Current by which the resistance at this instant is found; the battery's state does not move."""


class PointOptions(BaseModel):
    """What one channel is wired to.

    ``point``: ``battery`` (posts), ``cell:1`` …, ``output`` (power instrument's terminals),
    ``temperature:1`` … (cell surface), ``ambient``, ``minus_chassis`` (from that pole up to chassis),
    ``plus_chassis`` (from chassis up to that pole), or ``open``. ``divider`` is the ratio of a high-voltage
    divider before the input, taken out again by the instrument's own scaling: readings are true volts.
    ``bench_channel`` is another channel of the bench whose point it is: one scanner serves several.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Literal["voltage", "thermocouple"] = "voltage"
    point: str = "battery"
    divider: float = Field(default=1.0, ge=1)
    bench_channel: str | None = None

    @field_validator("point")
    @classmethod
    def _known(cls, value: str) -> str:
        name, _, number = value.partition(":")
        numbered = name in ("cell", "temperature")
        if name not in _POINTS:
            raise ValueError(f"point must be one of {', '.join(_POINTS)}; cell and temperature as in cell:1")
        if numbered != number.isdigit() or (numbered and int(number) < 1):
            raise ValueError(f"{name} {'needs' if numbered else 'takes no'} number from 1, as in cell:1")
        return value


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
