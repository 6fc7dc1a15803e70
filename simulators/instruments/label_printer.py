"""A simulated label printer: paper, ribbon, head, pause, a buffer, and the last label as a bitmap.

What speaks the wire is ``zpl_language`` and ``tspl_language``; here is what both drive. Labels that arrive
while it cannot print wait and come out once it can, as real printers do.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast

from simulators.faults import MESSAGE_FAULTS, FaultSet, FaultSpec
from simulators.link import Cable, Link

PRINTER_FAULTS = {
    "paper_out": FaultSpec("no more labels"),
    "ribbon_out": FaultSpec("no more ribbon"),
    "head_open": FaultSpec("the print head is open"),
    "paused": FaultSpec("somebody pressed the pause key"),
    "paper_out_at_next": FaultSpec("the labels end just when the next one is to be printed, once"),
    "quiet": FaultSpec("no answer while paper or ribbon is out or the head is open, as newer firmware"),
    "slow": FaultSpec("each label takes this many real seconds", 0.3),
}
_STOPS = ("paper_out", "ribbon_out", "head_open", "paused")


@dataclass(frozen=True)
class Label:
    """A printed label: rows of ``width / 8`` bytes, rounded up; 1 is black."""

    width: int
    height: int
    rows: bytes


class Language(Protocol):
    """Turns bytes into labels and questions into answers."""

    def feed(self, data: bytes) -> list[bytes]:
        """What arrived; returns the answers, each whole."""
        ...


class Printer:
    """The mechanics. ``labels`` counts what has come out since the start; ``last`` is the newest of it."""

    def __init__(self, name: str = "label-printer") -> None:
        self.faults = FaultSet(name, MESSAGE_FAULTS, PRINTER_FAULTS)
        self.faults.on_change(lambda _name: self.run())
        self.labels = 0
        self.last: Label | None = None
        self._waiting: deque[Label] = deque()
        self._busy = False

    @property
    def waiting(self) -> int:
        """Labels received and not printed yet."""
        return len(self._waiting)

    @property
    def busy(self) -> bool:
        """Whether a label is on its way."""
        return self._busy

    @property
    def quiet(self) -> bool:
        """Whether it answers nothing just now."""
        active = self.faults.active
        return "quiet" in active and any(name in active for name in _STOPS[:3])

    def take(self, label: Label, copies: int) -> None:
        """Labels to print."""
        self._waiting += [label] * copies
        self.run()

    def run(self) -> None:
        """Print what can be printed now."""
        while self._waiting and not self._busy:
            if "paper_out_at_next" in self.faults.active:
                self.faults.active.pop("paper_out_at_next")
                self.faults.active["paper_out"] = True
            if any(name in self.faults.active for name in _STOPS):
                return
            slow_s = self.faults.number("slow")
            if slow_s:
                self._busy = True
                asyncio.get_running_loop().call_later(slow_s, self._done)
                return
            self._out()

    def _done(self) -> None:
        self._busy = False
        self._out()
        self.run()

    def _out(self) -> None:
        self.last = self._waiting.popleft()
        self.labels += 1

    def told(self) -> dict[str, Any]:
        """What the control port tells of it: how many labels, and the last one."""
        last = self.last
        return {
            "labels": self.labels,
            "waiting": self.waiting,
            "last": None
            if last is None
            else {"width": last.width, "height": last.height, "rows": last.rows.hex()},
        }


class PrinterServer:
    """A printer on TCP. Printers serve one client at a time; so does this one, unless told otherwise."""

    def __init__(
        self, printer: Printer, language: Callable[[Printer], Language], *, host: str, port: int
    ) -> None:
        self.printer = printer
        self._language = language
        self._cable = Cable(printer.faults)
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and the port really bound."""
        return self._host, self._port

    async def start(self) -> None:
        """Bind and listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Client(self._cable, self._language(self.printer)), self._host, self._port
        )
        self._port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Hang up and stop listening."""
        if self._server is not None:
            self._server.close()
            self._cable.hang_up()
            await self._server.wait_closed()
            self._server = None


class _Client(asyncio.Protocol):
    def __init__(self, cable: Cable, language: Language) -> None:
        self._cable, self._language = cable, language
        self._link: Link | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._link = Link(self._cable, cast(asyncio.Transport, transport))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (asyncio's signature)
        if self._link is not None:
            self._link.lost()

    def data_received(self, data: bytes) -> None:
        assert self._link is not None
        heard = self._link.heard(data)
        for answer in self._language.feed(heard) if heard else ():
            self._link.send(answer)


class SerialPrinter:
    """A printer on a pseudo-terminal; ``device`` is the other end's name. Not on Windows."""

    def __init__(self, printer: Printer, language: Callable[[Printer], Language]) -> None:
        import tty

        self._language = language(printer)
        self._printer = printer
        self._own, self._other = os.openpty()
        tty.setraw(self._other)
        os.set_blocking(self._own, False)
        self.device = os.ttyname(self._other)

    async def start(self) -> None:
        """Listen."""
        asyncio.get_running_loop().add_reader(self._own, self._ready)

    async def stop(self) -> None:
        """Close both ends."""
        asyncio.get_running_loop().remove_reader(self._own)
        os.close(self._own)
        os.close(self._other)

    def _ready(self) -> None:
        data = os.read(self._own, 65536)
        if "link_silent" in self._printer.faults.active:
            return
        for answer in self._language.feed(data):
            os.write(self._own, answer)
