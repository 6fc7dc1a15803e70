"""Watches one mission: from the service's live messages and what the trainee says to what is done and wrong.

Pure: no clock, no network. ``at_s`` is the caller's steady clock in real seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from station.training.mission import Expect, Mission, Step, Text

_ACTIVE = ("checks", "ready", "running", "paused", "stopping")
_OVER = ("fault", "verdict")


@dataclass(frozen=True)
class Fact:
    """Something that just happened."""

    kind: str
    channel: str | None = None
    value: str = ""


@dataclass
class StepDone:
    """How one step went. ``outcome``: ``done``, ``late``, ``wrong`` (answer) or ``missed``."""

    id: str
    outcome: str
    took_s: float
    within_s: float | None = None
    answer: str | None = None


@dataclass
class Mistake:
    """What was wrong, ``at_s`` after the mission's beginning."""

    id: str
    at_s: float
    text: Text


@dataclass
class Referee:
    """One trainee's attempt at one mission. ``begin``: what the bench has to do now; the caller takes it."""

    mission: Mission
    began_s: float
    done: list[StepDone] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    begin: list[dict[str, Any]] = field(default_factory=list)
    _channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    _guard: dict[str, Any] = field(default_factory=dict)
    _stopping_s: dict[str, float] = field(default_factory=dict)
    _step_s: float = 0.0
    _counted: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._step_s = self.began_s
        self.begin.extend(self.mission.steps[0].begin)

    # What is asked of it

    @property
    def step(self) -> Step | None:
        """The present step; None when the mission is over."""
        return self.mission.steps[len(self.done)] if len(self.done) < len(self.mission.steps) else None

    @property
    def over(self) -> bool:
        """Whether every step is behind."""
        return self.step is None

    @property
    def passed(self) -> bool:
        """Over, and nothing was wrong, late or missed."""
        return self.over and not self.mistakes

    def left_s(self, at_s: float) -> float | None:
        """Seconds left for the present step; negative when it is late; None without a limit."""
        step = self.step
        return None if step is None or step.within_s is None else step.within_s - (at_s - self._step_s)

    # What it is told

    def see(self, message: Mapping[str, Any], at_s: float) -> None:
        """Take one live message of the service."""
        for fact in self._facts(message, at_s):
            self._take(fact, at_s)
        self._standing(at_s)

    def say(self, kind: str, at_s: float, value: str = "") -> bool:
        """The trainee answered (``value``: the choice), mended, or pressed the stop at the bench.

        False when that is not what the present step is about; it counts for nothing then.
        """
        step = self.step
        if step is None or step.expect.kind != kind:
            return False
        if kind == "answer":
            assert step.question is not None  # by the mission's own check
            chosen = {choice.id: choice for choice in step.question.choices}.get(value)
            if chosen is None:
                return False
            if not chosen.right:
                self._wrong(step.id, step.question.why, at_s)
            self._finish(step, at_s, "done" if chosen.right else "wrong", answer=value)
        else:
            self._finish(step, at_s, "done")
        self._standing(at_s)
        return True

    # Inside

    def _facts(self, message: Mapping[str, Any], at_s: float) -> list[Fact]:
        kind = message.get("type")
        if kind == "state":
            facts = [
                fact
                for channel, state in message["channels"].items()
                for fact in self._channel(channel, state, at_s)
            ]
            return facts + self._guard_facts(message.get("guard") or {})
        if kind == "channel":
            return self._channel(str(message["channel"]), message["state"], at_s)
        if kind == "guard":
            return self._guard_facts(message["guard"] or {})
        if kind == "result" and (message["result"] or {}).get("outcome") == "stopped":
            return [Fact("stopped", str(message["channel"]))]
        return []

    def _channel(self, channel: str, state: dict[str, Any], at_s: float) -> list[Fact]:
        before = self._channels.get(channel)
        self._channels[channel] = state
        if before is None:
            return []
        was, now = before["state"], state["state"]
        facts = []
        if now == "stopping" and was != "stopping":
            self._stopping_s[channel] = at_s
        if now in _ACTIVE and was not in _ACTIVE:
            facts.append(Fact("started", channel))
        if now == "idle" and was in _OVER:
            facts.append(Fact("acknowledged", channel))
        return facts

    def _guard_facts(self, guard: dict[str, Any]) -> list[Fact]:
        self._guard = guard
        return []

    def _holds(self, expect: Expect) -> bool:
        """Whether what is expected stands now; False for what only happens."""
        if expect.kind == "guard":
            value = {True: "estop_closed", False: "estop_open"}.get(self._guard.get("estop_ok"), "")  # type: ignore[arg-type]
            return value in expect.values
        state = self._channels.get(expect.channel or self.mission.channel)
        if state is None:
            return False
        if expect.kind == "state":
            return state["state"] in expect.values
        if expect.kind == "fault":
            code = (state.get("fault") or {}).get("code", "")
            return state["state"] == "fault" and (not expect.values or code in expect.values)
        if expect.kind == "verdict":
            shown = state["state"] == "verdict" and state.get("verdict")
            return bool(shown) and (not expect.values or state["verdict"] in expect.values)
        return False

    def _same(self, expect: Expect, fact: Fact) -> bool:
        return fact.kind == expect.kind and fact.channel == (expect.channel or self.mission.channel)

    def _take(self, fact: Fact, at_s: float) -> None:
        now = len(self.done)
        order = {step.id: number for number, step in enumerate(self.mission.steps)}
        for rule in self.mission.forbidden:
            if order[rule.begin] < now <= order[rule.end] and self._same(rule.expect, fact):
                self._wrong(rule.id, rule.text, at_s)
        step = self.step
        if step is None:
            return
        if self._same(step.expect, fact):
            moment_s = self._stopping_s.get(fact.channel or "", at_s) if fact.kind == "stopped" else at_s
            self._finish(step, at_s, "done", moment_s=moment_s)

    def _standing(self, at_s: float) -> None:
        """Go on over every step that what stands now fulfils, or that it makes impossible."""
        while (step := self.step) is not None:
            if self._holds(step.expect):
                self._finish(step, at_s, "done")
            elif step.missed is not None and step.missed_text is not None and self._holds(step.missed):
                self._wrong(step.id, step.missed_text, at_s)
                self._finish(step, at_s, "missed")
            else:
                return

    def _finish(
        self,
        step: Step,
        at_s: float,
        outcome: str,
        *,
        moment_s: float | None = None,
        answer: str | None = None,
    ) -> None:
        took_s = max((at_s if moment_s is None else moment_s) - self._step_s, 0.0)
        if outcome == "done" and step.within_s is not None and took_s > step.within_s:
            outcome = "late"
            self._wrong(f"{step.id}.late", _late(took_s, step.within_s), at_s)
        self.done.append(StepDone(step.id, outcome, round(took_s, 2), step.within_s, answer))
        self._step_s = at_s
        if self.step is not None:
            self.begin.extend(self.step.begin)

    def _wrong(self, name: str, text: Text, at_s: float) -> None:
        self.mistakes.append(Mistake(name, round(at_s - self.began_s, 2), text))


def _late(took_s: float, within_s: float) -> Text:
    return Text(
        zh=f"用了 {took_s:.1f} 秒，应在 {within_s:g} 秒内完成。",
        en=f"It took {took_s:.1f} s; it should be done within {within_s:g} s.",
    )
