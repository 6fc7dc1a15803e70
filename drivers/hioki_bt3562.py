"""Hioki BT3562, BT3563, BT3564 (A) and BT3561A: AC resistance at 1 kHz and voltage of a battery.

Protocol facts: manual pages of BT3562 and BT3561A. RS-232 (LAN on A models), commands end with CR LF; after
``*RST`` answers carry no headers. In function RV one answer gives both, `` 0.2501E-3, 3.70012E+0``, in ohm
and volt, blanks in the place of leading zeros and the plus sign. Over-range answers 1E+9 and a measurement
fault (an open probe) 1E+10 in the digits of the range: both are missing values, never numbers. There is no
error queue: settings are asked back. Channel 1 of this scanner is the resistance, channel 2 the voltage.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from drivers.capabilities import Span
from drivers.contracts.common import Identity
from drivers.contracts.scanner import Quantity, ScanChannel, Scanner, ScanReading
from drivers.datasheet import Datasheet, Evidence, Variant
from drivers.errors import InstrumentError, NoReading, OutOfRange
from drivers.spec import Category, DriverOptions, DriverSpec, need_address
from drivers.transports.line import LineOptions, LineTransport
from drivers.transports.open import open_line
from drivers.transports.scpi import parse_number, query_identity

RESISTANCE, VOLTAGE = 1, 2
_CHANNELS = {RESISTANCE: Quantity.RESISTANCE, VOLTAGE: Quantity.VOLTAGE}
_LARGEST = {RESISTANCE: 1e4, VOLTAGE: 1.2e3}
"""In ohm and V, well above every range of these meters: what is larger is no value. Over-range is 1E+9 and a
fault 1E+10, and a digit too many on a noisy line is caught as well."""


class HiokiOptions(DriverOptions):
    """Ranges None let the meter choose; a fixed one is faster. ``baudrate`` for a serial VISA resource."""

    resistance_range_ohm: float | None = Field(default=None, gt=0, le=3000)
    voltage_range_V: Literal[6, 60, 300] | None = None
    rate: Literal["FAST", "MED", "SLOW"] = "MED"
    baudrate: int | None = None
    timeout_s: float = 2.0
    open_timeout_s: float = 1.0
    scan_timeout_s: float = 5.0


class HiokiBt3562(Scanner):
    """One meter behind a line transport."""

    def __init__(self, link: LineTransport, options: HiokiOptions | None = None) -> None:
        self._link = link
        self._options = options or HiokiOptions()
        self._channels: tuple[ScanChannel, ...] = ()

    @property
    def address(self) -> str:
        """Get the address as written in the bench file."""
        return self._link.address

    def identify(self) -> Identity:
        # HIOKI,BT3562,0,V1.00: the serial number is not told.
        return query_identity(self._link, no_serial="0")

    def close(self) -> None:
        self._link.close()

    def configure(self, channels: Sequence[ScanChannel]) -> None:
        """Set function RV and what the options say, asked back. Raises OutOfRange, InstrumentError."""
        self._channels = ()
        wrong = [c.number for c in channels if _CHANNELS.get(c.number) is not c.quantity]
        if wrong or not channels:
            raise OutOfRange(
                f"{self.address}: channels {wrong or 'none'}: 1 is the resistance, 2 the voltage",
                remedy="Correct the inputs in the bench file.",
                address=self.address,
                value=wrong,
            )
        o = self._options
        self._link.write("*RST")
        self._set(":FUNC", "RV")
        self._set(":SAMP:RATE", o.rate)
        self._set(":TRIG:SOUR", "IMM")
        self._set(":INIT:CONT", "OFF")
        if o.resistance_range_ohm is None and o.voltage_range_V is None:
            self._set(":AUT", "ON")
        for header, wanted in ((":RES:RANG", o.resistance_range_ohm), (":VOLT:RANG", o.voltage_range_V)):
            if wanted is not None:
                self._link.write(f"{header} {wanted:g}")
                got = parse_number(self._link.query(f"{header}?"), header, self.address)
                if not wanted * (1 - 1e-6) <= got:
                    raise self._refused(f"{header} {wanted:g}", f"it answers {got:g}")
        self._channels = tuple(channels)

    def scan(self) -> list[ScanReading]:
        if not self._channels:
            raise self._no_reading("no channels are configured", "")
        reply = self._link.query(":READ?", timeout_s=self._options.scan_timeout_s)
        parts = reply.split(",")
        if len(parts) != len(_CHANNELS):
            raise self._no_reading(f"{len(parts)} values where resistance and voltage were expected", reply)
        values = {number: self._value(text, number) for number, text in zip(_CHANNELS, parts, strict=True)}
        return [ScanReading(c.number, c.quantity, values[c.number]) for c in self._channels]

    # ------------------------------------------------------------------ parts

    def _set(self, header: str, word: str) -> None:
        self._link.write(f"{header} {word}")
        answer = self._link.query(f"{header}?").strip().upper()
        if answer != word:
            raise self._refused(f"{header} {word}", f"it answers {answer!r}")

    def _value(self, text: str, number: int) -> float | None:
        try:
            value = parse_number(text, f"channel {number}", self.address)
        except NoReading:
            return None
        return value if abs(value) < _LARGEST[number] else None

    def _no_reading(self, why: str, reply: str) -> NoReading:
        return NoReading(
            f"{self.address}: {why}",
            remedy="Configure the meter again; somebody may have used its front panel.",
            address=self.address,
            reply=reply[:200],
        )

    def _refused(self, command: str, why: str) -> InstrumentError:
        return InstrumentError(
            f"{self.address}: {command!r}: {why}",
            remedy="Check that the meter is not in a menu, and that it has this range.",
            address=self.address,
            error_code=0,
            text=why,
            command=command,
        )


def _open(address: str | None, options: Any) -> HiokiBt3562:
    assert isinstance(options, HiokiOptions)
    line = LineOptions(
        write_terminator="\r\n",
        timeout_s=options.timeout_s,
        open_timeout_s=options.open_timeout_s,
        baudrate=options.baudrate,
    )
    return HiokiBt3562(open_line(need_address(address, driver.name), line), options)


driver = DriverSpec(
    name="hioki-bt3562",
    category=Category.SCANNER,
    title="Hioki BT3562/BT3563/BT3561A battery meter, AC resistance and voltage",
    open=_open,
    options_model=HiokiOptions,
    datasheet=Datasheet(
        evidence=Evidence.A_MINUS,
        sources=("manual pages of BT3562-01 and BT3561A",),
        links=("tcp", "serial", "visa"),
        variants=(
            Variant("BT3562", voltage_V=Span(-60.0, 60.0), channels=2, note="smallest range 3 mOhm; 1 kHz"),
            Variant("BT3563", voltage_V=Span(-300.0, 300.0), channels=2, note="smallest range 3 mOhm; 1 kHz"),
        ),
        simulators=("hioki-bt3562",),
        unverified=("answers of settings when asked back", "no software of others was found to prove it by"),
        identity=r"HIOKI,\s*BT356",
    ),
)
