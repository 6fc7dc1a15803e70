"""Text lines for an instrument with a serial port: cuts the stream, executes, ends each answer."""

from __future__ import annotations

from typing import Protocol

from simulators.scpi.table import Later

_LONGEST_LINE = 65536


class Executes(Protocol):
    """What a line is given to."""

    def execute(self, line: str) -> list[str | Later]:
        """Answers of one line."""
        ...


class LineDialect:
    """One client's conversation. Lines end with LF; CR before it is accepted."""

    def __init__(self, device: Executes, end: bytes = b"\n") -> None:
        self._device = device
        self._end = end
        self._buffer = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Bytes from the host."""
        *lines, rest = (self._buffer + data).split(b"\n")
        self._buffer = rest if len(rest) < _LONGEST_LINE else b""
        answers = []
        for line in lines:
            if text := line.decode("ascii", "replace").strip("\r"):
                answers += [str(a).encode("ascii") + self._end for a in self._device.execute(text)]
        return answers
