"""Reads Neware step files (XML, version 17) as a BTS 8 server does when it is told to start one.

Facts: the format as the open writer aurora-unicycler produces it. Voltages in 0.1 mV, currents in mA, times
in ms. Step types 1 charge, 2 discharge, 3 and 19 constant voltage, 4 rest, 5 loop, 6 end. Chosen here:
without a record time one record a second; an unknown step type, or a rest without a time, spoils the whole
file.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree

from simulators.instruments.cycler_channel import Limits, Step, repeated

MOST_STEPS = 100_000


@dataclass(frozen=True)
class Program:
    """What a step file says."""

    steps: list[Step]
    limits: Limits
    period_s: float


def read_step_file(text: str) -> Program:
    """Parse one. Raises ValueError for whatever is no step file."""
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError(f"no XML: {error}") from error
    config = root.find("config")
    if root.tag != "root" or config is None or config.get("type") != "Step File":
        raise ValueError("no step file")
    info = config.find("Step_Info")
    if info is None:
        raise ValueError("no steps")
    steps: list[Step | tuple[int, int]] = []
    for element in sorted(info, key=lambda step: int(step.get("Step_ID", "0"))):
        kind = element.get("Step_Type", "")
        if kind == "6":
            break
        steps.append(_step(element, kind))
    return Program(
        repeated(steps)[:MOST_STEPS],
        _limits(config.find("Whole_Prt/Protect/Main")),
        (_number(config.find("Whole_Prt/Record/Main"), "Time") or 1000.0) / 1000.0,
    )


def _step(element: ElementTree.Element, kind: str) -> Step | tuple[int, int]:
    main = element.find("Limit/Main")
    time_ms = _number(main, "Time")
    duration_s = float("inf") if time_ms is None else time_ms / 1000.0
    current_A = (_number(main, "Curr") or 0.0) / 1000.0
    stop = _number(main, "Stop_Volt")
    until_V = None if stop is None else stop / 10_000.0
    if kind in ("1", "2"):
        if current_A <= 0.0:
            raise ValueError("a constant current without a current")
        return Step("charge" if kind == "1" else "discharge", current_A, duration_s, until_V)
    if kind in ("3", "19"):
        until_A = (_number(main, "Stop_Curr") or 0.0) / 1000.0
        voltage_V = (_number(main, "Volt") or 0.0) / 10_000.0
        return Step("cv", current_A or 1e9, duration_s, None, voltage_V, until_A)
    if kind == "4":
        if time_ms is None:
            raise ValueError("a rest without a time")
        return Step("rest", duration_s=duration_s)
    if kind == "5":
        other = element.find("Limit/Other")
        return int(_number(other, "Start_Step") or 1), int(_number(other, "Cycle_Count") or 1)
    raise ValueError(f"step type {kind!r}")


def _limits(main: ElementTree.Element | None) -> Limits:
    volt = None if main is None else main.find("Volt")
    curr = None if main is None else main.find("Curr")
    upper_V, lower_V = _number(volt, "Upper"), _number(volt, "Lower")
    upper_mA, lower_mA = _number(curr, "Upper"), _number(curr, "Lower")
    return Limits(
        float("-inf") if lower_V is None else lower_V / 10_000.0,
        float("inf") if upper_V is None else upper_V / 10_000.0,
        float("inf") if upper_mA is None else upper_mA / 1000.0,
        float("inf") if lower_mA is None else -lower_mA / 1000.0,
    )


def _number(parent: ElementTree.Element | None, tag: str) -> float | None:
    found = None if parent is None else parent.find(tag)
    text = None if found is None else found.get("Value")
    return None if text is None else float(text)
