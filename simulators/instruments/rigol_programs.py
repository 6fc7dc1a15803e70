"""A timed train of load levels: the DL3021's LIST and transient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NEVER_S = float("inf")


@dataclass(frozen=True)
class ProgramStep:
    """A level (A, V, ohm or W) held for ``width_s`` seconds."""

    level: float
    width_s: float


class LoadProgram:
    """Plays steps from ``start_s`` on. ``count`` 0 repeats for ever."""

    def __init__(
        self, steps: Sequence[ProgramStep], start_s: float, *, count: int = 1, off_at_end: bool = False
    ) -> None:
        if not steps:
            raise ValueError("a load program needs at least one step")
        self._steps = tuple(steps)
        self._index = 0
        self._left = count
        self._forever = count == 0
        self.off_at_end = off_at_end
        self.next_s = start_s + steps[0].width_s

    @property
    def level(self) -> float:
        """Level of the present step."""
        return self._steps[self._index].level

    def step_on(self) -> bool:
        """Go to the next step; False at the end, where the last level stays."""
        if self._index + 1 < len(self._steps):
            self._index += 1
        else:
            self._left -= 1
            if self._left <= 0 and not self._forever:
                self.next_s = NEVER_S
                return False
            self._index = 0
        self.next_s += self._steps[self._index].width_s
        return True
