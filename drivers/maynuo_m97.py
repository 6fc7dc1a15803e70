"""Maynuo M97xx and M98xx electronic loads: Modbus RTU, 9600 8N1 unless set otherwise, big-endian floats.

Protocol facts (grade B): libsigrok's driver, read as a description of the registers. A mode and "input on"
are commands to one register (0A00): after switching on, the mode is commanded again, as that driver was
seen to do. There is no host watchdog. Limits (Imax, Umax, Pmax) are written and read back; the coils 0520
to 0524 tell which protection acted. The load's list and battery test are in the registers but not
described: left out. Not verified: ratings other than M9710's, remote sense, what a limit does. Never run on
a real instrument.
"""

from __future__ import annotations

import math
from typing import Any

from pydantic import Field

from drivers.capabilities import Span, TimingClass
from drivers.commanded_load import CommandedLoad
from drivers.contracts.common import Identity
from drivers.contracts.load import LoadCapabilities, LoadProtection, LoadReading
from drivers.datasheet import Datasheet, Evidence, Proof, Variant
from drivers.errors import NoReading
from drivers.modbus_rtu import RtuUnit
from drivers.spec import Category, DriverOptions, DriverSpec, need_address
from drivers.transports.frames import FrameLink, FrameOptions

REMOTE, INPUT_STATE, TRIPS = 0x0500, 0x0510, 0x0520
COMMAND, LEVEL, LIMIT_A, LIMIT_V, LIMIT_W = 0x0A00, 0x0A01, 0x0A34, 0x0A36, 0x0A38
MEASURED, SET_MODE, MODEL = 0x0B00, 0x0B04, 0x0B06
CONSTANT_CURRENT, ON, OFF = 1, 42, 43
_MODELS = {28: "M9710", 101: "M9812"}
_TRIP_NAMES = ("over current", "over voltage", "over power", "over temperature", "reversed")
_RESOLUTION = 0.001


class MaynuoOptions(DriverOptions):
    """``unit``: bus address. The ratings are M9710's data sheet; set those of another model. Times in s."""

    unit: int = Field(default=1, ge=1, le=247)
    voltage_max_V: float = Field(default=150.0, gt=0)
    current_max_A: float = Field(default=30.0, gt=0)
    power_max_W: float = Field(default=150.0, gt=0)
    timeout_s: float = 0.5
    pulse_min_s: float = 0.5


class MaynuoM97(CommandedLoad):
    """One load on a serial line."""

    def __init__(self, link: FrameLink, options: MaynuoOptions | None = None) -> None:
        self.address = link.address
        self._options = options or MaynuoOptions()
        self._unit = RtuUnit(link, self._options.unit)

    def identify(self) -> Identity:
        code, edition = self._unit.registers(MODEL, 2)
        return Identity("Maynuo", _MODELS.get(code, f"code {code}"), "", str(edition))

    def close(self) -> None:
        self._unit.link.close()

    @property
    def capabilities(self) -> LoadCapabilities:
        """Get the ratings of the options."""
        options = self._options
        return LoadCapabilities(
            voltage_V=Span(0.0, options.voltage_max_V),
            current_A=Span(0.0, options.current_max_A),
            power_W=Span(0.0, options.power_max_W),
            voltage_resolution_V=_RESOLUTION,
            current_resolution_A=_RESOLUTION,
            pulse_min_s=options.pulse_min_s,
            timing=frozenset({TimingClass.COMMANDED}),
        )

    def input_is_on(self) -> bool:
        return self._unit.coils(INPUT_STATE, 1)[0]

    def read(self) -> LoadReading:
        """Measure both in one exchange."""
        voltage_V, current_A = self._unit.floats(MEASURED, 2)
        return LoadReading(
            self._plausible(
                _number(voltage_V, "voltage", self.address), self._options.voltage_max_V, "voltage", "V"
            ),
            self._plausible(
                _number(current_A, "current", self.address), self._options.current_max_A, "current", "A"
            ),
        )

    def trips(self) -> tuple[str, ...]:
        """Get the names of the protections that acted."""
        found = self._unit.coils(TRIPS, len(_TRIP_NAMES))
        return tuple(name for name, on in zip(_TRIP_NAMES, found, strict=True) if on)

    # ---- parts ---------------------------------------------------------------------------

    def _take_control(self) -> None:
        self._unit.write_coil(REMOTE, True)

    def _set_up(self, protection: LoadProtection) -> None:
        self._constant_current()
        for register, value, what in (
            (LIMIT_A, protection.current_max_A, "Imax"),
            (LIMIT_V, protection.voltage_max_V, "Umax"),
            (LIMIT_W, protection.power_max_W, "Pmax"),
        ):
            self._set(register, value, what)

    def _constant_current(self) -> None:
        self._unit.write_register(COMMAND, CONSTANT_CURRENT)
        if (mode := self._unit.registers(SET_MODE, 1)[0]) != CONSTANT_CURRENT:
            raise self._refused(f"mode was set to constant current; it answers mode {mode}")

    def _command(self, current_A: float) -> None:
        self._set(LEVEL, current_A, "current")

    def _commanded_A(self) -> float:
        return _number(self._unit.floats(LEVEL, 1)[0], "commanded current", self.address)

    def _switch(self, on: bool) -> None:
        self._unit.write_register(COMMAND, ON if on else OFF)
        if on:
            self._constant_current()

    def _set(self, register: int, value: float, what: str) -> None:
        self._unit.write_float(register, value)
        self._confirm(what, value, self._unit.floats(register, 1)[0], _RESOLUTION)


def _number(value: float, what: str, address: str) -> float:
    if not math.isfinite(value):
        raise NoReading(
            f"{address}: {what}: {value} is not a reading",
            remedy="Check the leads; if it repeats, check the line for noise.",
            address=address,
            quantity=what,
            reply=str(value),
        )
    return value


def _open(address: str | None, options: Any) -> MaynuoM97:
    assert isinstance(options, MaynuoOptions)
    link = FrameLink(need_address(address, driver.name), FrameOptions(timeout_s=options.timeout_s))
    return MaynuoM97(link, options)


driver = DriverSpec(
    name="maynuo-m97",
    category=Category.LOAD,
    title="Maynuo M97xx/M98xx electronic load",
    open=_open,
    options_model=MaynuoOptions,
    datasheet=Datasheet(
        evidence=Evidence.B,
        sources=("libsigrok's driver, read as a description of the registers",),
        links=("serial", "tcp"),
        variants=(
            Variant(
                "M9710",
                voltage_V=Span(0.0, 150.0),
                current_A=Span(0.0, 30.0),
                power_W=Span(0.0, 150.0),
                pulse_min_s=MaynuoOptions().pulse_min_s,
                timing=frozenset({TimingClass.COMMANDED}),
                sequence_steps_max=0,
                buffered_readback=False,
                watchdog_s=False,
                load_on_timer_s=False,
                grades={"voltage_V": Evidence.D, "current_A": Evidence.D, "power_W": Evidence.D},
            ),
            Variant("M9812", note="its ratings are set in the options"),
        ),
        simulators=("maynuo-m97",),
        proofs=(
            Proof(
                "minimalmodbus 2.1.1 (Apache-2.0)",
                "simulator",
                "coils, registers, floats on a pseudo-terminal",
                "tests/drivers/test_load_counterparts.py",
            ),
            Proof(
                "pymodbus 3.12.1 server (BSD)",
                "driver",
                "functions 1, 3, 5 and 16 in RTU frames",
                "tests/drivers/test_load_counterparts.py",
            ),
        ),
        unverified=("ratings", "remote sense", "what a limit does"),
    ),
)
