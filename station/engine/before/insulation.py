"""Measures the insulation of a pack with the pack's own voltage, before anything is connected to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from station.bench import Insulation
from station.engine.base.beside import beside
from station.engine.measure.sensors import Scan, Sensors
from station.errors import CheckFailed
from station.safety.checks.insulation import ChassisReadings

AUXILIARY = "insulation"
SCANS_MAX = 8
STABLE_V, STABLE_FRACTION = 0.5, 0.01
"""Two scans in a row that differ by no more than the larger are the settled value: capacitors to chassis
take their time through megaohms."""


class AuxiliaryCoils(Protocol):
    """The guard, as far as it switches a channel's auxiliary coils."""

    def close_aux(self, name: str) -> None:
        """Have a coil closed and confirmed. Raises InterlockOpen."""
        ...

    def open_aux(self, name: str) -> bool:
        """Have a coil opened; True once confirmed. Never raises for a lost guard."""
        ...


def read_insulation(
    wiring: Insulation,
    voltmeter_ohm: float,
    sensors: Sensors,
    coils: AuxiliaryCoils,
    on_step: Callable[[], None],
) -> ChassisReadings:
    """Both voltages to chassis, without and with the resistor. The resistor is off again however it ends.

    Raises CheckFailed when an input gives no reading, DriverError, InterlockOpen.
    """
    minus_V, plus_V, stable = _settled(sensors, on_step)
    coils.close_aux(AUXILIARY)
    try:
        minus_with_V, plus_with_V, stable_with = _settled(sensors, on_step)
    finally:
        coils.open_aux(AUXILIARY)
    return ChassisReadings(
        minus_V,
        plus_V,
        minus_with_V,
        plus_with_V,
        wiring.resistance_ohm,
        voltmeter_ohm,
        stable and stable_with,
    )


def _settled(sensors: Sensors, on_step: Callable[[], None]) -> tuple[float, float, bool]:
    """The voltages once two scans agree, else the last ones and False."""
    before = _scan(sensors, on_step)
    for _ in range(SCANS_MAX - 1):
        now = _scan(sensors, on_step)
        if all(
            abs(new - old) <= max(STABLE_V, STABLE_FRACTION * abs(new))
            for new, old in zip(now, before, strict=True)
        ):
            return *now, True
        before = now
    return *before, False


def _scan(sensors: Sensors, on_step: Callable[[], None]) -> tuple[float, float]:
    beside(sensors.scan_again, on_step)
    scan: Scan | None = sensors.latest()
    if scan is None or scan.minus_chassis_V is None or scan.plus_chassis_V is None:
        raise CheckFailed(
            "insulation_reading: a chassis input gives no reading",
            remedy="check the leads of the two chassis inputs and the scanner's channel list",
            code="safety.check.insulation_reading",
            rule="insulation_reading",
        )
    return scan.minus_chassis_V, scan.plus_chassis_V
