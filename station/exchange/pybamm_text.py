"""Experiments of PyBaMM as its strings: ``Discharge at C/10 for 10 hours or until 3.3 V``.

Facts: PyBaMM's own documentation of ``pybamm.Experiment`` and ``pybamm.step.string`` (BSD). A file is JSON
(a list of strings; a list inside it is a cycle) or one string a line. What Python writes as ``[…] * 3`` is
``{"times": 3, "steps": […]}`` here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from station.exchange.cannot import CannotSay
from station.exchange.program import Current, Item, Looped, Power, Program, Resistance, Rest, Voltage
from station.exchange.stretches import Stretches, is_rest

FORMAT = "PyBaMM"
_SECONDS = {
    "second": 1.0, "sec": 1.0, "s": 1.0, "minute": 60.0, "min": 60.0, "m": 60.0,
    "hour": 3600.0, "hr": 3600.0, "h": 3600.0,
}  # fmt: skip
_N = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
_TIME = re.compile(
    rf"(?P<number>{_N}(?:[eE][+-]?[0-9]+)?) ?(?P<unit>seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h)"
)
_PERIOD = re.compile(r"\((?P<time>.+) period\)$")
_VALUE = re.compile(rf"(?P<number>-?{_N}(?:[eE][+-]?\d+)?) ?(?P<unit>mA|A|mV|V|mW|W|Ohm|ohm|C)")
_RATE = re.compile(rf"(?P<top>{_N}?) ?C ?/ ?(?P<bottom>{_N})")
_HEAD = re.compile(r"(?P<verb>Charge|Discharge|Hold) at (?P<value>.+?)(?P<ends> (?:for|until) .+)?")


def from_pybamm(text: str) -> Program:
    """Read an experiment. Raises CannotSay."""
    strings = _listed(text)
    counter = _Counter()
    program = Program(FORMAT, _items(strings, counter))
    if counter.period_s:
        program.record_s = min(counter.period_s)
    program.notes += counter.notes
    if not program.items:
        raise CannotSay(0, "", FORMAT, "there is no step")
    return program


def _listed(text: str) -> list[Any]:
    stripped = text.strip()
    if stripped.startswith(("[", "{")):
        try:
            data = json.loads(stripped)
        except ValueError as error:
            raise CannotSay(0, "", FORMAT, f"this is no JSON: {error}") from error
        return data if isinstance(data, list) else [data]
    lines = (line.split("#", 1)[0].strip().strip(",").strip("\"'") for line in text.splitlines())
    return [line for line in lines if line]


class _Counter:
    """Numbers the strings, and keeps what was said by the way."""

    def __init__(self) -> None:
        self.place = 0
        self.period_s: list[float] = []
        self.notes: list[str] = []


def _items(strings: Sequence[Any], counter: _Counter) -> list[Item]:
    items: list[Item] = []
    for one in strings:
        if isinstance(one, str):
            counter.place += 1
            items.append(_item(one, counter))
        elif isinstance(one, dict) and isinstance(one.get("steps"), list):
            inside = _items(one["steps"], counter)
            items.append(Looped(counter.place, "cycle", int(one.get("times", 1)), tuple(inside)))
        elif isinstance(one, list):
            items += _items(one, counter)
        else:
            raise CannotSay(counter.place + 1, str(type(one).__name__), FORMAT, "this is no string")
    return items


def _item(text: str, counter: _Counter) -> Item:
    place, said = counter.place, " ".join(text.split())
    period = _PERIOD.search(said)
    if period is not None:
        counter.period_s.append(_time(place, said, period["time"]))
        said = said[: period.start()].strip()
    if " at " in said and re.search(r" at -?[0-9.]+ ?oC$", said):
        said, _, degrees = said.rpartition(" at ")
        counter.notes.append(f"step {place}: its temperature ({degrees}) is not set")
    if said.startswith("Rest"):
        match = re.fullmatch(r"Rest(?: for (.+))?", said)
        if match is None or match[1] is None:
            raise CannotSay(place, said, FORMAT, "a rest needs a time")
        return Rest(place, said, _time(place, said, match[1]))
    head = _HEAD.fullmatch(said)
    if head is None:
        raise CannotSay(
            place, said, FORMAT, "this is not understood", remedy="see pybamm.step.string for what is"
        )
    duration_s, end = _ends(place, said, head["ends"] or "")
    return _held(place, said, head["verb"], head["value"], duration_s, end)


def _held(
    place: int, said: str, verb: str, value: str, duration_s: float | None, end: tuple[float, str] | None
) -> Item:
    number, unit = _value(place, said, value)
    sign = 1.0 if verb == "Charge" else -1.0
    if verb == "Hold":
        if unit != "V":
            raise CannotSay(place, said, FORMAT, "only a voltage can be held")
        if end is not None and end[1] not in ("A", "C"):
            raise CannotSay(place, said, FORMAT, "a held voltage ends at a current")
        until_C = end[0] if end is not None and end[1] == "C" else None
        until_A = end[0] if end is not None and end[1] == "A" else None
        if duration_s is None and end is None:
            raise CannotSay(place, said, FORMAT, "it has no end")
        return Voltage(place, said, number, duration_s, until_C, until_A)
    if end is not None and end[1] != "V":
        raise CannotSay(place, said, FORMAT, f"it ends at {end[0]:g} {end[1]}: only voltages are known here")
    if duration_s is None and end is None:
        raise CannotSay(place, said, FORMAT, "it has no end")
    until_V = None if end is None else end[0]
    if unit == "C":
        return Current(place, said, sign * number, None, duration_s, until_V)
    if unit == "A":
        return Current(place, said, None, sign * number, duration_s, until_V)
    if unit == "W":
        return Power(place, said, sign * number, duration_s, until_V)
    if unit == "Ohm" and verb == "Discharge":
        return Resistance(place, said, number, duration_s, until_V)
    raise CannotSay(place, said, FORMAT, f"{verb.lower()} at {number:g} {unit} is not known here")


def _ends(place: int, said: str, text: str) -> tuple[float | None, tuple[float, str] | None]:
    """Its time in s and its other end, from ``for 1 hour or until 3 V``."""
    duration_s: float | None = None
    end: tuple[float, str] | None = None
    for part in text.strip().split(" or ") if text else []:
        word, _, rest = part.strip().partition(" ")
        if word == "for" and duration_s is None:
            duration_s = _time(place, said, rest)
        elif word == "until" and end is None:
            end = _value(place, said, _towards(place, said, rest.strip()))
        else:
            raise CannotSay(place, said, FORMAT, f"the end {part.strip()!r} is not understood")
    return duration_s, end


def _towards(place: int, said: str, end: str) -> str:
    """``end`` without the ``<`` or ``>`` that may stand before it, where that is the way it goes anyway."""
    if not end.startswith(("<", ">")):
        return end
    wanted = ">" if said.startswith("Charge") else "<"  # a held voltage ends at a falling current
    if end[0] != wanted:
        raise CannotSay(place, said, FORMAT, f"it would end at {end}, which it does not run towards")
    return end[1:].strip()


def _value(place: int, said: str, text: str) -> tuple[float, str]:
    """A number in A, V, W, Ohm or C."""
    rate = _RATE.fullmatch(text.strip())
    if rate is not None and float(rate["bottom"]):
        return float(rate["top"] or 1) / float(rate["bottom"]), "C"
    match = _VALUE.fullmatch(text.strip())
    if match is None:
        raise CannotSay(place, said, FORMAT, f"{text!r} is no value")
    number, unit = float(match["number"]), match["unit"]
    if unit[0] == "m":
        return number / 1000, unit[1:]
    return number, "Ohm" if unit == "ohm" else unit


def _time(place: int, said: str, text: str) -> float:
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise CannotSay(place, said, FORMAT, f"{text!r} is no time")
    unit = match["unit"]
    return float(match["number"]) * _SECONDS[unit if unit in _SECONDS else unit.rstrip("s")]


def to_pybamm(found: Stretches) -> list[str]:
    """The strings of an experiment, rounds of loops one after the other. Currents as C-rates."""
    capacity_Ah = found.plan.nominal_capacity_Ah
    return [_string(part, capacity_Ah) for part in found.parts]


def _string(part: Any, capacity_Ah: float) -> str:
    ends = [] if part.fuse else [f"for {part.duration_s:g} seconds"]
    if is_rest(part):
        return f"Rest for {part.duration_s:g} seconds"
    if part.hold_V is not None:
        if part.until_A is not None:
            ends.append(f"until {part.until_A / capacity_Ah:.6g}C")
        return f"Hold at {part.hold_V:g} V {' or '.join(ends)}"
    if part.until_V is not None:
        ends.append(f"until {part.until_V:g} V")
    verb = "Charge" if part.current_A > 0 else "Discharge"
    return f"{verb} at {abs(part.current_A) / capacity_Ah:.9g}C {' or '.join(ends)}"
