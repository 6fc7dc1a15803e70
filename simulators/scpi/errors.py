"""SCPI errors and the instrument's error queue (first in, first out)."""

from __future__ import annotations

from collections import deque


class ScpiError(Exception):
    """A command the instrument refuses; it goes to the error queue, never to the client."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code},{text}")
        self.code = code
        self.text = text


def undefined_header() -> ScpiError:
    """-113: the instrument has no such command."""
    return ScpiError(-113, "Undefined header")


def suffix_out_of_range() -> ScpiError:
    """-114: the header is known, but there is no second, third, … of it."""
    return ScpiError(-114, "Header suffix out of range")


def out_of_range() -> ScpiError:
    """-222: the value is outside what the instrument can do."""
    return ScpiError(-222, "Data out of range")


def settings_conflict() -> ScpiError:
    """-221: not possible in the present state."""
    return ScpiError(-221, "Settings conflict")


def illegal_parameter() -> ScpiError:
    """-224: a word the instrument does not know."""
    return ScpiError(-224, "Illegal parameter value")


class ErrorQueue:
    """Errors in the order they happened."""

    def __init__(self, depth: int, *, keep_oldest: bool = False, overflow: str = "Queue overflow") -> None:
        self._depth = depth
        self._keep_oldest = keep_oldest
        self._overflow = overflow
        self._queue: deque[ScpiError] = deque()

    def __len__(self) -> int:
        return len(self._queue)

    def push(self, error: ScpiError) -> None:
        """Add an error; a full queue drops it or notes the overflow in its last place."""
        if len(self._queue) < self._depth:
            self._queue.append(error)
        elif not self._keep_oldest:
            self._queue[-1] = ScpiError(-350, self._overflow)

    def pop(self) -> ScpiError | None:
        """Oldest error, or None."""
        return self._queue.popleft() if self._queue else None

    def clear(self) -> None:
        """Forget all."""
        self._queue.clear()
