"""Charge and energy by the trapezoid rule over samples."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(slots=True)
class Totals:
    """Ah and Wh that went in (charge) and out (discharge), each positive."""

    charge_Ah: float = 0.0
    discharge_Ah: float = 0.0
    charge_Wh: float = 0.0
    discharge_Wh: float = 0.0

    def as_dict(self) -> dict[str, float]:
        """Plain data."""
        return asdict(self)

    def copy(self) -> Totals:
        """What they are now."""
        return Totals(self.charge_Ah, self.discharge_Ah, self.charge_Wh, self.discharge_Wh)


class Moved:
    """``totals`` over all samples added so far; a sample that is not newer than the last adds nothing."""

    def __init__(self, totals: Totals | None = None) -> None:
        self.totals = totals if totals is not None else Totals()
        self._t_s: float | None = None
        self._current_A = self._power_W = 0.0

    def add(self, t_s: float, voltage_V: float, current_A: float) -> None:
        """One sample; bench time in s, V, A (positive charges)."""
        power_W, last_s = voltage_V * current_A, self._t_s
        if last_s is not None:
            if t_s <= last_s:
                return
            half_h = (t_s - last_s) / 7200
            moved_Ah = (self._current_A + current_A) * half_h
            moved_Wh = abs((self._power_W + power_W) * half_h)
            if moved_Ah >= 0:
                self.totals.charge_Ah += moved_Ah
                self.totals.charge_Wh += moved_Wh
            else:
                self.totals.discharge_Ah -= moved_Ah
                self.totals.discharge_Wh += moved_Wh
        self._t_s, self._current_A, self._power_W = t_s, current_A, power_W

    def interrupted(self) -> None:
        """What flowed, if anything, until the next sample is not known: it adds nothing."""
        self._t_s = None
