"""A line that leaves a pause between commands, for instruments that lose what comes too soon."""

from __future__ import annotations

import time

from drivers.transports.line import LineTransport


class PacedLine:
    """Like the line inside, but at least ``pause_s`` from one command to the next."""

    def __init__(self, link: LineTransport, pause_s: float) -> None:
        self._link = link
        self._pause_s = pause_s
        self._free_s = 0.0

    @property
    def address(self) -> str:
        return self._link.address

    def write(self, command: str) -> None:
        self._wait()
        try:
            self._link.write(command)
        finally:
            self._free_s = time.monotonic() + self._pause_s

    def query(self, command: str, timeout_s: float | None = None) -> str:
        self._wait()
        try:
            return self._link.query(command, timeout_s)
        finally:
            self._free_s = time.monotonic() + self._pause_s

    def drain(self) -> int:
        return self._link.drain()

    def close(self) -> None:
        self._link.close()

    def _wait(self) -> None:
        left_s = self._free_s - time.monotonic()
        if left_s > 0.0:
            time.sleep(left_s)
