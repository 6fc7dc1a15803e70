"""The service itself: channels, runs, guard, records. The API only passes requests to it."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from typing import Any

from station import __version__
from station.bench import bench_clock
from station.errors import BusyError, InterlockOpen, RecordError, SafetyLatched
from station.records import Records, open_records
from station.reports.battery_code import read_code
from station.service.analysis import AnalysisPool
from station.service.channel_state import ChannelState, fault_state
from station.service.config import ServiceConfig
from station.service.ending import RunCloser, in_thread
from station.service.guard_events import guard_events
from station.service.guard_link import GuardGone, GuardLink
from station.service.hub import Hub
from station.service.launch import make_facts, make_job, record_start
from station.service.orders import Order, find_channel, make_order
from station.service.recovery import find_interrupted, recover, worker_alive
from station.service.run_task import RunTask

log = logging.getLogger(__name__)


class Station:
    """One bench. All methods run on the service's event loop."""

    def __init__(self, config: ServiceConfig) -> None:
        self.config = config
        self.bench = config.bench
        self.hub = Hub()
        self.last_activity_s = time.monotonic()
        self._states = {channel.id: ChannelState() for channel in self.bench.channels}
        self._runs: dict[str, RunTask] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._starting: dict[str, str] = {}
        self._stop_before_start: set[str] = set()
        self._closing = False
        self._pool = AnalysisPool(config.finalise, config.diagnose, config.patience.analysis_s)
        self._records: Records | None = None
        self.guard = (
            GuardLink(config, on_status=self._on_guard, run_going_on=self.busy) if self.bench.guard else None
        )

    @property
    def records(self) -> Records:
        """The records; open while the service runs."""
        if self._records is None:
            raise RecordError("the records are not open", remedy="start the service")
        return self._records

    async def open(self) -> None:
        """Open the records, latch what was left behind, start the guard. Raises RecordError."""
        self._records = await in_thread(open_records, self.config.data)
        left = await in_thread(find_interrupted, self.records, self.config)
        for channel, row in (await in_thread(self.records.latched_runs, self.bench.name)).items():
            if channel in self._states:
                self._states[channel] = fault_state(row)
        await in_thread(
            self.records.add_event, "service.started", {"pid": os.getpid(), "version": __version__}
        )
        if self.guard is not None:
            self.guard.start()
        if left:
            self._keep_task(recover(left, self._closer()))

    def busy(self) -> bool:
        """True while a run is going on or being analysed."""
        return bool(self._starting) or any(state.active for state in self._states.values())

    def idle_s(self) -> float:
        """Seconds of real time since the last request, live client, or run."""
        if self.busy() or len(self.hub) or self._tasks:
            self.last_activity_s = time.monotonic()
        return time.monotonic() - self.last_activity_s

    def state(self) -> dict[str, Any]:
        """All channels, the guard, the service."""
        return {
            "channels": {channel: state.as_dict() for channel, state in self._states.items()},
            "guard": self.guard.status if self.guard else None,
            "service": {
                "pid": os.getpid(),
                "version": __version__,
                "bench_digest": self.config.bench_digest,
                "busy": self.busy(),
            },
        }

    # Runs

    async def start_run(
        self,
        *,
        channel: str,
        profile: str,
        battery: str,
        nominal_capacity_Ah: float | None = None,
        chemistry: str | None = None,
    ) -> str:
        """Start a test. Returns its id; the worker's own checks come after.

        Raises UsageError, BusyError, SafetyLatched, InterlockOpen, InstrumentFault, RecordError.
        """
        place = find_channel(self.bench, channel)
        self._refuse_taken(place.id)
        code = read_code(battery).text
        self._refuse_battery_here(code)
        # Taken from here on, with nothing awaited since the checks: of several requests at the same moment
        # the first gets channel and battery, and the others are refused.
        self._starting[place.id] = code
        try:
            order = await in_thread(
                make_order,
                self.bench,
                channel=channel,
                profile=profile,
                battery=battery,
                nominal_capacity_Ah=nominal_capacity_Ah,
                chemistry=chemistry,
                on_record=await in_thread(self.records.battery, code),
            )
            await self._refuse_battery_elsewhere(code)
            await self._need_guard()
            speed = await in_thread(bench_clock, self.bench)
            return await self._launch(order, speed)
        finally:
            self._starting.pop(place.id, None)
            self._stop_before_start.discard(place.id)

    def _refuse_taken(self, channel: str) -> None:
        state = self._states[channel]
        if self._closing:
            raise BusyError("the service is ending", remedy="start it again", code="service.ending")
        if channel in self._starting or state.active:
            battery = self._starting.get(channel, state.battery)
            raise BusyError(
                f"channel {channel} is testing battery {battery}",
                remedy="wait for its end, or use another channel",
                code="station.channel_busy",
                channel=channel,
                battery=battery,
            )
        if state.latched:
            fault = state.fault or {}
            raise SafetyLatched(
                f"channel {channel} has a fault that nobody has acknowledged: {fault.get('message')}",
                remedy=f"remove the cause, then acknowledge channel {channel} ({fault.get('remedy')})",
                channel=channel,
                fault=fault.get("code"),
            )

    def _refuse_battery_here(self, code: str) -> None:
        taken = {channel: state.battery for channel, state in self._states.items() if state.active}
        taken |= self._starting
        for channel, battery in taken.items():
            if battery == code:
                raise _battery_busy(code, f"channel {channel}")

    async def _refuse_battery_elsewhere(self, code: str) -> None:
        for row in await in_thread(self.records.unfinished_runs):
            if row["battery"] == code and row["bench"] != self.bench.name and worker_alive(row):
                raise _battery_busy(code, f"bench {row['bench']}, channel {row['channel']}")

    async def _need_guard(self) -> None:
        if self.guard is None:
            return
        if not await self.guard.wait_connected(self.config.patience.guard_ready_s):
            raise InterlockOpen(
                "the guard does not answer, and no test starts without it",
                remedy="see guard.log in the bench's data folder; it is started again by itself",
                code="guard.absent",
            )
        for field, what in (
            ("estop_ok", "the emergency stop is pressed"),
            ("interlock_ok", "an interlock is open"),
        ):
            if self.guard.status.get(field) is False:
                raise InterlockOpen(
                    what,
                    remedy="release it when it is safe to do so, then start again",
                    code="guard.estop_open" if field == "estop_ok" else "guard.interlock_open",
                )

    async def _launch(self, order: Order, speed: float) -> str:
        if self._closing:
            raise BusyError("the service is ending", remedy="start it again", code="service.ending")
        facts = make_facts(order, self.config, speed)
        job = make_job(order, facts, self.config, self._guard_for_worker())
        await in_thread(record_start, self.records, order, facts)
        state = ChannelState(
            state="checks",
            run_id=facts.run_id,
            battery=facts.battery,
            profile=facts.profile,
            elapsed_s=0.0,
            remaining_s=order.plan.duration_s,
            progress=0.0,
        )
        self._states[facts.channel] = state
        self.hub.publish({"type": "channel", "channel": facts.channel, "state": state.as_dict()})
        run = RunTask(
            facts,
            state,
            config=self.config,
            records=self.records,
            closer=self._closer(),
            publish=self.hub.publish,
        )
        self._runs[facts.channel] = run
        if facts.channel in self._stop_before_start:
            await run.stop()  # remembered, and sent right after the job
        self._keep_task(run.drive(job))
        self._pool.warm_up()
        return facts.run_id

    def _guard_for_worker(self) -> dict[str, Any] | None:
        if self.guard is None:
            return None
        try:
            return self.guard.for_worker()
        except GuardGone as error:
            raise InterlockOpen(str(error), remedy="start again", code="guard.absent") from error

    async def stop(self, channel: str) -> None:
        """Ask for an ordered stop; nothing happens on a channel without a run."""
        channel = find_channel(self.bench, channel).id
        run = self._runs.get(channel)
        if channel in self._starting:
            self._stop_before_start.add(channel)
        if run is not None and run.state.active and run.state.state != "analysis":
            await self._note("operator.stop", {"channel": channel}, run_id=run.facts.run_id)
            await run.stop()

    async def stop_all(self) -> None:
        """Ask every running channel for an ordered stop, and those that are just starting."""
        self._stop_before_start.update(self._starting)
        await asyncio.gather(*(run.stop() for run in self._runs.values() if run.state.active))
        await self._note("operator.stop_all", {})

    async def acknowledge(self, channel: str) -> None:
        """A person has seen the fault or the verdict: the channel is free again. Raises BusyError."""
        channel = find_channel(self.bench, channel).id
        state = self._states[channel]
        if state.active:
            self._refuse_taken(channel)
        for row in await in_thread(self.records.unfinished_runs, self.bench.name):
            if row["channel"] == channel and worker_alive(row):
                raise BusyError(
                    f"the worker of the last test on channel {channel} still makes its channel safe",
                    remedy="wait a few seconds, then acknowledge again",
                    code="station.worker_alive",
                    channel=channel,
                )
        if state.state == "idle":
            return
        if state.fault is not None or state.latched:
            await in_thread(self.records.acknowledge, self.bench.name, channel)
        fault = (state.fault or {}).get("code")
        await in_thread(
            self.records.add_event,
            "operator.acknowledge",
            {"channel": channel, "fault": fault, "verdict": state.verdict},
            run_id=state.run_id,
        )
        if self._states[channel] is state:  # else a new test has begun meanwhile
            self._states[channel] = ChannelState()
            self.hub.publish(
                {"type": "channel", "channel": channel, "state": self._states[channel].as_dict()}
            )

    # The end

    async def stop_runs(self) -> None:
        """Stop every run in order and wait for its end; a worker that does not end is let go."""
        self._closing = True
        patience = self.config.patience
        while self._starting:  # a start that has come this far is over in a moment, refused or running
            await asyncio.sleep(0.02)
        await asyncio.gather(*(run.stop() for run in self._runs.values() if run.state.active))
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=patience.stop_s)
            if late:
                for run in self._runs.values():
                    run.let_go()
                await asyncio.wait(late, timeout=patience.worker_exit_s * 2)

    async def close(self) -> None:
        """After ``stop_runs``: end the guard, the analysis and the records."""
        await asyncio.gather(*(run.abandon() for run in self._runs.values()))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.guard is not None:
            await self.guard.close()
        self._pool.close()
        if self._records is not None:
            await self._note("service.ended", {"pid": os.getpid()})
            await in_thread(self._records.close)
            self._records = None

    # Inside

    def _closer(self) -> RunCloser:
        return RunCloser(self.records, self._pool)

    def _keep_task(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _note(self, code: str, params: dict[str, Any], **more: Any) -> None:
        """An event that must not stand in the way of what it tells about."""
        try:
            await in_thread(self.records.add_event, code, params, **more)
        except RecordError as error:
            log.error("event %s is not on record: %s", code, error)

    async def _on_guard(self, before: dict[str, Any], now: dict[str, Any]) -> None:
        self.hub.publish({"type": "guard", "guard": now})
        for code, level, params in guard_events(before, now):
            self.hub.publish(
                {"type": "event", "channel": None, "t": None, "code": code, "level": level, "params": params}
            )
            await self._note(code, params, level=level, source="guard")


def _battery_busy(code: str, place: str) -> BusyError:
    return BusyError(
        f"battery {code} is under test already: {place}",
        remedy="check the code: one battery cannot be in two places",
        code="station.battery_busy",
        battery=code,
        place=place,
    )
