"""A simulated label printer on a loop of its own thread, on TCP or on a pseudo-terminal."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from simulators.instruments.label_printer import Printer, PrinterServer, SerialPrinter
from simulators.instruments.tspl_language import TsplLanguage
from simulators.instruments.zpl_language import ZplLanguage

LANGUAGES = {"zpl-printer": ZplLanguage, "tspl-printer": TsplLanguage}
Answer = TypeVar("Answer")


@dataclass
class Rig:
    """The printer and its address; ``call`` runs something on its loop."""

    printer: Printer
    address: str
    loop: asyncio.AbstractEventLoop

    def call(self, work: Callable[[], Answer]) -> Answer:
        async def run() -> Answer:
            return work()

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(10)

    def fault(self, name: str, value: object = True) -> None:
        self.call(lambda: self.printer.faults.set(name, value))  # type: ignore[arg-type]


@contextmanager
def printer_rig(driver: str, link: str = "tcp") -> Iterator[Rig]:
    printer = Printer()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    language = LANGUAGES[driver]
    server: PrinterServer | SerialPrinter
    if link == "tcp":
        server = PrinterServer(printer, language, host="127.0.0.1", port=0)
    else:
        server = SerialPrinter(printer, language)
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
        address = (
            f"tcp://{server.address[0]}:{server.address[1]}"
            if isinstance(server, PrinterServer)
            else f"serial:{server.device}?baudrate=115200"
        )
        yield Rig(printer, address, loop)
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end(server: PrinterServer | SerialPrinter) -> None:
    """With a few turns of the loop on both sides, so that a client that has just come is hung up, too."""
    for _ in range(3):
        await asyncio.sleep(0)
    await server.stop()
    for _ in range(3):
        await asyncio.sleep(0)
