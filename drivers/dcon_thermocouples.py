"""Thermocouple modules that speak DCON: ICP DAS I-7018, Advantech ADAM-4018. ASCII lines that end with CR.

Protocol facts: manual pages. 9600 8N1, address in two hexadecimal digits. ``#AA`` answers ``>`` and eight
values of seven characters without separators; ``?AA`` refuses; ``$AA2`` answers ``!AATTCCFF`` (type, speed,
format), ``$AAM`` the name, ``$AAF`` the firmware. With the checksum on, two upper-case hexadecimal digits
before CR are the sum of all characters before modulo 256. An error of syntax or checksum meets silence. Not
verified: what an open thermocouple answers, so that everything outside of -270 to 2320 degC is a missing
value; and that bit 6 of FF is the checksum and its two lowest bits the data format (0: engineering units).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from drivers.capabilities import Span
from drivers.contracts.common import Identity
from drivers.contracts.scanner import Quantity, ScanChannel, Scanner, ScanReading
from drivers.datasheet import Datasheet, Evidence, Variant
from drivers.errors import InstrumentError, NoReading, OutOfRange, TransportError
from drivers.spec import Category, DriverOptions, DriverSpec, need_address
from drivers.transports.line import LineOptions, LineTransport
from drivers.transports.open import open_line

CHANNELS = 8
_WIDTH = 7
_VALUE = re.compile(r"[+-](?=[0-9.]{6}$)[0-9]+\.[0-9]*")
_SPAN_degC = Span(-270.0, 2320.0)
"""The coldest and hottest of the letter-designated thermocouples (IEC 60584-1)."""


class DconOptions(DriverOptions):
    """``module``: address 0 to 255 on the bus. ``type_code``: the input type it must be set to, as ``0F``
    for type K; None takes any."""

    module: int = Field(default=1, ge=0, le=255)
    checksum: bool = False
    type_code: str | None = Field(default=None, pattern="^[0-9A-F]{2}$")
    baudrate: int | None = 9600
    timeout_s: float = 0.5
    open_timeout_s: float = 1.0


class DconThermocouples(Scanner):
    """One module on a line transport: a serial VISA resource or a serial device server."""

    def __init__(self, link: LineTransport, options: DconOptions | None = None) -> None:
        self._link = link
        self._options = options or DconOptions()
        self._channels: tuple[ScanChannel, ...] = ()

    @property
    def address(self) -> str:
        """Get the address as written in the bench file."""
        return self._link.address

    def identify(self) -> Identity:
        """Name and firmware; the maker and a serial number are not told."""
        name = self._ask("$", "M", "!")
        return Identity("", name, "", self._ask("$", "F", "!"))

    def close(self) -> None:
        self._link.close()

    def configure(self, channels: Sequence[ScanChannel]) -> None:
        """Check the module's own configuration. Raises OutOfRange, InstrumentError."""
        self._channels = ()
        numbers = [channel.number for channel in channels]
        if (
            not numbers
            or numbers != sorted(set(numbers))
            or not set(numbers) <= set(range(CHANNELS))
            or any(channel.quantity is not Quantity.TEMPERATURE for channel in channels)
        ):
            raise OutOfRange(
                f"{self.address}: channels {numbers}: 0 to 7, once each, ascending, temperatures only",
                remedy="Correct the inputs in the bench file.",
                address=self.address,
                value=numbers,
            )
        told = self._ask("$", "2", "!")
        if not re.fullmatch("[0-9A-F]{6}", told):
            raise self._refused(f"configuration {told!r} is none")
        kind, flags = told[:2], int(told[4:], 16)
        if flags & 0x03:
            raise self._refused("values are not in engineering units")
        if self._options.type_code not in (None, kind):
            raise self._refused(f"input type is {kind}, not {self._options.type_code}")
        self._channels = tuple(channels)

    def scan(self) -> list[ScanReading]:
        if not self._channels:
            raise self._no_reading("no channels are configured", "")
        body = self._ask("#", "", ">")
        if len(body) != CHANNELS * _WIDTH:
            raise self._no_reading(f"{len(body)} characters for {CHANNELS} values", body)
        texts = [body[at : at + _WIDTH] for at in range(0, len(body), _WIDTH)]
        return [ScanReading(c.number, c.quantity, value_of(texts[c.number])) for c in self._channels]

    # ------------------------------------------------------------------ parts

    def _ask(self, lead: str, command: str, good: str) -> str:
        """Send ``lead AA command``; return what follows the lead-in, for ``!`` also the address."""
        own = f"{self._options.module:02X}"
        request = f"{lead}{own}{command}"
        if self._options.checksum:
            request += checksum(request)
        reply = self._link.query(request)
        if self._options.checksum:
            reply, given = reply[:-2], reply[-2:]
            if checksum(reply) != given:
                raise TransportError(
                    f"{self.address}: {request!r}: the checksum of the answer is wrong",
                    remedy="Check the bus: termination, polarity, and that each address is there only once.",
                    address=self.address,
                    reply=reply[:200],
                )
        if reply == f"?{own}":
            raise self._refused(f"{request!r} was refused")
        prefix = good if good == ">" else f"{good}{own}"
        if not reply.startswith(prefix):
            raise TransportError(
                f"{self.address}: {request!r}: {reply[:60]!r} is no answer to it",
                remedy="Check the bus: each address once, and the same setting of the checksum everywhere.",
                address=self.address,
                reply=reply[:200],
            )
        return reply.removeprefix(prefix)

    def _no_reading(self, why: str, reply: str) -> NoReading:
        return NoReading(
            f"{self.address}: {why}",
            remedy="Configure the module again.",
            address=self.address,
            reply=reply[:200],
        )

    def _refused(self, why: str) -> InstrumentError:
        return InstrumentError(
            f"{self.address}: {why}",
            remedy="Set the module with its maker's utility.",
            address=self.address,
            error_code=0,
            text=why,
        )


def checksum(text: str) -> str:
    """Two hexadecimal digits: the sum of the characters modulo 256."""
    return f"{sum(text.encode('ascii', 'replace')) % 256:02X}"


def value_of(text: str) -> float | None:
    """One value of seven characters, ``+025.12``; None for everything that is no temperature."""
    if len(text) != _WIDTH or not _VALUE.fullmatch(text):
        return None
    value = float(text)
    return value if value in _SPAN_degC else None


def _open(address: str | None, options: Any) -> DconThermocouples:
    assert isinstance(options, DconOptions)
    line = LineOptions(
        write_terminator="\r",
        read_terminator="\r",
        timeout_s=options.timeout_s,
        open_timeout_s=options.open_timeout_s,
        baudrate=options.baudrate,
    )
    return DconThermocouples(open_line(need_address(address, driver.name), line), options)


driver = DriverSpec(
    name="dcon-thermocouples",
    category=Category.SCANNER,
    title="DCON thermocouple module (I-7018, ADAM-4018)",
    open=_open,
    options_model=DconOptions,
    datasheet=Datasheet(
        evidence=Evidence.A_MINUS,
        sources=("manual pages of I-7011/7018",),
        links=("tcp", "serial", "visa"),
        variants=tuple(
            Variant(
                model,
                temperature_degC=_SPAN_degC,
                channels=CHANNELS,
                note="RS-485",
                grades={"temperature_degC": Evidence.D},
            )
            for model in ("I-7018", "ADAM-4018")
        ),
        simulators=("dcon-thermocouples",),
        unverified=(
            "what an open thermocouple answers",
            "bits of the format byte",
            "no software of others was found to prove it by",
        ),
    ),
)
