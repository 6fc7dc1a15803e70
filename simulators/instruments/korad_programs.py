"""What a simulated KEL103 plays besides its lists: dynamic modes, a battery test, and its OCP and OPP tests.

Facts: the texts by which an open driver sets, recalls and asks them. Chosen here: a dynamic mode begins with
its first level, which lasts the duty cycle's part of the period; a pulse and a toggle wait for ``*TRG``; a
battery test ends with the input off at the first of its voltage, capacity and time (0 means none of these
two); OCP and OPP tests are kept and told again, their ramps are not played.
"""

from __future__ import annotations

import re

from simulators.instruments.korad_load import KoradLoad
from simulators.instruments.sink import Mode
from simulators.instruments.transient import CONTINUOUS, PULSE, TOGGLE, Transient
from simulators.scpi import parameters
from simulators.scpi.errors import out_of_range

_FIRST_NUMBER = re.compile(r"^\s*([0-9.]+)")
_SLOTS = 10
_FIELDS = {"BATT": 5, "OCP": 10, "OPP": 10}
_NAMES = {"BATT": "BATTERY", "OCP": "OCP", "OPP": "OPP"}
_DYNAMIC: dict[int, tuple[str, Mode, int]] = {
    1: ("CONTINUOUS CV", "CV", 4),
    2: ("CONTINUOUS CC", "CC", 6),
    3: ("CONTINUOUS CR", "CR", 4),
    4: ("CONTINUOUS CW", "CP", 4),
    5: ("PULSE", "CC", 5),
    6: ("TOGGLE", "CC", 4),
}


class KoradPrograms:
    """Of one load, whose ``highest`` tells the upper limit of a mode's level."""

    def __init__(self, load: KoradLoad) -> None:
        self._load = load
        self._kept: dict[str, dict[int, str]] = {name: {} for name in _FIELDS}
        self._recalled = dict.fromkeys(_FIELDS, 0)
        self._dynamic = ""
        self._transient: Transient | None = None
        self._ends = (0.0, 0.0, 0.0)
        add = load.table.add
        for name in _FIELDS:
            add(name, lambda text, n=name: self._keep(n, text))  # type: ignore[misc]
            add(f"RCL:{name}", lambda text, n=name: self._recall(n, text))  # type: ignore[misc]
            add(f"RCL:{name}?", lambda _, n=name: self._kept[n].get(self._recalled[n], ""))  # type: ignore[misc]
        add("BATT:TIM?", lambda _: f"{self._load.on_s / 60.0:.4f}M")
        add("BATT:CAP?", lambda _: f"{self._load.charge_Ah:.4f}AH")
        add("DYN", self._set_dynamic)
        add("DYN?", lambda _: self._dynamic)
        add("*TRG", lambda _: self._trigger())

    def play(self) -> None:
        """The input went on: a dynamic mode begins."""
        load = self._load
        if self._transient is not None and load.output_on and load.function in _names():
            load.run_program(self._transient.begun(load.circuit.time_s), load.mode)

    def over(self, voltage_V: float) -> bool:
        """Whether a battery test has reached one of its ends."""
        load = self._load
        end_V, end_Ah, end_min = self._ends
        return load.function == "BATTERY" and bool(
            voltage_V <= end_V
            or (end_Ah and load.charge_Ah >= end_Ah)
            or (end_min and load.on_s >= 60.0 * end_min)
        )

    def _keep(self, name: str, text: str) -> None:
        slot, _, content = text.partition(",")
        number = int(parameters.number(slot, 1, _SLOTS))
        _numbers(content, _FIELDS[name])  # raises where it cannot be meant
        self._kept[name][number] = content.strip()

    def _recall(self, name: str, text: str) -> None:
        number = int(parameters.number(text, 1, _SLOTS))
        if number not in self._kept[name]:
            raise out_of_range()
        load = self._load
        load.settle()
        self._recalled[name] = number
        load.function = _NAMES[name]
        load.set_mode("CC")
        load.set_level("CC", 0.0)
        if name == "BATT":
            _, current_A, *ends = _numbers(self._kept[name][number], _FIELDS[name])
            load.set_level("CC", min(current_A, load.highest("CC")))
            self._ends = (ends[0], ends[1], ends[2])

    def _set_dynamic(self, text: str) -> None:
        kind, _, content = text.partition(",")
        name, mode, count = _DYNAMIC[int(parameters.number(kind, 1, len(_DYNAMIC)))]
        values = _numbers(content, count)
        if mode == "CC":
            values = values[2:]  # the slopes: levels follow at once here
        a, b, *rest = values
        if name == "TOGGLE":
            transient = Transient(a, 0.0, b, 0.0, TOGGLE)
        elif name == "PULSE":
            transient = Transient(a, 0.0, b, rest[0], PULSE)
        else:
            period_s, share = 1.0 / max(rest[0], 1e-6), rest[1] / 100.0
            transient = Transient(a, period_s * share, b, period_s * (1.0 - share), CONTINUOUS)
        load = self._load
        if not transient.possible(load.highest(mode)):
            raise out_of_range()
        load.settle()
        self._dynamic, self._transient = text.strip(), transient
        load.function = name
        load.set_mode(mode)
        self.play()

    def _trigger(self) -> None:
        load = self._load
        if self._transient is None or load.program is None or load.function not in ("PULSE", "TOGGLE"):
            return
        load.settle()
        after = self._transient.triggered(load.circuit.time_s, load.program.level)
        if after is not None:
            load.run_program(after, load.mode)


def _names() -> set[str]:
    return {name for name, _, _ in _DYNAMIC.values()}


def _numbers(content: str, count: int) -> list[float]:
    """The numbers of a text whose parts carry units. Raises ScpiError -222 unless there are ``count``."""
    found = [float(match[1]) for part in content.split(",") if (match := _FIRST_NUMBER.match(part))]
    if len(found) != count or len(content.split(",")) != count:
        raise out_of_range()
    return found
