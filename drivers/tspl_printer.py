"""Label printers that speak TSPL (TSC and the many that follow it), on TCP 9100 or a serial port.

From the maker's manual pages: commands end with CR LF; ``ESC ! S`` answers STX, four bytes, ETX, CR LF: byte
1 ``@`` ready, backquote paused, B backing, C cutting, E error, F feeding, K waiting for a key, L waiting for
the label to be taken, P printing, W imaging; byte 3 A head hot, B motor hot, H cutter jam, P memory; byte 4 A
paper out, B jam, D ribbon out. ``ESC ! ?`` answers one byte, asked where a printer does not know the longer
form. Its bits, in which an open client (labeljetty, MIT) agrees, were never seen on a printer: 0 head open, 1
jam, 2 paper out, 3 ribbon out, 4 paused, 5 printing, 7 other. Nor is it verified that the longer form tells
an open head as E in byte 1 alone; the one byte is asked then.
``BITMAP x,y,bytes in a row,rows,mode,data``: a dot is black where its bit is 0 (``black_bit``; not verified
for every maker).
"""

from __future__ import annotations

from typing import Any, Literal

from drivers.contracts.common import Identity
from drivers.contracts.printer import Bitmap, PrinterState, PrinterStatus
from drivers.datasheet import Datasheet, Evidence, Variant
from drivers.printing import PrinterOptions, RawPrinter
from drivers.spec import Category, DriverSpec, need_address
from drivers.transports.raw import RawLink

_LONG, _SHORT = b"\x1b!S", b"\x1b!?"
_WORKING = b"BCFPW"
_MEDIA = {
    ord("A"): PrinterState.PAPER_OUT,
    ord("B"): PrinterState.FAULT,
    ord("D"): PrinterState.RIBBON_OUT,
}
_BITS = (
    (0x01, PrinterState.HEAD_OPEN, ""),
    (0x04, PrinterState.PAPER_OUT, ""),
    (0x08, PrinterState.RIBBON_OUT, ""),
    (0x02, PrinterState.FAULT, "paper jam"),
    (0x80, PrinterState.FAULT, "the printer says no more"),
    (0x10, PrinterState.PAUSED, ""),
    (0x20, PrinterState.BUSY, ""),
)


class TsplOptions(PrinterOptions):
    """``status``: which question the printer knows; ``both`` tries the longer one first."""

    status: Literal["both", "long", "short"] = "both"
    black_bit: Literal[0, 1] = 0


class TsplPrinter(RawPrinter):
    """One printer."""

    _options: TsplOptions

    def identify(self) -> Identity:
        """Model from ``~!T``; blank where it does not answer. Not verified."""
        data = self._connected().ask(b"~!T\r\n", b"\r", 1, self._options.answer_s)
        return Identity("", data.decode("ascii", "replace").strip(), "", "")

    def _ask_status(self, link: RawLink) -> PrinterStatus:
        if self._options.status != "short":
            data = link.ask(_LONG, b"\x03\r\n", 1, self._options.answer_s)
            found = _long_status(data)
            if found is not None:
                return found
            if self._options.status == "long":
                state = PrinterState.FAULT if data else PrinterState.SILENT
                return PrinterStatus(state, f"no answer to ESC !S: {data[:20]!r}")
        data = link.ask(_SHORT, b"", 1, self._options.answer_s)
        return _short_status(data[0]) if data else PrinterStatus(PrinterState.SILENT, "no answer to ESC !?")

    def _job(self, bitmap: Bitmap, copies: int) -> bytes:
        per_mm = self._options.dots_per_mm
        head = (
            f"SIZE {bitmap.width / per_mm:g} mm,{bitmap.height / per_mm:g} mm\r\n"
            f"GAP {self._options.gap_mm:g} mm,0 mm\r\nREFERENCE 0,0\r\nCLS\r\n"
            f"BITMAP 0,0,{bitmap.row_bytes},{bitmap.height},0,"
        )
        rows = bitmap.rows
        if self._options.black_bit == 0:
            rows = bytes(byte ^ 0xFF for byte in rows)
        return head.encode() + rows + f"\r\nPRINT 1,{copies}\r\n".encode()


def _long_status(data: bytes) -> PrinterStatus | None:
    """None when it is no answer, or one that tells an error without saying which."""
    if len(data) != 8 or data[0] != 2 or data[5:] != b"\x03\r\n":
        return None
    main, _, hardware, media = data[1:5]
    if media in _MEDIA:
        return PrinterStatus(_MEDIA[media], "paper jam" if media == ord("B") else "")
    if hardware != ord("@"):
        return PrinterStatus(PrinterState.FAULT, f"hardware {chr(hardware)}")
    if main == ord("E"):
        return None
    if main in b"`K":
        return PrinterStatus(PrinterState.PAUSED)
    if main in _WORKING:
        return PrinterStatus(PrinterState.BUSY)
    return PrinterStatus(PrinterState.READY)


def _short_status(byte: int) -> PrinterStatus:
    for bit, state, detail in _BITS:
        if byte & bit:
            return PrinterStatus(state, detail)
    return PrinterStatus(PrinterState.READY)


def _open(address: str | None, options: Any) -> TsplPrinter:
    assert isinstance(options, TsplOptions)
    return TsplPrinter(need_address(address, driver.name), options)


driver = DriverSpec(
    name="tspl-printer",
    category=Category.PRINTER,
    title="Label printer, TSPL",
    open=_open,
    options_model=TsplOptions,
    datasheet=Datasheet(
        evidence=Evidence.A_MINUS,
        sources=("pages of the maker's TSPL manual",),
        links=("tcp", "serial"),
        variants=(Variant("any that speaks TSPL"),),
        simulators=("tspl",),
        unverified=(
            "bits of the one-byte status: an open client agrees",
            "black_bit of other makers",
            "identity by ~!T",
        ),
    ),
)
