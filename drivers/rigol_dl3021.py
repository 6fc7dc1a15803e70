"""Rigol DL3021 and DL3031 (A) electronic loads: SCPI on TCP port 5555, USB or RS-232.

Protocol facts: public drivers validated on a DL3021 and a DL3031A. The load has
no host watchdog and no low-voltage cut-off of its own. Some firmware sends a
spare second line after a reply; the transport drains it before each query, and
a measurement without a decimal point is refused as such a line.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Literal

from pydantic import Field

from drivers.capabilities import Span, TimingClass
from drivers.contracts.common import Identity
from drivers.contracts.load import ElectronicLoad, ListStep, LoadCapabilities, LoadProtection, LoadReading
from drivers.contracts.power import SafeState
from drivers.datasheet import Datasheet, Evidence, Proof, Variant
from drivers.errors import InstrumentError, NoReading, OutOfRange
from drivers.ranges import require_in
from drivers.spec import Category, DriverOptions, DriverSpec, need_address
from drivers.transports.line import LineOptions, LineTransport
from drivers.transports.open import open_line
from drivers.transports.scpi import (
    attempt_all,
    check_errors,
    parse_bool,
    parse_measured,
    query_identity,
    query_number,
)

# Vendor data sheet ratings: current ranges in A, power in W. Voltage 150 V.
_RATINGS = {"DL3021": ((4.0, 40.0), 200.0), "DL3031": ((6.0, 60.0), 350.0)}
_VOLTAGE_MAX_V = 150.0
_RESOLUTION = 0.001
_ERRORS = "SYST:ERR?"


class RigolOptions(DriverOptions):
    """What the public sources leave open stays settable here.

    ``list_first_step``, ``list_steps_max`` and ``list_width_min_s`` are not
    verified against the vendor's manual. ``settle_s`` is the pause after a
    change of function. ``slew_A_per_us`` of commanded edges; None leaves what
    the load has, which is 0.001 A/us at power-on: 40 ms for 40 A. ``power_max_W``: of the type
    plate, where it is another than 200 W (DL3021) or 350 W (DL3031), which are not verified.
    """

    remote_sense: bool = True
    timeout_s: float = 2.0
    open_timeout_s: float = 1.0
    settle_s: float = 0.05
    pulse_min_s: float = 0.05
    slew_A_per_us: float | None = None
    power_max_W: float | None = Field(default=None, gt=0)
    list_first_step: Literal[0, 1] = 1
    list_steps_max: int = 512
    list_width_min_s: float = 0.001


class RigolDL3021(ElectronicLoad):
    """One DL3000 load behind a line transport; any command puts it in remote."""

    def __init__(self, link: LineTransport, options: RigolOptions | None = None) -> None:
        self._link = link
        self._options = options or RigolOptions()
        self._protection: LoadProtection | None = None

    @property
    def address(self) -> str:
        """Get the address as written in the bench file."""
        return self._link.address

    def identify(self) -> Identity:
        return query_identity(self._link)

    def close(self) -> None:
        self._link.close()

    @cached_property
    def capabilities(self) -> LoadCapabilities:
        """Get the ratings of the model that answers."""
        ranges, power_W = self._ratings
        return LoadCapabilities(
            voltage_V=Span(0.0, _VOLTAGE_MAX_V),
            current_A=Span(0.0, ranges[-1]),
            power_W=Span(0.0, power_W),
            voltage_resolution_V=_RESOLUTION,
            current_resolution_A=_RESOLUTION,
            pulse_min_s=self._options.pulse_min_s,
            timing=frozenset({TimingClass.COMMANDED, TimingClass.SEQUENCED}),
            list_steps_max=self._options.list_steps_max,
            watchdog=None,
            remote_sense=self._options.remote_sense,
        )

    @cached_property
    def _ratings(self) -> tuple[tuple[float, ...], float]:
        model = self.identify().model.upper()
        for name, ratings in _RATINGS.items():
            if model.startswith(name):
                return ratings[0], self._options.power_max_W or ratings[1]
        raise self._refused("*IDN?", f"model {model!r} is not one of {', '.join(_RATINGS)}")

    def prepare(self, protection: LoadProtection) -> None:
        p = protection
        span = self.capabilities
        for value, allowed, what, unit in (
            (p.voltage_max_V, span.voltage_V, "highest voltage", "V"),
            (p.voltage_min_V, Span(0.0, p.voltage_max_V), "lowest voltage", "V"),
            (p.current_max_A, span.current_A, "current limit", "A"),
            (p.power_max_W, span.power_W, "power limit", "W"),
        ):
            require_in(value, allowed, what, unit, self.address, "instrument rating")
        self._protection = None
        self._link.write("INP 0")
        self._link.write("FUNC:MODE FIX")
        self._link.write("FUNC CURR")
        time.sleep(self._options.settle_s)
        function = self._link.query("FUNC?").strip().upper()
        if function not in ("CC", "CURR"):
            raise self._refused("FUNC CURR", f"it answers {function!r}")
        ranges, _ = self._ratings
        self._write_read("CURR:RANG", next(r for r in ranges if p.current_max_A <= r), "{:g}")
        self._write_read("CURR:LEV:IMM", 0.0)
        if self._options.slew_A_per_us is not None:
            self._write_read("CURR:SLEW", self._options.slew_A_per_us, "{:.3f}")
        self._write_read("CURR:VLIM", p.voltage_max_V)
        self._write_read("CURR:ILIM", p.current_max_A)
        sense = self._options.remote_sense
        self._link.write(f"SENS {int(sense)}")
        if parse_bool(self._link.query("SENS?"), "remote sense", self.address) is not sense:
            raise self._refused(f"SENS {int(sense)}", "remote sense did not switch")
        if self.input_is_on():
            raise self._refused("INP 0", "the input is still on")
        check_errors(self._link, "prepare", _ERRORS)
        self._protection = protection

    def set_current(self, current_A: float) -> None:
        protection = self._prepared()
        require_in(current_A, Span(0.0, protection.current_max_A), "current", "A", self.address, "protection")
        self._link.write(f"CURR:LEV:IMM {current_A + 0.0:.4f}")
        check_errors(self._link, f"set_current {current_A:g} A", _ERRORS)

    def input_on(self) -> None:
        self._prepared()
        if query_number(self._link, "CURR:LEV:IMM?", "commanded current") > _RESOLUTION:
            raise OutOfRange(
                f"{self.address}: the input may only go on at zero current",
                remedy="Call set_current(0) first.",
                address=self.address,
            )
        self._link.write("INP 1")
        if not self.input_is_on():
            raise self._refused("INP 1", "the input stays off")

    def input_off(self) -> None:
        self._link.write("INP 0")
        if self.input_is_on():
            raise self._refused("INP 0", "the input is still on")

    def input_is_on(self) -> bool:
        return parse_bool(self._link.query("INP?"), "input", self.address)

    def read(self) -> LoadReading:
        voltage = self._measure("MEAS:VOLT?", "voltage")
        return LoadReading(voltage, self._measure("MEAS:CURR?", "current"))

    def load_list(self, steps: Sequence[ListStep]) -> None:
        protection = self._prepared()
        count = len(steps)
        count_max = self._options.list_steps_max
        if not 1 <= count <= count_max:
            raise OutOfRange(
                f"{self.address}: a list of {count} steps; the load takes 1 to {count_max}",
                remedy="Split the profile into shorter trains.",
                address=self.address,
                value=count,
            )
        current = Span(0.0, protection.current_max_A)
        width = Span(self._options.list_width_min_s, float("inf"))
        for step in steps:
            require_in(step.current_A, current, "current", "A", self.address, "protection")
            require_in(step.duration_s, width, "list step", "s", self.address, "instrument")
        ranges, _ = self._ratings
        write = self._link.write
        write("LIST:MODE CC")
        write(f"LIST:RANG {next(r for r in ranges if protection.current_max_A <= r):g}")
        write("LIST:COUN 1")
        write(f"LIST:STEP {count}")
        for index, step in enumerate(steps, start=self._options.list_first_step):
            write(f"LIST:LEV {index},{step.current_A + 0.0:.4f}")
            write(f"LIST:WID {index},{step.duration_s:.6f}")
            write(f"LIST:SLEW {index},{step.slew_A_per_us:.3f}")
        write("LIST:END OFF")
        check_errors(self._link, "upload of the list", _ERRORS)

    def start_list(self) -> None:
        self._prepared()
        self._link.write("FUNC:MODE LIST")
        self._link.write("TRIG:SOUR BUS")
        self._link.write("TRIG:IMM")
        check_errors(self._link, "start of the list", _ERRORS)

    def stop_list(self) -> None:
        self.input_off()
        self._link.write("FUNC:MODE FIX")
        self._write_read("CURR:LEV:IMM", 0.0)
        check_errors(self._link, "stop of the list", _ERRORS)

    def make_safe(self) -> None:
        attempt_all(
            lambda: self._link.write("CURR:LEV:IMM 0.0000"),
            self.input_off,
            # A list may hold its own level: off first, then out of the list.
            lambda: self._link.write("FUNC:MODE FIX"),
        )

    def verify_safe(self) -> SafeState:
        on = self.input_is_on()
        return SafeState(on, self._measure("MEAS:CURR?", "current"))

    # ------------------------------------------------------------------ parts

    def _measure(self, command: str, what: str) -> float:
        reply = self._link.query(command)
        if "." not in reply:
            reply = self._link.query(command)  # a spare line that came late; the real one was drained
        if "." not in reply:
            raise NoReading(
                f"{self.address}: {what}: {reply[:60]!r} has no decimals, so it is not a measurement",
                remedy="If it repeats, update the load's firmware.",
                address=self.address,
                quantity=what,
                reply=reply[:200],
            )
        return parse_measured(reply, what, self.address)

    def _write_read(self, name: str, value: float, form: str = "{:.4f}") -> None:
        command = f"{name} {form.format(value)}"
        self._link.write(command)
        got = query_number(self._link, f"{name}?", name)
        if abs(got - value) > _RESOLUTION:
            raise self._refused(command, f"it answers {got:g}")

    def _prepared(self) -> LoadProtection:
        if self._protection is None:
            raise self._refused("", "not prepared")
        return self._protection

    def _refused(self, command: str, why: str) -> InstrumentError:
        return InstrumentError(
            f"{self.address}: {command!r}: {why}" if command else f"{self.address}: {why}",
            remedy="Prepare the load, and check its front panel for a protection that tripped.",
            address=self.address,
            error_code=0,
            text=why,
            command=command,
        )


def _open(address: str | None, options: Any) -> RigolDL3021:
    assert isinstance(options, RigolOptions)
    line = LineOptions(timeout_s=options.timeout_s, open_timeout_s=options.open_timeout_s)
    return RigolDL3021(open_line(need_address(address, driver.name), line), options)


driver = DriverSpec(
    name="rigol-dl3021",
    category=Category.LOAD,
    title="Rigol DL3021/DL3031 electronic load",
    open=_open,
    options_model=RigolOptions,
    datasheet=Datasheet(
        evidence=Evidence.B,
        sources=("two open drivers validated on a DL3021 and a DL3031A", "command dictionary of a DL3021A"),
        links=("tcp", "visa"),
        variants=tuple(
            Variant(
                model,
                voltage_V=Span(0.0, _VOLTAGE_MAX_V),
                current_A=Span(0.0, ranges[-1]),
                power_W=Span(0.0, power_W),
                voltage_resolution_V=_RESOLUTION,
                current_resolution_A=_RESOLUTION,
                pulse_min_s=RigolOptions().pulse_min_s,
                timing=frozenset({TimingClass.COMMANDED, TimingClass.SEQUENCED}),
                sequence_steps_max=RigolOptions().list_steps_max,
                buffered_readback=False,
                watchdog_s=False,
                load_on_timer_s=False,
                remote_sense=True,
                note="a load: currents are what it sinks",
                grades={
                    "power_W": Evidence.D,
                    "voltage_resolution_V": Evidence.D,
                    "current_resolution_A": Evidence.D,
                    "sequence_steps_max": Evidence.D,
                },
            )
            for model, (ranges, power_W) in _RATINGS.items()
        ),
        simulators=("rigol-dl3021",),
        proofs=(
            Proof(
                "instro 1.22.0 RigolDL30xx (Apache-2.0)",
                "simulator",
                "modes, levels, LIST, error queue",
                "tests/simulators/instruments/test_rigol_dl3021.py",
            ),
        ),
        unverified=("number of the first LIST step", "LIST steps and shortest width"),
        identity=r"RIGOL.*,DL30",
    ),
)
