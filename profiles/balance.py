"""How far a plan may carry the state of charge, and what it leaves behind: bounds, not forecasts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from profiles.junction import Junction
from profiles.open_step import OpenStep
from profiles.plan import Plan, Segment


@dataclass(frozen=True)
class Balance:
    """In Ah from where the test begins, positive charged: the furthest it may get either way on any way
    through the plan, and what is left over at the end at least and at most. ``charge_Ah`` and
    ``discharge_Ah`` are the most that may be moved in all.

    A stretch that ends by a condition may move anything from nothing to its most; one that runs to a voltage
    is stopped there, whatever it moves, and counts only in the charges. ``first_…`` is the furthest before
    the first of those: from then on the battery is full or empty and not where it began.
    """

    lowest_Ah: float
    highest_Ah: float
    left_min_Ah: float
    left_max_Ah: float
    charge_Ah: float
    discharge_Ah: float
    nominal_capacity_Ah: float
    first_lowest_Ah: float = 0.0
    first_highest_Ah: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Plain data, also as shares of the nominal capacity."""
        shares = {
            f"soc_{name}": round(getattr(self, f"{name}_Ah") / self.nominal_capacity_Ah, 6)
            for name in ("lowest", "highest", "left_min", "left_max")
        }
        return {**asdict(self), **shares}

    def energy_Wh(self, cell_V: float, series_cells: int) -> tuple[float, float]:
        """The most that may be charged and discharged, at ``cell_V`` per cell."""
        return self.charge_Ah * cell_V * series_cells, self.discharge_Ah * cell_V * series_cells

    def fits(self, soc: float) -> str:
        """'' where a battery at ``soc`` (0 to 1) can take all of it by its nominal capacity; else why not."""
        low = soc + self.first_lowest_Ah / self.nominal_capacity_Ah
        high = soc + self.first_highest_Ah / self.nominal_capacity_Ah
        if low < 0:
            return f"it may go down to {low:.0%} of the nominal capacity, below empty"
        if high > 1:
            return f"it may go up to {high:.0%} of the nominal capacity, beyond full"
        return ""


def balance(plan: Plan) -> Balance:
    """Walks once through the groups of ``plan``; ways that exclude each other are not added up."""
    parts: list[Segment | OpenStep | Junction] = [*plan.segments, *plan.open_steps, *plan.junctions]
    parts.sort(key=lambda part: part.group)
    now = _Way(0.0, 0.0, 0.0, 0.0)
    lowest = highest = 0.0
    first, stopped = (0.0, 0.0), False
    arriving: dict[int, list[_Way]] = {}
    turning: dict[int, tuple[int, _Way]] = {}
    last = parts[-1].group + 1 if parts else 0
    for part in [*parts, None]:
        group = last if part is None else part.group
        # What arrives in between belongs to the way that is left at a turning; so in their order.
        waiting = {*arriving, *turning} if arriving or turning else ()
        for place in sorted(place for place in waiting if place <= group):
            now = now.met(arriving.pop(place, []))
            if place in turning:
                end, other = turning.pop(place)
                arriving.setdefault(end, []).append(now)
                now = other
                if end == place:
                    now = now.met(arriving.pop(end))
        if isinstance(part, Junction):
            yes, no = part.if_true, part.if_false
            if yes[1] > yes[0] and no[1] > no[0]:
                turning[yes[0]] = (yes[1], now)
            elif yes[1] > yes[0] or no[1] > no[0]:
                arriving.setdefault(max(yes[1], no[1]), []).append(now)
        elif part is not None:
            now = now.after(part)
            lowest, highest = min(lowest, now.low), max(highest, now.high)
            stopped = stopped or _by_voltage(part)
            if not stopped:
                first = (lowest, highest)
    moved = (now.low, now.high, now.charge, now.discharge)
    return Balance(lowest, highest, *moved, plan.nominal_capacity_Ah, *first)


@dataclass(slots=True)
class _Way:
    """Where a way may have come to, least and most, and what it has moved at most, in Ah."""

    low: float
    high: float
    charge: float
    discharge: float

    def met(self, others: list[_Way]) -> _Way:
        """Any of several ways."""
        ways = [self, *others]
        return _Way(
            min(way.low for way in ways),
            max(way.high for way in ways),
            max(way.charge for way in ways),
            max(way.discharge for way in ways),
        )

    def after(self, part: Segment | OpenStep) -> _Way:
        """One part further."""
        if isinstance(part, OpenStep):
            shift_Ah, most_Ah = part.soc_shift_max_Ah, part.throughput_max_Ah
            charge = self.charge + (most_Ah if part.charge_max_A else 0.0)
            discharge = self.discharge + (most_Ah if part.discharge_max_A else 0.0)
            return _Way(self.low - shift_Ah, self.high + shift_Ah, charge, discharge)
        if part.current_A == 0.0:
            return self
        ended = part.open_ended
        moved_Ah = part.current_A * (part.longest_s if ended else part.duration_s) / 3600
        up, down = (moved_Ah, 0.0) if moved_Ah > 0 else (0.0, -moved_Ah)
        charge, discharge = self.charge + up, self.discharge + down
        if ended and _by_voltage(part):
            return _Way(self.low, self.high, charge, discharge)
        if ended:
            return _Way(self.low - down, self.high + up, charge, discharge)
        return _Way(self.low + moved_Ah, self.high + moved_Ah, charge, discharge)


def _by_voltage(part: Segment | OpenStep) -> bool:
    if isinstance(part, OpenStep):
        return False
    return part.end is not None or (part.control is not None and part.control.mode == "voltage")
