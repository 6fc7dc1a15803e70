"""What is asked next and what stops a test, on a table made by hand."""

from __future__ import annotations

import pytest

from station.diagnosis.adaptive.actions import assumed_actions, kind_of_action
from station.diagnosis.adaptive.advice import ActionKind, Advice, Goal, Limits
from station.diagnosis.adaptive.advise import decide
from station.diagnosis.adaptive.gains import ASSUMED, TypeGains
from station.diagnosis.adaptive.kinds import History, Kind, history_of
from station.diagnosis.adaptive.plan import State, grade
from station.diagnosis.soh.combine import Interval

ALL = Limits(2.5, 2.5)


def ask(
    known: TypeGains,
    goal: Goal,
    *,
    soh: float = 0.75,
    half: float = 0.08,
    measured: str = "0.7:pair",
    limits: Limits = ALL,
    elapsed_s: float = 0.0,
    shifted: float = 0.0,
) -> Advice:
    history: History = history_of(measured)
    state = State(soh, half, history, 0, 0.0, shifted)
    others = assumed_actions(ASSUMED, limits)
    interval = Interval(soh, soh - half, soh + half)
    return decide(state, interval, goal, limits, known, 1.5, goal.budget_s - elapsed_s, others)


def test_it_stops_inside_one_grade_and_when_narrow_enough(known: TypeGains) -> None:
    assert ask(known, Goal((0.8, 0.6)), soh=0.7).reason == "adaptive.inside_grade"
    assert ask(known, Goal((0.8, 0.6)), soh=0.75).reason == "adaptive.go_on"
    assert ask(known, Goal((), 0.08)).reason == "adaptive.narrow_enough"
    stopped = ask(known, Goal((), 0.08))
    assert stopped.action is None
    assert stopped.half_width == pytest.approx(0.08)


def test_a_grade_limit_belongs_to_the_grade_above_it() -> None:
    goal = Goal((0.8, 0.6))
    assert [grade(soh, goal) for soh in (0.8, 0.79, 0.6, 0.59)] == [0, 1, 1, 2]


def test_the_next_pulse_is_the_cheapest_way_to_what_is_asked(known: TypeGains) -> None:
    action = ask(known, Goal((), 0.05)).action
    assert action is not None
    assert (action.kind, action.currents_C, action.duration_s) == (ActionKind.PULSE_PAIR, (2.5,), 5.0)
    assert action.time_s == pytest.approx(160.0)
    assert action.rest_s == pytest.approx(75.0)
    assert action.predicted_half_width == pytest.approx(0.05)
    assert kind_of_action(action, 1.5) == Kind(5.0, "pair")


def test_a_cell_wider_than_usual_is_expected_to_stay_wider(known: TypeGains) -> None:
    action = ask(known, Goal((), 0.03), half=0.12).action
    assert action is not None
    assert action.predicted_half_width == pytest.approx(0.05 * 1.5)


def test_a_budget_that_is_too_short_says_so_and_names_what_would_help(known: TypeGains) -> None:
    told = ask(known, Goal((), 0.03, 200.0), elapsed_s=100.0)
    assert told.reason == "adaptive.budget"
    assert told.action is None
    assert any(action.kind is ActionKind.PULSE_PAIR for action in told.others)


def test_currents_above_the_limits_are_never_advised(known: TypeGains) -> None:
    for limits in (Limits(2.0, 2.5), Limits(2.5, 2.0)):
        told = ask(known, Goal((), 0.01), limits=limits)
        for action in (told.action, *told.others):
            if action is not None and action.kind is not ActionKind.SHIFT_SOC:
                assert max(abs(current) for current in action.currents_C) <= 2.0


def test_another_soc_is_left_when_all_pulses_are_done(known: TypeGains) -> None:
    everything = "5:low+5:pair+0.7:pair"
    told = ask(known, Goal((), 0.01), half=0.03, measured=everything)
    assert told.action is not None
    assert told.action.kind is ActionKind.SHIFT_SOC
    assert told.action.time_s == pytest.approx(180.0 + 600.0)
    assert told.action.predicted_half_width == pytest.approx(0.027)
    far = ask(known, Goal((), 0.01), half=0.03, measured=everything, shifted=0.2)
    assert far.action is None
    assert far.reason == "adaptive.nothing_helps"


def test_what_nobody_learned_is_an_assumption_and_never_a_pulse(known: TypeGains) -> None:
    told = ask(known, Goal((), 0.01))
    assumed = {action.kind for action in told.others if action.assumed}
    assert assumed == {ActionKind.PARTIAL_CHARGE, ActionKind.CAPACITY_TEST}
    assert all(not action.assumed for action in told.others if action.kind is ActionKind.PULSE_PAIR)


def test_a_capacity_test_is_advised_only_with_time_for_it(known: TypeGains) -> None:
    pulses_only = Limits(2.5, 2.5, (ActionKind.CAPACITY_TEST, ActionKind.PARTIAL_CHARGE))
    short = ask(known, Goal((), 0.025, 3600.0), limits=pulses_only)
    assert short.action is None
    long = ask(known, Goal((), 0.025, 20000.0), limits=pulses_only)
    assert long.action is not None
    assert long.action.kind is ActionKind.CAPACITY_TEST
    assert long.action.assumed
