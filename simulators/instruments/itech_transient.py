"""The transients of the simulated IT8500: two levels A and B with their times, by commands 0x32 to 0x39.

Facts: places and units of the fields, and the three operations. Chosen here: a continuous transient begins
with A as soon as the input is on; a pulse goes to B at the trigger and back to A after B's time; a toggle
changes sides at each trigger; before the first trigger both hold A.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulators.instruments.rigol_programs import LoadProgram, ProgramStep
from simulators.wiring import NEVER_S

TICK_S = 1e-4
CONTINUOUS, PULSE, TOGGLE = 0, 1, 2


@dataclass(frozen=True)
class Transient:
    """Levels in A, V, W or ohm, times in s."""

    a: float
    a_s: float
    b: float
    b_s: float
    operation: int

    @classmethod
    def of(cls, data: bytes, per_unit: float) -> Transient:
        """From the 22 bytes of the frame."""
        a, b = (int.from_bytes(data[at : at + 4], "little") / per_unit for at in (0, 6))
        a_s, b_s = (int.from_bytes(data[at : at + 2], "little") * TICK_S for at in (4, 10))
        return cls(a, a_s, b, b_s, data[12])

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
