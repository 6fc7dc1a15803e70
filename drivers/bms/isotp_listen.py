"""Puts ISO-TP messages (ISO 15765-2) together by listening only; never sends a flow control.

One reassembler follows one identifier, so conversations that interleave on a bus do not disturb each other.
Classic CAN and CAN FD, normal addressing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Trouble = Literal["isotp_truncated", "isotp_sequence", "isotp_malformed"]
CONSECUTIVE_TIMEOUT_S = 1.0
LENGTH_MAX = 1 << 16
"""A first frame may claim up to 4 GiB; no pack answers with more than this."""


@dataclass(frozen=True)
class Told:
    """What a frame gave: a whole payload, or trouble, or (both None) nothing yet."""

    payload: bytes | None = None
    trouble: Trouble | None = None
    began_s: float = 0.0


def begins_with(data: bytes, start: bytes) -> bool:
    """Whether a frame is a message, or the first part of one, that begins with ``start`` (not empty)."""
    at = {0: 1, 1: 2}.get(data[0] >> 4 if data else 15)
    if at is None or not start:
        return False
    if at == 1 and data[0] == 0:
        at = 2  # CAN FD: the length has a byte of its own
    return data[at : at + len(start)] == start


class IsoTpListener:
    """Follows one identifier."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._length = 0
        self._next = 0
        self._began_s = 0.0
        self._last_s = 0.0
        self._before = b""

    @property
    def busy(self) -> bool:
        """Whether a message has begun and is not whole."""
        return self._length > 0

    def take(self, t_s: float, data: bytes) -> list[Told]:
        """Take one frame. Never raises for what a frame contains."""
        told: list[Told] = []
        if self.busy and t_s - self._last_s > CONSECUTIVE_TIMEOUT_S:
            told.append(self._drop("isotp_truncated"))
        if not data:
            return told
        kind = data[0] >> 4
        if self.busy and kind in (1, 2) and data == self._before:
            self._last_s = t_s
            return told  # recorded twice: no sender repeats a frame inside a message
        self._before = bytes(data) if kind != 3 else self._before
        if kind == 0:
            told += self._single(t_s, data)
        elif kind == 1:
            told += self._first(t_s, data)
        elif kind == 2:
            told += self._consecutive(t_s, data)
        elif kind != 3:  # 3 is a flow control for the other side
            told.append(Told(trouble="isotp_malformed", began_s=t_s))
        return told

    def end(self) -> list[Told]:
        """The recording or the link has ended."""
        return [self._drop("isotp_truncated")] if self.busy else []

    def _drop(self, trouble: Trouble) -> Told:
        self._length = 0
        return Told(trouble=trouble, began_s=self._began_s)

    def _single(self, t_s: float, data: bytes) -> list[Told]:
        told = [self._drop("isotp_truncated")] if self.busy else []
        length, start = data[0] & 15, 1
        if length == 0 and len(data) > 8:
            length, start = data[1], 2  # CAN FD: the length has a byte of its own
        if length == 0 or len(data) < start + length:
            return [*told, Told(trouble="isotp_malformed", began_s=t_s)]
        return [*told, Told(bytes(data[start : start + length]), began_s=t_s)]

    def _first(self, t_s: float, data: bytes) -> list[Told]:
        told = [self._drop("isotp_truncated")] if self.busy else []
        length, start = (data[0] & 15) << 8 | (data[1] if len(data) > 1 else 0), 2
        if length == 0 and len(data) >= 6:
            length, start = int.from_bytes(data[2:6], "big"), 6
        if len(data) < 8 or not len(data) - start < length <= LENGTH_MAX:
            return [*told, Told(trouble="isotp_malformed", began_s=t_s)]
        self._data = bytearray(data[start:])
        self._length, self._next = length, 1
        self._began_s = self._last_s = t_s
        return told

    def _consecutive(self, t_s: float, data: bytes) -> list[Told]:
        if not self.busy:
            return []  # the rest of a message whose beginning was not heard
        if data[0] & 15 != self._next:
            return [self._drop("isotp_sequence")]
        self._data += data[1 : 1 + self._length - len(self._data)]
        self._next = self._next + 1 & 15
        self._last_s = t_s
        if len(self._data) < self._length:
            return []
        self._length = 0
        return [Told(bytes(self._data), began_s=self._began_s)]
