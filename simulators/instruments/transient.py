"""A transient of a simulated load: two levels A and B with their times, and what a trigger makes of it.

Facts: the three operations by name. Chosen here: a continuous transient begins with A as soon as the input is
on; a pulse goes to B at the trigger and back to A after B's time; a toggle changes sides at each trigger;
before the first trigger both hold A.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulators.instruments.rigol_programs import LoadProgram, ProgramStep
from simulators.wiring import NEVER_S

CONTINUOUS, PULSE, TOGGLE = 0, 1, 2


@dataclass(frozen=True)
class Transient:
    """Levels in A, V, W or ohm, times in s."""

    a: float
    a_s: float
    b: float
    b_s: float
    operation: int

    def possible(self, highest: float) -> bool:
        """Whether the load can play it."""
        timed = self.b_s > 0.0 and (self.a_s > 0.0 or self.operation == PULSE)
        return (
            self.operation <= TOGGLE
            and max(self.a, self.b) <= highest
            and (timed or self.operation == TOGGLE)
        )

    def begun(self, now_s: float) -> LoadProgram:
        """From when the input is on."""
        if self.operation == CONTINUOUS:
            return LoadProgram([ProgramStep(self.a, self.a_s), ProgramStep(self.b, self.b_s)], now_s, count=0)
        return LoadProgram([ProgramStep(self.a, NEVER_S)], now_s)

    def triggered(self, now_s: float, present: float) -> LoadProgram | None:
        """What a trigger makes of it; None where it changes nothing."""
        if self.operation == PULSE:
            return LoadProgram([ProgramStep(self.b, self.b_s), ProgramStep(self.a, NEVER_S)], now_s)
        if self.operation == TOGGLE:
            return LoadProgram([ProgramStep(self.b if present == self.a else self.a, NEVER_S)], now_s)
        return None
