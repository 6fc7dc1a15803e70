"""Keysight EL30000 bench electronic loads (EL34143A): SCPI with channel lists, and a digitiser.

Protocol facts (grade C): one open driver that cites the programming guide page by page. Every command takes
its channel as a list at the end (``CURR 5,(@1)``). The digitiser records voltage and current side by side
into 128 K points and is read with ``FETCh:ARRay``. No host watchdog is in that source (other families of the
maker have one), no current or power protection either: the driver keeps the limits and reads every setting
back. The load's own list has no commands in the source: left out.
Not verified: the answer to ``*IDN?``, ``MEASure:CURRent?``, the raw socket port (5025 by convention), ratings
other than the ranges. Never run on a real instrument.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from drivers.capabilities import Span, TimingClass
from drivers.commanded_load import CommandedLoad
from drivers.contracts.common import Identity
from drivers.contracts.load import LoadCapabilities, LoadProtection, LoadReading
from drivers.datasheet import Datasheet, Evidence, Proof, Variant
from drivers.errors import NoReading
from drivers.ranges import require_in
from drivers.spec import Category, DriverOptions, DriverSpec, need_address
from drivers.transports.line import LineOptions, LineTransport
from drivers.transports.open import open_line
from drivers.transports.scpi import check_errors, parse_bool, parse_measured, query_identity, query_number

_RANGES_A, _RANGES_V = (0.612, 6.12, 61.2), (15.3, 153.0)
_POWER_W = 357.0
_RESOLUTION = 0.001
_POINTS = Span(1, 131072)
_INTERVAL_S = Span(5.12e-6, 40000.0)


class EL30000Options(DriverOptions):
    """What the source leaves open stays settable here. ``channel``: number of the output."""

    channel: int = Field(default=1, ge=1)
    remote_sense: bool = True
    timeout_s: float = 2.0
    open_timeout_s: float = 1.0
    pulse_min_s: float = 0.05


class KeysightEL30000(CommandedLoad):
    """One channel of an EL30000 behind a line transport."""

    def __init__(self, link: LineTransport, options: EL30000Options | None = None) -> None:
        self._link = link
        self.address = link.address
        self._options = options or EL30000Options()
        self._points = 0
        self._at = f"(@{self._options.channel})"

    def identify(self) -> Identity:
        return query_identity(self._link)

    def close(self) -> None:
        self._link.close()

    @property
    def capabilities(self) -> LoadCapabilities:
        """Get the ranges that the source names for the EL34143A."""
        return LoadCapabilities(
            voltage_V=Span(0.0, _RANGES_V[-1]),
            current_A=Span(0.0, _RANGES_A[-1]),
            power_W=Span(0.0, _POWER_W),
            voltage_resolution_V=_RESOLUTION,
            current_resolution_A=_RESOLUTION,
            pulse_min_s=self._options.pulse_min_s,
            timing=frozenset({TimingClass.COMMANDED}),
            remote_sense=self._options.remote_sense,
        )

    def input_is_on(self) -> bool:
        return parse_bool(self._link.query(f"INP? {self._at}"), "input", self.address)

    def read(self) -> LoadReading:
        voltage = query_number(self._link, f"MEAS:VOLT? {self._at}", "voltage")
        current = query_number(self._link, f"MEAS:CURR? {self._at}", "current")
        return LoadReading(
            self._plausible(voltage, _RANGES_V[-1], "voltage", "V"),
            self._plausible(current, _RANGES_A[-1], "current", "A"),
        )

    # ---- digitiser -----------------------------------------------------------------------

    def start_recording(self, points: int, interval_s: float) -> None:
        """Begin to record voltage and current, ``points`` times every ``interval_s``.

        Raises OutOfRange outside of 1 to 131072 points and 5.12 us to 40000 s.
        """
        require_in(points, _POINTS, "points", "", self.address, "digitiser")
        require_in(interval_s, _INTERVAL_S, "interval", "s", self.address, "digitiser")
        self._points = 0
        for command in (
            "SENS:FUNC:VOLT ON",
            "SENS:FUNC:CURR ON",
            f"SENS:SWE:POIN {points}",
            f"SENS:SWE:TINT {interval_s:.8f}",
        ):
            self._link.write(f"{command},{self._at}")
        self._link.write(f"INIT:ACQ {self._at}")
        self._link.write(f"TRIG:ACQ {self._at}")
        check_errors(self._link, "start of the digitiser")
        self._points = points

    def recording(self) -> list[LoadReading]:
        """Get what was recorded, oldest first; the load answers when it is whole.

        Raises NoReading unless every point came as a number, TransportError when it takes too long.
        """
        volts, amperes = self._fetched("VOLT", "voltage"), self._fetched("CURR", "current")
        return [LoadReading(volt, ampere) for volt, ampere in zip(volts, amperes, strict=True)]

    def _fetched(self, name: Literal["VOLT", "CURR"], what: str) -> list[float]:
        parts = self._link.query(f"FETC:ARR:{name}? {self._at}").split(",")
        if not self._points or len(parts) != self._points:
            raise NoReading(
                f"{self.address}: {len(parts)} points of {what} came, not {self._points}",
                remedy="Start the recording again.",
                address=self.address,
                quantity=what,
                reply=str(len(parts)),
            )
        return [parse_measured(part, what, self.address) for part in parts]

    # ---- parts ---------------------------------------------------------------------------

    def _take_control(self) -> None:
        """No command for it in the source."""

    def _set_up(self, protection: LoadProtection) -> None:
        self._link.write(f"FUNC CURR,{self._at}")
        function = self._link.query(f"FUNC? {self._at}").strip().upper()
        if not function.startswith("CURR"):
            raise self._refused(f"FUNC CURR: it answers {function!r}")
        self._set("CURR:RANG", next(top for top in _RANGES_A if protection.current_max_A <= top), 0.1)
        self._link.write(f"CURR:MODE FIX,{self._at}")
        sense = "EXT" if self._options.remote_sense else "INT"
        self._link.write(f"VOLT:SENS {sense},{self._at}")
        if not self._link.query(f"VOLT:SENS? {self._at}").strip().upper().startswith(sense):
            raise self._refused(f"VOLT:SENS {sense}: it did not switch")
        check_errors(self._link, "prepare")

    def _command(self, current_A: float) -> None:
        self._set("CURR", current_A, _RESOLUTION)
        check_errors(self._link, "CURR")

    def _commanded_A(self) -> float:
        return query_number(self._link, f"CURR? {self._at}", "commanded current")

    def _switch(self, on: bool) -> None:
        self._link.write(f"INP {'ON' if on else 'OFF'},{self._at}")

    def _set(self, name: str, value: float, tolerance: float) -> None:
        self._link.write(f"{name} {value:.4f},{self._at}")
        self._confirm(name, value, query_number(self._link, f"{name}? {self._at}", name), tolerance)


def _open(address: str | None, options: Any) -> KeysightEL30000:
    assert isinstance(options, EL30000Options)
    line = LineOptions(timeout_s=options.timeout_s, open_timeout_s=options.open_timeout_s)
    return KeysightEL30000(open_line(need_address(address, driver.name), line), options)


driver = DriverSpec(
    name="keysight-el30000",
    category=Category.LOAD,
    title="Keysight EL30000 electronic load with digitiser",
    open=_open,
    options_model=EL30000Options,
    datasheet=Datasheet(
        evidence=Evidence.C,
        sources=("one open driver that cites the programming guide page by page",),
        links=("tcp", "visa"),
        variants=(
            Variant(
                "EL34143A",
                voltage_V=Span(0.0, _RANGES_V[-1]),
                current_A=Span(0.0, _RANGES_A[-1]),
                power_W=Span(0.0, _POWER_W),
                pulse_min_s=EL30000Options().pulse_min_s,
                timing=frozenset({TimingClass.COMMANDED}),
                sequence_steps_max=0,
                buffered_readback=True,
                remote_sense=True,
                note="ends of the ranges; digitiser of 131072 points, 5.12 us to 40000 s",
            ),
        ),
        simulators=("keysight-el30000",),
        proofs=(
            Proof(
                "easy-scpi 0.1.7 (MIT)",
                "simulator",
                "setpoint, input, measurement, error queue by headers of its own making",
                "tests/simulators/instruments/test_generic_client.py",
            ),
        ),
        unverified=(
            "answer to *IDN?",
            "MEASure:CURRent?",
            "raw socket port",
            "host watchdog: not in the source",
            "the load's list: left out",
        ),
        identity=r"(KEYSIGHT|AGILENT)[^,]*,\s*EL3\d",
    ),
)
