"""Protocols of ``aurora-unicycler`` (JSON): one protocol that becomes files of several cyclers.

Facts: its own model, version 0.4 (MIT). Currents in mA or as C-rates (positive charges), times in s,
voltages at the terminals. Its tags only name a place for loops. Impedance and voltage scans have no step
here.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

from profiles import Loop, Profile, Repeat
from station.exchange.cannot import CannotSay
from station.exchange.program import Current, Item, Looped, Program, Rest, Voltage
from station.exchange.stretches import Stretch, Stretches, is_rest

FORMAT = "aurora-unicycler"


def to_unicycler(found: Stretches) -> dict[str, Any]:
    """The protocol as plain data, which ``CyclingProtocol.from_dict`` reads."""
    capacity_Ah = found.plan.nominal_capacity_Ah
    method: list[dict[str, Any]] = []
    for step in sorted({part.step for part in found.parts}):
        parts = [part for part in found.parts if part.step == step]
        times = _times(found.profile, step)
        one = _once(parts, times)
        if one is None:
            method += [_technique(part, capacity_Ah) for part in parts]
            continue
        tag = f"step {step}"
        method.append({"step": "tag", "tag": tag})
        method += [_technique(part, capacity_Ah) for part in one]
        method.append({"step": "loop", "loop_to": tag, "cycle_count": times})
    return {
        "sample": {"name": found.profile.name, "capacity_mAh": _number(capacity_Ah * 1000)},
        "record": {"time_s": _number(1 / found.profile.sampling_Hz)},
        "safety": _safety(found),
        "method": method,
    }


def _times(profile: Profile, step: int) -> int:
    own = profile.steps[step - 1]
    return own.times if isinstance(own, (Loop, Repeat)) else 1


def _once(parts: list[Stretch], times: int) -> list[Stretch] | None:
    """What is repeated ``times`` times; None where it is not the same each time."""
    if times < 2 or len(parts) % times:
        return None
    size = len(parts) // times
    plain = [replace(part, group=0) for part in parts]
    same = all(plain[n : n + size] == plain[:size] for n in range(0, len(plain), size))
    return parts[:size] if same else None


def _technique(part: Stretch, capacity_Ah: float) -> dict[str, Any]:
    time_s = None if part.fuse else _number(part.duration_s)
    if is_rest(part):
        return {"step": "open_circuit_voltage", "until_time_s": _number(part.duration_s)}
    if part.hold_V is None:
        held = {"step": "constant_current", "rate_C": _number(part.current_A / capacity_Ah)}
        return {**held, "until_time_s": time_s, "until_voltage_V": part.until_V}
    sign = 1 if part.current_A > 0 else -1
    end_C = None if part.until_A is None else _number(sign * part.until_A / capacity_Ah)
    if end_C is None:
        time_s = _number(part.duration_s)
    return {
        "step": "constant_voltage",
        "voltage_V": part.hold_V,
        "until_time_s": time_s,
        "until_rate_C": end_C,
    }


def _safety(found: Stretches) -> dict[str, Any]:
    limits, capacity_Ah = found.profile.limits, found.plan.nominal_capacity_Ah
    safety: dict[str, Any] = {}
    if limits.cell_voltage_max_V is not None:
        safety["max_voltage_V"] = _number(limits.cell_voltage_max_V * found.series_cells)
    if limits.cell_voltage_min_V is not None:
        safety["min_voltage_V"] = _number(limits.cell_voltage_min_V * found.series_cells)
    if limits.current_max_C is not None:
        most_mA = _number(limits.current_max_C * capacity_Ah * 1000)
        safety |= {"max_current_mA": most_mA, "min_current_mA": -most_mA}
    return safety


def _number(value: float) -> float:
    return float(f"{value:.12g}")


def from_unicycler(text: str) -> Program:
    """Read a protocol. Raises CannotSay."""
    try:
        data = json.loads(text)
        method = list(data["method"])
        sample, record, safety = (dict(data.get(key) or {}) for key in ("sample", "record", "safety"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise CannotSay(
            0, "", FORMAT, why,
            remedy="give the file that aurora-unicycler has written, as JSON", code="exchange.no_protocol",
        ) from error  # fmt: skip
    program = Program(
        FORMAT,
        items=_items(method),
        name=str(sample.get("name") or ""),
        capacity_Ah=_milli(sample, "capacity_mAh"),
        record_s=_opt(record, "time_s"),
        record_V=_opt(record, "voltage_V"),
        record_A=_milli(record, "current_mA"),
        voltage_max_V=_opt(safety, "max_voltage_V"),
        voltage_min_V=_opt(safety, "min_voltage_V"),
        charge_current_max_A=_milli(safety, "max_current_mA"),
        discharge_current_max_A=_milli(safety, "min_current_mA"),
        charge_max_Ah=_milli(safety, "max_capacity_mAh"),
    )
    if safety.get("delay_s"):
        program.notes.append(f"limits act at once, not after {safety['delay_s']} s")
    return program


def _items(method: list[Any]) -> list[Item]:
    """Loops as loops. Their counts are of all rounds."""
    items: list[Item] = []
    starts: dict[str | int, int] = {}
    for number, step in enumerate(method, 1):
        kind = str(step.get("step", "")) if isinstance(step, dict) else ""
        starts[number] = len(items)
        if kind == "tag":
            starts[str(step.get("tag"))] = len(items)
        elif kind == "loop":
            to = step.get("loop_to", 1)
            begin = starts.get(to) if isinstance(to, (str, int)) else None
            if begin is None or begin >= len(items):
                raise CannotSay(number, kind, FORMAT, f"there is no step {to!r} to go back to")
            inside = items[begin:]
            if not all(item.place >= _first_place(items, begin) for item in inside):
                raise CannotSay(number, kind, FORMAT, "its loops cross each other")
            items[begin:] = [Looped(number, kind, _cycles(number, step), tuple(inside))]
        else:
            items.append(_item(number, kind, step))
    return items


def _first_place(items: list[Item], begin: int) -> int:
    return items[begin].first_place


def _item(number: int, kind: str, step: dict[str, Any]) -> Item:
    if kind == "open_circuit_voltage":
        return Rest(number, kind, _needed(number, step, "until_time_s"))
    if kind == "constant_current":
        rate_C, current_A = _rate(number, kind, step.get("rate_C")), _milli(step, "current_mA", number)
        if not rate_C and not current_A:
            raise CannotSay(number, kind, FORMAT, "it has no current")
        return Current(
            number, kind, rate_C or None, None if rate_C else current_A, _opt(step, "until_time_s", number),
            _opt(step, "until_voltage_V", number),
        )  # fmt: skip
    if kind == "constant_voltage":
        return Voltage(
            number, kind, _needed(number, step, "voltage_V"), _opt(step, "until_time_s", number),
            _rate(number, kind, step.get("until_rate_C")), _milli(step, "until_current_mA", number),
        )  # fmt: skip
    raise CannotSay(number, kind, FORMAT, "the station has no such step")


def _rate(number: int, kind: str, value: Any) -> float | None:
    """A number, or a text such as ``C/3`` or ``D/2`` (discharge)."""
    if value is None or value == "":
        return None
    try:
        return float(value)
    except TypeError as error:
        raise CannotSay(number, kind, FORMAT, f"{value!r} is no C-rate") from error
    except ValueError:
        top, _, bottom = str(value).replace(" ", "").partition("/")
        sign = -1.0 if "D" in top else 1.0
        try:
            return sign * float(top.strip("CD") or 1) / float(bottom or 1)
        except (ValueError, ZeroDivisionError) as error:
            raise CannotSay(number, kind, FORMAT, f"{value!r} is no C-rate") from error


def _needed(number: int, step: dict[str, Any], key: str) -> float:
    value = _opt(step, key, number)
    if value is None:
        raise CannotSay(number, str(step.get("step")), FORMAT, f"{key} is missing")
    return value


def _cycles(number: int, step: dict[str, Any]) -> int:
    value = _needed(number, step, "cycle_count")
    if value != int(value):
        raise CannotSay(number, str(step.get("step")), FORMAT, f"cycle_count: {value:g} is no whole number")
    return int(value)


def _opt(data: dict[str, Any], key: str, number: int = 0) -> float | None:
    """A number; of the protocol's step ``number``, 0 of its head. Raises CannotSay for what is none."""
    value = data.get(key)
    if value in (None, "", 0):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = math.nan
    if not math.isfinite(found) or isinstance(value, bool):
        raise CannotSay(number, str(data.get("step", "")), FORMAT, f"{key}: {value!r} is no number")
    return found


def _milli(data: dict[str, Any], key: str, number: int = 0) -> float | None:
    value = _opt(data, key, number)
    return None if value is None else value / 1000
