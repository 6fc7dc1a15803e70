"""What to measure next, or to stop: the one question an adaptive test asks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from station.diagnosis.adaptive import actions
from station.diagnosis.adaptive.advice import Action, Advice, Goal, Limits
from station.diagnosis.adaptive.belief import AGAINST, Belief, believe
from station.diagnosis.adaptive.gains import Gains, TypeGains
from station.diagnosis.adaptive.kinds import Kind
from station.diagnosis.adaptive.measured import Measured, as_measured
from station.diagnosis.adaptive.plan import State, reached, ways
from station.diagnosis.soh.combine import Interval
from station.diagnosis.soh.model import ModelSet, Recipe
from station.diagnosis.soh.recognise import candidates
from station.diagnosis.soh.rows import RowInputs

UNKNOWN_FIRST = Kind(5.0, "all")
"""What is measured first of a cell whose type cannot be told beforehand."""


def advise(
    rows_so_far: RowInputs | Measured,
    elapsed_s: float,
    goal: Goal,
    limits: Limits,
    models: ModelSet,
    gains: Gains,
) -> Advice:
    """Stop, or the action that promises most for its time within goal, limits and budget.

    ``rows_so_far``: all rows of one cell; ``Measured`` tells which SOC level each belongs to, and before the
    first row ``nothing_measured`` tells the nominal capacity. ``elapsed_s`` counts against ``goal.budget_s``.
    Never raises for what was measured.
    """
    measured = as_measured(rows_so_far)
    begun = bool(np.isfinite(measured.rows.voltages_V).any())
    belief = believe(measured, models, gains) if begun else Belief(None, None, None)
    left_s = goal.budget_s - elapsed_s
    recipe = models.recipes[belief.recipe] if belief.recipe else expected_type(measured.rows, models)
    known = gains.types.get(recipe.name) if recipe is not None else None
    others = [*actions.assumed_actions(gains.assumed, limits)]
    if belief.soh is None:
        return _without_estimate(measured, belief, begun, goal, limits, recipe, known, left_s, others)
    assert known is not None  # believe gives an estimate only of a type with gains
    assert recipe is not None
    level = measured.current_level
    before = sum(number != level for number, history in belief.histories if history)
    half_width = (belief.soh.high90 - belief.soh.low90) / 2
    state = State(
        belief.soh.estimate, half_width, belief.at_level(level), before, belief.noise_V, measured.shifted
    )
    return decide(state, belief.soh, goal, limits, known, recipe.third_amplitude_C, left_s, others)


def decide(
    state: State,
    interval: Interval,
    goal: Goal,
    limits: Limits,
    known: TypeGains,
    third_C: float,
    left_s: float,
    others: list[Action],
) -> Advice:
    """The decision itself, without reading any voltage: what a replay of recorded cells runs as well."""
    said = Advice("adaptive.go_on", interval.estimate, interval.low90, interval.high90)
    met = reached(interval.estimate, state.half_width, goal)
    if met is not None:
        return replace(said, reason=met)
    return go_on(said, state, goal, limits, known, third_C, left_s, others)


def expected_type(rows: RowInputs, models: ModelSet) -> Recipe | None:
    """The only learned type of the nominal capacity and hint; None where there is none or are several."""
    if len(rows.nominal_capacity_Ah) == 0 or not np.isfinite(rows.nominal_capacity_Ah[0]):
        return None
    fitting = candidates(models, float(rows.nominal_capacity_Ah[0]), rows.chemistry_hint)
    return fitting[0] if len(fitting) == 1 else None


def _without_estimate(
    measured: Measured,
    belief: Belief,
    begun: bool,
    goal: Goal,
    limits: Limits,
    recipe: Recipe | None,
    known: TypeGains | None,
    left_s: float,
    others: list[Action],
) -> Advice:
    cause = None if belief.reason is None else belief.reason.code
    said = Advice("adaptive.no_estimate", None, None, None, None, tuple(others), cause)
    if cause in AGAINST:
        return said
    if known is None or recipe is None:
        first = actions.pulses(UNKNOWN_FIRST, limits, 1.5, None)
        if begun or first is None:
            return said
        if first.time_s > left_s:
            return replace(said, reason="adaptive.budget")
        return replace(said, reason="adaptive.go_on", action=first)
    middle = (known.prior_low + known.prior_high) / 2
    half = (known.prior_high - known.prior_low) / 2
    history = belief.at_level(measured.current_level)
    state = State(middle, half, history, 0, belief.noise_V, measured.shifted)
    going = go_on(said, state, goal, limits, known, recipe.third_amplitude_C, left_s, others)
    return going if going.action is not None or going.reason == "adaptive.budget" else said


def go_on(
    said: Advice,
    state: State,
    goal: Goal,
    limits: Limits,
    known: TypeGains,
    third_C: float,
    left_s: float,
    others: list[Action],
) -> Advice:
    """The next action of a test that has not met its goal, or why there is none; ``said`` holds the rest."""
    affordable = [action for action in others if _helps(action, state) and action.time_s <= left_s]
    found = ways(state, goal, limits, known, third_C, left_s)
    if found:
        rest = _distinct([way.first for way in found[1:]], found[0].first)
        return replace(said, reason="adaptive.go_on", action=found[0].first, others=(*rest, *others))
    if affordable:
        rest = _distinct(others, affordable[0])
        return replace(said, reason="adaptive.go_on", action=affordable[0], others=tuple(rest))
    endless = ways(state, goal, limits, known, third_C, float("inf"))
    reason = "adaptive.budget" if endless else "adaptive.nothing_helps"
    return replace(said, reason=reason, others=(*_distinct([way.first for way in endless]), *others))


def _helps(action: Action, state: State) -> bool:
    return action.predicted_half_width is not None and action.predicted_half_width < state.half_width


def _distinct(found: list[Action], taken: Action | None = None) -> list[Action]:
    kept: list[Action] = []
    for action in found:
        if action != taken and action not in kept:
            kept.append(action)
    return kept
