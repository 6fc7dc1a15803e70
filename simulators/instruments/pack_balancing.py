"""Passive balancing as a controller does it: a resistor beside each cell that is too high.

The controller measures a cell through the lead that carries the balancing current, so it reads it too low by
that drop; that is how balancing spoils a measurement. The charge it takes out of a cell is left out here: a
tenth of an ampere moves nothing in the minutes of a test. Threshold, current and lead are chosen, not facts.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field


class Balancing(BaseModel):
    """``current_A`` 0: off. Cells ``above_V`` over the lowest one are balanced."""

    model_config = ConfigDict(extra="forbid")

    current_A: float = Field(default=0.0, ge=0, le=5)
    above_V: float = Field(default=0.010, gt=0)
    lead_ohm: float = Field(default=0.05, ge=0)

    def cells(self, rest_V: Sequence[float]) -> frozenset[int]:
        """Numbers, from 1, of the cells that are balanced; ``rest_V``: their voltages without current."""
        if self.current_A <= 0 or not rest_V:
            return frozenset()
        limit_V = min(rest_V) + self.above_V
        return frozenset(number for number, volts in enumerate(rest_V, 1) if volts > limit_V)

    def read_V(self, cells_V: Sequence[float], balanced: frozenset[int]) -> tuple[float, ...]:
        """What the controller reads of cells with these voltages."""
        drop_V = self.current_A * self.lead_ohm
        return tuple(
            volts - drop_V if number in balanced else volts for number, volts in enumerate(cells_V, 1)
        )


def bitmap(balanced: frozenset[int], size: int) -> bytes:
    """``size`` bytes, cell 1 in the highest bit of the first."""
    whole = sum(1 << 8 * size - number for number in balanced if number <= 8 * size)
    return whole.to_bytes(size, "big")
