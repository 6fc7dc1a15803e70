"""Answers a worker that asks what to measure next. Runs in the analysis process; plain data in and out."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from station.diagnosis.adaptive.advice import Action, ActionKind, Advice, Goal, Limits
from station.errors import DataError
from station.service.json_lines import decode

if TYPE_CHECKING:
    from station.service.config import Advise

_PULSES = (ActionKind.PULSE_PAIR, ActionKind.PULSE_BLOCK)
WRITTEN_S, WRITTEN_LOOK_S = 3.0, 0.05
TAIL_BYTES = 200_000
"""More than a worker writes between its question and a look."""
ROUNDING = 1 + 1e-9
"""A limit that was C and became A is the same C again."""


def answer(
    run_dir: Path,
    question: dict[str, Any],
    *,
    nominal_capacity_Ah: float,
    chemistry: str | None,
    advise: Advise | None = None,
) -> dict[str, Any]:
    """The worker's next command: ``next`` with segments, or ``enough``, each with its reasons.

    Raises what reading and judging the journal raises.
    """
    advise = advise or advise_run
    wait_until_written(run_dir / "journal.jsonl", int(question["round"]))
    spent_s = float(question["goal"]["budget_s"]) - float(question["left_s"])
    advice = advise(
        run_dir,
        goal=_goal(question["goal"]),
        limits=_limits(question, nominal_capacity_Ah),
        elapsed_s=spent_s,
        shifted=abs(float(question["moved_Ah"])) / nominal_capacity_Ah,
        nominal_capacity_Ah=nominal_capacity_Ah,
        chemistry=chemistry,
    )
    told = {"round": question["round"], "advice": as_facts(advice)}
    if advice.action is None:
        return {"command": "enough", **told}
    return {"command": "next", **told, "segments": parts_of(advice.action, question, nominal_capacity_Ah)}


def wait_until_written(journal: Path, number: int) -> None:
    """Until the journal holds the question, and with it all that was measured before. Raises DataError.

    The worker does not wait for its disk: what it has said may be in the file a moment later.
    """
    until = time.monotonic() + WRITTEN_S
    while not _holds_question(journal, number):
        if time.monotonic() >= until:
            raise DataError(
                f"{journal}: the question of round {number} is not in it",
                remedy="check the disk with the data folder",
                code="data.journal",
                file=str(journal),
                line=0,
            )
        time.sleep(WRITTEN_LOOK_S)


def _holds_question(journal: Path, number: int) -> bool:
    with journal.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
        tail = file.read().split(b"\n")[:-1]
    for line in reversed(tail):
        if b'"adaptive.asked"' in line:
            record = decode(line)
            if record is not None and record.get("code") == "adaptive.asked":
                return bool(record["params"]["round"] == number)
    return False


def advise_run(
    run_dir: Path,
    *,
    goal: Goal,
    limits: Limits,
    elapsed_s: float,
    shifted: float,
    nominal_capacity_Ah: float,
    chemistry: str | None,
) -> Advice:
    """What the station's own adviser says of the run so far. Raises DataError."""
    from station.diagnosis.adaptive.advise import advise
    from station.engine.record.journal_reader import read_journal
    from station.engine.record.runfile import recording_of
    from station.models.gains import gains_of
    from station.models.in_use import load_in_use
    from station.reports.interim import measured_so_far

    journal = read_journal(run_dir / "journal.jsonl")
    measured = measured_so_far(
        recording_of(journal),
        nominal_capacity_Ah=nominal_capacity_Ah,
        chemistry=chemistry,
        shifted=shifted,
    )
    models = load_in_use()
    advice = advise(measured, elapsed_s, goal, limits, models, gains_of(models))
    return without_repeats(advice, journal.rounds)


def without_repeats(advice: Advice, rounds: Sequence[dict[str, Any]]) -> Advice:
    """No pulses are made twice at one SOC: what they did not tell at first they would not tell again."""
    action = advice.action
    if action is None or action.kind not in _PULSES:
        return advice
    for record in reversed(rounds):
        made = record.get("advice") or {}
        if record["answer"] != "next" or made.get("kind") not in {kind.value for kind in _PULSES}:
            break  # the SOC was changed here, or somebody else decided
        if (made["kind"], tuple(made["currents_C"]), made["duration_s"]) == (
            action.kind.value,
            action.currents_C,
            action.duration_s,
        ):
            return replace(advice, reason="adaptive.nothing_helps", action=None)
    return advice


def failed(question: dict[str, Any], problem: str) -> dict[str, Any]:
    """The answer where nobody can say what to measure: the test goes on without."""
    advice = {"reason": "adaptive.failed", "problem": problem[:500]}
    return {"command": "enough", "round": question.get("round"), "advice": advice}


def parts_of(action: Action, question: dict[str, Any], capacity_Ah: float) -> list[dict[str, Any]]:
    """The action as segments; a rest shorter than the profile's rule is lengthened to it."""
    kind, seconds = action.kind, action.duration_s
    if kind in (ActionKind.PULSE_PAIR, ActionKind.PULSE_BLOCK):
        rest = _part("rest", 0.0, max(action.rest_s, float(question["rest_factor"]) * seconds))
        return [
            part
            for current_C in action.currents_C
            for part in (
                _part("charge_pulse", current_C * capacity_Ah, seconds),
                rest,
                _part("discharge_pulse", -current_C * capacity_Ah, seconds),
                rest,
            )
        ]
    role = {ActionKind.SHIFT_SOC: "soc_shift"}.get(kind, kind.value)
    return [
        _part(role, action.currents_C[0] * capacity_Ah, seconds),
        _part("rest", 0.0, max(action.rest_s, float(question["shift_rest_s"]))),
    ]


def as_facts(advice: Advice) -> dict[str, Any]:
    """An advice as flat plain data for record, event and window."""
    facts = {
        "reason": advice.reason,
        "cause": advice.cause,
        "soh": advice.soh,
        "low90": advice.low90,
        "high90": advice.high90,
        **(_of_action(advice.action) if advice.action is not None else {}),
        "others": [_of_action(action) for action in advice.others],
    }
    return {name: value for name, value in facts.items() if value is not None}


def _of_action(action: Action) -> dict[str, Any]:
    return {
        "kind": action.kind.value,
        "currents_C": list(action.currents_C),
        "duration_s": action.duration_s,
        "rest_s": action.rest_s,
        "time_s": action.time_s,
        "predicted_half_width": action.predicted_half_width,
        "assumed": action.assumed,
    }


def _goal(asked: dict[str, Any]) -> Goal:
    from station.models.rulebook import load_rules

    grades = sorted((step.soh_min.value for step in load_rules().grades), reverse=True)
    limits = tuple(low for low in grades if low > 0) if asked["inside_grade"] else ()
    return Goal(limits, asked["half_width"], float(asked["budget_s"]))


def _limits(question: dict[str, Any], capacity_Ah: float) -> Limits:
    return Limits(
        float(question["charge_max_A"]) / capacity_Ah * ROUNDING,
        float(question["discharge_max_A"]) / capacity_Ah * ROUNDING,
        tuple(ActionKind(kind) for kind in question["kinds"]),
        float(question["soc_shift_max_Ah"]) / capacity_Ah,
    )


def _part(role: str, current_A: float, duration_s: float) -> dict[str, Any]:
    return {"role": role, "current_A": current_A, "duration_s": duration_s}
