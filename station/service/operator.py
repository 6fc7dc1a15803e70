"""What a person asks of running tests: pause, resume, skip, stop, force, and that a fault has been seen."""

from __future__ import annotations

import asyncio
from typing import Literal

from station.bench import Bench
from station.errors import BusyError, RecordError
from station.lifecycle import Event, State
from station.service.admission import Admission
from station.service.channel_state import ChannelState
from station.service.channels import Channels
from station.service.config import ServiceConfig
from station.service.ending import in_thread
from station.service.interrupted_runs import InterruptedRuns
from station.service.keeper import Keeper
from station.service.orders import find_channel
from station.service.recovery import worker_alive
from station.service.run_task import RunTask

Word = Literal["pause", "resume", "skip"]


class Operator:
    """One bench's desk. Stops never wait for anything, records least of all."""

    def __init__(
        self,
        config: ServiceConfig,
        channels: Channels,
        admission: Admission,
        keeper: Keeper,
        interrupted: InterruptedRuns,
    ) -> None:
        self._config = config
        self._bench: Bench = config.bench
        self._channels = channels
        self._admission = admission
        self._keeper = keeper
        self._interrupted = interrupted

    async def command(self, channel: str, word: Word) -> None:
        """Pass ``word`` to the channel's worker; a channel with an interrupted run goes on with it.

        Raises BusyError (``run.not_now``) when the channel cannot do that now.
        """
        channel = find_channel(self._bench, channel).id
        state, run = self._channels.states[channel], self._channels.runs.get(channel)
        if word == "resume" and state.interrupted and state.run_id is not None:
            await self._interrupted.resume(state.run_id)
            return
        if run is None or run.state is not state or not state.may[word]:
            raise BusyError(
                f"channel {channel} is {state.state}: it cannot {word} now",
                remedy="look at the channel's state; between steps it may be possible in a moment",
                code="run.not_now",
                channel=channel,
                state=state.state.value,
                command=word,
            )
        await run.command(word)
        self._keeper.event(f"operator.{word}", {"channel": channel}, run_id=run.facts.run_id)

    async def answer(self, channel: str, prompt: int, value: float | None, by: str) -> None:
        """What a person answers to the question that the channel's test asks now.

        Raises BusyError (``prompt.none``) when it asks nothing, or something else by now.
        """
        channel = find_channel(self._bench, channel).id
        state, run = self._channels.states[channel], self._channels.runs.get(channel)
        asked = state.question
        if run is None or run.state is not state or asked is None or asked.get("prompt") != prompt:
            raise BusyError(
                f"channel {channel} does not ask that now",
                remedy="look at the channel's state",
                code="prompt.none",
                channel=channel,
            )
        await run.answer(prompt, value, by)

    async def stop(self, channel: str, *, force: bool = False) -> None:
        """Ask for an ordered stop; nothing happens on a channel without a run.

        One that does not lead to ``safe`` in time is forced; ``force`` does so at once.
        """
        channel = find_channel(self._bench, channel).id
        if channel in self._admission.starting:
            self._admission.stop_before_start.add(channel)
        run = self._channels.runs.get(channel)
        if run is not None and run.state.active and run.state.state is not State.ANALYSIS:
            await self._stop_run(run, force)

    async def _stop_run(self, run: RunTask, force: bool) -> None:
        channel, run_id = run.facts.channel, run.facts.run_id
        if force:
            self._keeper.event("operator.force", {"channel": channel}, run_id=run_id, level="warning")
            self._channels.work(run.force("asked by a person"))
        else:
            await run.stop()
        self._keeper.event("operator.stop", {"channel": channel, "force": force}, run_id=run_id)

    async def stop_all(self, *, force: bool = False) -> None:
        """Ask every running channel for an ordered stop, and those that are just starting."""
        self._admission.stop_before_start.update(self._admission.starting)
        await asyncio.gather(*(self._stop_run(run, force) for run in self._channels.active_runs()))
        self._keeper.event("operator.stop_all", {"force": force})

    async def acknowledge(self, channel: str, who: str | None = None) -> None:
        """A person has seen the fault or the verdict: the channel is free again.

        An interrupted run is closed for good by it. Raises BusyError, RecordError.
        """
        channel = find_channel(self._bench, channel).id
        state = self._channels.states[channel]
        if state.active:
            self._admission.refuse_taken(channel)
        if state.state is State.IDLE:
            return
        await self._settled(channel, state)
        if state.interrupted and state.run_id is not None and state.state is State.FAULT:
            await self._interrupted.close(state.run_id, who)
            return
        fault = (state.fault or {}).get("code")
        params = {"channel": channel, "fault": fault, "verdict": state.verdict, "who": who}
        if state.fault is not None or state.latched:
            await self._keeper.do(self._keeper.records.acknowledge, self._bench.name, channel)
        self._keeper.event("operator.acknowledge", params, run_id=state.run_id)
        if self._channels.states[channel] is state:  # else a new test has begun meanwhile
            state.fire(Event.ACKNOWLEDGED)
            self._channels.put(channel, ChannelState())

    async def _settled(self, channel: str, state: ChannelState) -> None:
        """Wait a little until the run's records are written and its worker is gone. Raises when not."""
        if self._keeper.waiting is not None:
            raise RecordError(
                f"the records cannot be written now: {self._keeper.waiting.message}",
                remedy=self._keeper.waiting.remedy,
                code=self._keeper.waiting.code,
            )
        run = self._channels.runs.get(channel)
        if run is not None and run.state is state:
            try:
                await asyncio.wait_for(run.closed.wait(), self._config.patience.closing_s)
            except TimeoutError:
                state.closing = True
        for row in await in_thread(self._keeper.records.unfinished_runs, self._bench.name):
            if row["channel"] == channel and worker_alive(row):
                raise BusyError(
                    f"the worker of the last test on channel {channel} still makes its channel safe",
                    remedy="wait a few seconds, then acknowledge again",
                    code="station.worker_alive",
                    channel=channel,
                )
        if state.closing:
            raise BusyError(
                f"the records of the last test on channel {channel} are still being written",
                remedy="wait a few seconds, then try again",
                code="station.run_closing",
                channel=channel,
            )
