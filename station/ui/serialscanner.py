"""A barcode scanner on a serial port: no keyboard layout, no input method, no focus in between.

Lines end with CR or LF; a scanner that ends with neither is told by a pause.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final

BAUD: Final = 9600
PAUSE_S: Final = 0.06
"""Silence that ends a scan without CR or LF; at 9600 baud a character takes 1 ms."""
RETRY_S: Final = 1.0
LINE_MAX: Final = 400


def port_and_baud(given: str) -> tuple[str, int]:
    """``/dev/ttyACM0@115200`` as port and speed; 9600 when none is given. Raises ValueError."""
    port, _, baud = given.partition("@")
    return port.strip(), int(baud) if baud else BAUD


class SerialScanner:
    """Reads in a thread of its own. ``ring`` is called from it when something has come or has changed."""

    def __init__(self, given: str, ring: Callable[[], None]) -> None:
        self.port, self._baud = port_and_baud(given)
        self._ring = ring
        self._lines: deque[str] = deque(maxlen=100)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="scanner", daemon=True)
        self.connected = False

    def open(self) -> None:
        """Begin to read; a port that is not there is tried again until it is."""
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(2.0)

    def lines(self) -> list[str]:
        """The scans since; never waits."""
        found = []
        while self._lines:
            found.append(self._lines.popleft())
        return found

    def _work(self) -> None:
        import serial

        while not self._stop.is_set():
            try:
                with serial.Serial(self.port, self._baud, timeout=PAUSE_S) as port:
                    port.reset_input_buffer()
                    self._tell(connected=True)
                    self._read(port)
            except (OSError, ValueError):  # SerialException is an OSError: not there, or pulled out
                pass
            self._tell(connected=False)
            self._stop.wait(RETRY_S)

    def _read(self, port: Any) -> None:
        held = b""
        while not self._stop.is_set():
            new = port.read_until(b"\r", LINE_MAX)
            held += new
            complete = held.endswith((b"\r", b"\n")) or len(held) >= LINE_MAX
            if held.strip() and (complete or not new):
                self._lines.extend(text_of(line) for line in re.split(rb"[\r\n]+", held) if line.strip())
                self._ring()
            if complete or not new:
                held = b""

    def _tell(self, *, connected: bool) -> None:
        if self.connected != connected:
            self.connected = connected
            self._ring()


def text_of(line: bytes) -> str:
    """The characters of a scan: UTF-8, else GB 18030, else byte by byte."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return line.decode(encoding).strip("\r\n")
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1").strip("\r\n")
