"""ITECH IT6000C, IT-M3900C and IT-M3400: bidirectional supplies, SCPI on LAN, USB or RS-232.

Protocol facts: an open driver tested live on an IT6054C-800-225, a driver that quotes the vendor's guide for
the M3400 and M3900, and page 19 of that guide. The driver works in current priority: ``CURR`` is the signed
current (negative sinks) and ``VOLT:LIM:HIGH`` and ``:LOW`` are the voltages it stops at; both are writable
only there. ``OUTP:PROT:WDOG`` turns the output off when the host falls silent. About 20 ms between commands
are advised. Delays of the output are set to 0. Left out because the sources do not tell enough: LIST (its
syntax is not verified) and the battery mode. Not verified: what reloads the watchdog and its shortest time,
``? MAX`` of these settings, the LAN port.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from pydantic import Field

from drivers.capabilities import Capabilities, Span, TimingClass, Watchdog
from drivers.commanded_port import CommandedPort
from drivers.contracts.common import Identity
from drivers.contracts.power import PowerReading, Protection
from drivers.datasheet import Datasheet, Evidence, Proof, Variant
from drivers.errors import InstrumentError, NoReading, OutOfRange
from drivers.ranges import require_in
from drivers.spec import Category, DriverOptions, DriverSpec, need_address
from drivers.transports.line import LineOptions, LineTransport
from drivers.transports.open import open_line
from drivers.transports.paced import PacedLine
from drivers.transports.scpi import (
    attempt_all,
    check_errors,
    parse_bool,
    parse_measured,
    query_identity,
    query_measured,
    query_number,
)

_ERRORS = "SYST:ERR?"
_OVER = 1.05
"""The latching protections stand this far above the limits that regulate, at most at their own maximum."""
_FETCHED = 5
_CAUSES = {
    0: "over-voltage", 1: "over-current, sourcing", 2: "over-current, sinking", 3: "over-power, sourcing",
    4: "over-power, sinking", 5: "under-voltage", 6: "over-temperature", 7: "under-current", 8: "sense",
    10: "reversed", 11: "inhibited", 12: "mains", 13: "protection", 14: "internal",
}  # fmt: skip


class ItechOptions(DriverOptions):
    """``pause_s`` between commands; ``combined_reading`` reads V and I by one ``FETC?`` (IT-M3400/M3900).

    ``sense``: which command switches remote sense: ``source`` for IT6000C, ``sense`` for IT-M3400.
    ``output_delays``: whether the unit has ``OUTP:DEL``, which is set to no delay in both directions.
    ``watchdog_min_s`` and ``watchdog_max_s`` are not verified. ``step_V`` and ``step_A``: resolution, on the
    800 V model 0.01 V and 0.01 A. ``pulse_min_s`` is what the host can command.
    """

    remote_sense: bool = True
    sense: str = Field(default="source", pattern="^(source|sense)$")
    combined_reading: bool = False
    output_delays: bool = True
    pause_s: float = Field(default=0.02, ge=0)
    step_V: float = Field(default=0.01, gt=0)
    step_A: float = Field(default=0.01, gt=0)
    watchdog_min_s: float = Field(default=1.0, gt=0)
    watchdog_max_s: float = Field(default=3600.0, gt=0)
    pulse_min_s: float = Field(default=0.1, gt=0)
    baudrate: int | None = None
    timeout_s: float = 2.0
    open_timeout_s: float = 1.0


class ItechIt6000C(CommandedPort):
    """One unit behind a line transport."""

    def __init__(self, link: LineTransport, options: ItechOptions | None = None) -> None:
        self._link = link
        self._options = options or ItechOptions()
        self._protection: Protection | None = None

    @property
    def address(self) -> str:  # type: ignore[override]
        """Get the address as written in the bench file."""
        return self._link.address

    def identify(self) -> Identity:
        # ITECH Electronics,IT6054C-800-225,<sn>,000.006.101,640.R,132.R
        return query_identity(self._link)

    def close(self) -> None:
        self._link.close()

    @cached_property
    def capabilities(self) -> Capabilities:
        """Get the ranges of the settings, read once from the instrument."""
        options, ask = self._options, self._number
        return Capabilities(
            voltage_V=Span(0.0, ask("VOLT? MAX")),
            current_A=Span(-abs(ask("CURR? MIN")), ask("CURR? MAX")),
            power_W=Span(-abs(ask("POW:LIM:NEG? MIN")), ask("POW:LIM? MAX")),
            voltage_resolution_V=options.step_V,
            current_resolution_A=options.step_A,
            pulse_min_s=options.pulse_min_s,
            timing=frozenset({TimingClass.COMMANDED}),
            watchdog=Watchdog(Span(options.watchdog_min_s, options.watchdog_max_s)),
            remote_sense=options.remote_sense,
        )

    def prepare(self, protection: Protection) -> None:
        self._check_protection(protection)
        self._protection = None
        p, span = protection, self.capabilities
        write = self._link.write
        write("*CLS")
        write("SYST:REM")
        write("OUTP 0")
        write("FUNC:MODE FIX")
        write("FUNC CURR")
        function = self._link.query("FUNC?").strip().upper()
        if not function.startswith("CURR"):
            raise self._refused("FUNC CURR", f"it answers {function!r}")
        self._write_read("CURR", 0.0, self._options.step_A)
        self._write_read("VOLT:LIM:HIGH", p.voltage_max_V, self._options.step_V)
        self._write_read("VOLT:LIM:LOW", p.voltage_min_V, self._options.step_V)
        self._write_read("POW:LIM", p.charge_power_max_W, 1.0)
        self._write_read("POW:LIM:NEG", -p.discharge_power_max_W, 1.0)
        current_A = max(p.charge_current_max_A, p.discharge_current_max_A)
        self._guard("VOLT:PROT", min(p.voltage_max_V * _OVER, span.voltage_V.high), self._options.step_V)
        self._guard("CURR:PROT", min(current_A * _OVER, span.current_A.high), self._options.step_A)
        self._set_sense()
        if self._options.output_delays:
            # Left over from a person's work, a delay would keep the current on after the command to end it.
            self._write_read("OUTP:DEL:RISE", 0.0, 0.001)
            self._write_read("OUTP:DEL:FALL", 0.0, 0.001)
        if self.output_is_on():
            raise self._refused("OUTP 0", "the output is still on")
        check_errors(self._link, "prepare", _ERRORS)
        self._protection = protection

    def set_current(self, current_A: float) -> None:
        self._checked_current(current_A)
        self._link.write(f"CURR {current_A + 0.0:.4f}")
        check_errors(self._link, f"set_current {current_A:g} A", _ERRORS)

    def output_on(self) -> None:
        self._prepared()
        if abs(self._number("CURR?")) > self._options.step_A:
            raise OutOfRange(
                f"{self.address}: the output may only go on at zero current",
                remedy="Call set_current(0) first.",
                address=self.address,
            )
        self._link.write("OUTP 1")
        if not self.output_is_on():
            raise self._refused("OUTP 1", f"the output stays off ({self._why_off()})")

    def output_off(self) -> None:
        self._link.write("OUTP 0")
        if self.output_is_on():
            raise self._refused("OUTP 0", "the output is still on")

    def output_is_on(self) -> bool:
        return parse_bool(self._link.query("OUTP?"), "output", self.address)

    def read(self) -> PowerReading:
        if self._options.combined_reading:
            reply = self._link.query("FETC?")
            parts = reply.split(",")
            if len(parts) < _FETCHED:
                raise NoReading(
                    f"{self.address}: FETC? gives {len(parts)} values, not {_FETCHED}",
                    remedy="Set combined_reading: false in the bench file.",
                    address=self.address,
                    reply=reply[:200],
                )
            voltage = parse_measured(parts[0], "voltage", self.address)
            return PowerReading(voltage, parse_measured(parts[1], "current", self.address))
        voltage = query_measured(self._link, "MEAS:VOLT?", "voltage")
        return PowerReading(voltage, query_measured(self._link, "MEAS:CURR?", "current"))

    def arm_watchdog(self, timeout_s: float) -> None:
        watchdog = self.capabilities.watchdog
        assert watchdog is not None
        require_in(timeout_s, watchdog.timeout_s, "watchdog time", "s", self.address, "instrument")
        self._write_read("OUTP:PROT:WDOG:DEL", timeout_s, 0.01)
        self._watchdog_state(True)

    def feed_watchdog(self) -> None:
        # What reloads the timer is not verified: these queries do, if any traffic does.
        armed = parse_bool(self._link.query("OUTP:PROT:WDOG:STAT?"), "watchdog", self.address)
        tripped = int(self._number("STAT:QUES:COND?"))
        if armed and not tripped:
            return
        why = f"a protection has tripped ({self._why_off()})" if tripped else "it is not armed"
        raise InstrumentError(
            f"{self.address}: the host watchdog: {why}",
            remedy="Find out what delayed the station, then prepare the instrument again.",
            address=self.address,
            error_code=tripped,
            text="watchdog",
        )

    def disarm_watchdog(self) -> None:
        self._watchdog_state(False)

    def make_safe(self) -> None:
        attempt_all(
            lambda: self._link.write("SYST:REM"),
            lambda: self._link.write("CURR 0.0000"),
            self.output_off,
        )

    # ------------------------------------------------------------------ parts

    def _number(self, command: str) -> float:
        return query_number(self._link, command, command.partition("?")[0])

    def _write_read(self, name: str, value: float, step: float) -> None:
        command = f"{name} {value + 0.0:.4f}"
        self._link.write(command)
        got = self._number(f"{name}?")
        if abs(got - value) > step:
            raise self._refused(command, f"it answers {got:g}")

    def _guard(self, name: str, level: float, step: float) -> None:
        self._write_read(f"{name}:LEV", level, step)
        self._link.write(f"{name}:STAT 1")
        if not parse_bool(self._link.query(f"{name}:STAT?"), name, self.address):
            raise self._refused(f"{name}:STAT 1", "it stays off")

    def _watchdog_state(self, wanted: bool) -> None:
        command = f"OUTP:PROT:WDOG:STAT {int(wanted)}"
        self._link.write(command)
        if parse_bool(self._link.query("OUTP:PROT:WDOG:STAT?"), "watchdog", self.address) is not wanted:
            raise self._refused(command, "it answers the opposite")

    def _set_sense(self) -> None:
        header = "SOUR:REM:SENS" if self._options.sense == "source" else "SENS"
        wanted = self._options.remote_sense
        self._link.write(f"{header} {int(wanted)}")
        if parse_bool(self._link.query(f"{header}?"), "remote sense", self.address) is not wanted:
            raise self._refused(f"{header} {int(wanted)}", "remote sense did not switch")

    def _why_off(self) -> str:
        bits = int(self._number("STAT:QUES:COND?"))
        return ", ".join(text for bit, text in _CAUSES.items() if bits >> bit & 1) or "no cause reported"


def _open(address: str | None, options: Any) -> ItechIt6000C:
    assert isinstance(options, ItechOptions)
    line = LineOptions(
        timeout_s=options.timeout_s, open_timeout_s=options.open_timeout_s, baudrate=options.baudrate
    )
    link = open_line(need_address(address, driver.name), line)
    return ItechIt6000C(PacedLine(link, options.pause_s) if options.pause_s else link, options)


driver = DriverSpec(
    name="itech-it6000c",
    category=Category.POWER,
    title="ITECH IT6000C/IT-M3900C/IT-M3400, bidirectional source and sink",
    open=_open,
    options_model=ItechOptions,
    datasheet=Datasheet(
        evidence=Evidence.B,
        sources=(
            "an open driver tested live on an IT6054C-800-225",
            "a driver that quotes the vendor's guide for M3400/M3900",
            "guide IT-M3400, page 19",
        ),
        links=("tcp", "visa"),
        variants=(
            Variant(
                "IT6054C-800-225",
                voltage_V=Span(0.0, 808.0),
                current_A=Span(-227.25, 227.25),
                power_W=Span(-55080.0, 55080.0),
                voltage_resolution_V=0.01,
                current_resolution_A=0.01,
                pulse_min_s=0.1,
                timing=frozenset({TimingClass.COMMANDED}),
                sequence_steps_max=0,
                watchdog_s=Span(1.0, 3600.0),
                load_on_timer_s=False,
                remote_sense=True,
                note="LIST left out: syntax not verified; watchdog times not verified, 30 s by default; "
                "for packs: a cell read in steps of 10 mV gets no verdict",
            ),
            Variant(
                "IT-M3900C, IT-M3400",
                timing=frozenset({TimingClass.COMMANDED}),
                sequence_steps_max=0,
                remote_sense=True,
                note="one FETC? for voltage and current: combined_reading",
            ),
        ),
        simulators=("itech-it6000c",),
        proofs=(
            Proof(
                "scpi-instrument-control 7.3.0 (MIT)",
                "simulator",
                "as a supply of SCPI-99: setpoint, output, measurement",
                "tests/simulators/instruments/test_generic_client.py",
            ),
        ),
        unverified=(
            "LIST: left out",
            "battery mode: left out",
            "shortest watchdog time, and what reloads it",
            "? MIN and ? MAX of voltage, current and power limits",
            "LAN port",
        ),
        identity=r"ITECH.*,\s*IT(60\d\dC|-?M39|-?M34)",
    ),
)
