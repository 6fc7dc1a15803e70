"""Readings corrected by the calibration points of the bench file, before anything judges or records them.

Between two points the correction (reference minus reading) runs on a straight line; beyond the outermost it
stays
what it is there. Without points for a quantity its readings stay as they are. What is applied is an event
of the
run (``engine.readings_corrected``), and the points stand in the journal's header: every raw reading can be
had back.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from drivers.contracts.power import PowerReading
from drivers.contracts.scanner import Quantity, ScanReading
from station.bench import Channel, InstrumentRef

_OF_SCANS = {
    Quantity.VOLTAGE: "voltage",
    Quantity.TEMPERATURE: "temperature",
    Quantity.RESISTANCE: "resistance",
}


@dataclass(frozen=True)
class Correction:
    """One quantity of one instrument: ``readings`` ascending, and what is added at each of them."""

    readings: tuple[float, ...]
    added: tuple[float, ...]

    def __call__(self, value: float) -> float:
        """The corrected value."""
        after = bisect_right(self.readings, value)
        if after == 0 or after == len(self.readings):
            return value + self.added[max(0, after - 1)]
        low, high = self.readings[after - 1], self.readings[after]
        share = (value - low) / (high - low)
        return value + self.added[after - 1] + share * (self.added[after] - self.added[after - 1])


def correction(ref: InstrumentRef | None, quantity: str) -> Correction | None:
    """From the points of this quantity; None when there are none. Points at one reading are averaged."""
    if ref is None or ref.calibration is None:
        return None
    at: dict[float, list[float]] = {}
    for point in ref.calibration.points:
        if point.quantity == quantity:
            at.setdefault(point.reading, []).append(point.reference - point.reading)
    if not at:
        return None
    readings = tuple(sorted(at))
    return Correction(readings, tuple(sum(at[reading]) / len(at[reading]) for reading in readings))


class PowerCorrections:
    """Of the instrument that moves the current; of a joined pair each part corrects what it measures.

    A pair's voltage is the load's, its current the supply's while charging and the load's while discharging;
    the load's points are as the load shows them, discharge positive.
    """

    def __init__(self, power: InstrumentRef) -> None:
        parts = power.parts()
        load = parts.get("load", power)
        self._voltage = correction(load, "voltage")
        self._charge = correction(parts.get("supply", power), "current")
        self._discharge = correction(load, "current")
        self._joined = bool(parts)

    def __call__(self, reading: PowerReading) -> PowerReading:
        """The same moment, corrected."""
        voltage_V, current_A = reading.voltage_V, reading.current_A
        if self._voltage is not None:
            voltage_V = self._voltage(voltage_V)
        if current_A >= 0.0 or not self._joined:
            if self._charge is not None:
                current_A = self._charge(current_A)
        elif self._discharge is not None:
            current_A = -self._discharge(-current_A)
        return PowerReading(voltage_V, current_A)


def scan_corrections(sensor: InstrumentRef) -> Callable[[ScanReading], float | None]:
    """For one scanner: the corrected value of a reading, None where there was none."""
    by = {quantity: correction(sensor, name) for quantity, name in _OF_SCANS.items()}

    def corrected(reading: ScanReading) -> float | None:
        apply = by[reading.quantity]
        return reading.value if apply is None or reading.value is None else apply(reading.value)

    return corrected


def described(channel: Channel) -> Iterator[dict[str, Any]]:
    """What is applied on this channel, as the params of events."""
    for place, ref in channel.instruments().items():
        if ref.calibration is None or ref.parts():
            continue
        quantities: Sequence[str] = sorted({point.quantity for point in ref.calibration.points})
        for quantity in quantities:
            applied = correction(ref, quantity)
            if applied is not None and quantity != "power":
                yield {
                    "place": place,
                    "quantity": quantity,
                    "points": len(applied.readings),
                    "largest": max(applied.added, key=abs),
                    "certificate": ref.calibration.certificate,
                }
