"""Asks what to measure next in an open step, and lets nothing of the answer through that is not allowed."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any, Protocol

from drivers.capabilities import Capabilities
from profiles.open_step import OpenStep
from profiles.plan import Segment
from profiles.rounds import RoundRefused, read_round
from station.engine.base.job import Job
from station.engine.measure.sampling import Sampler
from station.engine.play.round_limits import RoundLimits
from station.engine.record.earlier import Earlier
from station.engine.record.journal import JournalWriter
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
        job: Job,
        sampler: Sampler,
        journal: JournalWriter,
        stage: Asked,
        envelope: Envelope,
        capabilities: Capabilities,
        earlier: Earlier | None,
    ) -> None:
        plan = self._plan = job.plan
        self._sampler, self._journal, self._stage = sampler, journal, stage
        self.limits = RoundLimits(job, sampler, envelope, capabilities)
        self._asked = 0
        self._next_index = len(plan.segments)
        groups = [segment.group for segment in plan.segments]
        groups += [step.group for step in plan.open_steps]
        groups += [junction.group for junction in plan.junctions]
        self._next_group = max(groups, default=-1) + 1
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
        self.limits.begin(step, self._sampler.rules.throughput.totals)
        spent_s = round(self.limits.moved(step).spent_s, 1)
        self._stage.note("adaptive.asked", "info", {"round": number, "spent_s": spent_s})
        self._stage.ask(self._question(step, number))
        try:
            answer = self._wait(step, number, resting)
        finally:
            waited_s = self._sampler.clock.now_s() - from_s
            self.limits.spend(step, waited_s)
        return self._judge(answer, step, number, waited_s)

    def begin(self, segments: Sequence[Segment]) -> bool:
        """Before a round is played, for the first time or again: is there still room for it?"""
        step = self._step(segments[0].step)
        try:
            self.limits.check(segments, step)
        except RoundRefused as error:
            self._stage.note("adaptive.refused", "warning", {"round": self._asked, "why": str(error)})
            return False
        self.limits.spend(step, sum(segment.duration_s for segment in segments))
        return True

    def near_limit(self, segments: Sequence[Segment]) -> None:
        """A change of SOC was ended early: there is no further that way."""
        self.limits.no_further(self._step(segments[0].step))
        facts: dict[str, object] = {"round": self._asked, "voltage_V": round(self.limits.voltage_V(), 4)}
        self._stage.note("adaptive.near_limit", "warning", facts)

    def _step(self, number: int) -> OpenStep:
        step = self._plan.open_step(number)
        assert step is not None
        return step

    def _restore(self, record: dict[str, Any]) -> None:
        step = self._step(int(record["step"]))
        segments = tuple(Segment.from_dict(segment) for segment in record["segments"])
        self._asked = max(self._asked, int(record["round"]))
        self.limits.begin(step, Totals(**record["began"]))
        self.limits.spend(step, float(record["waited_s"]) + sum(s.duration_s for s in segments))
        if segments:
            self._next_index = max(self._next_index, segments[-1].index + 1)
            self._next_group = max(self._next_group, segments[0].group + 1)
            self.restored.append(segments)

    # ------------------------------------------------------------------ question and answer

    def _question(self, step: OpenStep, number: int) -> dict[str, Any]:
        limits, moved = self.limits, self.limits.moved(step)
        charge_max_A, discharge_max_A = limits.currents_A(step)
        wait_s = step.answer_timeout_s * self._sampler.clock.speed
        return {
            "type": "ask_next",
            "round": number,
            "step": step.step,
            "goal": {
                "inside_grade": step.inside_grade,
                "half_width": step.half_width,
                "budget_s": step.budget_s,
            },
            "kinds": list(limits.kinds(step)),
            "spent_s": round(moved.spent_s, 3),
            "left_s": round(step.budget_s - moved.spent_s - wait_s, 3),
            "charge_max_A": charge_max_A,
            "discharge_max_A": discharge_max_A,
            "moved_Ah": round(moved.net_Ah, 6),
            "soc_shift_max_Ah": step.soc_shift_max_Ah,
            "rest_factor": step.rest_factor,
            "shift_rest_s": step.shift_rest_s,
            "voltage_V": round(limits.voltage_V(), 6),
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
                piece_s = max(LOOK_S * sampler.clock.speed, 3 * sampler.read_s)
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
            self.limits.check(segments, step)
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
        began = self.limits.began(facts["step"]).as_dict()
        self._journal.round(
            self._sampler.clock.now_s(),
            {**facts, "answer": answer, "began": began, "segments": [s.as_dict() for s in segments]},
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
