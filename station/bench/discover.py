"""Looks for instruments: VISA resources, serial ports, LAN addresses that are given, CAN interfaces.

Nothing is sent to an instrument but ``*IDN?``, which changes no state (IEEE 488.2, 10.14). Serial ports and
CAN interfaces are listed without a byte being sent: their speed is not known, and a frame may be a command.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from drivers.errors import DriverError
from drivers.transports.address import (
    ModbusTcpAddress,
    SerialAddress,
    TcpAddress,
    UdpAddress,
    VisaAddress,
    canonical_address,
    parse_address,
)
from drivers.transports.line import LineOptions
from drivers.transports.open import open_line

LAN_PORTS: Final = (5025, 5555, 8462)
"""Asked where a host is given without a port: raw SCPI (registered), Rigol, Delta Elektronika."""
ASK_S: Final = 1.0
_PARTS: Final = ("manufacturer", "model", "serial", "firmware")


@dataclass(frozen=True)
class Found:
    """``kind`` is ``visa``, ``serial``, ``lan`` or ``can``; ``state`` says what came of asking:
    ``answered``, ``silent``, ``listed`` (not asked), ``in_use`` (not touched: a test runs there)."""

    kind: str
    address: str
    state: str
    identity: dict[str, str] | None = None
    driver: str | None = None
    note: str = ""
    problem: dict[str, Any] | None = None
    """Why it is silent: code, message and parameters, for who says it in the reader's language."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def discover(
    lan: Iterable[str] = (),
    *,
    kinds: Collection[str] = ("visa", "serial", "can"),
    leave: Collection[str] = (),
    ask: Callable[[str], str] | None = None,
) -> list[Found]:
    """What is there. ``leave`` are addresses that must not be touched; ``lan`` are hosts and addresses to ask
    ``*IDN?``, or DRIVER=ADDRESS to ask by that driver. Raises TransportError for an address of no known form.
    """
    left = {canonical_address(address) for address in leave}
    ask = ask or ask_identity
    found: list[Found] = []
    asked: set[str] = set()
    lan = list(lan)
    named = [given.partition("=") for given in lan if _BY_DRIVER.match(given)]
    wanted = [
        ("lan", address) for given in lan if not _BY_DRIVER.match(given) for address in addresses_of(given)
    ]
    wanted += [("visa", address) for address in (visa_resources() if "visa" in kinds else [])]
    for kind, address in wanted:
        place = canonical_address(address)
        if place in asked:
            continue
        asked.add(place)
        found.append(Found(kind, address, "in_use") if place in left else _asked(kind, address, ask))
    for driver, _, address in named:
        place = canonical_address(address)
        found.append(Found("given", address, "in_use") if place in left else by_driver(driver, address))
    if "serial" in kinds:
        found += serial_ports()
    if "can" in kinds:
        found += can_interfaces()
    return found


_BY_DRIVER: Final = re.compile(r"^[a-z][a-z0-9]*(-[a-z0-9]+)+=(?=\S)")
"""``kunkin-kp184=serial:/dev/ttyUSB0``: a driver, and where to ask by it."""


def addresses_of(given: str) -> list[str]:
    """``host`` means the usual ports of it; everything else is an address. Raises TransportError."""
    given = given.strip()
    if re.fullmatch(r"[A-Za-z0-9.-]+", given):
        return [f"tcp://{given}:{port}" for port in LAN_PORTS]
    if re.fullmatch(r"[A-Za-z0-9.-]+:\d+", given):
        given = f"tcp://{given}"
    parse_address(given)
    return [given]


def ask_identity(address: str) -> str:
    """The answer to ``*IDN?``. Raises DriverError."""
    line = open_line(address, LineOptions(timeout_s=ASK_S, open_timeout_s=ASK_S))
    try:
        return line.query("*IDN?")
    finally:
        line.close()


def by_driver(driver: str, address: str, options: Mapping[str, Any] | None = None) -> Found:
    """Ask an instrument by a driver that is named: for protocols without ``*IDN?``. Opens, asks, closes."""
    from drivers.catalogue import open_instrument

    try:
        instrument = open_instrument(driver, address, options)
        try:
            identity = instrument.identify()
        finally:
            instrument.close()
    except DriverError as error:
        return Found("given", address, "silent", note=str(error)[:200])
    parts = {key: text for key, text in asdict(identity).items() if key in _PARTS}
    return Found("given", address, "answered", parts if any(parts.values()) else None, driver)


def _asked(kind: str, address: str, ask: Callable[[str], str]) -> Found:
    parsed = parse_address(address)
    if not isinstance(parsed, (TcpAddress, VisaAddress, SerialAddress, UdpAddress)):
        note = "modbus" if isinstance(parsed, ModbusTcpAddress) else "can"
        return Found(kind, address, "listed", note=note)
    try:
        answer = ask(address).strip()
    except DriverError as error:
        problem = {"code": error.code, "message": error.message, "params": error.params}
        return Found(kind, address, "silent", note=str(error)[:200], problem=problem)
    parts = [part.strip() for part in answer.split(",")] + [""] * 4
    # Keithley says "MODEL DAQ6510", its driver "DAQ6510": a draft with the first would be refused.
    parts[1] = parts[1].removeprefix("MODEL ").strip()
    identity: dict[str, str] | None = dict(zip(_PARTS, parts[:4], strict=True))
    driver = driver_for(answer)
    if driver is not None and "," not in answer:  # in a form of its own, which its driver takes apart
        identity = by_driver(driver, address).identity or identity
    return Found(kind, address, "answered", identity, driver)


def driver_for(answer: str) -> str | None:
    """The driver whose datasheet says that it knows this answer to ``*IDN?``."""
    from drivers.catalogue import catalogue

    for entry in catalogue():
        form = entry.datasheet.get("identity", "")
        if form and re.match(form, answer, re.IGNORECASE):
            return entry.name
    return None


def visa_resources() -> list[str]:
    """The resource names that PyVISA lists; empty where no backend works. Serial ports are listed apart."""
    try:
        import pyvisa

        names = pyvisa.ResourceManager("@py").list_resources("?*")
    except Exception:  # noqa: BLE001 - whatever a VISA library fails with, there is nothing to list
        return []
    return [name for name in names if not name.upper().startswith("ASRL")]


def serial_ports() -> list[Found]:
    """Serial ports with what their adapter says of itself."""
    from serial.tools import list_ports

    return [
        Found("serial", port.device, "listed", note=f"{port.description} {port.serial_number or ''}".strip())
        for port in sorted(list_ports.comports(), key=lambda port: port.device)
    ]


def can_interfaces() -> list[Found]:
    """CAN interfaces that python-can finds configured on this computer."""
    log = logging.getLogger("can")
    level = log.level
    log.setLevel(logging.CRITICAL)  # it tells of every maker's library that is not here
    try:
        import can

        configs = can.detect_available_configs(interfaces=["socketcan", "pcan", "kvaser", "vector", "ixxat"])
    except Exception:  # noqa: BLE001 - a maker's library that is missing or broken lists nothing
        return []
    finally:
        log.setLevel(level)
    return [Found("can", f"can://{config['interface']}/{config['channel']}", "listed") for config in configs]


def as_bench_entries(found: Iterable[Found]) -> str:
    """Lines of YAML for what answered, to copy into a bench file and edit."""
    lines = ["# found by asking *IDN? only; check each line before it is used"]
    for one in found:
        if one.identity is None:
            continue
        told = {key: text for key, text in one.identity.items() if key != "firmware"}
        expect = {key: text for key, text in told.items() if text not in ("", "0")}
        lines += [
            f"- driver: {one.driver or 'UNKNOWN'}",
            f"  address: {one.address}",
            "  expect: {" + ", ".join(f"{key}: {quoted(text)}" for key, text in expect.items()) + "}",
        ]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """As YAML."""
    return text if re.fullmatch(r"[A-Za-z][A-Za-z0-9 _-]*", text) else '"' + text.replace('"', "'") + '"'
