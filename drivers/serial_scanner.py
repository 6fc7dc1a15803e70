"""Barcode scanners in serial mode (USB-CDC, RS-232), as every maker sells them.

Protocol facts (grade A-, general practice): ASCII at 9600 or 115200 8N1, ended by CR or CR LF, sent unasked;
an AIM identifier (``]C0``, ``]d2``, ``]Q3``) may go before the code; reads may come in pieces, and the same
label twice. A line that is not whole, not printable ASCII or too long is no code. The same code again within
``same_again_s`` is told once. A scanner answers nothing, so that nobody knows which one it is. Never run on a
real instrument.
"""

from __future__ import annotations

import re
import time
from typing import Any

from pydantic import Field

from drivers.contracts.code_reader import CodeReader, ScannedCode
from drivers.contracts.common import Identity
from drivers.datasheet import Datasheet, Evidence, Variant
from drivers.spec import Category, DriverOptions, DriverSpec, need_address
from drivers.transports.open_raw import open_raw
from drivers.transports.raw import RawLink

_AIM = re.compile(r"^\](?P<symbology>[A-Za-z][0-9A-Za-z])(?P<text>.+)$")
_LINE_MAX = 400


class ScannerOptions(DriverOptions):
    """``same_again_s``: within this time the same code is one scan (s); 0 tells each."""

    same_again_s: float = Field(default=1.0, ge=0)


class LineCutter:
    """Cuts what a scanner sends into codes; keeps what is not whole yet."""

    def __init__(self) -> None:
        self._rest = b""
        self._spoilt = False

    def feed(self, data: bytes) -> list[ScannedCode]:
        """Codes that ended with these bytes."""
        *lines, self._rest = (self._rest + data).replace(b"\n", b"\r").split(b"\r")
        found = []
        for line in lines:
            spoilt, self._spoilt = self._spoilt, False
            code = None if spoilt else _code(line)
            if code is not None:
                found.append(code)
        if len(self._rest) > _LINE_MAX:
            self._rest, self._spoilt = b"", True
        return found


def _code(line: bytes) -> ScannedCode | None:
    if not 0 < len(line) <= _LINE_MAX or any(not 0x20 <= byte <= 0x7E for byte in line):
        return None
    text = line.decode("ascii").strip()
    match = _AIM.match(text)
    if match is not None:
        return ScannedCode(match["text"], match["symbology"])
    return ScannedCode(text) if text else None


class SerialScanner(CodeReader):
    """One scanner behind a byte link."""

    def __init__(self, address: str, options: ScannerOptions) -> None:
        self.address = address
        self._options = options
        self._cutter = LineCutter()
        self._last: tuple[ScannedCode, float] | None = None
        self._link: RawLink | None = self._open()

    def identify(self) -> Identity:
        """Get blanks: a scanner answers nothing."""
        return Identity("", "", "", "")

    def close(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def codes(self, timeout_s: float) -> list[ScannedCode]:
        if self._link is None:
            self._link, self._cutter = self._open(), LineCutter()
        link, deadline = self._link, time.monotonic() + timeout_s
        found: list[ScannedCode] = []
        try:
            while not found:
                data = link.receive(max(deadline - time.monotonic(), 0.0))
                found = self._once(self._cutter.feed(data))
                if not data and time.monotonic() >= deadline:
                    break
        except Exception:
            self.close()
            raise
        return found

    def _open(self) -> RawLink:
        return open_raw(self.address, "a barcode scanner sends bytes: use serial:DEVICE or tcp://HOST:PORT")

    def _once(self, codes: list[ScannedCode]) -> list[ScannedCode]:
        fresh = []
        for code in codes:
            now_s = time.monotonic()
            again = self._last is not None and self._last[0] == code
            if not (again and self._last is not None and now_s - self._last[1] < self._options.same_again_s):
                fresh.append(code)
            self._last = (code, now_s)
        return fresh


def _open(address: str | None, options: Any) -> SerialScanner:
    assert isinstance(options, ScannerOptions)
    return SerialScanner(need_address(address, driver.name), options)


driver = DriverSpec(
    name="serial-scanner",
    category=Category.READER,
    title="Barcode scanner in serial mode",
    open=_open,
    options_model=ScannerOptions,
    datasheet=Datasheet(
        evidence=Evidence.A_MINUS,
        sources=("general practice of the makers: ASCII and a line end; AIM identifiers",),
        links=("serial", "tcp"),
        variants=(Variant("any in serial mode, CR or CR LF", note="9600 or 115200, 8N1; sends unasked"),),
        simulators=("code-scanner",),
        unverified=("a scanner without a line end is heard by the window only",),
    ),
)
