"""EA-PSB 10000 and 9000: bidirectional supplies, SCPI on LAN or USB.

Protocol facts: an open driver that cites the vendor's ModBus and SCPI guide REV 24. One owner at a time
holds remote control (``SYST:LOCK``), and nothing can be set without it. There is one voltage loop: the unit
charges towards ``VOLT`` with at most ``CURR`` and discharges towards it with at most ``SINK:CURR``.
Measurements carry their unit (``43.50V``); the current is negative while it sinks. ``VOLT:PROT`` and
``CURR:PROT`` are always active. A time-out of the interface exists in the product; its command is not
verified, so that no watchdog is claimed. No command for a power limit is verified either: the station
watches power, the instrument keeps its rating. Ratings come from the bench file, because no verified query
tells them.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from drivers.capabilities import Capabilities, Span, TimingClass
from drivers.commanded_port import CommandedPort
from drivers.contracts.common import Identity
from drivers.contracts.power import PowerReading, Protection
from drivers.datasheet import Datasheet, Evidence, Proof, Variant
from drivers.errors import OutOfRange
from drivers.spec import Category, DriverOptions, DriverSpec, need_address
from drivers.transports.line import LineOptions, LineTransport
from drivers.transports.open import open_line
from drivers.transports.scpi import (
    attempt_all,
    check_errors,
    parse_bool,
    query_identity,
    query_measured,
    query_number,
)

_ERRORS = "SYST:ERR?"
_OVER = 1.05
"""The protections stand this far above what the station sets, at most at 110 % of the rating."""
_PROTECTION_MAX = 1.10


class EaOptions(DriverOptions):
    """Ratings as on the type plate. ``step_V`` and ``step_A``: the unit's resolution, as its answers show.

    ``pulse_min_s`` is what the host can command, not a limit of the instrument. ``remote_sense`` states how
    the sense leads are wired.
    """

    voltage_max_V: float = Field(gt=0)
    current_max_A: float = Field(gt=0)
    power_max_W: float = Field(gt=0)
    step_V: float = Field(default=0.01, gt=0)
    step_A: float = Field(default=0.01, gt=0)
    pulse_min_s: float = Field(default=0.05, gt=0)
    remote_sense: bool = True
    timeout_s: float = 2.0
    open_timeout_s: float = 1.0


class EaPsb10000(CommandedPort):
    """One PSB behind a line transport."""

    def __init__(self, link: LineTransport, options: EaOptions) -> None:
        self._link = link
        self._options = options
        self._protection: Protection | None = None

    @property
    def address(self) -> str:  # type: ignore[override]
        """Get the address as written in the bench file."""
        return self._link.address

    def identify(self) -> Identity:
        return query_identity(self._link)

    def close(self) -> None:
        self._link.close()

    @property
    def capabilities(self) -> Capabilities:
        """Get the ratings of the bench file."""
        return ratings(self._options)

    def prepare(self, protection: Protection) -> None:
        self._check_protection(protection)
        self._protection = None
        self._link.write("*CLS")
        self._link.write("SYST:LOCK ON")
        owner = self._link.query("SYST:LOCK:OWN?").strip().upper()
        if owner != "REMOTE":
            raise self._refused("SYST:LOCK ON", f"remote control stays with {owner!r}")
        self._link.write("OUTP OFF")
        self._write_read("CURR", 0.0, self._options.step_A)
        self._write_read("SINK:CURR", 0.0, self._options.step_A)
        self._write_read("VOLT", protection.voltage_max_V, self._options.step_V)
        above_V = min(protection.voltage_max_V * _OVER, self._options.voltage_max_V * _PROTECTION_MAX)
        above_A = min(
            max(protection.charge_current_max_A * _OVER, self._options.step_A),
            self._options.current_max_A * _PROTECTION_MAX,
        )
        self._write_read("VOLT:PROT", above_V, self._options.step_V)
        self._write_read("CURR:PROT", above_A, self._options.step_A)
        if self.output_is_on():
            raise self._refused("OUTP OFF", "the output is still on")
        check_errors(self._link, "prepare", _ERRORS)
        self._protection = protection

    def set_current(self, current_A: float) -> None:
        protection = self._checked_current(current_A)
        for command in setpoints(current_A, protection):
            self._link.write(command)
        check_errors(self._link, f"set_current {current_A:g} A", _ERRORS)

    def output_on(self) -> None:
        self._prepared()
        for name in ("CURR", "SINK:CURR"):
            if self._number(name) > self._options.step_A:
                raise OutOfRange(
                    f"{self.address}: the output may only go on at zero current, {name} is not zero",
                    remedy="Call set_current(0) first.",
                    address=self.address,
                )
        self._link.write("OUTP ON")
        if not self.output_is_on():
            raise self._refused("OUTP ON", "the output stays off")

    def output_off(self) -> None:
        self._link.write("OUTP OFF")
        if self.output_is_on():
            raise self._refused("OUTP OFF", "the output is still on")

    def output_is_on(self) -> bool:
        return parse_bool(self._link.query("OUTP?"), "output", self.address)

    def read(self) -> PowerReading:
        voltage = query_measured(self._link, "MEAS:VOLT?", "voltage", "V")
        return PowerReading(voltage, query_measured(self._link, "MEAS:CURR?", "current", "A"))

    def make_safe(self) -> None:
        # Remote control first: somebody at the front panel may hold it, and then nothing else is taken.
        attempt_all(
            lambda: self._link.write("SYST:LOCK ON"),
            lambda: self._link.write("CURR 0.000"),
            lambda: self._link.write("SINK:CURR 0.000"),
            self.output_off,
        )

    # ------------------------------------------------------------------ parts

    def _number(self, name: str) -> float:
        unit = "V" if name.startswith("VOLT") else "A"
        return query_number(self._link, f"{name}?", name, unit)

    def _write_read(self, name: str, value: float, step: float) -> None:
        command = f"{name} {value + 0.0:.3f}"
        self._link.write(command)
        got = self._number(name)
        if abs(got - value) > step:
            raise self._refused(command, f"it answers {got:g}")


def ratings(options: EaOptions, *, sinks: bool = True) -> Capabilities:
    """What a unit with these ratings can do; commanded only."""
    sink = 1.0 if sinks else 0.0
    return Capabilities(
        voltage_V=Span(0.0, options.voltage_max_V),
        current_A=Span(-options.current_max_A * sink, options.current_max_A),
        power_W=Span(-options.power_max_W * sink, options.power_max_W),
        voltage_resolution_V=options.step_V,
        current_resolution_A=options.step_A,
        pulse_min_s=options.pulse_min_s,
        timing=frozenset({TimingClass.COMMANDED}),
        remote_sense=options.remote_sense,
    )


def setpoints(current_A: float, protection: Protection) -> tuple[str, ...]:
    """The commands of a signed current in a safe order: the other direction off first."""
    if current_A > 0:
        return "SINK:CURR 0.000", f"VOLT {protection.voltage_max_V:.3f}", f"CURR {current_A:.3f}"
    if current_A < 0:
        return "CURR 0.000", f"VOLT {protection.voltage_min_V:.3f}", f"SINK:CURR {-current_A:.3f}"
    return "CURR 0.000", "SINK:CURR 0.000"


def _open(address: str | None, options: Any) -> EaPsb10000:
    assert isinstance(options, EaOptions)
    line = LineOptions(timeout_s=options.timeout_s, open_timeout_s=options.open_timeout_s)
    return EaPsb10000(open_line(need_address(address, driver.name), line), options)


driver = DriverSpec(
    name="ea-psb10000",
    category=Category.POWER,
    title="EA-PSB 10000/9000, bidirectional source and sink, SCPI",
    open=_open,
    options_model=EaOptions,
    datasheet=Datasheet(
        evidence=Evidence.B,
        sources=("an open driver that cites EA's ModBus and SCPI guide REV 24", "a C library for PSB 10000"),
        links=("tcp", "visa"),
        variants=(
            Variant(
                "any PSB 10000 or 9000",
                pulse_min_s=0.05,
                timing=frozenset({TimingClass.COMMANDED}),
                sequence_steps_max=0,
                buffered_readback=False,
                load_on_timer_s=False,
                note="1.5 to 30 kW; ratings are given in the bench file; for modules and packs: in steps of "
                "10 mV one cell gets no verdict (voltage_too_coarse)",
            ),
        ),
        simulators=("ea-psb10000",),
        proofs=(
            Proof(
                "instro 1.22.0 EAPSB10000Visa (Apache-2.0)",
                "simulator",
                "lock, source and sink with the sign, OVP and OCP, unlock",
                "tests/simulators/instruments/test_ea_psb10000.py",
            ),
            Proof(
                "scpi-instrument-control 7.3.0 (MIT)",
                "simulator",
                "as a supply of SCPI-99",
                "tests/simulators/instruments/test_generic_client.py",
            ),
        ),
        unverified=(
            "the command of the interface time-out: no watchdog is claimed",
            "a command for power limits, and the unit's own function generator",
            "that answers of settings carry their unit (both forms are read)",
        ),
        identity=r"EA ELEKTRO-AUTOMATIK.*,\s*PSB",
    ),
)
