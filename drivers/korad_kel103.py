"""Korad KEL103 electronic load: text lines on a serial port (115200 8N1) or in UDP datagrams.

Protocol facts (grade B): two open drivers that agree. Values carry their unit (``1.2500A``), settings are
not answered, and 100 ms must lie between two lines. There is no error queue and no host watchdog: every
setting is read back. The load's list is known from one open driver only and is left out. Not verified: the
ratings (data sheet), whether an upper limit trips or only bounds the setting, the UDP port. Never run on a
real instrument.
"""

from __future__ import annotations

import re
import time
from typing import Any

from pydantic import Field

from drivers.capabilities import Span, TimingClass
from drivers.commanded_load import CommandedLoad
from drivers.contracts.common import Identity
from drivers.contracts.load import LoadCapabilities, LoadProtection, LoadReading
from drivers.datasheet import Datasheet, Evidence, Proof, Variant
from drivers.spec import Category, DriverOptions, DriverSpec, need_address
from drivers.transports.line import LineOptions, LineTransport
from drivers.transports.open import open_line
from drivers.transports.scpi import parse_bool, parse_number

_IDENTITY = re.compile(
    r"^(?P<maker>[A-Z]+)[- ](?P<model>\S+)(\s+(?P<firmware>V\S+))?(\s+SN:(?P<serial>\S+))?", re.I
)
_STEP = 0.0001


class KoradOptions(DriverOptions):
    """``pause_s`` lies between two lines. Times in s. The ratings are
    not verified: compare the type plate."""

    remote_sense: bool = True
    timeout_s: float = 1.0
    open_timeout_s: float = 1.0
    pause_s: float = 0.1
    voltage_max_V: float = Field(default=120.0, gt=0)
    current_max_A: float = Field(default=30.0, gt=0)
    power_max_W: float = Field(default=300.0, gt=0)
    pulse_min_s: float = 1.0


class KoradKEL103(CommandedLoad):
    """One KEL103 behind a line transport."""

    def __init__(self, link: LineTransport, options: KoradOptions | None = None) -> None:
        self._link = link
        self.address = link.address
        self._options = options or KoradOptions()
        self._free_at = 0.0

    def identify(self) -> Identity:
        answer = self._query("*IDN?")
        found = _IDENTITY.match(answer.strip())
        if found is None:
            return Identity("", answer.strip(), "", "")
        return Identity(found["maker"], found["model"], found["serial"] or "", found["firmware"] or "")

    def close(self) -> None:
        self._link.close()

    @property
    def capabilities(self) -> LoadCapabilities:
        """Get the data sheet's ratings."""
        return LoadCapabilities(
            voltage_V=Span(0.0, self._options.voltage_max_V),
            current_A=Span(0.0, self._options.current_max_A),
            power_W=Span(0.0, self._options.power_max_W),
            voltage_resolution_V=0.001,
            current_resolution_A=0.001,
            pulse_min_s=self._options.pulse_min_s,
            timing=frozenset({TimingClass.COMMANDED}),
            remote_sense=self._options.remote_sense,
        )

    def input_is_on(self) -> bool:
        return parse_bool(self._query(":INP?"), "input", self.address)

    def read(self) -> LoadReading:
        voltage = self._number(":MEAS:VOLT?", "voltage", "V")
        current = self._number(":MEAS:CURR?", "current", "A")
        return LoadReading(
            self._plausible(voltage, self._options.voltage_max_V, "voltage", "V"),
            self._plausible(current, self._options.current_max_A, "current", "A"),
        )

    # ---- parts ---------------------------------------------------------------------------

    def _take_control(self) -> None:
        """Any line is taken."""

    def _set_up(self, protection: LoadProtection) -> None:
        self._write(":FUNC CC")
        if (function := self._query(":FUNC?").strip().upper()) != "CC":
            raise self._refused(f":FUNC CC: it answers {function!r}")
        self._set(":CURR:UPP", protection.current_max_A, "A")
        self._set(":VOLT:UPP", protection.voltage_max_V, "V")
        self._set(":POW:UPP", protection.power_max_W, "W")
        self._write(f":SYST:COMP {int(self._options.remote_sense)}")
        on = parse_bool(self._query(":SYST:COMP?"), "remote sense", self.address)
        if on is not self._options.remote_sense:
            raise self._refused("remote sense did not switch")

    def _command(self, current_A: float) -> None:
        self._set(":CURR", current_A, "A")

    def _commanded_A(self) -> float:
        return self._number(":CURR?", "commanded current", "A")

    def _switch(self, on: bool) -> None:
        self._write(":INP ON" if on else ":INP OFF")

    def _set(self, name: str, value: float, unit: str) -> None:
        self._write(f"{name} {value:.4f}{unit}")
        self._confirm(name, value, self._number(f"{name}?", name, unit), _STEP)

    def _number(self, query: str, what: str, unit: str) -> float:
        return parse_number(self._query(query), what, self.address, unit)

    def _write(self, line: str) -> None:
        self._wait()
        self._link.write(line)
        self._free_at = time.monotonic() + self._options.pause_s

    def _query(self, line: str) -> str:
        self._wait()
        answer = self._link.query(line)
        self._free_at = time.monotonic() + self._options.pause_s
        return answer

    def _wait(self) -> None:
        if (left_s := self._free_at - time.monotonic()) > 0:
            time.sleep(left_s)


def _open(address: str | None, options: Any) -> KoradKEL103:
    assert isinstance(options, KoradOptions)
    line = LineOptions(timeout_s=options.timeout_s, open_timeout_s=options.open_timeout_s, baudrate=115200)
    return KoradKEL103(open_line(need_address(address, driver.name), line), options)


driver = DriverSpec(
    name="korad-kel103",
    category=Category.LOAD,
    title="Korad KEL103 electronic load",
    open=_open,
    options_model=KoradOptions,
    datasheet=Datasheet(
        evidence=Evidence.B,
        sources=("two open drivers that agree",),
        links=("serial", "udp", "tcp", "visa"),
        variants=(
            Variant(
                "KEL103",
                voltage_V=Span(0.0, KoradOptions().voltage_max_V),
                current_A=Span(0.0, KoradOptions().current_max_A),
                power_W=Span(0.0, KoradOptions().power_max_W),
                current_resolution_A=0.001,
                voltage_resolution_V=0.001,
                pulse_min_s=KoradOptions().pulse_min_s,
                timing=frozenset({TimingClass.COMMANDED}),
                sequence_steps_max=0,
                buffered_readback=False,
                watchdog_s=False,
                load_on_timer_s=False,
                remote_sense=True,
                note="100 ms between two lines",
                grades={"voltage_V": Evidence.D, "current_A": Evidence.C, "power_W": Evidence.D},
            ),
        ),
        simulators=("korad-kel103",),
        proofs=(
            Proof(
                "kelctl 0.3.3 (package py-kelctl, MIT)",
                "simulator",
                "identity, status, limits, levels, input, list, battery test, dynamic, OCP, measurement",
                "tests/drivers/test_load_counterparts.py",
            ),
        ),
        unverified=("ratings", "whether an upper limit trips", "UDP port"),
        identity=r"KORAD[- ]KEL10",
    ),
)
