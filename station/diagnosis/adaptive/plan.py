"""Which of the ways to go on promises most for its time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from station.diagnosis.adaptive import actions
from station.diagnosis.adaptive.advice import Action, Goal, Limits
from station.diagnosis.adaptive.belief import level_factor, longest
from station.diagnosis.adaptive.gains import TypeGains
from station.diagnosis.adaptive.kinds import History, with_inside

Z90 = 1.645

LEAST_CHANCE = 0.05
"""A way that reaches the goal less often than this is not gone for the goal's sake."""

LEAST_GAIN = 0.03
"""Share by which an interval must be expected to narrow for an action to be worth anything."""


@dataclass(frozen=True)
class State:
    """Where a test stands: estimate and half-width (fractions of SOH), and what was measured.

    ``before`` counts the levels that gave an estimate before the current one.
    """

    soh: float
    half_width: float
    history: History
    before: int
    noise_V: float
    shifted: float = 0.0


@dataclass(frozen=True)
class Way:
    """Several actions to a target; ``first`` is the one to run now."""

    first: Action
    time_s: float
    half_width: float
    chance: float


def reached(soh: float, half_width: float, goal: Goal) -> str | None:
    """Code of the part of the goal that an interval meets; None while it meets none."""
    if goal.half_width is not None and half_width <= goal.half_width:
        return "adaptive.narrow_enough"
    if goal.grades and grade(soh - half_width, goal) == grade(soh + half_width, goal):
        return "adaptive.inside_grade"
    return None


def grade(soh: float, goal: Goal) -> int:
    """Number of the grade that a SOH lies in, 0 is the best; a limit belongs to the grade above it."""
    return sum(soh < limit for limit in goal.grades)


def ways(
    state: State, goal: Goal, limits: Limits, known: TypeGains, third_C: float, left_s: float
) -> list[Way]:
    """All ways within limits and the time that is left, best first."""
    nothing = not state.history and state.before == 0  # then any row is better than none
    found = [
        way
        for way in (*_here(state, goal, limits, known, third_C), *_elsewhere(state, goal, limits, known))
        if way.time_s <= left_s and (nothing or way.half_width <= (1.0 - LEAST_GAIN) * state.half_width)
    ]
    if any(way.chance >= LEAST_CHANCE for way in found):
        return sorted(found, key=lambda way: (-way.chance / way.time_s, way.time_s))
    return sorted(found, key=lambda way: -(state.half_width - way.half_width) / way.time_s)


def chance(state: State, half_width: float, goal: Goal, known: TypeGains) -> float:
    """Probability that the goal is met once the half-width is what is expected.

    The estimate will move by what the interval loses (normal), the half-width scatters about its expectation.
    """
    best = 0.0
    if goal.half_width is not None:
        best = _below((math.log(goal.half_width / half_width)) / known.spread)
    if goal.grades:
        moves = math.sqrt(max(state.half_width**2 - half_width**2, 1e-12)) / Z90
        limits = sorted(goal.grades)
        inside = 0.0
        for low, high in zip((-math.inf, *limits), (*limits, math.inf), strict=True):
            top, bottom = high - half_width, low + half_width
            if top > bottom:
                inside += _below((top - state.soh) / moves) - _below((bottom - state.soh) / moves)
        best = max(best, inside)
    return best


def _below(z: float) -> float:
    return 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))


def _here(state: State, goal: Goal, limits: Limits, known: TypeGains, third_C: float) -> Iterator[Way]:
    """More rows at this level."""
    for target, gain in known.histories.items():
        if target <= state.history or not gain.planned:
            continue
        whole = state.history.union(*(with_inside(kind) for kind in target))
        half = _expected(state, whole, known)
        if half is None:
            continue
        run = actions.missing(target, state.history)
        soon = _expected(state, state.history | with_inside(run[0]), known)
        first = actions.pulses(run[0], limits, third_C, soon)
        if first is None or any(actions.pulses(kind, limits, third_C, None) is None for kind in run):
            continue
        time_s = actions.missing_time_s(target, state.history)
        yield Way(first, time_s, half, chance(state, half, goal, known))


def _elsewhere(state: State, goal: Goal, limits: Limits, known: TypeGains) -> Iterator[Way]:
    """The same rows once more at another level."""
    used = longest(known, state.history, state.noise_V)
    levels = state.before + 1
    if used is None or levels + 1 not in known.level_factor:
        return
    half = state.half_width * level_factor(known, levels + 1) / level_factor(known, levels)
    first = actions.shift(known.level_step, state.shifted, limits, half)
    if first is not None:
        time_s = first.time_s + actions.missing_time_s(used, frozenset())
        yield Way(first, time_s, half, chance(state, half, goal, known))


def _expected(state: State, history: History, known: TypeGains) -> float | None:
    """Half-width expected of a history at this level, from the table and from where this cell stands."""
    target = longest(known, history, state.noise_V)
    if target is None:
        return None
    usual = known.histories[target].half_width[state.noise_V]
    used = longest(known, state.history, state.noise_V)
    if used is None:
        if state.before == 0:
            return usual
        # At a new level nothing is measured yet: what was known so far narrows as another level does.
        levels = state.before
        return min(state.half_width, usual) * level_factor(known, levels + 1) / level_factor(known, levels)
    ratio = state.half_width / known.histories[used].half_width[state.noise_V]
    carry: float = known.carry if state.before == 0 else 1.0
    return usual * math.exp(carry * math.log(max(ratio, 1e-6)))
