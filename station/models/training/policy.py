"""Replays of recorded cells that the estimators never saw: fixed protocols beside the adaptive test.

A replay starts at a random SOC (a single charge, or a step of the ladder drawn by seed), takes the action
that is advised, looks up what that cell answered in the record, and goes on until the advice is to stop.
Estimators, intervals and the table of gains are those of the other folds throughout.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from station.diagnosis.adaptive import actions
from station.diagnosis.adaptive.advice import Action, ActionKind, Advice, Goal, Limits
from station.diagnosis.adaptive.advise import decide, go_on
from station.diagnosis.adaptive.belief import longest, over_levels
from station.diagnosis.adaptive.gains import TypeGains
from station.diagnosis.adaptive.kinds import History, history_of, history_time_s, with_inside
from station.diagnosis.adaptive.plan import State
from station.diagnosis.soh.combine import Interval
from station.diagnosis.tables import Floats
from station.models.training.gains import LEVEL_STEP, Residuals, calibrated_halves, climbs, type_gains

LADDER_STARTS = 10
"""Ladder steps drawn per state of a cell."""

CURRENT_MAX_C = 2.5
MOST_ACTIONS = 20

FIXED: Mapping[str, tuple[str, int]] = {
    "1 s": ("0.03:pair", 1),
    "3 s": ("0.1:pair", 1),
    "22 s (screen)": ("0.7:pair", 1),
    "96 s": ("3:pair", 1),
    "160 s (rapid)": ("5:pair", 1),
    "320 s (0.5 and 1 C)": ("5:half", 1),
    "480 s": ("5:first", 1),
    "800 s (reference)": ("5:all", 1),
    "18 min (two SOC, 2.5 C pair)": ("5:pair", 2),
    "24 min (two SOC, three pairs)": ("5:low+5:pair+0.7:pair", 2),
    "24 min (two SOC, 0.5 and 1 C)": ("5:half", 2),
}
"""Rows and number of SOC levels. On types recorded up to U21 the reference is read by those alone."""

REFERENCE = "800 s (reference)"
REFERENCE_S = 800.0


@dataclass(frozen=True)
class Played:
    """One replay from one start row: times in s, SOH as fractions; ``reason`` it stopped with."""

    cell: str
    row: int
    single_charge: bool
    time_s: float
    soh: float
    half_width: float
    truth: float
    actions: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Fold:
    """What a replay of one fold's cells may use: readings of unseen cells, gains of the other folds."""

    residuals: Residuals
    known: TypeGains
    halves: Mapping[History, Floats]
    rows: frozenset[int]

    def read(self, row: int, history: History) -> Interval | None:
        """What the estimators say of a rest after these rows."""
        used = longest(self.known, history, 0.0)
        if used is None:
            return None
        mean = float(self.residuals.unseen[used, 0.0].mean[row])
        half = float(self.halves[used][row])
        return Interval(mean, mean - half, mean + half)


def reference_half_width(fold: Fold) -> float:
    """Usual half-width of the reference test, from the other folds' table."""
    history = _recorded(fold, FIXED[REFERENCE][0])
    assert history is not None  # every type is recorded as far as its reference
    return fold.known.histories[history].half_width[0.0]


def folds_of(residuals: Residuals) -> Iterator[Fold]:
    """The folds of a type, each with what the other folds taught."""
    base = residuals.rests.base
    number_of = np.array([residuals.folds[cell] for cell in base.cells])
    for number in sorted(set(number_of.tolist())):
        keep = number_of != number
        halves = {
            history: half
            for (history, level_V), half in calibrated_halves(residuals, keep).items()
            if level_V == 0.0
        }
        rows = frozenset(int(row) for row in np.flatnonzero(~keep))
        yield Fold(residuals, type_gains(residuals, keep), halves, rows)


def starts_of(residuals: Residuals, seed: int) -> tuple[dict[int, list[int]], dict[str, int]]:
    """Start rows with the ladder rows that follow each, and how many there are of each history.

    Every single charge once, and of every state of a cell some steps of the ladder, drawn by ``seed``.
    """
    base = residuals.rests.base
    draw = np.random.default_rng(seed)
    every = np.ones(len(base.soh), dtype=bool)
    longest: dict[int, list[int]] = {}
    for count in (1, 2, 3):
        for climb in climbs(base, count, every):
            longest[climb[0]] = climb
    states: dict[tuple[str, float], list[int]] = {}
    for row in sorted(longest):
        states.setdefault((str(base.cells[row]), float(base.soh[row])), []).append(row)
    starts = {int(row): [int(row)] for row in np.flatnonzero(base.single_charge)}
    counts = {"single charge": len(starts)}
    for rows in states.values():
        for row in draw.choice(rows, min(LADDER_STARTS, len(rows)), replace=False):
            starts[int(row)] = longest[int(row)]
    return starts, {**counts, "ladder": len(starts) - counts["single charge"]}


def play_fixed(fold: Fold, climb: list[int], protocol: str) -> Played | None:
    """A protocol that asks nothing; None where the record lacks a row of it."""
    text, levels = FIXED[protocol]
    history = _recorded(fold, text)
    if history is None or len(climb) < levels:
        return None
    intervals = []
    for row in climb[:levels]:
        mean, half = float(fold.residuals.unseen[history, 0.0].mean[row]), float(fold.halves[history][row])
        intervals.append(Interval(mean, mean - half, mean + half))
    joined = over_levels(intervals, fold.known)
    if not isinstance(joined, Interval):
        return None
    time_s = REFERENCE_S if protocol == REFERENCE else levels * history_time_s(history)
    time_s += (levels - 1) * (3600.0 * LEVEL_STEP / actions.SHIFT_C + actions.SHIFT_REST_S)
    return _played(fold, climb[0], time_s, joined, (protocol,), "fixed")


def _recorded(fold: Fold, text: str) -> History | None:
    """The history, or on types recorded up to U21 what their reference leaves of it."""
    history = history_of(text)
    if history in fold.halves:
        return history
    first = history_of("5:first")
    return first if text == "5:all" and first in fold.halves else None


def play(fold: Fold, climb: list[int], goal: Goal, third_C: float) -> Played:
    """The adaptive test on one cell from one start; ``climb`` are the rests at further SOC levels."""
    kinds = (ActionKind.PULSE_PAIR, ActionKind.PULSE_BLOCK, ActionKind.SHIFT_SOC)
    limits = Limits(CURRENT_MAX_C, CURRENT_MAX_C, kinds, (len(climb) - 1) * LEVEL_STEP)
    measured: list[History] = [frozenset()]
    time_s, shifted, done = 0.0, 0.0, []
    interval: Interval | None = None
    for _ in range(MOST_ACTIONS):
        advice = _ask(fold, measured, interval, shifted, goal, limits, third_C, goal.budget_s - time_s)
        if advice.action is None:
            break
        time_s += advice.action.time_s
        done.append(_named(advice.action))
        if advice.action.kind is ActionKind.SHIFT_SOC:
            measured.append(frozenset())
            shifted += LEVEL_STEP
        else:
            kind = actions.kind_of_action(advice.action, third_C)
            assert kind is not None  # only pulses of the table are advised
            measured[-1] |= with_inside(kind)
        interval = _believe(fold, climb, measured) or interval
    assert interval is not None  # a budget below the first action is not played
    return _played(fold, climb[0], time_s, interval, tuple(done), advice.reason)


def _believe(fold: Fold, climb: list[int], measured: list[History]) -> Interval | None:
    read = [fold.read(row, history) for row, history in zip(climb, measured, strict=False)]
    found = [interval for interval in read if interval is not None]
    joined = over_levels(found, fold.known) if found else None
    return joined if isinstance(joined, Interval) else None


def _ask(
    fold: Fold,
    measured: list[History],
    interval: Interval | None,
    shifted: float,
    goal: Goal,
    limits: Limits,
    third_C: float,
    left_s: float,
) -> Advice:
    known = fold.known
    before = sum(bool(history) for history in measured[:-1])
    if interval is None:
        middle, half = (known.prior_low + known.prior_high) / 2, (known.prior_high - known.prior_low) / 2
        nothing = Advice("adaptive.no_estimate", None, None, None)
        return go_on(
            nothing, State(middle, half, measured[-1], 0, 0.0), goal, limits, known, third_C, left_s, []
        )
    half = (interval.high90 - interval.low90) / 2
    state = State(interval.estimate, half, measured[-1], before, 0.0, shifted)
    return decide(state, interval, goal, limits, known, third_C, left_s, [])


def _named(action: Action) -> str:
    currents = "/".join(f"{current:g}" for current in action.currents_C)
    return f"{action.kind.value} {currents}C {action.duration_s:g}s"


def _played(
    fold: Fold, row: int, time_s: float, interval: Interval, done: tuple[str, ...], reason: str
) -> Played:
    base = fold.residuals.rests.base
    half = (interval.high90 - interval.low90) / 2
    return Played(
        str(base.cells[row]),
        row,
        bool(base.single_charge[row]),
        time_s,
        interval.estimate,
        half,
        float(base.soh[row]),
        done,
        reason,
    )
