"""What a plan asks people and the BMS at zero current; samples go on meanwhile."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, Protocol

from profiles.plan import Segment
from station.engine.measure.sampling import Sampler
from station.errors import CheckFailed

LOOK_S = 0.1
"""Real time between two looks for an answer."""


class Asks(Protocol):
    """Who is asked, and who hears of it."""

    def ask(self, question: dict[str, Any]) -> None:
        """Say it to the service."""

    def take_answer(self) -> dict[str, Any] | None:
        """The oldest answer that nobody has taken yet."""

    def note(self, code: str, level: str, params: dict[str, object]) -> None:
        """An event."""


class Acts:
    """``keep`` takes a value under a name."""

    def __init__(self, sampler: Sampler, stage: Asks, keep: Callable[[str, float, str], None]) -> None:
        self._sampler, self._stage, self._keep = sampler, stage, keep
        self._asked = 0

    def play(self, segment: Segment) -> None:
        """Raises CheckFailed where nobody answers, and whatever ends or interrupts the run."""
        assert segment.act is not None
        if segment.act.kind == "prompt":
            self._prompt(segment, segment.act.facts)
        else:
            self._bms(segment, segment.act.facts)

    def _prompt(self, segment: Segment, facts: dict[str, Any]) -> None:
        self._asked += 1
        number = self._asked
        question = {key: facts[key] for key in ("text", "picture", "answer", "low", "high", "timeout_s")}
        self._stage.note("prompt.asked", "warning", {"prompt": number, "text": facts["text"]["en"]})
        self._stage.ask({"type": "ask_operator", "prompt": number, "name": facts["name"], **question})
        try:
            answer = self._wait(segment, number, facts)
        finally:
            self._stage.ask({"type": "ask_operator", "prompt": number, "over": True})
        if answer is not None:
            value = answer.get("value")
            told = {"prompt": number, "value": value, "by": str(answer.get("by", ""))[:80]}
            self._stage.note("prompt.answered", "info", told)
        elif facts["default"] is not None:
            value = facts["default"]
            self._stage.note("prompt.default", "warning", {"prompt": number, "value": value})
        else:
            raise CheckFailed(
                f"nobody answered within {facts['timeout_s']:g} s: {facts['text']['en']}",
                remedy="start the test again when somebody is there to answer",
                code="safety.check.prompt",
                rule="prompt",
                value=None,
                limit=facts["timeout_s"],
            )
        if facts["name"] is not None and value is not None:
            self._keep(facts["name"], float(value), "prompt")

    def _wait(self, segment: Segment, number: int, facts: dict[str, Any]) -> dict[str, Any] | None:
        """An answer that can be taken; None after the time-out. Answers to other questions are let go."""
        until = time.monotonic() + facts["timeout_s"]  # people live in real time
        while time.monotonic() < until:
            answer = self._stage.take_answer()
            if answer is None:
                self._piece(segment)
            elif answer.get("command") == "answer" and answer.get("prompt") == number:
                why = _refusal(answer.get("value"), facts)
                if not why:
                    return answer
                self._stage.note("prompt.refused", "warning", {"prompt": number, "why": why})
        return None

    def _piece(self, segment: Segment) -> None:
        # A piece shorter than a few readings would never come to take one.
        sampler = self._sampler
        piece_s = max(LOOK_S * sampler.clock.speed, 3 * sampler.read_s)
        sampler.sample_until(sampler.clock.now_s() + piece_s, segment)

    def _bms(self, segment: Segment, facts: dict[str, Any]) -> None:
        clock = self._sampler.clock
        end_s = clock.now_s() + facts["timeout_s"]
        while True:
            snapshot = self._sampler.bms_seen
            signal = None if snapshot is None else snapshot.signals.get(facts["signal"])
            value = None if signal is None or signal.age_s > facts["age_max_s"] else signal.value
            if value is not None or clock.now_s() >= end_s:
                break
            self._piece(segment)
        low, high = facts["low"], facts["high"]
        inside = value is not None and (low is None or value >= low) and (high is None or value <= high)
        told = {"signal": facts["signal"], "value": value, "low": low, "high": high}
        self._stage.note("engine.bms_value", "info" if inside else "alarm", told)
        if value is None or not inside:
            raise CheckFailed(
                f"the BMS says {facts['signal']} = {value}, allowed is {low} … {high}",
                remedy="look at the battery's BMS page; choose a profile that fits this battery",
                code="safety.check.bms_value",
                rule="bms_value",
                value=value,
                limit=[low, high],
                signal=facts["signal"],
            )
        self._keep(facts["name"], value, "bms")


def _refusal(value: Any, facts: dict[str, Any]) -> str:
    """Why an answer cannot be taken; '' where it can."""
    if facts["answer"] == "confirm":
        return ""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return "a number is wanted"
    if facts["low"] is not None and value < facts["low"]:
        return f"smaller than {facts['low']:g}"
    if facts["high"] is not None and value > facts["high"]:
        return f"larger than {facts['high']:g}"
    return ""
