"""Query and set-then-query through every transport beside the bare one; memory of an open instrument.

The other side is the same simulated instrument for both: a DL3021 (raw socket, VISA socket), an IT8500 on a
pseudo-terminal, an EA-PSB on Modbus TCP, an Arbin CTI and a Neware BTS 8 server. Bare is the same bytes over
a NODELAY socket or the terminal's file descriptor, and a look whether the reply is whole.
"""

from __future__ import annotations

import gc
import json
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil

from drivers import arbin_frames, neware_xml
from drivers.catalogue import open_instrument
from drivers.itech_it8500 import cut_reply, frame
from drivers.transports.address import TcpAddress, parse_address
from drivers.transports.frames import FrameLink
from drivers.transports.messages import TcpMessages
from drivers.transports.modbus_tcp import ModbusTcpUnit
from drivers.transports.open import open_line
from tests.benchmarks.table import Row, median

ROUNDS, CALLS, OPEN = 5, 200, 10
TARGET_QUERY, TARGET_PAIR, TARGET_MiB = 2.0, 2.5, 1.0
READ, SET = frame(0, 0x5F), frame(0, 0x2A, struct.pack("<I", 10000))
UNITS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("rigol-dl3021", {}),
    ("itech-it8500", {"terminal": True}),
    ("ea-psb10000", {"modbus": True}),
    ("arbin-cti", {}),
    ("neware-bts8", {}),
)
OPTIONS: dict[str, dict[str, Any]] = {
    "rigol-dl3021": {},
    "itech-it8500": {},
    "ea-psb10000-modbus": {"voltage_max_V": 80, "current_max_A": 120, "power_max_W": 5000},
    "arbin-cti": {"channel": 1, "voltage_max_V": 5, "current_max_A": 100},
    "neware-bts8": {"device": 21, "channel": 1, "voltage_max_V": 5, "current_max_A": 100},
}


@dataclass(frozen=True)
class Way:
    """One transport: a query and a set, through it and bare."""

    name: str
    query: Callable[[], object]
    put: Callable[[], object]
    bare_query: Callable[[], object]
    bare_put: Callable[[], object]


class Bare:
    """A socket or a terminal's descriptor, and nothing else."""

    def __init__(self, place: tuple[str, int] | str) -> None:
        self._socket: socket.socket | None = None
        if isinstance(place, str):
            self._file = os.open(place, os.O_RDWR | os.O_NOCTTY)
        else:
            self._socket = socket.create_connection(place)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def tell(self, request: bytes) -> None:
        """Send."""
        if self._socket is not None:
            self._socket.sendall(request)
        else:
            os.write(self._file, request)

    def ask(self, request: bytes, whole: Callable[[bytes], bool]) -> bytes:
        """Send, and read until the reply is whole."""
        self.tell(request)
        data = b""
        while not whole(data):
            data += os.read(self._file, 65536) if self._socket is None else self._socket.recv(65536)
        return data


@contextmanager
def bench() -> Iterator[dict[str, dict[str, Any]]]:
    """The simulated instruments in a process of their own; by kind what the bench says of each."""
    channels = [
        {"id": kind, "battery": {"kind": "model", "chemistry": "NMC", "nominal_capacity_Ah": 40},
         "instruments": [{"kind": kind, "options": options}]}
        for kind, options in UNITS
    ]  # fmt: skip
    command = [sys.executable, "-m", "simulators", "--config", "-", "--until-stdin-closes"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"name": "transports", "channels": channels}) + "\n")
        process.stdin.flush()
        info = json.loads(process.stdout.readline())
        yield {unit["kind"]: unit for unit in info["instruments"]}
        process.stdin.close()


def ways(units: dict[str, dict[str, Any]]) -> list[Way]:
    """All transports, open."""
    at = {kind: (unit["host"], unit["port"]) for kind, unit in units.items()}
    host, port = at["rigol-dl3021"]
    found = [_line("raw socket", f"tcp://{host}:{port}", at["rigol-dl3021"])]
    found.append(_line("VISA socket", f"TCPIP0::{host}::{port}::SOCKET", at["rigol-dl3021"]))
    found.append(_terminal(str(units["itech-it8500"]["device"])))
    found.append(_modbus(at["ea-psb10000"]))
    found.append(_cti(at["arbin-cti"]))
    found.append(_xml(at["neware-bts8"]))
    return found


def _line(name: str, address: str, place: tuple[str, int]) -> Way:
    line, bare = open_line(address), Bare(place)
    return Way(
        name,
        lambda: line.query("MEAS:VOLT?"),
        lambda: line.write("CURR 1"),
        lambda: bare.ask(b"MEAS:VOLT?\n", lambda data: data.endswith(b"\n")),
        lambda: bare.tell(b"CURR 1\n"),
    )


def _terminal(device: str) -> Way:
    link, bare = FrameLink(f"serial:{device}?baudrate=115200"), Bare(device)

    def cut(command: int) -> Callable[[bytes], bytes | None]:
        return lambda data: cut_reply(data, 0, command, device)

    return Way(
        "serial over pty",
        lambda: link.ask(READ, cut(0x5F)),
        lambda: link.ask(SET, cut(0x12)),
        lambda: bare.ask(READ, lambda data: len(data) >= 26),
        lambda: bare.ask(SET, lambda data: len(data) >= 26),
    )


def _modbus(place: tuple[str, int]) -> Way:
    parsed: Any = parse_address(f"modbus-tcp://{place[0]}:{place[1]}?unit=0")
    unit, bare = ModbusTcpUnit(parsed, timeout_s=2.0, remedy=""), Bare(place)
    read = struct.pack(">HHHBBHH", 1, 0, 6, 0, 3, 507, 2)
    coil = struct.pack(">HHHBBHH", 1, 0, 6, 0, 5, 402, 0xFF00)
    return Way(
        "Modbus TCP",
        lambda: unit.registers(507, 2, "actual values"),
        lambda: unit.ask("coil 402", lambda: unit.client.write_coil(402, True, device_id=0)),
        lambda: bare.ask(read, lambda data: len(data) >= 13),
        lambda: bare.ask(coil, lambda data: len(data) >= 12),
    )


def _cti(place: tuple[str, int]) -> Way:
    info = arbin_frames.request(arbin_frames.INFO, struct.pack("<hhI", 0, 1, 0) + bytes(32))
    stop = arbin_frames.request(arbin_frames.STOP, struct.pack("<IB", 0, 0) + bytes(101))
    login = b"admin".ljust(32, b"\0") + b"000000".ljust(32, b"\0")
    return _messages("CTI", place, arbin_frames.frame_size, info, stop,
                     arbin_frames.request(arbin_frames.LOGIN, login))  # fmt: skip


def _xml(place: tuple[str, int]) -> Way:
    where = neware_xml.Place(27, 21, 1, 1)
    login = neware_xml.request(
        "connect", "<username>admin</username><password>neware</password><type>bfgs</type>"
    )
    ask = neware_xml.request("inquire", neware_xml.one("inquire", where, "true", 'aux="0" barcode="1"'))
    light = neware_xml.request("light", neware_xml.one("light", where, "true"))
    return _messages("XML", place, neware_xml.message_size, ask, light, login)


def _messages(
    name: str, place: tuple[str, int], split: Callable[[bytes], int], ask: bytes, put: bytes, login: bytes
) -> Way:
    address = parse_address(f"tcp://{place[0]}:{place[1]}")
    assert isinstance(address, TcpAddress)
    link, bare = TcpMessages(address, split), Bare(place)

    def whole(data: bytes) -> bool:
        return split(data) > 0

    link.ask(login, "log-in")
    bare.ask(login, whole)
    return Way(
        name,
        lambda: link.ask(ask, "query"),
        lambda: link.ask(put, "set"),
        lambda: bare.ask(ask, whole),
        lambda: bare.ask(put, whole),
    )


def timed(*actions: Callable[[], object]) -> float:
    """Median time of one turn, in µs."""
    times = []
    for _ in range(CALLS):
        began = time.perf_counter()
        for action in actions:
            action()
        times.append((time.perf_counter() - began) * 1e6)
    return median(times)


def rows() -> list[Row]:
    """Medians of the rounds, each round in turn with the bare transport; then memory."""
    found = []
    with bench() as units:
        for way in ways(units):
            queries, pairs = [], []
            for _ in range(ROUNDS):
                queries.append((timed(way.query), timed(way.bare_query)))
                pairs.append((timed(way.put, way.query), timed(way.bare_put, way.bare_query)))
            for title, times, target in (
                ("query", queries, TARGET_QUERY),
                ("set then query", pairs, TARGET_PAIR),
            ):
                ratio, base = median([a / b for a, b in times]), median([b for _, b in times])
                found.append(
                    Row(f"{title}, {way.name}", ratio * base, "µs", target, base, "bare transport", True)
                )
        found += memory(units)
    return found


def memory(units: dict[str, dict[str, Any]]) -> list[Row]:
    """Private memory of one more open instrument of each transport, in MiB."""
    places = {
        "raw socket": ("rigol-dl3021", "tcp://{host}:{port}"),
        "VISA socket": ("rigol-dl3021", "TCPIP0::{host}::{port}::SOCKET"),
        "Modbus TCP": ("ea-psb10000-modbus", "modbus-tcp://{host}:{port}?unit=0"),
        "CTI": ("arbin-cti", "tcp://{host}:{port}"),
        "XML": ("neware-bts8", "tcp://{host}:{port}"),
    }
    found, me = [], psutil.Process()
    for name, (driver, form) in places.items():
        unit = units[driver.removesuffix("-modbus")]
        address = form.format(**unit)
        first = open_instrument(driver, address, OPTIONS[driver])
        gc.collect()
        before = me.memory_full_info().uss
        more = [open_instrument(driver, address, OPTIONS[driver]) for _ in range(OPEN)]
        gc.collect()
        used = (me.memory_full_info().uss - before) / OPEN / 2**20
        found.append(Row(f"memory of one more open instrument, {name}", used, "MiB", TARGET_MiB))
        for instrument in (first, *more):
            instrument.close()
    return found
