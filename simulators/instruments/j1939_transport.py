"""J1939-21 transport of a simulated controller: one long message at a time, by RTS, CTS and data packets."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

CONNECTION, DATA = 0xEC, 0xEB
RTS, CTS, END, ABORT = 0x10, 0x11, 0x13, 0xFF
T3_S = 1.25


class LongMessages:
    """``send`` puts a frame on the bus. Call ``hear`` for every frame to us and ``look`` every 10 ms."""

    def __init__(self, own: int, other: int, send: Callable[[int, bytes], None]) -> None:
        self._own, self._other, self._send = own, other, send
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._now: tuple[int, bytes] | None = None
        self._since_s = 0.0
        self.aborted: list[int] = []

    def put(self, pgn: int, data: bytes, now_s: float) -> None:
        """Send a message of more than eight bytes; one of the same kind that still waits is replaced."""
        self._waiting = deque(one for one in self._waiting if one[0] != pgn)
        self._waiting.append((pgn, data))
        self.look(now_s)

    def clear(self) -> None:
        """Forget everything."""
        self._waiting.clear()
        self._now = None

    def look(self, now_s: float) -> None:
        """Begin the next, give up one that nobody takes."""
        if self._now is not None and now_s - self._since_s > T3_S:
            pgn = self._now[0]
            self.aborted.append(pgn)
            self._frame(CONNECTION, bytes((ABORT, 3, 0xFF, 0xFF, 0xFF)) + pgn.to_bytes(3, "little"))
            self._now = None
        if self._now is None and self._waiting:
            self._now, self._since_s = self._waiting.popleft(), now_s
            pgn, data = self._now
            packets = -(-len(data) // 7)
            head = bytes((RTS,)) + len(data).to_bytes(2, "little") + bytes((packets, 0xFF))
            self._frame(CONNECTION, head + pgn.to_bytes(3, "little"))

    def hear(self, data: bytes, now_s: float) -> None:
        """A connection frame from the other side."""
        if self._now is None or len(data) < 8 or int.from_bytes(data[5:8], "little") != self._now[0]:
            return
        if data[0] == CTS:
            self._since_s = now_s
            whole = self._now[1]
            for number in range(data[2], data[2] + data[1]):
                part = whole[7 * (number - 1) : 7 * number]
                if part:
                    self._frame(DATA, bytes((number,)) + part.ljust(7, b"\xff"))
        elif data[0] in (END, ABORT):
            if data[0] == ABORT:
                self.aborted.append(self._now[0])
            self._now = None
            self.look(now_s)

    def _frame(self, kind: int, data: bytes) -> None:
        self._send(7 << 26 | kind << 16 | self._other << 8 | self._own, data)
