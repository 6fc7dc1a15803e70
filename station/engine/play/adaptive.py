"""Asks what to measure next in an open step, and lets nothing of the answer through that is not allowed."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any, Protocol

from drivers.capabilities import Capabilities
from profiles.open_step import OpenStep
from profiles.plan import Plan, Segment
from profiles.rounds import Moved, RoundRefused, check_round, read_round
from station.engine.measure.sampling import RECENT_S, Sampler
from station.engine.play.timing import choose_timing
from station.engine.record.earlier import Earlier
from station.engine.record.journal import JournalWriter
from station.errors import UsageError
from station.safety.checks.plan import plan_current, plan_power
from station.safety.envelope import Envelope
from station.safety.running import Totals

LOOK_S = 0.1
"""Real time between two looks for the answer; samples go on meanwhile."""
ROUNDS_MAX = 200
ADVICE_MAX_BYTES = 20_000
TOLD = (
    "reason",
    "soh",
    "low90",
    "high90",
    "kind",
    "currents_C",
    "duration_s",
    "time_s",
    "predicted_half_width",
)
"""What an event tells of an advice; the journal's record of the round holds all of it."""


class Asked(Protocol):
    """Who is asked, and who hears of it."""

    def ask(self, question: dict[str, Any]) -> None:
        """Say it to the service."""

    def take_answer(self) -> dict[str, Any] | None:
        """The oldest answer that nobody has taken yet."""

    def note(self, code: str, level: str, params: dict[str, object]) -> None:
        """An event."""


class Adaptive:
    """One run's questions; with ``earlier`` it goes on counting where that part of the run was cut off."""

    def __init__(
        self,
        plan: Plan,
        speed: float,
        sampler: Sampler,
        journal: JournalWriter,
        stage: Asked,
        envelope: Envelope,
        capabilities: Capabilities,
        earlier: Earlier | None,
    ) -> None:
        self._plan, self._speed = plan, speed
        self._sampler, self._journal, self._stage = sampler, journal, stage
        self._envelope, self._capabilities = envelope, capabilities
        self._asked = 0
        self._next_index = len(plan.segments)
        groups = [s.group for s in plan.segments] + [opened.group for opened in plan.open_steps]
        self._next_group = max(groups, default=-1) + 1
        self._began: dict[int, Totals] = {}
        self._spent_s: dict[int, float] = {}
        self.restored: list[tuple[Segment, ...]] = []
        """The segments of the rounds of an earlier part, in the order in which they were decided."""
        for record in earlier.rounds if earlier is not None else ():
            self._restore(record)

    def ask(self, step: OpenStep, resting: Segment) -> tuple[Segment, ...] | None:
        """The next round's segments; None when the step is over. Rows meanwhile bear ``resting``.

        Raises what a sample or a turn raises.
        """
        self._asked += 1
        number, from_s = self._asked, self._sampler.clock.now_s()
        self._began.setdefault(step.step, self._sampler.rules.throughput.totals.copy())
        spent_s = self._spent_s.setdefault(step.step, 0.0)
        self._stage.note("adaptive.asked", "info", {"round": number, "spent_s": round(spent_s, 1)})
        self._journal.flush(sync=False)  # whoever answers reads what was measured until now
        self._stage.ask(self._question(step, number))
        try:
            answer = self._wait(step, number, resting)
        finally:
            waited_s = self._sampler.clock.now_s() - from_s
            self._spent_s[step.step] += waited_s
        return self._judge(answer, step, number, waited_s)

    def begin(self, segments: Sequence[Segment]) -> bool:
        """Before a round is played, for the first time or again: is there still room for it?"""
        step = self._plan.open_step(segments[0].step)
        assert step is not None
        try:
            self._check(segments, step)
        except RoundRefused as error:
            self._stage.note("adaptive.refused", "warning", {"round": self._asked, "why": str(error)})
            return False
        self._spent_s[step.step] += sum(segment.duration_s for segment in segments)
        return True

    def _restore(self, record: dict[str, Any]) -> None:
        step = int(record["step"])
        segments = tuple(Segment.from_dict(segment) for segment in record["segments"])
        self._asked = max(self._asked, int(record["round"]))
        self._began.setdefault(step, Totals(**record["began"]))
        spent_s = float(record["waited_s"]) + sum(segment.duration_s for segment in segments)
        self._spent_s[step] = self._spent_s.get(step, 0.0) + spent_s
        if segments:
            self._next_index = max(self._next_index, segments[-1].index + 1)
            self._next_group = max(self._next_group, segments[0].group + 1)
            self.restored.append(segments)

    # ------------------------------------------------------------------ question and answer

    def _question(self, step: OpenStep, number: int) -> dict[str, Any]:
        moved, envelope, voltage_V = self._moved(step), self._envelope, self._voltage_V()
        by_power_A = envelope.power_max_W.value / max(abs(voltage_V), 1e-3)
        return {
            "type": "ask_next",
            "round": number,
            "step": step.step,
            "goal": {
                "inside_grade": step.inside_grade,
                "half_width": step.half_width,
                "budget_s": step.budget_s,
            },
            "kinds": list(step.kinds),
            "spent_s": round(moved.spent_s, 3),
            "left_s": round(step.budget_s - moved.spent_s - step.answer_timeout_s * self._speed, 3),
            "charge_max_A": min(step.charge_max_A, envelope.charge_current_max_A.value, by_power_A),
            "discharge_max_A": min(step.discharge_max_A, envelope.discharge_current_max_A.value, by_power_A),
            "moved_Ah": round(moved.net_Ah, 6),
            "soc_shift_max_Ah": step.soc_shift_max_Ah,
            "rest_factor": step.rest_factor,
            "shift_rest_s": step.shift_rest_s,
            "voltage_V": round(voltage_V, 6),
            "timeout_s": step.answer_timeout_s,
        }

    def _wait(self, step: OpenStep, number: int, resting: Segment) -> dict[str, Any] | None:
        """The answer to ``number``; None after the time-out. Answers to earlier questions are let go."""
        sampler = self._sampler
        until = time.monotonic() + step.answer_timeout_s  # supervision is real time
        while True:
            answer = self._stage.take_answer()
            if answer is not None and not _is_older(answer.get("round"), number):
                return answer
            if answer is None:
                if time.monotonic() >= until:
                    return None
                # A piece shorter than a few readings would never come to take one.
                piece_s = max(LOOK_S * self._speed, 3 * sampler.read_s)
                sampler.sample_until(sampler.clock.now_s() + piece_s, resting)

    def _judge(
        self, answer: dict[str, Any] | None, step: OpenStep, number: int, waited_s: float
    ) -> tuple[Segment, ...] | None:
        note = self._stage.note
        record: dict[str, Any] = {"round": number, "step": step.step, "waited_s": round(waited_s, 3)}
        if answer is None:
            note("adaptive.no_answer", "warning", {"round": number, "timeout_s": step.answer_timeout_s})
            self._record("silence", record)
            return None
        try:
            if answer.get("round") != number:
                raise RoundRefused(f"it belongs to another round than {number}")
            advice = _plain(answer.get("advice"))
            facts: dict[str, object] = {"round": number, **{k: advice[k] for k in TOLD if k in advice}}
            if answer.get("command") == "enough":
                note("adaptive.enough", "info", facts)
                self._record("enough", {**record, "advice": advice})
                return None
            if number > ROUNDS_MAX:
                raise RoundRefused(f"more than {ROUNDS_MAX} rounds")
            segments = read_round(answer.get("segments"), step, self._next_index, self._next_group)
            self._check(segments, step)
        except RoundRefused as error:
            note("adaptive.refused", "warning", {"round": number, "why": str(error)})
            self._record("refused", {**record, "why": str(error)})
            return None
        self._next_index += len(segments)
        self._next_group += 1
        note("adaptive.next", "info", facts)
        self._record("next", {**record, "advice": advice}, segments)
        return segments

    def _record(self, answer: str, facts: dict[str, Any], segments: Sequence[Segment] = ()) -> None:
        """What was answered and comes next, so that a record explains its own test."""
        began = self._began[facts["step"]].as_dict()
        self._journal.round(
            self._sampler.clock.now_s(),
            {**facts, "answer": answer, "began": began, "segments": [s.as_dict() for s in segments]},
        )

    # ------------------------------------------------------------------ limits

    def _moved(self, step: OpenStep) -> Moved:
        totals, began = self._sampler.rules.throughput.totals, self._began[step.step]
        return Moved(
            self._spent_s[step.step],
            totals.charge_Ah - began.charge_Ah,
            totals.discharge_Ah - began.discharge_Ah,
        )

    def _voltage_V(self) -> float:
        """The newest reading; the most that may ever be where there is none yet."""
        recent = self._sampler.recent.since(self._sampler.clock.now_s() - RECENT_S)
        return recent[-1].voltage_V if recent else self._envelope.voltage_max_V.value

    def _check(self, segments: Sequence[Segment], step: OpenStep) -> None:
        """All that a plan has to pass before energy, and the step's own bounds. Raises RoundRefused."""
        check_round(segments, step, self._moved(step))
        currents_A = [segment.current_A for segment in segments]
        for result in (
            plan_current(currents_A, self._envelope),
            plan_power(currents_A, self._envelope, self._voltage_V()),
        ):
            if not result.ok:
                raise RoundRefused(result.message)
        self._check_totals(segments)
        try:
            choose_timing(segments, self._plan.timing, self._capabilities, self._speed)
        except UsageError as error:
            raise RoundRefused(error.message) from error

    def _check_totals(self, segments: Sequence[Segment]) -> None:
        """Charge and energy of the whole run, as the running rules count them, whoever limits them."""
        throughput, volts = self._sampler.rules.throughput, self._envelope.voltage_max_V.value
        totals = throughput.totals
        charge_Ah = sum(s.current_A * s.duration_s for s in segments if s.current_A > 0) / 3600
        discharge_Ah = -sum(s.current_A * s.duration_s for s in segments if s.current_A < 0) / 3600
        for info, value in (
            (throughput.charge, totals.charge_Ah + charge_Ah),
            (throughput.discharge, totals.discharge_Ah + discharge_Ah),
            (throughput.energy, totals.charge_Wh + charge_Ah * volts),
            (throughput.energy, totals.discharge_Wh + discharge_Ah * volts),
        ):
            if info is not None and info.limit is not None and value > info.limit:
                raise RoundRefused(
                    f"{value:.4g} {info.unit} in all, the {info.source} allows {info.limit:.4g} {info.unit}"
                )


def _is_older(number: object, than: int) -> bool:
    return isinstance(number, int) and number < than


def _plain(advice: object) -> dict[str, Any]:
    """What can be written into a journal as it is; nothing for no advice. Raises RoundRefused."""
    if advice is None:
        return {}
    try:
        size = len(json.dumps(advice, allow_nan=False))
    except ValueError:
        size = ADVICE_MAX_BYTES + 1
    if not isinstance(advice, dict) or size > ADVICE_MAX_BYTES:
        raise RoundRefused("its reasons cannot be recorded")
    return advice
