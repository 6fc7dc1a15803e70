"""A barcode scanner on a serial port: no keyboard layout, no input method, no focus in between.

Lines end with CR or LF; a scanner that ends with neither is told by a pause. The port is held for this window
alone, so that no second program takes half of the scans.
"""

from __future__ import annotations

import errno
import logging
import re
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Literal

log = logging.getLogger("station.ui.scanner")

BAUD: Final = 9600
PAUSE_S: Final = 0.06
"""Silence that ends a scan without CR or LF; at 9600 baud a character takes 1 ms."""
RETRY_S: Final = 1.0
LINE_MAX: Final = 400


Trouble = Literal["missing", "denied", "taken", "other"]
"""Why a port cannot be opened: not there, not allowed, held by another program."""
_TROUBLES: Final[dict[int | None, Trouble]] = {
    errno.ENOENT: "missing", errno.ENODEV: "missing", errno.ENXIO: "missing",
    errno.EACCES: "denied", errno.EPERM: "denied",
    errno.EBUSY: "taken", errno.EAGAIN: "taken",
}  # fmt: skip


def port_and_baud(given: str) -> tuple[str, int]:
    """``/dev/ttyACM0@115200`` as port and speed; 9600 when none is given. Raises ValueError."""
    port, _, baud = given.strip().partition("@")
    speed = int(baud) if baud else BAUD
    if not port or speed <= 0:
        raise ValueError(f"{given!r} is no PORT[@BAUD]")
    return port, speed


class SerialScanner:
    """Reads in a thread of its own. ``ring`` is called from it when something has come or has changed.

    Without a port it does nothing until ``use`` names one.
    """

    def __init__(self, given: str | None, ring: Callable[[], None]) -> None:
        self.port, self._baud = port_and_baud(given) if given else ("", BAUD)
        self._ring = ring
        self._lines: deque[str] = deque(maxlen=100)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._opened = False
        self.connected = False
        self.trouble: Trouble | None = None
        """Why the port cannot be opened; None before the first try and while it is open."""

    def use(self, given: str | None) -> None:
        """The bench names this port; one that was named before, on the command line, goes first."""
        if given and not self.port:
            self.port, self._baud = port_and_baud(given)
            if self._opened:
                self.open()

    def open(self) -> None:
        """Begin to read; a port that is not there is tried again until it is."""
        self._opened = True
        if self.port and self._thread is None:
            self._thread = threading.Thread(target=self._work, name="scanner", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread is not None:
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
                with serial.Serial(self.port, self._baud, timeout=PAUSE_S, exclusive=True) as port:
                    port.reset_input_buffer()
                    self._tell(None, connected=True)
                    self._read(port)
            except (OSError, ValueError) as error:  # SerialException is an OSError: not there, or pulled out
                self._tell(error, connected=False)
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

    def _tell(self, error: Exception | None, *, connected: bool) -> None:
        trouble = None if error is None else trouble_of(error)
        if (self.connected, self.trouble) == (connected, trouble):
            return
        self.connected, self.trouble = connected, trouble
        if error is not None:
            log.warning("scanner on %s: %s; tried again every %g s", self.port, error, RETRY_S)
        self._ring()


def trouble_of(error: Exception) -> Trouble:
    """What stands in the way of a port, by the number of the system's error, or by its words (Windows)."""
    number = getattr(error, "errno", None)
    if number is None:
        text = str(error)
        if "exclusively lock" in text:
            return "taken"
        if "PermissionError" in text:  # what Windows says of a port that another program holds
            return "taken"
        if "FileNotFoundError" in text:
            return "missing"
    return _TROUBLES.get(number, "other")


def text_of(line: bytes) -> str:
    """The characters of a scan: UTF-8, else GB 18030, else byte by byte."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return line.decode(encoding).strip("\r\n")
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1").strip("\r\n")
