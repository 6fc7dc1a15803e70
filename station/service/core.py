"""The service itself: channels, runs, guard, records. The API only passes requests to it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from station import __version__
from station.bench import bench_clock
from station.errors import BusyError, InterlockOpen, RecordError
from station.evidence.clock import check_clock, newest_run_file_unix_s
from station.lifecycle import Event
from station.records import Records, open_records
from station.reports.battery_code import read_code
from station.service.admission import Admission
from station.service.alarms.desk import AlarmDesk
from station.service.analysis import AnalysisPool
from station.service.channel_state import ChannelState, fault_state
from station.service.channels import Channels
from station.service.config import ServiceConfig
from station.service.connection import ConnectionDesk, Looks
from station.service.connection.desk import Held
from station.service.curves import Curves
from station.service.ending import RunCloser, RunFacts, in_thread
from station.service.guard_events import guard_events
from station.service.guard_link import GuardGone, GuardLink
from station.service.hub import Hub
from station.service.interrupted_runs import InterruptedRuns
from station.service.keeper import Keeper
from station.service.launch import make_facts, make_job, record_start
from station.service.mes import MesLink, ask_mes
from station.service.operator import Operator
from station.service.orders import Order, find_channel, make_order
from station.service.outgoing import Outgoing
from station.service.papers import Papers
from station.service.profile_shelf import ProfileShelf
from station.service.recovery import find_interrupted, recover, worker_alive
from station.service.run_task import RunTask
from station.service.site_link import SiteLink

log = logging.getLogger(__name__)


class Station:
    """One bench. All methods run on the service's event loop."""

    operator: Operator
    interrupted: InterruptedRuns
    """Both are there once it is open."""

    def __init__(self, config: ServiceConfig) -> None:
        self.config = config
        self.bench = config.bench
        self.curves = Curves()
        self.hub = Hub(whole=self.curves.messages)
        self.last_activity_s = time.monotonic()
        self.channels = Channels(self.bench, self.hub)
        self._pool = AnalysisPool(config.finalise, config.diagnose, config.patience.analysis_s, config.advise)
        self._keeper: Keeper | None = None
        self.guard = (
            GuardLink(config, on_status=self._on_guard, run_going_on=self.busy) if self.bench.guard else None
        )
        self._admission = Admission(config, self.channels.states, self.guard)
        self.alarms = AlarmDesk(self.bench.name, self.channels.states, self.hub.publish)
        self.hub.hear(self.alarms.watch.heard)
        self.connection = ConnectionDesk(self.bench, config.data, lambda: self.keeper, self.hub.publish)
        self.looks = Looks(config, self.hub.publish)
        self.papers = Papers(config, lambda: self.keeper, self._tell, self.hub.publish)
        self._outgoing = Outgoing((SiteLink(config.data), MesLink(config.data)), self._tell_and_keep)

    @property
    def keeper(self) -> Keeper:
        """The way to the records for everything that must not wait; open while the service runs."""
        if self._keeper is None:
            raise RecordError("the records are not open", remedy="start the service")
        return self._keeper

    @property
    def records(self) -> Records:
        """The records; open while the service runs."""
        return self.keeper.records

    async def open(self) -> None:
        """Open the records, latch what was left behind, start the guard. Raises RecordError."""
        records = await in_thread(open_records, self.config.data)
        self._keeper = Keeper(records, self._tell)
        closer = RunCloser(self._keeper, self._pool)
        self.interrupted = InterruptedRuns(
            self.config,
            self.channels,
            self._admission,
            self._keeper,
            closer,
            self._drive,
            self._guard_for_worker,
            self.hub.publish,
        )
        self.operator = Operator(self.config, self.channels, self._admission, self._keeper, self.interrupted)
        left = await in_thread(find_interrupted, records, self.config)
        for channel, row in (await in_thread(records.latched_runs, self.bench.name)).items():
            if channel in self.channels.states:
                self.channels.states[channel] = fault_state(row)
        await self._open_alarms(records)
        await self._check_clock(records)
        self._keeper.event("service.started", {"pid": os.getpid(), "version": __version__})
        self._outgoing.start(records)
        if self.guard is not None:
            self.guard.start()
        if left:
            self.channels.work(recover(left, closer, self._kept))

    async def _check_clock(self, records: Records) -> None:
        """A clock that was set back or is far off is told and stays on record."""
        newest = await in_thread(records.newest_event)
        file_s = await in_thread(newest_run_file_unix_s, self.config.data)
        newest_utc = None if newest is None else str(newest["t_utc"])
        for code, params in check_clock(datetime.now(UTC), newest_utc, file_s):
            self._tell_and_keep(code, "warning", params)

    async def _open_alarms(self, records: Records) -> None:
        rows = await in_thread(records.open_alarms, self.bench.name)
        number = await in_thread(records.next_alarm_number, self.bench.name)
        channels = {channel: state.as_dict() for channel, state in self.channels.states.items()}
        self.alarms.open(self.keeper, rows, number, channels)

    async def _kept(self, facts: RunFacts) -> None:
        """What was left behind is on record now: its tile says whether it may go on."""
        tile = self.channels.states.get(facts.channel)
        row = await in_thread(self.records.find_run, facts.run_id)
        if tile is not None and tile.run_id == facts.run_id and row["latched"]:
            self.channels.put(facts.channel, fault_state(row))

    def busy(self) -> bool:
        """True while a run is going on or being analysed."""
        return bool(self._admission.starting) or any(s.active for s in self.channels.states.values())

    def busy_channels(self) -> set[str]:
        """Channels on which a test starts, runs, or is being analysed."""
        running = {channel for channel, state in self.channels.states.items() if state.active}
        return running | set(self._admission.starting)

    def idle_s(self) -> float:
        """Seconds of real time since the last request, live client, or run."""
        if self.busy() or len(self.hub) or self.channels.tasks or len(self.keeper):
            self.last_activity_s = time.monotonic()
        return time.monotonic() - self.last_activity_s

    def state(self) -> dict[str, Any]:
        """All channels, the guard, the service."""
        waiting = self.keeper.waiting
        return {
            "channels": {channel: state.as_dict() for channel, state in self.channels.states.items()},
            "guard": self.guard.status if self.guard else None,
            "service": {
                "pid": os.getpid(),
                "version": __version__,
                "bench_digest": self.config.bench_digest,
                "bench_file_sha256": self.config.bench_file_sha256,
                "busy": self.busy(),
                "records_wait": waiting and waiting.as_dict(),
            },
        }

    def snapshot(self) -> dict[str, Any]:
        """The first message of a live stream: the state, and the alarm list."""
        return {**self.state(), "alarms": self.alarms.rows()}

    async def acknowledge(self, channel: str, who: str | None) -> None:
        """A person has seen the channel's fault or verdict, and with it its alarms.

        Raises BusyError, RecordError.
        """
        people = self.alarms.watch.people
        people[channel] = who
        try:
            await self.operator.acknowledge(channel, who)
        finally:
            people.pop(channel, None)
        self.alarms.acknowledge_channel(channel, who)

    async def look(self, channel: str, chemistry: str | None, nominal_capacity_Ah: float | None) -> None:
        """See what hangs on a channel that is not in use: voltages only, nothing is switched on.

        Raises BusyError, SafetyLatched, UsageError.
        """
        place = find_channel(self.bench, channel)
        self._admission.refuse_taken(place.id)
        for row in await in_thread(self.records.unfinished_runs, self.bench.name):
            if row["channel"] == place.id and worker_alive(row):
                raise BusyError(
                    f"the worker of the last test on channel {place.id} still makes its channel safe",
                    remedy="wait a few seconds, then try again",
                    code="station.worker_alive",
                    channel=place.id,
                )
        self._admission.refuse_taken(place.id)  # a test may have begun meanwhile
        await self.looks.ask(place.id, chemistry, nominal_capacity_Ah)

    @contextlib.contextmanager
    def idle_channels_held(self) -> Iterator[set[str]]:
        """The channels on which nothing runs; none of them can start while this lasts."""
        held = self._admission.hold_idle()
        try:
            yield held
        finally:
            self._admission.asked -= held

    # Runs

    async def start_run(
        self,
        *,
        channel: str,
        profile: str,
        battery: str,
        nominal_capacity_Ah: float | None = None,
        chemistry: str | None = None,
        intake: dict[str, Any] | None = None,
    ) -> str:
        """Start a test. Returns its id; the worker's own checks come after.

        Raises UsageError, BusyError, SafetyLatched, InterlockOpen, InstrumentFault, RecordError.
        """
        place, admission = find_channel(self.bench, channel), self._admission
        admission.refuse_taken(place.id)
        admission.refuse_asked(place.id)
        code = read_code(battery).text
        admission.refuse_battery_here(code)
        # Taken from here on, with nothing awaited since the checks: of several requests at the same moment
        # the first gets channel and battery, and the others are refused.
        admission.starting[place.id] = code
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
                intake=intake,
                shelf=ProfileShelf(self.config.data),
            )
            held = await self.connection.admit(place, code)
            await admission.refuse_battery_elsewhere(self.records, code)
            await self._ask_mes(place.id, profile, code)
            await admission.need_guard()
            speed = await in_thread(bench_clock, self.bench)
            await self.looks.end(place.id)
            return await self._launch(order, speed, held)
        finally:
            admission.release(place.id)

    async def _ask_mes(self, channel: str, profile: str, battery: str) -> None:
        wanted = {"bench": self.bench.name, "channel": channel, "profile": profile, "battery": battery}
        unasked = await in_thread(ask_mes, self.config.data, wanted)
        if unasked is not None:
            self._tell_and_keep("mes.not_asked", "warning", {"channel": channel, "reason": unasked})

    async def _launch(self, order: Order, speed: float, held: Held | None) -> str:
        self._admission.refuse_ending()
        facts = make_facts(order, self.config, speed)
        job = make_job(order, facts, self.config, self._guard_for_worker())
        await in_thread(record_start, self.records, order, facts)
        await self.connection.record(order.channel, held, facts)
        state = ChannelState(
            run_id=facts.run_id,
            battery=facts.battery,
            profile=facts.profile,
            elapsed_s=0.0,
            remaining_s=order.plan.duration_s,
            progress=0.0,
            machine=self.channels.states[facts.channel].machine,
        )
        state.fire(Event.START)
        await self._drive(facts, state, job)
        return facts.run_id

    async def _drive(self, facts: RunFacts, state: ChannelState, job: dict[str, Any]) -> None:
        """Hand the channel to a new worker."""
        self.channels.put(facts.channel, state)
        run = RunTask(
            facts,
            state,
            config=self.config,
            keeper=self.keeper,
            closer=RunCloser(self.keeper, self._pool),
            curves=self.curves,
            publish=self._publish_of_run,
            show=lambda tile: self.channels.show(facts.channel, tile),
            cut=self.guard.cut if self.guard else None,
            answer=self._pool.answer,
        )
        self.channels.runs[facts.channel] = run
        if facts.channel in self._admission.stop_before_start:
            await run.stop()  # remembered, and sent right after the job
        self.channels.work(run.drive(job))
        self._pool.warm_up()

    def _guard_for_worker(self) -> dict[str, Any] | None:
        if self.guard is None:
            return None
        try:
            return self.guard.for_worker()
        except GuardGone as error:
            raise InterlockOpen(str(error), remedy="start again", code="guard.absent") from error

    # The end

    async def stop_runs(self) -> None:
        """Stop every run in order and wait for its end; a worker that does not end is let go."""
        self._admission.closing = True
        patience, tasks = self.config.patience, self.channels.tasks
        while self._admission.starting:  # a start that has come this far is over in a moment
            await asyncio.sleep(0.02)
        await asyncio.gather(*(run.stop(escalate=False) for run in self.channels.active_runs()))
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=patience.stop_s)
            if late:
                for run in self.channels.runs.values():
                    run.let_go()
                await asyncio.wait(late, timeout=patience.worker_exit_s * 2)

    async def close(self) -> None:
        """After ``stop_runs``: end the guard, the analysis and the records."""
        await asyncio.gather(self.looks.close(), *(run.abandon() for run in self.channels.runs.values()))
        tasks = set(self.channels.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self.guard is not None:
            await self.guard.close()
        self._pool.close()
        await self._outgoing.close()
        await self.alarms.close()
        await self.papers.close()
        if self._keeper is not None:
            self._keeper.event("service.ended", {"pid": os.getpid()})
            await self._keeper.close(self.config.patience.records_s)
            await in_thread(self._keeper.records.close)
            self._keeper = None

    # Inside

    def _publish_of_run(self, message: dict[str, Any]) -> None:
        self.hub.publish(message)
        if message["type"] == "result":  # the records hold it by now; the label never holds the test up
            self.papers.after_verdict(message["run_id"], message["channel"], message["result"])

    def _tell(self, code: str, level: str, params: dict[str, Any]) -> None:
        """An event of the bench as a whole, to who listens now."""
        self.hub.publish(
            {"type": "event", "channel": None, "t": None, "code": code, "level": level, "params": params}
        )

    def _tell_and_keep(self, code: str, level: str, params: dict[str, Any]) -> None:
        self._tell(code, level, params)
        self.keeper.event(code, params, level=level)

    async def _on_guard(self, before: dict[str, Any], now: dict[str, Any]) -> None:
        self.hub.publish({"type": "guard", "guard": now})
        for code, level, params in guard_events(before, now):
            self._tell(code, level, params)
            self.keeper.event(code, params, level=level, source="guard")
