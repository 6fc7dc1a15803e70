"""Writes a schedule as a step file of Neware BTS 8 (XML, version 17), and refuses what that cannot say.

Facts: the format as aurora-unicycler writes it. Voltages are in 0.1 mV, currents in mA, times in ms,
capacities in mAh x 3600. Step types: 1 charge, 2 discharge, 3 and 19 hold a
voltage (charge, discharge), 4 rest, 6 end. A protection knows an upper and a
lower voltage and current; that its lower current is the discharge limit as a negative number is that writer's
own reading and was not seen on a machine. There is no protection by power.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from xml.etree import ElementTree

from drivers.contracts.cycler import CannotSay, CyclerStep, Schedule
from drivers.cycler_driver import cannot_say

STEPS_MAX = 500
"""Of one file; no limit was found in the sources, longer ones were not tried."""
_TYPE = {1: "1", -1: "2", 0: "4"}
_TIME_S = 0.001
_CURRENT_MIN_A = 1e-6
"""Currents are written in mA with six decimals; what is so small that this rounds it visibly is refused."""


def check_steps(schedule: Schedule, address: str) -> None:
    """Raises CannotSay, naming the step (from 1)."""
    if not 1 <= len(schedule.steps) <= STEPS_MAX:
        raise _cannot(address, 0, f"a file has 1 to {STEPS_MAX} steps, not {len(schedule.steps)}")
    if not _whole_ms(schedule.record_period_s):
        raise _cannot(address, 0, f"records every {schedule.record_period_s:g} s: times are whole ms")
    for number, step in enumerate(schedule.steps, 1):
        if not _whole_ms(step.duration_s):
            raise _cannot(address, number, f"{step.duration_s!r} s: times are whole milliseconds")
        if not isfinite(step.current_A) or 0.0 < abs(step.current_A) < _CURRENT_MIN_A:
            raise _cannot(address, number, f"{step.current_A!r} A is no current it can hold")
        if step.until_V is not None and (step.current_A == 0.0 or not step.until_V > 0):
            raise _cannot(address, number, "a rest cannot end at a voltage, and no step at 0 V")


@dataclass(frozen=True)
class HeldVoltage:
    """Hold a voltage with at most ``current_A`` (magnitude) until ``until_A`` flow; it charges, or
    discharges."""

    voltage_V: float
    current_A: float
    until_A: float | None
    duration_s: float
    charges: bool


def step_file(
    schedule: Schedule, name: str, address: str, held: Mapping[int, HeldVoltage] | None = None
) -> str:
    """The file's text. Behind step ``n`` (from 1) of ``schedule`` comes ``held[n]``. Raises CannotSay."""
    check_steps(schedule, address)
    all_steps: list[CyclerStep | HeldVoltage] = []
    for number, one in enumerate(schedule.steps, 1):
        all_steps += [one, *([held[number]] if held and number in held else [])]
    root = ElementTree.Element("root")
    config = ElementTree.SubElement(root, "config", type="Step File", version="17")
    head = ElementTree.SubElement(config, "Head_Info")
    for tag, value in (("Operate", "66"), ("Scale", "1")):
        _value(head, tag, value)
    ElementTree.SubElement(head, "Start_Step", Value="1", Hide_Ctrl_Step="0")
    for tag, value in (("Creator", "pulse-station"), ("Remark", name), ("RateType", "103")):
        _value(head, tag, value)
    _whole(config, schedule)
    steps = ElementTree.SubElement(config, "Step_Info", Num=str(len(all_steps) + 1))
    for number, step in enumerate(all_steps, 1):
        if isinstance(step, HeldVoltage):
            _held(steps, number, step)
        else:
            _step(steps, number, step)
    last = len(all_steps) + 1
    ElementTree.SubElement(steps, f"Step{last}", Step_ID=str(last), Step_Type="6")
    smbus = ElementTree.SubElement(config, "SMBUS")
    ElementTree.SubElement(smbus, "SMBUS_Info", Num="0", AdjacentInterval="0")
    ElementTree.indent(root)
    return f'<?xml version="1.0" ?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _whole(config: ElementTree.Element, schedule: Schedule) -> None:
    """Protection and records of all steps."""
    whole = ElementTree.SubElement(config, "Whole_Prt")
    protect = ElementTree.SubElement(ElementTree.SubElement(whole, "Protect"), "Main")
    limits = schedule.protection
    volt = ElementTree.SubElement(protect, "Volt")
    _value(volt, "Upper", _number(limits.voltage_max_V * 10_000))
    _value(volt, "Lower", _number(limits.voltage_min_V * 10_000))
    current = ElementTree.SubElement(protect, "Curr")
    _value(current, "Upper", _number(limits.charge_current_max_A * 1_000))
    _value(current, "Lower", _number(-limits.discharge_current_max_A * 1_000))
    record = ElementTree.SubElement(ElementTree.SubElement(whole, "Record"), "Main")
    _value(record, "Time", _number(schedule.record_period_s * 1_000))


def _step(steps: ElementTree.Element, number: int, step: CyclerStep) -> None:
    sign = (step.current_A > 0) - (step.current_A < 0)
    element = ElementTree.SubElement(steps, f"Step{number}", Step_ID=str(number), Step_Type=_TYPE[sign])
    main = ElementTree.SubElement(ElementTree.SubElement(element, "Limit"), "Main")
    if sign:
        _value(main, "Curr", _number(abs(step.current_A) * 1_000))
    _value(main, "Time", _number(step.duration_s * 1_000))
    if step.until_V is not None:
        _value(main, "Stop_Volt", _number(step.until_V * 10_000))


def _held(steps: ElementTree.Element, number: int, step: HeldVoltage) -> None:
    kind = "3" if step.charges else "19"
    element = ElementTree.SubElement(steps, f"Step{number}", Step_ID=str(number), Step_Type=kind)
    main = ElementTree.SubElement(ElementTree.SubElement(element, "Limit"), "Main")
    _value(main, "Volt", _number(step.voltage_V * 10_000))
    _value(main, "Time", _number(step.duration_s * 1_000))
    if step.until_A is not None:
        _value(main, "Stop_Curr", _number(step.until_A * 1_000))
    _value(main, "Curr", _number(step.current_A * 1_000))


def _value(parent: ElementTree.Element, tag: str, value: str) -> None:
    ElementTree.SubElement(parent, tag, Value=value)


def _number(value: float) -> str:
    return f"{value:.6f}"


def _whole_ms(time_s: float) -> bool:
    """A time above 0 that is a whole number of milliseconds, as far as a float can be one."""
    if not isfinite(time_s) or time_s <= 0:
        return False
    return round(time_s / _TIME_S) >= 1 and abs(time_s / _TIME_S - round(time_s / _TIME_S)) < 1e-6


def _cannot(address: str, step: int, why: str) -> CannotSay:
    return cannot_say(address, "a Neware step file", step, why)
