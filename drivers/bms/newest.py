"""Keeps the newest payload of every message and reads its values only when somebody wants them.

A live pack sends a signal up to a hundred times a second and is looked at ten times a second. Checksums,
counters
and lengths are checked frame by frame; values are read from the last good frame of each kind. Frames of one
message that carry different signals (by a multiplexer or a cell's number) are kept apart.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from drivers.bms.layout import Bits, Layout, Value

LONGEST_S = 0.05
"""Values are read at the latest after this time in s, so that a value that stays shorter than a look is
seen."""

Reader = Callable[[float, Iterable[Value]], None]


class _Kind:
    """One message: which bits tell frames with other contents."""

    __slots__ = ("layout", "order", "selector")

    def __init__(self, order: int, layout: Layout) -> None:
        self.order, self.layout = order, layout
        self.selector = 0
        for field in layout.fields:
            for bits in (*(condition.bits for condition in field.conditions), *_numbering(field.numbering)):
                self.selector |= _mask(bits)


def _numbering(numbering: object) -> tuple[Bits, ...]:
    bits = getattr(numbering, "bits", None)
    return (bits,) if isinstance(bits, Bits) else ()


def _mask(bits: Bits) -> int:
    """The whole bytes that hold these bits, in a payload read as one little-endian number."""
    first = bits.start >> 3
    return ((1 << 8 * (bits.end_byte - first)) - 1) << 8 * first


class NewestPayloads:
    """``take`` from the receiving thread, ``read`` from any: gives what is waiting to ``reader``, oldest
    first."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._reading = threading.Lock()
        self._kinds: dict[int, _Kind] = {}
        self._waiting: dict[tuple[int, int], tuple[float, Layout, bytes]] = {}
        self._since_s = float("inf")

    def take(self, t_s: float, layout: Layout, data: bytes) -> None:
        """A good payload that arrived at ``t_s``."""
        kind = self._kinds.get(id(layout))
        if kind is None:
            kind = self._kinds[id(layout)] = _Kind(len(self._kinds), layout)
        which = int.from_bytes(data, "little") & kind.selector if kind.selector else 0
        with self._lock:
            self._waiting[kind.order, which] = (t_s, layout, data)
            if t_s < self._since_s:
                self._since_s = t_s
                return
        if t_s - self._since_s > LONGEST_S:
            self.read()

    def read(self) -> None:
        """Read what waits."""
        with self._reading:
            with self._lock:
                if not self._waiting:
                    return
                waiting, self._waiting, self._since_s = self._waiting, {}, float("inf")
            for t_s, layout, data in sorted(waiting.values(), key=lambda one: one[0]):
                self._reader(t_s, layout.read(data))
