"""A pack stand in memory: contactors, a resistor, an output capacitor, leaks to chassis, a fake clock."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import Any

from drivers.contracts.common import Identity
from drivers.contracts.scanner import ScanChannel, Scanner, ScanReading
from station.errors import InterlockOpen
from tests.station.engine.fakes import FakeClock


class PackStand:
    """The source's side floats on a capacitor; ``tau_s`` is how fast the pre-charge fills it.

    Switches for faults: ``resistor_open``, ``welded``, ``pack_open`` (nothing behind the terminals),
    ``dead_end`` (the contactor closes but does not conduct), ``reversed``, ``r0_dead``, ``refuse``.
    """

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.pack_V = 350.0
        self.capacitor_V = 0.0
        self.tau_s, self.bleed_tau_s = 0.2, 1.0
        self.minus_ohm = self.plus_ohm = 2e6
        self.r0_ohm, self.meter_ohm = 200e3, 10e6
        self.faults: set[str] = set()
        self.closed = dict.fromkeys(("main", "precharge", "insulation"), False)
        self.log: list[str] = []
        self.refuse: set[str] = set()
        self._seen_s = 0.0

    def _advance(self) -> None:
        passed_s, self._seen_s = self.clock.t - self._seen_s, self.clock.t
        main = (self.closed["main"] or "welded" in self.faults) and "dead_end" not in self.faults
        resistor = self.closed["precharge"] and not self.faults & {"resistor_open", "pack_open"}
        end_V, tau_s = (self.pack_V, self.tau_s) if resistor else (0.0, self.bleed_tau_s)
        if "reversed" in self.faults and resistor:
            end_V = -1.0  # the output stage's diodes
        self.capacitor_V = (
            self.pack_V if main else end_V + (self.capacitor_V - end_V) * exp(-passed_s / tau_s)
        )

    def source_V(self) -> float:
        self.clock.t += 0.001
        self._advance()
        return self.capacitor_V

    def terminals_V(self) -> float | None:
        loaded = self.closed["precharge"] and "pack_open" in self.faults
        return 4.0 if loaded else self.pack_V

    def sleep(self, seconds: float) -> None:
        self.clock.t += seconds

    def close_aux(self, name: str) -> None:
        self._advance()
        self.log.append(f"close {name}")
        if name in self.refuse:
            raise InterlockOpen(f"no {name}", remedy="look", code="guard.relay_lost")
        self.closed[name] = True

    def open_aux(self, name: str) -> bool:
        self._advance()
        self.log.append(f"open {name}")
        self.closed[name] = False
        return True

    def close_main(self) -> None:
        self.close_aux("main")

    def chassis_V(self) -> tuple[float, float]:
        minus = 1 / (1 / self.minus_ohm + 1 / self.meter_ohm)
        if self.closed["insulation"] and "r0_dead" not in self.faults:
            minus = 1 / (1 / minus + 1 / self.r0_ohm)
        plus = 1 / (1 / self.plus_ohm + 1 / self.meter_ohm)
        minus_V = self.pack_V * minus / (minus + plus)
        sign = -1 if "reversed" in self.faults else 1
        return sign * minus_V, sign * (self.pack_V - minus_V)


class ChassisScanner(Scanner):
    """Input 1 minus to chassis, 2 plus to chassis, 3 terminals; ``settle`` V of creep per scan."""

    def __init__(self, stand: PackStand) -> None:
        self.stand = stand
        self.channels: Sequence[ScanChannel] = ()
        self.creep_V = 0.0
        self.dead: set[int] = set()

    def configure(self, channels: Sequence[ScanChannel]) -> None:
        self.channels = list(channels)

    def scan(self) -> list[ScanReading]:
        minus_V, plus_V = self.stand.chassis_V()
        minus_V, plus_V = minus_V + self.creep_V, plus_V - self.creep_V
        self.creep_V = -self.creep_V
        values: dict[int, Any] = {1: minus_V, 2: plus_V, 3: self.stand.terminals_V()}
        return [
            ScanReading(c.number, c.quantity, None if c.number in self.dead else values[c.number])
            for c in self.channels
        ]

    def identify(self) -> Identity:
        return Identity("FAKE", "SCANNER", "1", "")

    def close(self) -> None:
        self.channels = ()
