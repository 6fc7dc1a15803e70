"""Steps that hold other steps, laid out one after the other: what is not to come is left out at junctions.

Nothing is decided about what may flow while a test runs: every stretch of current that any way could take
stands in the plan, with its current and its longest time, and has passed every check before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from profiles.building import Builder
from profiles.lowering import LOWERED
from profiles.step_base import TestStep
from profiles.steps import (
    CallProfile,
    CapacityTest,
    CcCv,
    ConstantCurrentUntil,
    If,
    Loop,
    Repeat,
    RepeatUntil,
    Rest,
)
from profiles.waveforms import WAVEFORMS

_PLAIN = {**LOWERED, **WAVEFORMS}


def lower(to: Builder, step: Any, path: tuple[int | str, ...]) -> None:
    """Lay out one step. Raises ProfileError."""
    to.path = path
    plain = _PLAIN.get(type(step))
    if plain is not None:
        to.recording(step.record if isinstance(step, TestStep) else None)
        plain(to, step)
    elif isinstance(step, (Loop, Repeat)):
        for _ in range(step.times):
            _all(to, step.steps, (*path, "steps"))
    elif isinstance(step, CallProfile):
        _all(to, step.steps, (*path, "steps"))
    elif isinstance(step, If):
        _either(to, step, path)
    elif isinstance(step, RepeatUntil):
        _until(to, step, path)
    elif isinstance(step, CapacityTest):
        _capacity(to, step)
    else:
        raise TypeError(f"nobody lays out {type(step).__name__}")


def _all(to: Builder, steps: Sequence[Any], path: tuple[int | str, ...]) -> None:
    for number, step in enumerate(steps):
        lower(to, step, (*path, number))


def _either(to: Builder, step: If, path: tuple[int | str, ...]) -> None:
    place = to.junction("if", step.condition)
    first = to.group
    _all(to, step.then, (*path, "then"))
    middle = to.group
    _all(to, step.otherwise, (*path, "else"))
    to.skipping(place, if_true=(middle, to.group), if_false=(first, middle))


def _until(to: Builder, step: RepeatUntil, path: tuple[int | str, ...]) -> None:
    places: list[int] = []
    for turn in range(step.times_max):
        _all(to, step.steps, (*path, "steps"))
        last = turn == step.times_max - 1
        if not last or step.must_reach:
            places.append(to.junction("until", step.condition, must=last and step.must_reach))
    _over(to, places)


def _over(to: Builder, places: Sequence[int]) -> None:
    """At each of ``places`` all that follows up to here is left out once the condition holds."""
    for place in places:
        to.skipping(place, if_true=(to.junctions[place].group + 1, to.group))


def _capacity(to: Builder, step: CapacityTest) -> None:
    places: list[int] = []
    for cycle in range(1, step.cycles_max + 1):
        for one in _cycle(step):
            to.recording(None)
            _PLAIN[type(one)](to, one)
            if isinstance(one, ConstantCurrentUntil):
                to.junction("set", "last_discharge_Ah", name=f"capacity_{cycle}_Ah")
                to.junction("set", "last_discharge_Ah", name="capacity_Ah")
        if step.agree == 1 or cycle < step.agree:
            continue
        newest = ", ".join(f"capacity_{n}_Ah" for n in range(cycle - step.agree + 1, cycle + 1))
        agree = f"max({newest}) - min({newest}) <= {step.agree_within!r} * nominal_capacity_Ah"
        last = cycle == step.cycles_max
        if not last or step.must_agree:
            places.append(to.junction("until", agree, must=last and step.must_agree))
    _over(to, places)


def _cycle(step: CapacityTest) -> list[Any]:
    rest = Rest(step="rest", duration_s=step.rest_s)
    return [
        CcCv(
            step="cccv", direction="charge", current_C=step.charge_C, current_floor_C=step.current_floor_C,
            cell_voltage_V=step.charge_to_V, current_end_C=step.charge_end_C,
            duration_max_s=step.duration_max_s, charge_max_of_capacity=step.charge_max_of_capacity,
        ),
        rest,
        ConstantCurrentUntil(
            step="constant_current_until", direction="discharge", current_C=step.discharge_C,
            current_floor_C=step.current_floor_C, cell_voltage_V=step.discharge_to_V,
            duration_max_s=step.duration_max_s, charge_max_of_capacity=step.charge_max_of_capacity,
        ),
        rest,
    ]  # fmt: skip
