"""Keithley DAQ6510 with a multiplexer card: voltages and thermocouples, one channel after the other.

Protocol facts: an open driver (functions, ranges, NPLC, ``ROUT:CLOS`` and ``ROUT:OPEN``, ``:READ?`` of the
channel that is closed). One channel is opened before the next is closed: two closed ones would tie their
inputs together. The commands for thermocouples are not verified; they are an option. An overflow answers
9.9E+37.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import Field

from drivers.capabilities import Span
from drivers.contracts.common import Identity
from drivers.contracts.scanner import Quantity, ScanChannel, Scanner, ScanReading
from drivers.datasheet import Datasheet, Evidence, Proof, Variant
from drivers.errors import NoReading, OutOfRange
from drivers.spec import Category, DriverOptions, DriverSpec, need_address
from drivers.transports.line import LineOptions, LineTransport
from drivers.transports.open import open_line
from drivers.transports.scpi import check_errors, parse_measured, query_identity, query_number

_ERRORS = ":SYST:ERR?"
_FUNCTION = {Quantity.VOLTAGE: "VOLT", Quantity.TEMPERATURE: "TEMP"}


class KeithleyOptions(DriverOptions):
    """``voltage_range_V`` None: automatic. ``nplc``: power line cycles per reading.

    ``thermocouple_setup`` is sent once before temperatures are read; it is not verified.
    """

    voltage_range_V: float | None = Field(default=10.0, gt=0, le=1000)
    nplc: float = Field(default=1.0, ge=5e-4, le=12)
    thermocouple_setup: tuple[str, ...] = (
        ":SENS:TEMP:TRAN TC",
        ":SENS:TEMP:TC:TYPE K",
        ":SENS:TEMP:TC:RJUN:RSEL INT",
    )
    timeout_s: float = 2.0
    open_timeout_s: float = 1.0
    reading_timeout_s: float = 5.0


class KeithleyDaq6510(Scanner):
    """One scanner behind a line transport."""

    def __init__(self, link: LineTransport, options: KeithleyOptions | None = None) -> None:
        self._link = link
        self._options = options or KeithleyOptions()
        self._channels: tuple[ScanChannel, ...] = ()
        self._function: Quantity | None = None
        self._closed: int | None = None

    @property
    def address(self) -> str:
        """Get the address as written in the bench file."""
        return self._link.address

    def identify(self) -> Identity:
        # KEITHLEY INSTRUMENTS,MODEL DAQ6510,04340001,1.7.12b
        told = query_identity(self._link)
        return replace(told, model=told.model.removeprefix("MODEL").strip())

    def close(self) -> None:
        self._link.close()

    def configure(self, channels: Sequence[ScanChannel]) -> None:
        """Set ranges and functions, every channel open. Raises OutOfRange, InstrumentError."""
        numbers = [channel.number for channel in channels]
        wrong = [channel.number for channel in channels if channel.quantity not in _FUNCTION]
        if not numbers or numbers != sorted(set(numbers)) or wrong:
            raise OutOfRange(
                f"{self.address}: channels {wrong or numbers}: once each, ascending, voltage or temperature",
                remedy="Correct the inputs in the bench file.",
                address=self.address,
                value=wrong or numbers,
            )
        self._channels, self._function, self._closed = (), None, None
        o, write = self._options, self._link.write
        write("*CLS")
        for number in numbers:
            write(f":ROUT:OPEN (@{number})")
        if any(channel.quantity is Quantity.VOLTAGE for channel in channels):
            write(':SENS:FUNC "VOLT"')
            if o.voltage_range_V is None:
                write(":SENS:VOLT:RANG:AUTO 1")
            else:
                write(f":SENS:VOLT:RANG:AUTO 0;:SENS:VOLT:RANG {o.voltage_range_V:g}")
                got = query_number(self._link, ":SENS:VOLT:RANG?", "range")
                if got < o.voltage_range_V * (1 - 1e-6):
                    raise OutOfRange(
                        f"{self.address}: range {o.voltage_range_V:g} V became {got:g} V",
                        remedy="Choose a range that the instrument has.",
                        address=self.address,
                        value=got,
                    )
            write(f":SENS:VOLT:NPLC {o.nplc:g}")
        if any(channel.quantity is Quantity.TEMPERATURE for channel in channels):
            write(':SENS:FUNC "TEMP"')
            for command in o.thermocouple_setup:
                write(command)
            write(f":SENS:TEMP:NPLC {o.nplc:g}")
        check_errors(self._link, "configure", _ERRORS)
        self._channels = tuple(channels)

    def scan(self) -> list[ScanReading]:
        if not self._channels:
            raise NoReading(
                f"{self.address}: no channels are configured",
                remedy="Configure the scanner first.",
                address=self.address,
            )
        readings = [ScanReading(c.number, c.quantity, self._read(c)) for c in self._channels]
        # What failed on the way would have left the wrong channel or function in place.
        check_errors(self._link, "scan", _ERRORS)
        return readings

    def _read(self, channel: ScanChannel) -> float | None:
        if self._closed is not None and self._closed != channel.number:
            closed, self._closed = self._closed, None
            self._link.write(f":ROUT:OPEN (@{closed})")
        if self._function is not channel.quantity:
            self._function = None
            self._link.write(f':SENS:FUNC "{_FUNCTION[channel.quantity]}"')
            self._function = channel.quantity
        if self._closed is None:
            # Noted before it is sent: a command that may have arrived has to be undone.
            self._closed = channel.number
            self._link.write(f":ROUT:CLOS (@{channel.number})")
        reply = self._link.query(":READ?", timeout_s=self._options.reading_timeout_s)
        try:
            return parse_measured(reply, f"channel {channel.number}", self.address)
        except NoReading:
            return None


def _open(address: str | None, options: Any) -> KeithleyDaq6510:
    assert isinstance(options, KeithleyOptions)
    line = LineOptions(timeout_s=options.timeout_s, open_timeout_s=options.open_timeout_s)
    return KeithleyDaq6510(open_line(need_address(address, driver.name), line), options)


driver = DriverSpec(
    name="keithley-daq6510",
    category=Category.SCANNER,
    title="Keithley DAQ6510 voltage and thermocouple scanner",
    open=_open,
    options_model=KeithleyOptions,
    datasheet=Datasheet(
        evidence=Evidence.B,
        sources=("an open driver of the DAQ6510",),
        links=("tcp", "visa"),
        variants=(
            Variant(
                "DAQ6510",
                voltage_V=Span(-1000.0, 1000.0),
                buffered_readback=False,
                note="ranges 0.1 to 1000 V; the multiplexer card may stand less",
            ),
        ),
        simulators=("keithley-daq6510",),
        proofs=(
            Proof(
                "pymeasure 0.16.0 KeithleyDAQ6510 (MIT)",
                "simulator",
                "functions, ranges, channels closed and opened, readings",
                "tests/simulators/instruments/test_meters.py",
            ),
        ),
        unverified=("thermocouple commands (an option)", "scans and buffers: not used"),
        identity=r"KEITHLEY.*DAQ6510",
    ),
)
