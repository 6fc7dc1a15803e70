"""Simulated barcode scanners in serial mode: ASCII and a line end, unasked, on TCP and a pseudo-terminal.

Facts: ASCII with CR or CR LF at 9600 or 115200 8N1; prefixes vary (AIM identifiers ``]C0``, ``]d2``,
``]Q3``); partial reads and duplicates happen. A scan reaches every client that listens at that moment and
nobody else: a scanner keeps nothing. What a host sends is not heard.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast

from simulators.config import CodeScanner
from simulators.faults import LINK_FAULTS, FaultSet, FaultSpec
from simulators.link import Cable, Link
from simulators.serial_server import SerialServer

FAULTS = {
    "scanned_twice": FaultSpec("each code comes twice"),
    "torn_scan": FaultSpec("the line's end is lost"),
}
_ENDINGS = {"cr": b"\r", "crlf": b"\r\n", "lf": b"\n"}


class _Deaf:
    """A scanner answers nothing."""

    def feed(self, data: bytes) -> list[bytes]:  # noqa: ARG002 - the dialect's signature
        """Nothing."""
        return []


class _Listener(asyncio.Protocol):
    def __init__(self, cable: Cable, links: set[Link]) -> None:
        self._cable, self._links = cable, links
        self._link: Link | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        link = Link(self._cable, cast(asyncio.Transport, transport))
        if link.open:
            self._link = link
            self._links.add(link)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (asyncio's signature)
        if self._link is not None:
            self._links.discard(self._link)
            self._link.lost()


class CodeScannerServer:
    """One scanner; ``terminal`` is the pseudo-terminal's name, None without one."""

    def __init__(self, settings: CodeScanner) -> None:
        self.faults = FaultSet(f"code-scanner {settings.id}", LINK_FAULTS, FAULTS)
        self._settings = settings
        self._cable = Cable(self.faults)
        self._links: set[Link] = set()
        self._server: asyncio.Server | None = None
        self._host, self._port = settings.host, settings.port
        self._line = SerialServer(self.faults, _Deaf, host=self._host, port=0, terminal=settings.terminal)

    @property
    def address(self) -> tuple[str, int]:
        """Host and the port really bound."""
        return self._host, self._port

    @property
    def terminal(self) -> str | None:
        """Name of the pseudo-terminal."""
        return self._line.terminal

    async def start(self) -> None:
        """Bind and listen. Raises OSError."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Listener(self._cable, self._links), self._host, self._port
        )
        self._port = int(self._server.sockets[0].getsockname()[1])
        if self._settings.terminal:
            await self._line.start()

    async def stop(self) -> None:
        """Hang up and stop listening."""
        if self._settings.terminal:
            await self._line.stop()
        if self._server is not None:
            self._server.close()
            self._cable.hang_up()
            await self._server.wait_closed()
            self._server = None

    def scan(self, code: str) -> int:
        """Somebody scans ``code``; returns how many links it went out on."""
        active = self.faults.active
        ending = b"" if "torn_scan" in active else _ENDINGS[self._settings.ending]
        message = (self._settings.prefix + code).encode("ascii", "replace") + ending
        reached = 0
        for _ in range(2 if "scanned_twice" in active else 1):
            for link in tuple(self._links):
                link.send(message)
            reached = len(self._links) + self._line.tell_terminal(message)
        return reached


def build_code_scanners(wanted: Sequence[CodeScanner]) -> dict[str, CodeScannerServer]:
    """By id; none of them listens yet. Raises ValueError when two have the same id."""
    found: dict[str, CodeScannerServer] = {}
    for settings in wanted:
        if settings.id in found:
            raise ValueError(f"two scanners are called {settings.id!r}")
        found[settings.id] = CodeScannerServer(settings)
    return found
