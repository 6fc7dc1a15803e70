"""Interrupted runs: let one go on where it was, or close it for good."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from station.bench import bench_clock
from station.errors import BusyError, StationError, UsageError
from station.lifecycle import Event, State
from station.records.models import utc_now
from station.service.admission import Admission
from station.service.channel_state import ChannelState, fault_state
from station.service.channels import Channels
from station.service.config import ServiceConfig
from station.service.ending import RunCloser, RunFacts, in_thread
from station.service.interrupted import Continuation, battery_moved, read_continuation
from station.service.keeper import Keeper
from station.service.orders import find_channel
from station.service.recovery import ended_on_record, facts_of, worker_alive

log = logging.getLogger(__name__)

Launch = Callable[[RunFacts, ChannelState, dict[str, Any]], Awaitable[None]]
"""Starts a worker for these facts, on this tile, with this job."""


class InterruptedRuns:
    """Those of one bench. ``launch`` starts the worker of a run that goes on."""

    def __init__(
        self,
        config: ServiceConfig,
        channels: Channels,
        admission: Admission,
        keeper: Keeper,
        closer: RunCloser,
        launch: Launch,
        guard: Callable[[], dict[str, Any] | None],
        publish: Callable[[dict[str, Any]], None],
    ) -> None:
        self._config = config
        self._channels = channels
        self._admission = admission
        self._keeper = keeper
        self._closer = closer
        self._launch = launch
        self._guard = guard
        self._publish = publish

    async def resume(self, run_id: str, who: str | None = None) -> None:
        """Let an interrupted run go on at its next step, after every check has passed again in the worker.

        Raises UsageError, BusyError, SafetyLatched, InterlockOpen, DataError, RecordError, each by its name.
        """
        records, admission = self._keeper.records, self._admission
        row = await in_thread(records.find_run, run_id)
        _need_interrupted(row)
        if row["bench"] == self._config.bench.name:
            find_channel(self._config.bench, row["channel"])
        channel, battery = row["channel"], row["battery"]
        if channel in self._channels.states:
            admission.refuse_taken(channel, but_run=run_id)
            admission.refuse_asked(channel)
        admission.refuse_battery_here(battery)
        admission.starting[channel] = battery
        try:
            await self._refuse_alive(row)
            await admission.refuse_battery_elsewhere(records, battery)
            newest = await in_thread(records.newest_run_of, battery)
            if newest is not None and newest != run_id:
                raise battery_moved(battery, newest)
            facts = facts_of(row, self._config)
            found = await in_thread(read_continuation, row, facts.run_dir, self._config.bench)
            await admission.need_guard()
            admission.refuse_ending()
            await self._go_on(facts, found, who, await in_thread(bench_clock, self._config.bench))
        finally:
            admission.release(channel)

    async def _go_on(self, facts: RunFacts, found: Continuation, who: str | None, speed: float) -> None:
        records, run_id = self._keeper.records, facts.run_id
        guard = self._guard()
        row = await self._keeper.do(records.resume_run, run_id)
        self._keeper.event(
            "operator.resume_run",
            {
                "channel": facts.channel,
                "resumes": row["resumes"],
                "who": who,
                "recorded_s": round(found.earlier.t_s, 3),
                "journal_sha256": found.journal_sha256,
            },
            run_id=run_id,
        )
        tile = self._channels.states[facts.channel]
        if tile.run_id != run_id or tile.state is not State.FAULT:
            tile = fault_state({**row, "error": None})
        tile.fire(Event.RESUMED)
        state = ChannelState(
            run_id=run_id,
            battery=facts.battery,
            profile=facts.profile,
            resumes=row["resumes"],
            machine=tile.machine,
        )
        await self._launch(facts, state, self._job(facts, found, guard, speed))

    def _job(
        self, facts: RunFacts, found: Continuation, guard: dict[str, Any] | None, speed: float
    ) -> dict[str, Any]:
        header = found.header
        return {
            "run_id": facts.run_id,
            "run_dir": str(facts.run_dir),
            "bench": self._config.bench_as_json(),
            "channel": facts.channel,
            "battery": header["battery"],
            "plan": header["plan"],
            "profile_limits": header.get("profile_limits") or {},
            "speed": speed,
            "guard": guard,
            "resume": True,
        }

    async def _refuse_alive(self, row: dict[str, Any]) -> None:
        if await in_thread(worker_alive, row):
            raise BusyError(
                f"the worker of run {row['run_id']} still makes its channel safe",
                remedy="wait a few seconds, then try again",
                code="station.worker_alive",
                channel=row["channel"],
            )

    async def close(self, run_id: str, who: str | None = None) -> None:
        """End an interrupted run for good: its channel is free at once, its data are analysed beside.

        There is no verdict from an incomplete test. Raises UsageError, BusyError, RecordError.
        """
        records = self._keeper.records
        row = await in_thread(records.find_run, run_id)
        _need_interrupted(row)
        if row["bench"] != self._config.bench.name:
            raise UsageError(
                f"run {run_id} was made on bench {row['bench']}",
                remedy=f"close it there: station close {run_id} --bench {row['bench']}",
                code="run.other_bench",
                bench=row["bench"],
            )
        await self._keeper.do(
            records.update_run,
            run_id,
            state="analysis",
            closed_utc=utc_now(),
            closed_by=(who or "")[:64] or None,
            acknowledged_utc=utc_now(),
            latched=False,
        )
        channel = row["channel"]
        self._keeper.event("operator.close_run", {"channel": channel, "who": who}, run_id=run_id)
        tile = self._channels.states.get(channel)
        if tile is not None and tile.run_id == run_id and tile.state is State.FAULT:
            tile.fire(Event.ACKNOWLEDGED)
            self._channels.put(channel, ChannelState())
        self._channels.work(self._finish(row))

    async def _finish(self, row: dict[str, Any]) -> None:
        facts = facts_of(row, self._config)
        try:
            result = await self._closer.close(facts, ended_on_record(row), latch=False, incomplete=True)
        except StationError as error:
            log.error("run %s is closed, but its data are not analysed: %s", facts.run_id, error)
            return
        self._publish({"type": "result", "channel": facts.channel, "run_id": facts.run_id, "result": result})


def _need_interrupted(row: dict[str, Any]) -> None:
    if row["state"] != "interrupted":
        raise UsageError(
            f"run {row['run_id']} is not interrupted, it is {row['state']}",
            remedy="list what can go on: station records list --interrupted",
            code="run.not_interrupted",
            run_id=row["run_id"],
            state=row["state"],
        )
