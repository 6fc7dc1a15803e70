"""From the program of another tool to a profile of the station."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from profiles import Profile
from station.exchange.cannot import CannotSay
from station.exchange.program import Current, Item, Looped, Power, Program, Resistance, Rest, Voltage

CHARGE_MAX = 1.2
"""Share of the nominal capacity after which a step that only a voltage ends is given up."""
LONGEST_S = 172_800.0
CONTACT = {"step": "contact_check", "current_C": 0.1, "duration_s": 1.0, "rest_s": 4.0}
CONTACT_NOTE = "a contact check (0.1 C for 1 s) was put first: without one nothing is energised"


class Builder:
    """``current_max_C`` bounds held voltages, powers and resistances where the program says no current."""

    def __init__(
        self, program: Program, *, series_cells: int, capacity_Ah: float | None, current_max_C: float | None
    ) -> None:
        self._program, self._series = program, series_cells
        self._capacity_Ah = capacity_Ah or program.capacity_Ah
        self._current_max_C = current_max_C
        self.notes = list(program.notes)

    def profile(self, name: str, based_on: str) -> Profile:
        """Raises CannotSay for the first step that cannot be said."""
        steps = self._steps(self._program.items)
        if _energises(steps):
            steps = [CONTACT, *steps]
            self.notes.insert(0, CONTACT_NOTE)
        title = self._program.name if self._program.name not in ("", "$NAME") else name
        title = title[:60]
        data = {
            "schema": "pulse-station/profile/1",
            "name": name,
            "title": {"zh": title, "en": title},
            "description": {"zh": f"由 {based_on} 导入", "en": f"imported from {based_on}"},
            "timing": "best",
            "sampling_Hz": self._sampling_Hz(),
            "limits": self._limits(),
            "source": {"based_on": based_on, "not_verified": "; ".join(self.notes)[:1000]},
            "steps": steps,
        }
        try:
            return Profile.model_validate(data)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise CannotSay(0, "", self._program.format, f"{where}: {first['msg']}") from error

    # ------------------------------------------------------------------ steps

    def _steps(self, items: Sequence[Item]) -> list[dict[str, Any]]:
        steps: list[dict[str, Any]] = []
        number = 0
        while number < len(items):
            item = items[number]
            after = items[number + 1] if number + 1 < len(items) else None
            if isinstance(item, Current) and isinstance(after, Voltage) and _is_cccv(item, after):
                steps.append(self._cccv(item, after))
                number += 2
                continue
            before = items[number - 1] if number else None
            steps.append(self._kept(self._step(item, before), item))
            number += 1
        return steps

    def _step(self, item: Item, before: Item | None) -> dict[str, Any]:
        if isinstance(item, Rest):
            return {"step": "rest", "duration_s": item.duration_s}
        if isinstance(item, Current):
            return self._current(item)
        if isinstance(item, Voltage):
            return self._voltage(item, before)
        if isinstance(item, Looped):
            return {"step": "loop", "times": item.times, "steps": self._steps(item.items)}
        if isinstance(item, Power):
            direction = "charge" if item.power_W > 0 else "discharge"
            held = {"step": "constant_power", "direction": direction, "power_W": abs(item.power_W)}
            return {**held, **self._bounded(item, charges=item.power_W > 0)}
        if isinstance(item, Resistance):
            held = {"step": "constant_resistance", "resistance_ohm": item.resistance_ohm}
            return {**held, **self._bounded(item, charges=False)}
        raise self._refuse(item, "the station has no such step")

    def _current(self, item: Current) -> dict[str, Any]:
        step: dict[str, Any] = {
            "step": "constant_current",
            "direction": "charge" if item.charges else "discharge",
        }
        if item.rate_C is not None:
            step["current_C"] = abs(item.rate_C)
        else:
            step["current_A"] = abs(item.current_A or 0.0)
        if item.until_V is not None:
            step["until"] = [self._end(item.until_V, charges=item.charges)]
        if item.duration_s is not None:
            return {**step, "duration_max_s": item.duration_s}
        rate_C = self._rate_C(item)
        longest_s = LONGEST_S if rate_C is None else min(LONGEST_S, CHARGE_MAX * 3600 / rate_C)
        return {**step, "duration_max_s": _round(longest_s), "must_reach": True}

    def _cccv(self, current: Current, voltage: Voltage) -> dict[str, Any]:
        rate_C, end_C = self._need_C(current), self._end_C(voltage)
        longest_s = min(LONGEST_S, 2 * CHARGE_MAX * 3600 / rate_C)
        step = {
            "step": "cccv",
            "direction": "charge" if current.charges else "discharge",
            "current_C": rate_C,
            "cell_voltage_V": _round(voltage.voltage_V / self._series),
            "current_end_C": end_C,
            "duration_max_s": _round(longest_s),
            "must_reach": True,
        }
        return self._kept(step, voltage)

    def _voltage(self, item: Voltage, before: Item | None) -> dict[str, Any]:
        follows = isinstance(before, Current) and before.until_V == item.voltage_V
        most_C = self._need_C(before) if follows and isinstance(before, Current) else self._current_max_C
        if most_C is None:
            raise self._refuse(
                item, "it does not say how much current may flow", "give the most: --current-max-C"
            )
        charges = before.charges if follows and isinstance(before, Current) else True
        has_end = item.until_C is not None or item.until_A is not None
        longest_s = item.duration_s or min(LONGEST_S, 2 * CHARGE_MAX * 3600 / most_C)
        return {
            "step": "constant_voltage",
            "direction": "charge" if charges else "discharge",
            "cell_voltage_V": _round(item.voltage_V / self._series),
            "current_max_C": most_C,
            "current_end_C": self._end_C(item) if has_end else None,
            "duration_max_s": _round(longest_s),
            "must_reach": item.duration_s is None,
        }

    def _bounded(self, item: Power | Resistance, *, charges: bool) -> dict[str, Any]:
        if self._current_max_C is None:
            raise self._refuse(
                item, "it does not say how much current may flow", "give the most: --current-max-C"
            )
        until = [] if item.until_V is None else [self._end(item.until_V, charges=charges)]
        return {
            "current_max_C": self._current_max_C,
            "duration_max_s": item.duration_s or LONGEST_S,
            "until": until,
            "must_reach": item.duration_s is None,
        }

    def _kept(self, step: dict[str, Any], item: Item) -> dict[str, Any]:
        """Which samples are kept, where the program says it."""
        p = self._program
        often = (p.record_s or 0) <= 1.0 and not (p.record_V or p.record_A)
        if isinstance(item, Looped) or often:
            return step
        record = {"every_s": p.record_s, "voltage_change_V": p.record_V, "current_change_A": p.record_A}
        return {**step, "record": {key: value for key, value in record.items() if value is not None}}

    # ------------------------------------------------------------------ numbers

    def _end(self, voltage_V: float, *, charges: bool) -> str:
        cell_V = _round(voltage_V / self._series)
        return f"cell_voltage_V {'>=' if charges else '<='} {cell_V!r} V"

    def _rate_C(self, item: Current) -> float | None:
        if item.rate_C is not None:
            return abs(item.rate_C)
        return None if self._capacity_Ah is None else _round(abs(item.current_A or 0.0) / self._capacity_Ah)

    def _need_C(self, item: Current) -> float:
        rate_C = self._rate_C(item)
        if rate_C is None:
            raise self._refuse(item, "its current is in A and the capacity is not known", _GIVE_CAPACITY)
        return rate_C

    def _end_C(self, item: Voltage) -> float:
        if item.until_C is not None:
            return abs(item.until_C)
        if item.until_A is None or self._capacity_Ah is None:
            raise self._refuse(item, "its last current is in A and the capacity is not known", _GIVE_CAPACITY)
        return _round(abs(item.until_A) / self._capacity_Ah)

    def _sampling_Hz(self) -> float:
        record_s = self._program.record_s
        return 10.0 if record_s is None else min(1000.0, max(1.0, _round(1 / record_s)))

    def _limits(self) -> dict[str, float]:
        p, limits = self._program, {}
        for name, value in (
            ("cell_voltage_max_V", p.voltage_max_V),
            ("cell_voltage_min_V", p.voltage_min_V),
        ):
            if value is not None:
                limits[name] = _round(value / self._series)
        currents = [abs(c) for c in (p.charge_current_max_A, p.discharge_current_max_A) if c is not None]
        if currents and self._capacity_Ah is not None:
            limits["current_max_C"] = _round(min(currents) / self._capacity_Ah)
        elif currents:
            self.notes.append("its current limits are left out: the capacity is not known")
        if p.charge_max_Ah is not None and self._capacity_Ah is not None:
            share = _round(p.charge_max_Ah / self._capacity_Ah)
            limits |= {"charge_max_of_capacity": share, "discharge_max_of_capacity": share}
        return limits

    def _refuse(self, item: Item, why: str, remedy: str = "") -> CannotSay:
        return CannotSay(item.place, item.kind, self._program.format, why, remedy=remedy)


_GIVE_CAPACITY = "give it: --nominal-capacity"


def _is_cccv(current: Current, voltage: Voltage) -> bool:
    ends = voltage.until_C is not None or voltage.until_A is not None
    return (
        current.until_V == voltage.voltage_V
        and current.duration_s is None
        and voltage.duration_s is None
        and ends
    )


def _energises(steps: Sequence[dict[str, Any]]) -> bool:
    return any(step["step"] != "rest" for step in steps)


def _round(value: float) -> float:
    return float(f"{value:.12g}")


def plain_name(text: str, fallback: str) -> str:
    """A name that a profile may have."""
    name = re.sub(r"[^a-z0-9_-]+", "-", text.lower()).strip("-")
    name = re.sub(r"^[^a-z]+", "", name)[:40].rstrip("-")
    return name or fallback
