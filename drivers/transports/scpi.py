"""SCPI text: strict numbers, error queues, booleans. A sentinel never becomes a number."""

from __future__ import annotations

import re
from collections.abc import Callable

from drivers.contracts.common import Identity
from drivers.errors import InstrumentError, NoReading, TransportError
from drivers.transports.line import LineTransport

# IEEE 488.2 NR1, NR2 and NR3 numeric response data; nothing else is a number.
_NUMBER = re.compile(r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$")
_ERROR = re.compile(r"^\s*([+-]?[0-9]+)\s*,\s*(.*)$", re.DOTALL)

# SCPI-99 7.2.1.4–5: 9.9E37 is infinity, 9.91E37 not a number. No quantity here comes near.
_SENTINEL = 9.0e36
MEASURED_MAX = 1.0e5
"""The largest source here has 2250 V, the largest bank of them some kA, no thermocouple more than 2300 °C."""


def parse_number(text: str, what: str, address: str, unit: str = "") -> float:
    """Parse one number in NR1, NR2 or NR3 form, with ``unit`` after it where the instrument writes one.

    Raises NoReading for everything else: empty, text, infinity, NaN, overload sentinels.
    """
    body = text.strip()
    if unit and body.upper().endswith(unit.upper()):
        body = body[: -len(unit)].rstrip()
    if _NUMBER.match(body):
        value = float(body)
        if abs(value) < _SENTINEL:
            return value
    raise NoReading(
        f"{address}: {what}: {text[:60]!r} is not a reading",
        remedy="Check leads and range; if it repeats, check the instrument for an overload or an open input.",
        address=address,
        quantity=what,
        reply=text[:200],
    )


def parse_bool(text: str, what: str, address: str) -> bool:
    """Parse ``0|1|OFF|ON``. Raises InstrumentError for everything else."""
    match text.strip().upper():
        case "0" | "OFF":
            return False
        case "1" | "ON":
            return True
    raise InstrumentError(
        f"{address}: {what}: expected 0 or 1, got {text[:60]!r}",
        remedy="Check that the address belongs to the instrument named in the bench file.",
        address=address,
        error_code=0,
        text=text[:200],
    )


def query_identity(link: LineTransport, *, no_serial: str = "") -> Identity:
    """Ask ``*IDN?``; what is not told is empty, so is the serial number where it reads ``no_serial``.

    Raises TransportError.
    """
    parts = [part.strip() for part in link.query("*IDN?").split(",")]
    manufacturer, model, serial, firmware = [*parts, "", "", "", ""][:4]
    return Identity(manufacturer, model, "" if serial == no_serial else serial, firmware)


def parse_measured(text: str, what: str, address: str, unit: str = "") -> float:
    """Parse a measured voltage, current or temperature; NoReading for what nothing here can measure."""
    value = parse_number(text, what, address, unit)
    if abs(value) <= MEASURED_MAX:
        return value
    raise NoReading(
        f"{address}: {what}: {text[:60]!r} is beyond what can be measured",
        remedy="Check the line for noise and a second program; if it repeats, check the instrument.",
        address=address,
        quantity=what,
        reply=text[:200],
    )


def query_measured(link: LineTransport, command: str, what: str, unit: str = "") -> float:
    """Ask for a measured voltage, current or temperature. Raises NoReading, TransportError."""
    return parse_measured(link.query(command), what, link.address, unit)


def query_number(link: LineTransport, command: str, what: str, unit: str = "") -> float:
    """Ask for one number. Raises NoReading, TransportError."""
    return parse_number(link.query(command), what, link.address, unit)


def parse_error(text: str, address: str) -> tuple[int, str]:
    """Parse ``number,text`` of an error queue. Raises InstrumentError when it is no such thing."""
    match = _ERROR.match(text)
    if match is None:
        raise InstrumentError(
            f"{address}: the error queue answered {text[:60]!r}",
            remedy="Check that the address belongs to the instrument named in the bench file.",
            address=address,
            error_code=0,
            text=text[:200],
        )
    return int(match[1]), match[2].strip().strip('"')


def check_errors(link: LineTransport, after: str, command: str = "SYSTem:ERRor?", depth: int = 20) -> None:
    """Read the error queue until it is empty; raise InstrumentError with the first entry."""
    first: tuple[int, str] | None = None
    for _ in range(depth):
        code, text = parse_error(link.query(command), link.address)
        if code == 0:
            break
        first = first or (code, text)
    if first is not None:
        code, text = first
        raise InstrumentError(
            f"{link.address}: error {code} ({text}) after {after!r}",
            remedy="Look the number up in the instrument's manual.",
            address=link.address,
            error_code=code,
            text=text,
            command=after,
        )


def attempt_all(*parts: Callable[[], object]) -> None:
    """Run every part even if one fails, then raise the first error that stayed.

    For shutdowns: the output must still go off when zeroing the current failed.
    A part that met a broken link is tried once more, since the link reopens itself.
    """
    first: Exception | None = None
    for part in parts:
        try:
            try:
                part()
            except TransportError:
                part()
        except Exception as error:  # noqa: BLE001 - no failure of one part may stop the next
            first = first or error
    if first is not None:
        raise first
