"""Keysight 34970A, 34972A and DAQ970A scanners: cell voltages and thermocouples.

Protocol facts: the vendor's command reference. ``CONFigure`` redefines the scan
list to its own channels and resets the reading format, so everything is
configured first and ``ROUTe:SCAN`` with the full list comes after.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from drivers.capabilities import Span
from drivers.contracts.common import Identity
from drivers.contracts.scanner import Quantity, ScanChannel, Scanner, ScanReading
from drivers.datasheet import Datasheet, Evidence, Proof, Variant
from drivers.errors import InstrumentError, NoReading
from drivers.spec import Category, DriverOptions, DriverSpec, need_address
from drivers.transports.line import LineOptions, LineTransport
from drivers.transports.open import open_line
from drivers.transports.scpi import check_errors, parse_measured, query_identity

_ERRORS = "SYST:ERR?"


_CHANNELS_MAX = 1000


class KeysightOptions(DriverOptions):
    """``voltage_range_V`` None lets the instrument choose; ``scan_timeout_s`` covers one whole scan."""

    thermocouple: Literal["B", "E", "J", "K", "N", "R", "S", "T"] = "K"
    reference_junction: Literal["INT", "EXT"] = "INT"
    voltage_range_V: float | None = Field(default=None, gt=0, le=300)
    timeout_s: float = 2.0
    open_timeout_s: float = 1.0
    scan_timeout_s: float = 30.0


class Keysight34970A(Scanner):
    """One scanner behind a line transport."""

    def __init__(self, link: LineTransport, options: KeysightOptions | None = None) -> None:
        self._link = link
        self._options = options or KeysightOptions()
        self._channels: tuple[ScanChannel, ...] = ()

    @property
    def address(self) -> str:
        """Get the address as written in the bench file."""
        return self._link.address

    def identify(self) -> Identity:
        # HEWLETT-PACKARD,34970A,0,X-Y-Z: the 34970A answers 0 for a serial it does not tell.
        return query_identity(self._link, no_serial="0")

    def close(self) -> None:
        self._link.close()

    def configure(self, channels: Sequence[ScanChannel]) -> None:
        numbers = [channel.number for channel in channels]
        if not numbers or numbers != sorted(set(numbers)):
            raise ValueError(f"scan channels must be given once each, ascending: {numbers}")
        self._channels = ()
        write = self._link.write
        write("*CLS")
        write("ABOR")
        temperature = [c.number for c in channels if c.quantity is Quantity.TEMPERATURE]
        voltage = [c.number for c in channels if c.quantity is Quantity.VOLTAGE]
        if temperature:
            where = _list(temperature)
            write(f"CONF:TEMP TC,{self._options.thermocouple},{where}")
            write(f"TEMP:TRAN:TC:RJUN:TYPE {self._options.reference_junction},{where}")
            write(f"UNIT:TEMP C,{where}")
        if voltage:
            wanted = self._options.voltage_range_V
            write(f"CONF:VOLT:DC {'AUTO' if wanted is None else f'{wanted:g}'},DEF,{_list(voltage)}")
        write(f"ROUT:SCAN {_list(numbers)}")
        for item, state in (("UNIT", "OFF"), ("TIME", "OFF"), ("ALAR", "OFF"), ("CHAN", "ON")):
            write(f"FORM:READ:{item} {state}")
        write("TRIG:SOUR IMM")
        write("TRIG:COUN 1")
        check_errors(self._link, "configure", _ERRORS)
        answered = _parse_scan_list(self._link.query("ROUT:SCAN?"))
        if answered != numbers:
            raise InstrumentError(
                f"{self.address}: the scan list is {answered}, wanted {numbers}",
                remedy="Check which modules sit in which slot of the scanner.",
                address=self.address,
                error_code=0,
                text="scan list",
            )
        self._channels = tuple(channels)

    def scan(self) -> list[ScanReading]:
        if not self._channels:
            raise self._no_reading("no channels are configured", "")
        reply = self._link.query("READ?", timeout_s=self._options.scan_timeout_s)
        parts = [part.strip() for part in reply.split(",")]
        if len(parts) != 2 * len(self._channels):
            raise self._no_reading(f"{len(parts)} fields for {len(self._channels)} channels", reply)
        readings = []
        for channel, value, number in zip(self._channels, parts[::2], parts[1::2], strict=True):
            if not number.isdecimal() or int(number) != channel.number:
                raise self._no_reading(f"channel {number!r} where {channel.number} was expected", reply)
            readings.append(ScanReading(channel.number, channel.quantity, self._value(value, channel)))
        return readings

    def _value(self, text: str, channel: ScanChannel) -> float | None:
        try:
            return parse_measured(text, f"channel {channel.number}", self.address)
        except NoReading:
            # Overload and open thermocouple answer ±9.9E+37: missing, never a number.
            return None

    def _no_reading(self, why: str, reply: str) -> NoReading:
        return NoReading(
            f"{self.address}: scan: {why}",
            remedy="Configure the scanner again; another user may have changed its scan list or format.",
            address=self.address,
            reply=reply[:200],
        )


def _list(numbers: Sequence[int]) -> str:
    return f"(@{','.join(str(number) for number in numbers)})"


def _parse_scan_list(reply: str) -> list[int]:
    """Parse ``#210(@103,108)``: a definite block around a channel list; [] when it is none."""
    start, end = reply.find("(@"), reply.find(")")
    if start < 0 or end < start:
        return []
    numbers: list[int] = []
    for part in reply[start + 2 : end].split(","):
        first, _, last = part.partition(":")
        if first.isdecimal() and (not last or last.isdecimal()):
            low, high = int(first), int(last or first)
            if high - low > _CHANNELS_MAX:
                return []  # no scanner has so many: what answers is another thing
            numbers.extend(range(low, high + 1))
    return numbers


def _open(address: str | None, options: Any) -> Keysight34970A:
    assert isinstance(options, KeysightOptions)
    line = LineOptions(timeout_s=options.timeout_s, open_timeout_s=options.open_timeout_s)
    return Keysight34970A(open_line(need_address(address, driver.name), line), options)


driver = DriverSpec(
    name="keysight-34970a",
    category=Category.SCANNER,
    title="Keysight 34970A/34972A/DAQ970A voltage and thermocouple scanner",
    open=_open,
    options_model=KeysightOptions,
    datasheet=Datasheet(
        evidence=Evidence.A,
        sources=("command reference 34970A/34972A",),
        links=("tcp", "visa"),
        variants=tuple(
            Variant(
                model,
                voltage_V=Span(-300.0, 300.0),
                buffered_readback=True,
                note=note,
                grades={"voltage_V": Evidence.D},
            )
            for model, note in (
                ("34970A", "RS-232 and GPIB; tells no serial number"),
                ("34972A", "LAN and USB"),
                ("DAQ970A", "LAN and USB; same commands, raw socket port not verified"),
            )
        ),
        simulators=("keysight-34970a",),
        proofs=(
            Proof(
                "instro 1.22.0 Keysight34980A (Apache-2.0)",
                "simulator",
                "timed scan and DATA:REMove?; another dialect of the family, so in part only",
                "tests/simulators/instruments/test_keysight_34970a.py",
            ),
            Proof(
                "scpi-instrument-control 7.3.0 (MIT)",
                "simulator",
                "configuration, scan list, READ?, FETCh?, R?, MEASure",
                "tests/simulators/instruments/test_generic_client.py",
            ),
        ),
        unverified=("raw socket port of LAN models",),
        identity=r"(HEWLETT-PACKARD|AGILENT|KEYSIGHT).*,(3497[02]A|DAQ970A)",
    ),
)
