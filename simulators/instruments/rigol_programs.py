"""A timed train of load levels: lists and transients of the simulated loads.

A train that repeats faster than the channel's circuit is computed (20 ms) is played as its mean over time: of
10 kHz the edges would be more work than any computer has, and the whole bench would stand still for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NEVER_S = float("inf")
FASTEST_TURN_S = 0.02


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
        turn_s = sum(step.width_s for step in steps)
        if count != 1 and turn_s < FASTEST_TURN_S:
            mean = sum(step.level * step.width_s for step in steps) / turn_s if turn_s > 0 else steps[0].level
            steps, count = [ProgramStep(mean, turn_s * count if count else NEVER_S)], 1
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
