"""The part of TSPL that a label as a bitmap needs, and its two state questions.

Facts: the maker's manual pages. Commands end with CR LF; ``BITMAP`` is followed by raw bytes, in which a 0
bit is black; ``ESC ! ?`` answers one byte, ``ESC ! S`` STX, four bytes, ETX, CR LF, both between commands.
Chosen here, as what was read does not say it: an open head is E in the longer form and nothing more.
"""

from __future__ import annotations

import re

from simulators.instruments.label_printer import Label, Printer
from simulators.instruments.zpl_language import drawn

_BITMAP = re.compile(rb"BITMAP (\d+),(\d+),(\d+),(\d+),(\d+),", re.IGNORECASE)
_SIZE = re.compile(r"SIZE ([\d.]+) ?(mm|dot)?, ?([\d.]+) ?(?:mm|dot)?$", re.IGNORECASE)
_PRINT = re.compile(r"PRINT (\d+)(?:, ?(\d+))?", re.IGNORECASE)
_INCH_MM = 25.4


class TsplLanguage:
    """One connection. ``long_status`` False: a printer that knows the one-byte state only."""

    def __init__(
        self,
        printer: Printer,
        *,
        model: str = "SIM-TSPL-203",
        dots_per_mm: float = 8.0,
        long_status: bool = True,
    ) -> None:
        self._printer, self._model = printer, model
        self._per_mm, self._long = dots_per_mm, long_status
        self._buffer = b""
        self._size = (0, 0)
        self._graphics: list[tuple[int, int, int, bytes]] = []

    def feed(self, data: bytes) -> list[bytes]:
        """Commands are obeyed in order; what is not whole yet waits."""
        self._buffer += data
        answers: list[bytes] = []
        while self._buffer:
            if self._buffer[:1] == b"\x1b":
                if len(self._buffer) < 3:
                    break
                answers += self._question(self._buffer[2:3])
                self._buffer = self._buffer[3:]
            elif found := _BITMAP.match(self._buffer):
                left, top, row, height = (int(found[n]) for n in range(1, 5))
                end = found.end() + row * height
                if len(self._buffer) < end:
                    break
                black = bytes(byte ^ 0xFF for byte in self._buffer[found.end() : end])
                self._graphics.append((left, top, row, black))
                self._buffer = self._buffer[end:]
            elif (end := self._buffer.find(b"\n")) >= 0:
                answers += self._command(self._buffer[:end].decode("ascii", "replace").strip())
                self._buffer = self._buffer[end + 1 :]
            else:
                break
        return answers

    def _command(self, line: str) -> list[bytes]:
        if found := _SIZE.match(line):
            unit = (found[2] or "inch").lower()
            scale = {"mm": self._per_mm, "dot": 1.0, "inch": self._per_mm * _INCH_MM}[unit]
            self._size = round(float(found[1]) * scale), round(float(found[3]) * scale)
        elif line.upper() == "CLS":
            self._graphics = []
        elif found := _PRINT.match(line):
            width, height = self._size
            copies = int(found[1]) * int(found[2] or 1)
            if width and height:
                self._printer.take(Label(width, height, drawn(width, height, self._graphics)), copies)
        elif line == "~!T" and not self._printer.quiet:
            return [self._model.encode() + b"\r\n"]
        return []

    def _question(self, which: bytes) -> list[bytes]:
        active, printer = self._printer.faults.active, self._printer
        if printer.quiet:
            return []
        working = printer.busy or (printer.waiting > 0 and "paused" not in active)
        if which == b"?":
            bits = (("head_open", 0x01), ("paper_out", 0x04), ("ribbon_out", 0x08), ("paused", 0x10))
            byte = sum(bit for name, bit in bits if name in active)
            return [bytes([byte or (0x20 if working else 0)])]
        if which != b"S" or not self._long:
            return []
        media = b"A" if "paper_out" in active else b"D" if "ribbon_out" in active else b"@"
        stopped = media != b"@" or "head_open" in active
        main = b"E" if stopped else b"`" if "paused" in active else b"P" if working else b"@"
        return [b"\x02" + main + b"@@" + media + b"\x03\r\n"]
