"""One instant of a running test, and the question whether a number is a reading at all."""

from __future__ import annotations

import math
from dataclasses import dataclass

SENTINEL = 1e9
"""Instruments say "overload" or "no number" with 9.9E+37 and the like; nothing here is as large as this."""


@dataclass(slots=True)  # not frozen, which costs three times as much, a thousand times a second
class Sample:
    """Bench seconds from the start, Unix seconds, terminal voltage and current (positive charges).

    Nobody changes one. ``voltage_V`` and ``current_A`` are None when the instrument gave no reading; such
    a sample never passes the envelope. The sensor values are the newest valid ones or None. The sample was
    taken within ``t_s`` ± ``spread_s``: half the exchange with the instrument.
    """

    t_s: float
    unix_s: float
    voltage_V: float | None
    current_A: float | None
    command_A: float
    segment: int
    surface_degC: float | None = None
    ambient_degC: float | None = None
    terminals_V: float | None = None
    spread_s: float = 0.0

    @property
    def start_s(self) -> float:
        """Not taken earlier than this."""
        return self.t_s - self.spread_s

    @property
    def end_s(self) -> float:
        """Not taken later than this."""
        return self.t_s + self.spread_s


def is_reading(value: float | None) -> bool:
    """True when ``value`` is a number an instrument could have measured."""
    return value is not None and math.isfinite(value) and abs(value) < SENTINEL
