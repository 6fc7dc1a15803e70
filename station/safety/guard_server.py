"""The guard's decisions, in one event loop that never waits for anybody.

Worker late, lost, or closed without ``bye`` → that channel's cut-off opens. Emergency stop, interlock,
or a lost or frozen relay board → all of them, and the workers are told so that they shut down as well.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from drivers.contracts.relay import RelayBoard
from station.safety import guard_trips
from station.safety.append_log import AppendLog
from station.safety.guard_reception import Reception
from station.safety.guard_seat import LINE_MAX_BYTES, Seat
from station.safety.guard_settings import GuardSettings
from station.safety.guard_watch import GuardWatch
from station.safety.hung_process import end_worker
from station.safety.relay_path import RelayPath
from station.safety.relay_state import RelaySnapshot

STATUS_S = 1.0
TICK_S = 0.01
IDLE_TIMEOUT_S = 5.0
BEATS = 6
"""Beats to each worker per time-out."""
RELAY_SILENT_S = 0.5
"""A board that has not answered for this long (a pass takes milliseconds) counts as lost."""
HUNG_S = 10.0
"""A worker that was cut and has said nothing for this long is ended: it may hold what others need."""


class GuardServer:
    """``run`` serves until ``no_more_clients`` was called and the last worker has gone, or ``stop``."""

    def __init__(
        self, settings: GuardSettings, token: str, open_board: Callable[[], RelayBoard], log: AppendLog
    ) -> None:
        self._settings, self._log = settings, log
        self._ending = False
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._relay = RelayPath(
            open_board,
            settings.coils(),
            estop=settings.estop,
            interlock=settings.interlock,
            poll_s=settings.poll_s,
            hold_s=settings.hold_s,
            on_snapshot=self._on_snapshot_elsewhere,
        )
        self._watch = GuardWatch(settings, self._relay, log)
        self._reception = Reception(self._watch, token)

    def no_more_clients(self) -> None:
        """The service is gone: end as soon as no worker is connected."""
        self._ending = True

    def stop(self) -> None:
        """Cut everything and end now."""
        self._stopping = True

    async def run(self, on_ready: Callable[[str, int], None]) -> None:
        """Open all cut-offs, serve, open all cut-offs."""
        watch = self._watch
        self._loop = asyncio.get_running_loop()
        self._relay.start()
        await asyncio.to_thread(self._relay.first_pass.wait, 5.0)
        await watch.open_all("start")
        server = await asyncio.start_server(self._reception.client, "127.0.0.1", 0, limit=LINE_MAX_BYTES)
        host, port = server.sockets[0].getsockname()[:2]
        self._log.write("ready", host=host, port=port, hold_s=self._relay.hold_s)
        on_ready(host, port)
        try:
            await self._supervise()
        finally:
            await watch.open_all("end")
            server.close()
            for seat in (*watch.workers.values(), *watch.services):
                seat.writer.close()
            self._relay.stop()
            await asyncio.to_thread(self._relay.join, 3.0)
            self._log.write("ended")

    async def _supervise(self) -> None:
        watch, timeout_s = self._watch, self._settings.heartbeat_timeout_s
        next_beat = next_status = last = time.monotonic()
        while not self._stopping and not (self._ending and not watch.workers):
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            if now - last > timeout_s / BEATS:
                # This process was held up itself: hear first what has arrived meanwhile, then judge.
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            last = now
            self._judge(now)
            self._relay.alive()
            if now >= next_beat:
                next_beat = now + timeout_s / BEATS
                for seat in watch.workers.values():
                    seat.beats += 1
                    seat.send({"beat": seat.beats})
            if now >= next_status:
                next_status = now + STATUS_S
                watch.publish()

    def _judge(self, now: float) -> None:
        watch = self._watch
        silent = now - self._relay.last_pass > max(RELAY_SILENT_S, 4 * self._settings.poll_s)
        if silent and not watch.relay_silent:
            watch.trip_all(guard_trips.RELAY_LOST)
        watch.relay_silent = silent
        for seat in list(watch.workers.values()):
            # Before its cut-off was ever closed a worker moves nothing: it may load its programs in peace.
            allowed_s = self._settings.heartbeat_timeout_s if seat.asked else IDLE_TIMEOUT_S
            if not seat.tripped and now - seat.last_beat > allowed_s:
                watch.trip(seat, guard_trips.LATE, silent_s=round(now - seat.last_beat, 3))
            elif seat.tripped and not seat.ended and now - max(seat.last_beat, seat.tripped_at) > HUNG_S:
                self._end(seat)

    def _end(self, seat: Seat) -> None:
        seat.ended = True
        self._log.write("ended worker", channel=seat.channel, pid=seat.pid, done=end_worker(seat.pid))

    def _on_snapshot_elsewhere(self, snapshot: RelaySnapshot) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._on_snapshot, snapshot)

    def _on_snapshot(self, snapshot: RelaySnapshot) -> None:
        watch = self._watch
        before, watch.snapshot = watch.snapshot, snapshot
        if (before.ok, before.estop_ok, before.interlock_ok, before.frozen) != (
            snapshot.ok,
            snapshot.estop_ok,
            snapshot.interlock_ok,
            snapshot.frozen,
        ):
            self._log.write(
                "inputs",
                relay_ok=snapshot.ok,
                estop_ok=snapshot.estop_ok,
                interlock_ok=snapshot.interlock_ok,
                frozen=sorted(snapshot.frozen),
                problem=snapshot.problem,
            )
        cause = guard_trips.bench_trip(snapshot)
        if cause is not None and cause != guard_trips.bench_trip(before):
            watch.trip_all(cause)
        for seat in list(watch.workers.values()):
            closed = snapshot.closed.get(seat.channel, False)
            if seat.granted and not seat.tripped and snapshot.ok and not closed:
                watch.trip(seat, guard_trips.DROPPED)
        for channel in snapshot.stuck - before.stuck:
            self._log.write("stuck", channel=channel)
        watch.publish()
