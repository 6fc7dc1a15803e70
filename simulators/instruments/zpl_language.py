"""The part of ZPL that a label as a bitmap needs, and the host status.

Facts: the maker's manual pages. ``~HS`` and ``~HI`` are obeyed at once, also in the middle of a format;
``^XA … ^XZ`` is a format; ``^PW`` width and ``^LL`` length in dots, ``^FO`` the place of a field, ``^GFA`` a
graphic in hexadecimal, ``^PQ`` the number of labels. What else it is sent, it ignores, as printers do.
"""

from __future__ import annotations

import re

from simulators.instruments.label_printer import Label, Printer

_QUESTION = re.compile(rb"~H([SI])", re.IGNORECASE)
_GRAPHIC = re.compile(r"GFA,(\d+),(\d+),(\d+),([0-9A-F\s]*)", re.IGNORECASE)


class ZplLanguage:
    """One connection."""

    def __init__(self, printer: Printer, *, model: str = "SIM-ZPL-203") -> None:
        self._printer, self._model = printer, model
        self._buffer = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Formats become labels, questions answers."""
        self._buffer += data
        answers = []
        while found := _QUESTION.search(self._buffer):
            # Everything before a question has arrived before it.
            before, self._buffer = self._buffer[: found.start()], self._buffer[found.end() :]
            rest = self._formats(before)
            self._buffer = rest + self._buffer
            if not self._printer.quiet:
                answers.append(self._status() if found[1].upper() == b"S" else self._identity())
        self._buffer = self._formats(self._buffer)
        return answers

    def _formats(self, data: bytes) -> bytes:
        """Print all whole formats; returns the part of one that has begun."""
        while (end := data.find(b"^XZ")) >= 0:
            begin = data.rfind(b"^XA", 0, end)
            if begin >= 0:
                self._format(data[begin + 3 : end].decode("ascii", "replace"))
            data = data[end + 3 :]
        begin = data.find(b"^XA")
        return data[begin:] if begin >= 0 else b"~" if data.endswith(b"~") else b""

    def _format(self, text: str) -> None:
        width = height = 0
        copies, at = 1, (0, 0)
        dots: list[tuple[int, int, int, bytes]] = []
        for field in text.split("^"):
            if found := re.match(r"PW(\d+)", field):
                width = int(found[1])
            elif found := re.match(r"LL(\d+)", field):
                height = int(found[1])
            elif found := re.match(r"PQ(\d+)", field):
                copies = int(found[1])
            elif found := re.match(r"FO(\d+),(\d+)", field):
                at = int(found[1]), int(found[2])
            elif found := _GRAPHIC.match(field):
                data = bytes.fromhex("".join(found[4].split()))
                dots.append((*at, int(found[3]), data[: int(found[2])]))
        if width and height:
            self._printer.take(Label(width, height, drawn(width, height, dots)), copies)

    def _status(self) -> bytes:
        active, printer = self._printer.faults.active, self._printer
        on = {name: int(name in active) for name in ("paper_out", "paused", "head_open", "ribbon_out")}
        waiting = printer.waiting
        lines = (
            f"030,{on['paper_out']},{on['paused']},0320,{waiting:03},0,0,0,000,0,0,0",
            f"001,0,{on['head_open']},{on['ribbon_out']},1,2,6,0,{0:08},1,000",
            "1234,0",
        )
        return b"".join(b"\x02" + line.encode() + b"\x03\r\n" for line in lines)

    def _identity(self) -> bytes:
        return b"\x02" + f"{self._model},V1.0.0,8,8176KB".encode() + b"\x03\r\n"


def drawn(width: int, height: int, graphics: list[tuple[int, int, int, bytes]]) -> bytes:
    """Rows of a label on which graphics (left, top, bytes in a row, data) lie; 1 is black."""
    row_bytes = (width + 7) // 8
    canvas = [0] * height
    for left, top, row, data in graphics:
        for number in range(len(data) // row if row else 0):
            y = top + number
            if y < height:
                bits = int.from_bytes(data[number * row : (number + 1) * row], "big")
                shift = row_bytes * 8 - left - row * 8
                canvas[y] |= bits << shift if shift >= 0 else bits >> -shift
    mask = ((1 << width) - 1) << (row_bytes * 8 - width)
    return b"".join((bits & mask).to_bytes(row_bytes, "big") for bits in canvas)
