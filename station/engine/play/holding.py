"""How the station holds a voltage, a power or a resistance: the next current from the newest sample.

No instrument is asked for a mode of its own: all of them hold currents, and the station sets the current anew
between two samples. How well that held is measured and told; nothing is claimed beyond it.
"""

from __future__ import annotations

from dataclasses import dataclass

from profiles.plan import Control, Segment
from station.safety.sample import Sample

GAIN = 0.4
"""Share of the voltage's deviation that one step takes back: below 1, as the resistance is only estimated."""
FIRST_SHARE = 0.1
"""Of the largest current, where the way to the voltage is felt."""
STEP_SHARE = 0.25
"""Of the largest current, the most that one step adds."""
NEAR_CELL_V = 0.005
"""A voltage counts as reached within this, per cell in series."""
LEAST_OHM = 1e-5
CONFIRM = 2


@dataclass
class Deviation:
    """How far what was held lay from what was asked for, in its unit."""

    count: int = 0
    total: float = 0.0
    worst: float = 0.0

    def add(self, deviation: float) -> None:
        """One sample's."""
        self.count += 1
        self.total += deviation
        self.worst = deviation if abs(deviation) > abs(self.worst) else self.worst


class Holder:
    """``target`` is a voltage of the whole battery in V, a power in W, or a resistance in ohm.

    The current stays between zero and the segment's own, in its direction.
    """

    def __init__(self, control: Control, segment: Segment, target: float, cells: int, rested: Sample) -> None:
        self.mode = "power" if control.mode == "cell_power" else control.mode
        self._control, self._cells, self.target = control, cells, target
        self._sign = 1.0 if segment.current_A > 0 else -1.0
        self._most_A = abs(segment.current_A)
        self._rested = rested
        self._ohm: float | None = None
        self._steady = 0
        self.cells_V: tuple[float, ...] = ()
        """Of each cell, where somebody sees them: the one that is furthest on is held at its share."""
        self.held = Deviation()
        self.limited = False
        """The current would have had to be larger than it may be."""
        self.reached = False
        """A voltage has been near its target."""

    def first_A(self) -> float:
        """The current to begin with."""
        if self.mode == "voltage":
            return self._sign * self._most_A * (1.0 if self._control.from_full else FIRST_SHARE)
        assert self._rested.voltage_V is not None
        return self._sign * self._wanted_A(self._rested.voltage_V)

    def next_A(self, sample: Sample) -> float:
        """The current from now on. ``sample`` was taken under the current before."""
        assert sample.voltage_V is not None
        assert sample.current_A is not None
        if self.mode != "voltage":
            return self._sign * self._wanted_A(sample.voltage_V)
        ohm = self._resistance(sample)
        now_A = abs(sample.command_A)
        wanted_A = now_A + GAIN * self._sign * (self.target - self._seen_V(sample)) / ohm
        wanted_A = min(wanted_A, now_A + STEP_SHARE * self._most_A)
        return self._sign * min(max(wanted_A, 0.0), self._most_A)

    def judge(self, sample: Sample) -> bool:
        """Take note of how well it holds; True when a held voltage has let the current fall far enough."""
        assert sample.voltage_V is not None
        assert sample.current_A is not None
        if self.mode == "power":
            self.held.add(abs(sample.voltage_V * sample.current_A) - self.target)
        elif self.mode == "resistance":
            if sample.current_A:
                self.held.add(abs(sample.voltage_V / sample.current_A) - self.target)
        else:
            seen_V = self._seen_V(sample)
            near = abs(seen_V - self.target) <= NEAR_CELL_V * self._cells
            self.reached = self.reached or near
            if self.reached:
                self.held.add(seen_V - self.target)
            end_A = self._control.end_A
            over = self._sign * (seen_V - self.target) > -NEAR_CELL_V * self._cells
            small = end_A is not None and over and abs(sample.current_A) <= end_A
            self._steady = self._steady + 1 if small else 0
        return self._steady >= CONFIRM

    def _seen_V(self, sample: Sample) -> float:
        """The battery's voltage, or what it would be if all cells were as far on as the furthest."""
        assert sample.voltage_V is not None
        furthest_V = [self._sign * cell_V * self._cells for cell_V in self.cells_V]
        return self._sign * max([self._sign * sample.voltage_V, *furthest_V])

    def _wanted_A(self, voltage_V: float) -> float:
        voltage_V = max(abs(voltage_V), 1e-3)
        wanted_A = self.target / voltage_V if self.mode == "power" else voltage_V / self.target
        self.limited = self.limited or wanted_A > self._most_A * (1 + 1e-9)
        return min(wanted_A, self._most_A)

    def _resistance(self, sample: Sample) -> float:
        """By the first step of current away from rest; what comes later only makes the steps too small."""
        if self._ohm is None:
            assert sample.voltage_V is not None
            assert sample.current_A is not None
            assert self._rested.voltage_V is not None
            step_A = sample.current_A - (self._rested.current_A or 0.0)
            if abs(step_A) < 0.02 * self._most_A:
                # No current has come yet: a resistance that is too large only makes the first step small.
                return 0.5 * self._cells / self._most_A
            self._ohm = max(abs((sample.voltage_V - self._rested.voltage_V) / step_A), LEAST_OHM)
        return self._ohm
