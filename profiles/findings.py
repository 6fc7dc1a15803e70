"""What is wrong or doubtful in a profile that can be read: told with the place, before any hardware."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from profiles.expressions import evaluate, names_of, parse
from profiles.limits import ProfileLimits
from profiles.model import Profile
from profiles.nesting import held_by, walk
from profiles.plan import Plan
from profiles.step_errors import StepProblem
from profiles.steps import If, RepeatUntil

ERRORS = frozenset({"profile.limits_contradict", "profile.unreachable", "profile.charge_beyond_limit"})
"""Codes of findings for which a profile is refused; all others are told and let pass."""


def findings(profile: Profile, plan: Plan | None) -> Iterator[tuple[str, StepProblem]]:
    """Code and problem of each: limits against each other, steps that never run, steps against limits, and
    with a plan its charge against the limits."""
    yield from _limits(profile.limits)
    yield from _unreachable(profile.steps, ("steps",))
    yield from _beyond_window(profile)
    if plan is not None:
        yield from _charge(profile, plan)


def _limits(limits: ProfileLimits) -> Iterator[tuple[str, StepProblem]]:
    pairs: list[tuple[tuple[str, ...], str, float | None, float | None]] = [
        (("limits",), "cell_voltage_min_V", limits.cell_voltage_min_V, limits.cell_voltage_max_V),
        (("limits",), "temperature_min_degC", limits.temperature_min_degC, limits.temperature_max_degC),
    ]
    for role, own in limits.by_role.items():
        of_role = ("limits", "by_role", role)
        pairs.append((of_role, "cell_voltage_min_V", own.cell_voltage_min_V, own.cell_voltage_max_V))
        pairs.append((of_role, "surface_min_degC", own.surface_min_degC, own.surface_max_degC))
    for place, name, low, high in pairs:
        if low is not None and high is not None and low >= high:
            yield (
                "profile.limits_contradict",
                StepProblem(
                    f"{name} {low:g} is not below {name.replace('_min_', '_max_')} {high:g}",
                    (*place, name),
                    "leave room between the two",
                ),
            )


def _unreachable(steps: Sequence[Any], path: tuple[int | str, ...]) -> Iterator[tuple[str, StepProblem]]:
    """Ways that a condition of plain numbers never takes, and repetitions that it never ends."""
    for number, step in enumerate(steps):
        held = held_by(step)
        if not held:
            continue
        place = (*path, number)
        if isinstance(step, If) and (known := _constant(step.condition)) is not None:
            lost = "else" if known else "then"
            if step.otherwise if known else step.then:
                yield (
                    "profile.unreachable",
                    StepProblem(
                        f"{step.condition} is always {'true' if known else 'false'}: these steps never run",
                        (*place, lost),
                        "ask for a measured quantity, or remove the steps",
                    ),
                )
        if isinstance(step, RepeatUntil) and (known := _constant(step.condition)) is not None:
            what = "ends after the first time" if known else "never comes true"
            yield (
                "profile.unreachable",
                StepProblem(
                    f"{step.condition} {what}",
                    (*place, "condition"),
                    "ask for a measured quantity, or use loop",
                ),
            )
        for field, inner in held:
            yield from _unreachable(inner, (*place, field))


def _constant(condition: str) -> bool | None:
    node = parse(condition)
    return None if list(names_of(node)) else bool(evaluate(node, {}))


def _beyond_window(profile: Profile) -> Iterator[tuple[str, StepProblem]]:
    """Voltages to run to that the profile's own limits would stop before."""
    low, high = profile.limits.cell_voltage_min_V, profile.limits.cell_voltage_max_V
    if low is None and high is None:
        return
    for path, step in walk(profile.steps):
        for field in ("cell_voltage_V", "charge_to_V", "discharge_to_V"):
            value = getattr(step, field, None)
            if not isinstance(value, float):
                continue
            if (high is not None and value >= high) or (low is not None and value <= low):
                yield (
                    "profile.limits_contradict",
                    StepProblem(
                        f"{value:g} V per cell is not inside the profile's own limits "
                        f"({'-' if low is None else f'{low:g}'} … {'-' if high is None else f'{high:g}'} V)",
                        (*path, field),
                        "give a voltage inside the limits, or wider limits",
                    ),
                )


def _charge(profile: Profile, plan: Plan) -> Iterator[tuple[str, StepProblem]]:
    """The profile's own limits on charge against what its steps of known length certainly move."""
    limits, capacity_Ah = profile.limits, plan.nominal_capacity_Ah
    skipped = {
        group for one in plan.junctions for ends in (one.if_true, one.if_false) for group in range(*ends)
    }
    if limits.charge_max_of_capacity is None and limits.discharge_max_of_capacity is None:
        return
    sure = [s for s in plan.segments if not s.open_ended and s.group not in skipped]
    for name, sign, share in (
        ("charge_max_of_capacity", 1, limits.charge_max_of_capacity),
        ("discharge_max_of_capacity", -1, limits.discharge_max_of_capacity),
    ):
        moved_Ah = sum(max(sign * s.current_A, 0.0) * s.duration_s for s in sure) / 3600
        if share is not None and moved_Ah > share * capacity_Ah * (1 + 1e-9):
            yield (
                "profile.charge_beyond_limit",
                StepProblem(
                    f"the steps move {moved_Ah / capacity_Ah:.3g} of the capacity, {name} is {share:g}",
                    ("limits", name),
                    "allow as much as the steps need, or move less",
                ),
            )
