"""A bounded line of live messages: when it is full, samples go first and are counted."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")

CAPACITY = 1_000


@dataclass
class LiveBuffer(Generic[Item]):
    """Messages in order, at most ``capacity``.

    A full buffer drops its oldest sample message for the new one. When not one of its messages is
    a sample, ``overflowed`` becomes true: the reader has missed a state and must start anew.
    """

    capacity: int = CAPACITY
    dropped: int = 0
    overflowed: bool = False
    _items: deque[tuple[bool, Item]] = field(default_factory=deque)

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: Item, *, is_sample: bool) -> None:
        """Append ``item``; never waits."""
        if len(self._items) >= self.capacity and not self._drop_oldest_sample():
            if is_sample:
                self.dropped += 1
            else:
                self.overflowed = True
            return
        self._items.append((is_sample, item))

    def take(self) -> Item | None:
        """The oldest message, or None."""
        return self._items.popleft()[1] if self._items else None

    def take_all(self) -> list[Item]:
        """All messages, oldest first."""
        taken = [item for _, item in self._items]
        self._items.clear()
        return taken

    def _drop_oldest_sample(self) -> bool:
        for index, (is_sample, _) in enumerate(self._items):
            if is_sample:
                del self._items[index]
                self.dropped += 1
                return True
        return False
