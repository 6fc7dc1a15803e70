"""What tells a scanner that types from hands: arithmetic on times, without Qt.

The characters of one scan are joined while they come faster than hands, and are judged together when the scan
ends: a radio link or a busy computer may hold single characters up without tearing the scan apart, and hands,
which are slow at every character, are never taken for one.
"""

from __future__ import annotations

from statistics import median
from typing import Final

FAST_MS: Final = 50.0
"""The pace of a scanner: half of a scan's characters and more come closer together than this."""
JOIN_MS: Final = 400.0
"""Characters further apart than this belong to two things; a scan's Enter may come as late."""
SLOW_SHARE: Final = 0.25
"""At most so many of a scan's gaps are slower than its pace."""
LEAST: Final = 6
"""Shorter runs are typed by hand: no code and no command is as short."""


class Burst:
    """The characters since the last pause. Times are those of the keys, in milliseconds."""

    def __init__(self) -> None:
        self.text = ""
        self._gaps_ms: list[float] = []
        self._last_ms = float("-inf")

    def since_ms(self, now_ms: float) -> float:
        """How long ago the last character came."""
        return now_ms - self._last_ms

    def add(self, character: str, now_ms: float) -> bool:
        """One more character; True when it is the first of a new run."""
        gap_ms = self.since_ms(now_ms)
        self._last_ms = now_ms
        if self.text and gap_ms <= JOIN_MS:
            self.text += character
            self._gaps_ms.append(gap_ms)
            return False
        self.text, self._gaps_ms = character, []
        return True

    def fast(self, now_ms: float) -> bool:
        """Whether a character that comes now keeps a scanner's pace."""
        return bool(self.text) and self.since_ms(now_ms) <= FAST_MS

    @property
    def scanned(self) -> bool:
        """Whether a scanner typed what is held."""
        slow = sum(gap > FAST_MS for gap in self._gaps_ms)
        return (
            len(self.text) >= LEAST
            and median(self._gaps_ms) <= FAST_MS
            and slow <= max(1.0, SLOW_SHARE * len(self._gaps_ms))
        )

    def take(self, now_ms: float) -> str | None:
        """The scan that ends now, or None; nothing is held after it."""
        found = self.text if self.scanned and self.since_ms(now_ms) <= JOIN_MS else None
        self.forget()
        return found

    def forget(self) -> None:
        """Hold nothing."""
        self.text, self._gaps_ms = "", []
