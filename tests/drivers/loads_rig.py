"""One simulated bench for all loads, each in its own channel on a battery that can be checked by hand."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from drivers.catalogue import open_instrument
from drivers.contracts.load import ElectronicLoad, LoadProtection
from simulators.battery.base import Truth
from simulators.bench import running
from simulators.clock import ManualTime
from simulators.config import BenchSimulation

OCV_V, RESISTANCE_OHM = 3.6, 0.002
PROTECTION = LoadProtection(2.7, 4.3, 20.0, 100.0)


class Cell:
    """3.6 V behind 2 milliohm, whatever flows."""

    series_cells = 1

    def __init__(self, settings: Mapping[str, Any], seed: int) -> None:
        """Nothing to set."""

    def advance(self, current_A: float, dt_s: float) -> None:
        """It never gets empty."""

    def voltage_V(self, current_A: float) -> float:
        return OCV_V + current_A * RESISTANCE_OHM

    def current_for_voltage_A(self, voltage_V: float) -> float:
        return (voltage_V - OCV_V) / RESISTANCE_OHM

    def cell_voltages_V(self, current_A: float) -> tuple[float, ...]:
        return (self.voltage_V(current_A),)

    def temperatures_degC(self) -> tuple[float, ...]:
        return (25.0,)

    def truth(self) -> Truth:
        return Truth("NMC", 50.0, 50.0, 1.0, 0.5, ("c0",))


@dataclass(frozen=True)
class Kind:
    """A driver, its simulated instrument, and what of the contract it cannot do."""

    driver: str
    simulated: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    scheme: str = "tcp"
    serial: bool = True
    """Also on a pseudo-terminal."""
    readback: bool = True
    """Whether the protocol reads settings back, so that a front panel in charge is noticed at once."""
    sense: bool = True
    """Whether it measures at the battery's posts; else its voltage has the leads in it."""
    tagged: bool = True
    """Whether an answer says what it answers (unit, frame), so that an old one is not taken for it."""

    def __str__(self) -> str:
        return self.driver


QUIET: dict[str, Any] = {"voltage_noise_V": 0.0, "current_noise_A": 0.0}
SERIAL: dict[str, Any] = {**QUIET, "reply_delay_s": 0.0, "terminal": True}
LOADS = (
    Kind("kunkin-kp184", SERIAL, {"timeout_s": 3.0}, readback=False, sense=False),
    Kind("itech-it8500", SERIAL, {"timeout_s": 3.0}),
    Kind(
        "itech-it8500-scpi",
        {**SERIAL, "needs_remote": True},
        {"timeout_s": 3.0, "voltage_max_V": 120.0, "current_max_A": 240.0, "power_max_W": 1500.0},
        tagged=False,
    ),
    Kind("siglent-sdl1000x", QUIET, {"timeout_s": 3.0}, serial=False, tagged=False),
    Kind("korad-kel103", SERIAL, {"timeout_s": 3.0, "pause_s": 0.0}, scheme="udp"),
    Kind("keysight-el30000", QUIET, {"timeout_s": 3.0}, serial=False, tagged=False),
    Kind("maynuo-m97", SERIAL, {"timeout_s": 3.0}, sense=False),
    Kind("tti-ld400p", QUIET, {"timeout_s": 3.0}, serial=False, sense=False),
    Kind(
        "rigol-dl3021",
        QUIET,
        {"timeout_s": 3.0, "settle_s": 0.0, "slew_A_per_us": 0.5},
        serial=False,
        tagged=False,
    ),
)


class Loads:
    """The running bench."""

    def __init__(self, info: dict[str, Any], time: ManualTime) -> None:
        self.info, self.time = info, time
        host, port = info["control"].split(":")
        self._control = socket.create_connection((host, int(port)), timeout=10)
        self._answers = self._control.makefile()

    def control(self, op: str, **fields: Any) -> dict[str, Any]:
        self._control.sendall((json.dumps({"op": op, **fields}) + "\n").encode())
        answer: dict[str, Any] = json.loads(self._answers.readline())
        assert answer["ok"], answer
        return answer

    def unit(self, driver: str) -> dict[str, Any]:
        return next(unit for unit in self.info["instruments"] if unit["channel"] == driver)

    def address(self, kind: Kind, link: str = "") -> str:
        unit = self.unit(kind.driver)
        if link == "serial":
            return f"serial:{unit['device']}?baudrate=115200"
        return f"{link or kind.scheme}://{unit['host']}:{unit['port']}"

    def open(self, kind: Kind, link: str = "", **options: Any) -> ElectronicLoad:
        load = open_instrument(kind.driver, self.address(kind, link), {**kind.options, **options})
        assert isinstance(load, ElectronicLoad)
        return load

    def fault(self, kind: Kind, name: str, value: Any = True) -> None:
        self.control("fault", channel=kind.driver, instrument=0, name=name, value=value)

    def knows(self, kind: Kind, name: str) -> bool:
        found = self.control("faults")["faults"]
        return any(f["channel"] == kind.driver and f["instrument"] and f["name"] == name for f in found)

    def truth(self, kind: Kind) -> dict[str, Any]:
        return self.control("truth", channel=kind.driver)

    def heal(self, kind: Kind) -> None:
        """No faults, power-on settings, input off."""
        self.control("clear_faults", channel=kind.driver)
        self.control("instrument", channel=kind.driver, instrument=0, action="reboot")

    def close(self) -> None:
        self._answers.close()
        self._control.close()


@contextmanager
def running_loads(kinds: tuple[Kind, ...] = LOADS) -> Iterator[Loads]:
    """All loads of ``kinds`` in one process and one thread; time stands still unless moved."""
    settings = BenchSimulation.model_validate(
        {
            "channels": [
                {
                    "id": kind.driver,
                    "wiring": {"lead_resistance_ohm": 0.0},
                    "instruments": [{"kind": kind.driver, "options": kind.simulated}],
                }
                for kind in kinds
            ]
        }
    )
    time = ManualTime()
    with running(settings, battery_builder=Cell, monotonic=time) as info:
        loads = Loads(info, time)
        try:
            yield loads
        finally:
            loads.close()
