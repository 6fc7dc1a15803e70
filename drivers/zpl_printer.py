"""Label printers that speak ZPL, on TCP 9100 or a serial port.

From the maker's manual pages: ``~HS`` answers three strings, each ``STX … ETX CR LF``; in the first, field 2
is paper out, 3 pause, 5 formats in the buffer; in the second, field 3 is head up, 4 ribbon out, 5 thermal
transfer mode, 9 labels remaining. Newer firmware answers nothing while media or ribbon is out or the head is
open, so that silence is a state. ``~HI`` answers model, version, dots per mm and memory.
``^GFA,b,c,d,data``: ASCII hexadecimal, b = c = all bytes, d = bytes in a row; 1 is black.
Not verified on a printer: none was at hand.
"""

from __future__ import annotations

import re
from typing import Any

from drivers.contracts.common import Identity
from drivers.contracts.printer import Bitmap, PrinterState, PrinterStatus
from drivers.datasheet import Datasheet, Evidence, Variant
from drivers.printing import PrinterOptions, RawPrinter
from drivers.spec import Category, DriverSpec, need_address
from drivers.transports.raw import RawLink

_END = b"\x03\r\n"
_STRING = re.compile(rb"\x02([^\x02\x03]*)\x03")
_FIELDS = (12, 11)
"""Fields of the first two strings of ``~HS``."""


class ZplPrinter(RawPrinter):
    """One printer."""

    def identify(self) -> Identity:
        """Model and firmware from ``~HI``; blank where it does not answer."""
        data = self._connected().ask(b"~HI", _END, 1, self._options.answer_s)
        found = _STRING.search(data)
        parts = found[1].decode("ascii", "replace").split(",") if found else []
        model, firmware = (*parts, "", "")[:2]
        return Identity("", model.strip(), "", firmware.strip())

    def _ask_status(self, link: RawLink) -> PrinterStatus:
        data = link.ask(b"~HS", _END, 3, self._options.answer_s)
        strings = [found.decode("ascii", "replace").split(",") for found in _STRING.findall(data)]
        if not data:
            return PrinterStatus(PrinterState.SILENT, "no answer to ~HS")
        if len(strings) < 3 or (len(strings[0]), len(strings[1])) != _FIELDS:
            return PrinterStatus(PrinterState.FAULT, f"an answer that is none: {data[:60]!r}")
        first, second = strings[0], strings[1]
        waiting = _number(first[4]) + _number(second[8])
        for state, field in (
            (PrinterState.HEAD_OPEN, second[2]),
            (PrinterState.PAPER_OUT, first[1]),
            (PrinterState.RIBBON_OUT, second[3]),
            (PrinterState.PAUSED, first[2]),
        ):
            if field.strip() == "1":
                return PrinterStatus(state, waiting=waiting)
        for detail, field in (("corrupt RAM", first[9]), ("too hot", first[11])):
            if field.strip() == "1":
                return PrinterStatus(PrinterState.FAULT, detail, waiting)
        return PrinterStatus(PrinterState.BUSY if waiting else PrinterState.READY, waiting=waiting)

    def _job(self, bitmap: Bitmap, copies: int) -> bytes:
        size, row = len(bitmap.rows), bitmap.row_bytes
        head = f"^XA^PW{bitmap.width}^LL{bitmap.height}^LH0,0^FO0,0^GFA,{size},{size},{row},"
        tail = f"^FS^PQ{copies}^XZ\r\n"
        return head.encode() + bitmap.rows.hex().upper().encode() + tail.encode()


def _number(text: str) -> int:
    return int(text) if text.strip().isdecimal() else 0


def _open(address: str | None, options: Any) -> ZplPrinter:
    assert isinstance(options, PrinterOptions)
    return ZplPrinter(need_address(address, driver.name), options)


driver = DriverSpec(
    name="zpl-printer",
    category=Category.PRINTER,
    title="Label printer, ZPL",
    open=_open,
    options_model=PrinterOptions,
    datasheet=Datasheet(
        evidence=Evidence.A_MINUS,
        sources=("pages of the maker's ZPL manual",),
        links=("tcp", "serial"),
        variants=(Variant("any that speaks ZPL II"),),
        simulators=("zpl",),
    ),
)
