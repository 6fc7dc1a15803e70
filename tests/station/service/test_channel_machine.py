"""Any worker and any operator, in any order, through the service's own code: the table holds.

The worker is a scripted pipe; everything else is the code that runs a test in the service.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from station.lifecycle import TRANSITIONS, Event, State
from station.lifecycle.table import WORKER
from station.service import run_task
from station.service.channel_state import ChannelState
from station.service.config import ServiceConfig
from station.service.curves import Curves
from station.service.ended import OUTCOME_EXIT_CODES
from station.service.ending import NO_RESULT, RunCloser, RunFacts
from station.service.keeper import Keeper
from tests.station.service import fakes

NEXT: dict[State, set[State]] = {
    state: {row.to for row in TRANSITIONS if row.state is state} for state in State
}


class Pipe:
    """A worker's process, as the service sees it."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self.pid = os.getpid()

    async def send(self, message: dict[str, Any]) -> bool:
        return bool(message)

    async def read(self, _timeout_s: float) -> dict[str, Any] | None:
        return await self.lines.get()

    def close_stdin(self) -> None: ...

    async def wait(self, _timeout_s: float) -> int:
        return 9

    async def end(self, _grace_s: float) -> int:
        self.lines.put_nowait(None)
        return 9


async def no_answer(*_: Any, **__: Any) -> dict[str, Any]:
    """These workers ask nothing."""
    raise AssertionError


class Silent:
    """Records and closer that keep nothing."""

    records: Any = None

    def __init__(self) -> None:
        self.records = self

    def put(self, *_: Any, **__: Any) -> None: ...

    def event(self, *_: Any, **__: Any) -> None: ...

    def update_run(self, *_: Any, **__: Any) -> None: ...

    async def close(self, *_: Any, **__: Any) -> dict[str, Any]:
        return {**NO_RESULT, "error": None}


class Service(RuleBasedStateMachine):
    """One channel of a service."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.state = ChannelState()
        self.seen: list[State] = [State.IDLE]
        self.pipe: Pipe | None = None
        self.run: run_task.RunTask | None = None
        self.drive: asyncio.Task[None] | None = None
        self.verified = False
        self.said_completed = False

    def teardown(self) -> None:
        if self.drive is not None and not self.drive.done():
            assert self.pipe is not None
            self.pipe.lines.put_nowait(None)
            self.loop.run_until_complete(self.drive)
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        self.folder.cleanup()

    def shown(self, state: ChannelState) -> None:
        if state.state is not self.seen[-1]:
            self.seen.append(state.state)

    def settle(self) -> None:
        """Let the service do what it can do now."""

        async def turns() -> None:
            for _ in range(20):
                await asyncio.sleep(0)
            while self.drive is not None and not self.drive.done() and self.over():
                await asyncio.sleep(0.001)

        self.loop.run_until_complete(turns())

    def over(self) -> bool:
        """The worker has said its last word, so that the run comes to its end by itself."""
        return self.state.state not in WORKER or self.last_word

    last_word = False

    @precondition(lambda self: self.state.state in (State.IDLE, State.VERDICT))
    @rule()
    def start(self) -> None:
        self.state = ChannelState(machine=self.state.machine, battery="B", run_id="r")
        self.state.fire(Event.START)
        self.shown(self.state)
        self.pipe, self.last_word, self.verified, self.said_completed = Pipe(), False, False, False
        facts = RunFacts("r", Path(self.folder.name), "B", "b", "1", "p", 1.0, None, True, 1.0)
        config = ServiceConfig(fakes.bench(), Path(self.folder.name), patience=fakes.HASTE)
        quiet = Silent()

        async def begin() -> None:
            self.run = run_task.RunTask(
                facts,
                self.state,
                config=config,
                keeper=cast(Keeper, quiet),
                closer=cast(RunCloser, quiet),
                publish=lambda _message: None,
                curves=Curves(),
                show=self.shown,
                cut=None,
                answer=no_answer,
            )
            self.drive = asyncio.create_task(self.run.drive({}))

        async def started(*_: Any) -> Pipe | None:
            return self.pipe

        with patch.object(run_task.LineProcess, "start", started):
            self.loop.run_until_complete(begin())
            self.settle()

    @precondition(lambda self: self.drive is not None and not self.drive.done())
    @rule(told=st.sampled_from([*WORKER, "verdict", "idle", "nonsense", None, 7]))
    def worker_tells_a_state(self, told: Any) -> None:
        assert self.pipe is not None
        before = self.state.state
        self.pipe.lines.put_nowait({"type": "state", "state": told, "may": {"pause": True, "skip": 1}})
        self.last_word = told not in list(WORKER) or not reachable(before, State(told))
        self.settle()
        if not self.last_word:
            assert self.state.state is State(told)
            assert self.state.may["pause"] is (told == "running")
            assert self.state.may["skip"] is False, "only true is true"

    @precondition(lambda self: self.drive is not None and not self.drive.done())
    @rule(outcome=st.sampled_from([*OUTCOME_EXIT_CODES, "odd"]), verified=st.booleans())
    def worker_ends(self, outcome: str, verified: bool) -> None:
        assert self.pipe is not None
        self.verified, self.said_completed = verified, outcome in ("completed", "stopped")
        self.last_word = True
        self.pipe.lines.put_nowait({"type": "ended", "outcome": outcome, "safe": {"verified": verified}})
        self.settle()
        assert self.state.state is (State.VERDICT if verified and self.said_completed else State.FAULT)

    @precondition(lambda self: self.drive is not None and not self.drive.done())
    @rule()
    def worker_dies(self) -> None:
        assert self.pipe is not None
        self.last_word = True
        self.pipe.lines.put_nowait(None)
        self.settle()
        assert self.state.state is State.FAULT

    @precondition(lambda self: self.drive is not None and not self.drive.done())
    @rule(word=st.sampled_from(["pause", "resume", "skip"]))
    def person_asks(self, word: str) -> None:
        assert self.run is not None
        before = self.state.state
        self.loop.run_until_complete(self.run.command(word))
        assert self.state.state is before, "only the worker's word changes it"

    @precondition(lambda self: self.drive is not None and not self.drive.done())
    @rule(force=st.booleans())
    def person_stops(self, force: bool) -> None:
        assert self.run is not None
        safe = self.state.state is State.SAFE
        if not force:
            self.loop.run_until_complete(self.run.stop(escalate=False))
            return
        self.last_word = not safe
        self.loop.run_until_complete(self.run.force("test"))
        self.settle()
        if not safe:
            assert self.state.state is State.FAULT
            assert self.state.fault is not None
            assert self.state.fault["code"] == "run.forced"

    @precondition(lambda self: self.state.state in (State.FAULT, State.VERDICT))
    @rule()
    def person_acknowledges(self) -> None:
        self.state.fire(Event.ACKNOWLEDGED)
        self.state = ChannelState()
        self.seen.append(State.IDLE)

    @invariant()
    def every_step_is_in_the_table(self) -> None:
        for before, after in zip(self.seen, self.seen[1:], strict=False):
            assert reachable(before, after), (before, after)
        del self.seen[:-1]

    @invariant()
    def a_fault_has_its_reason_and_waits(self) -> None:
        if self.state.state is State.FAULT:
            assert self.state.latched
            assert self.state.fault is not None
            assert self.state.fault["code"]

    @invariant()
    def a_verdict_needs_a_verified_end(self) -> None:
        if self.state.state in (State.ANALYSIS, State.VERDICT):
            assert self.verified
            assert self.said_completed


def reachable(before: State, after: State) -> bool:
    """By the table, through worker states only (lines of a worker may be dropped)."""
    reached, edge = {before}, {before}
    while edge:
        if after in reached:
            return True
        edge = {to for state in edge for to in NEXT[state] if state in WORKER or state is before} - reached
        edge = {to for to in edge if to in WORKER or to is after}
        reached |= edge
    return after in reached


TestService = Service.TestCase
TestService.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
