"""The guard's decisions and its line protocol, in one event loop that never waits for anybody.

Worker late, lost, or closed without ``bye`` → that channel's cut-off opens. Emergency stop, interlock,
or a lost relay board → all of them, and the workers are told so that they shut down as well.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from drivers.contracts.relay import RelayBoard
from station.safety import guard_trips
from station.safety.append_log import AppendLog
from station.safety.guard_seat import LINE_MAX_BYTES, Seat, read_message
from station.safety.guard_settings import GuardSettings
from station.safety.guard_trips import Refusal
from station.safety.relay_path import RelayPath, RelaySnapshot, SwitchResult

HELLO_TIMEOUT_S = 2.0
STATUS_S = 1.0
TICK_S = 0.01
IDLE_TIMEOUT_S = 5.0
BEATS = 8
"""Beats to each worker per time-out."""
RELAY_SILENT_S = 0.5
"""A board that has not answered for this long (a pass takes milliseconds) counts as lost."""


class GuardServer:
    """``run`` serves until ``no_more_clients`` was called and the last worker has gone, or ``stop``."""

    def __init__(
        self, settings: GuardSettings, token: str, open_board: Callable[[], RelayBoard], log: AppendLog
    ) -> None:
        self._settings = settings
        self._token = token
        self._log = log
        self._workers: dict[str, Seat] = {}
        self._services: set[Seat] = set()
        self._trips: deque[dict[str, Any]] = deque(maxlen=20)
        self._tasks: set[asyncio.Task[None]] = set()
        self._ending = False
        self._stopping = False
        self._relay_silent = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._relay = RelayPath(
            open_board,
            settings.cutoffs,
            estop=settings.estop,
            interlock=settings.interlock,
            poll_s=settings.poll_s,
            on_snapshot=self._on_snapshot_elsewhere,
        )
        self._snapshot = self._relay.snapshot

    def no_more_clients(self) -> None:
        """The service is gone: end as soon as no worker is connected."""
        self._ending = True

    def stop(self) -> None:
        """Cut everything and end now."""
        self._stopping = True

    async def run(self, on_ready: Callable[[str, int], None]) -> None:
        """Open all cut-offs, serve, open all cut-offs."""
        self._loop = asyncio.get_running_loop()
        self._relay.start()
        await asyncio.to_thread(self._relay.first_pass.wait, 5.0)
        await self._open_all("start")
        server = await asyncio.start_server(self._client, "127.0.0.1", 0, limit=LINE_MAX_BYTES)
        host, port = server.sockets[0].getsockname()[:2]
        self._log.write("ready", host=host, port=port)
        on_ready(host, port)
        try:
            await self._supervise()
        finally:
            await self._open_all("end")
            server.close()
            for seat in (*self._workers.values(), *self._services):
                seat.writer.close()
            self._relay.stop()
            await asyncio.to_thread(self._relay.join, 3.0)
            self._log.write("ended")

    # ------------------------------------------------------------------ supervision

    async def _supervise(self) -> None:
        timeout_s = self._settings.heartbeat_timeout_s
        next_beat = next_status = last = time.monotonic()
        while not self._stopping and not (self._ending and not self._workers):
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            if now - last > timeout_s / BEATS:
                # This process was held up itself: hear first what has arrived meanwhile, then judge.
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            last = now
            self._judge(now)
            if now >= next_beat:
                next_beat = now + timeout_s / BEATS
                for seat in self._workers.values():
                    seat.beats += 1
                    seat.send({"beat": seat.beats})
            if now >= next_status:
                next_status = now + STATUS_S
                self._publish()

    def _judge(self, now: float) -> None:
        silent = now - self._relay.last_pass > max(RELAY_SILENT_S, 4 * self._settings.poll_s)
        if silent and not self._relay_silent:
            self._trip_all(guard_trips.RELAY_LOST)
        self._relay_silent = silent
        for seat in list(self._workers.values()):
            # Before its cut-off was ever closed a worker moves nothing: it may load its programs in peace.
            allowed_s = self._settings.heartbeat_timeout_s if seat.asked else IDLE_TIMEOUT_S
            if not seat.tripped and now - seat.last_beat > allowed_s:
                self._trip(seat, guard_trips.LATE, silent_s=round(now - seat.last_beat, 3))

    def _on_snapshot_elsewhere(self, snapshot: RelaySnapshot) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._on_snapshot, snapshot)

    def _on_snapshot(self, snapshot: RelaySnapshot) -> None:
        before, self._snapshot = self._snapshot, snapshot
        if (before.ok, before.estop_ok, before.interlock_ok) != (
            snapshot.ok,
            snapshot.estop_ok,
            snapshot.interlock_ok,
        ):
            self._log.write(
                "inputs",
                relay_ok=snapshot.ok,
                estop_ok=snapshot.estop_ok,
                interlock_ok=snapshot.interlock_ok,
                problem=snapshot.problem,
            )
        cause = guard_trips.bench_trip(snapshot)
        if cause is not None and cause != guard_trips.bench_trip(before):
            self._trip_all(cause)
        for seat in list(self._workers.values()):
            if (
                seat.granted
                and not seat.tripped
                and snapshot.ok
                and not snapshot.closed.get(seat.channel, False)
            ):
                self._trip(seat, guard_trips.DROPPED)
        for channel in snapshot.stuck - before.stuck:
            self._log.write("stuck", channel=channel)
        self._publish()

    def _trip_all(self, cause: Refusal) -> None:
        for seat in list(self._workers.values()):
            if not seat.tripped:
                self._trip(seat, cause)
        for channel in self._settings.cutoffs:
            self._cut(channel, cause.code)

    def _trip(self, seat: Seat, cause: Refusal, **facts: Any) -> None:
        seat.tripped, seat.granted = True, False
        self._cut(seat.channel, cause.code)
        seat.send({"trip": cause.code, "params": {"message": cause.message, "remedy": cause.remedy, **facts}})
        self._trips.append(
            {"channel": seat.channel, "code": cause.code, "unix_s": round(time.time(), 3), **facts}
        )
        self._log.write("trip", channel=seat.channel, code=cause.code, pid=seat.pid, **facts)
        self._publish()

    def _cut(self, channel: str, why: str) -> None:
        if channel not in self._settings.cutoffs:
            return
        started = time.monotonic()
        future = self._relay.switch(channel, False)

        async def verify() -> None:
            result = await asyncio.wrap_future(future)
            self._log.write(
                "cut", channel=channel, why=why, verified=result.ok, code=result.code,
                took_s=round(time.monotonic() - started, 4),
            )  # fmt: skip

        self._spawn(verify())

    async def _open_all(self, when: str) -> None:
        futures = {channel: self._relay.switch(channel, False) for channel in self._settings.cutoffs}
        for channel, future in futures.items():
            try:
                result = await asyncio.wait_for(asyncio.wrap_future(future), 2.0)
            except TimeoutError:
                result = SwitchResult(False, "guard.relay_lost")
            self._log.write("cut", channel=channel, why=when, verified=result.ok, code=result.code)

    # ------------------------------------------------------------------ clients

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seat = Seat(writer)
        try:
            refusal = await self._seat(seat, reader)
            if refusal is not None:
                seat.send(
                    {"ok": False, "code": refusal.code, "message": refusal.message, "remedy": refusal.remedy}
                )
                return
            seat.send({"ok": True, "heartbeat_timeout_s": self._settings.heartbeat_timeout_s})
            if not seat.channel:
                seat.send(self._status())
            while (message := await read_message(reader)) is not None:
                self._hear(seat, message)
        finally:
            self._leave(seat)
            writer.close()

    async def _seat(self, seat: Seat, reader: asyncio.StreamReader) -> Refusal | None:
        try:
            hello = await asyncio.wait_for(read_message(reader), HELLO_TIMEOUT_S)
        except TimeoutError:
            hello = None
        token = str((hello or {}).get("token", ""))
        if hello is None or not hmac.compare_digest(token.encode(), self._token.encode()):
            self._log.write("refused", code="guard.token")
            return Refusal("guard.token", "unknown token", "use the token of this bench's service")
        if hello.get("hello") == "service":
            self._services.add(seat)
            return None
        channel = str(hello.get("channel", ""))
        if hello.get("hello") != "worker" or channel not in self._settings.channels:
            return Refusal(
                "guard.hello", f"there is no channel {channel!r} on this bench", "check the bench file"
            )
        if channel in self._workers:
            return Refusal(
                "guard.channel_busy", f"channel {channel} already has a worker", "stop the other run first"
            )
        # Also for a channel without a cut-off: nothing starts while a safety input is open or cannot be read.
        cause = guard_trips.bench_trip(self._snapshot)
        if cause is not None:
            return cause
        seat.channel, seat.pid = channel, int(hello.get("pid", 0) or 0)
        seat.last_beat = time.monotonic()
        self._workers[channel] = seat
        self._log.write("worker", channel=channel, pid=seat.pid)
        return None

    def _hear(self, seat: Seat, message: dict[str, Any]) -> None:
        if not seat.channel:
            return
        seat.last_beat = time.monotonic()
        ask = message.get("ask")
        if ask == "close_cutoff":
            seat.asked = True
            self._spawn(self._close_for(seat))
        elif ask == "open_cutoff":
            seat.granted = False
            self._spawn(self._open_for(seat))
        elif message.get("bye"):
            seat.said_bye = True

    async def _close_for(self, seat: Seat) -> None:
        refusal = guard_trips.closing_refusal(self._snapshot, seat.channel, tripped=seat.tripped)
        if refusal is None and self._relay_silent:
            refusal = guard_trips.RELAY_LOST
        if refusal is None:
            result = await asyncio.wrap_future(self._relay.switch(seat.channel, True))
            if result.ok and not seat.tripped and self._workers.get(seat.channel) is seat:
                seat.granted = True
                self._log.write("closed", channel=seat.channel, pid=seat.pid)
                seat.send({"answer": "close_cutoff", "ok": True})
                self._publish()
                return
            refusal = (
                guard_trips.TRIPPED
                if seat.tripped
                else guard_trips.BY_CODE.get(result.code, guard_trips.STUCK)
            )
            self._cut(seat.channel, refusal.code)
        self._log.write("not closed", channel=seat.channel, code=refusal.code)
        seat.send(
            {"answer": "close_cutoff", "ok": False, "code": refusal.code, "message": refusal.message,
             "remedy": refusal.remedy}
        )  # fmt: skip

    async def _open_for(self, seat: Seat) -> None:
        result = await asyncio.wrap_future(self._relay.switch(seat.channel, False))
        self._log.write("cut", channel=seat.channel, why="asked", verified=result.ok, code=result.code)
        seat.send({"answer": "open_cutoff", "ok": result.ok, "code": result.code})

    def _leave(self, seat: Seat) -> None:
        self._services.discard(seat)
        if self._workers.get(seat.channel) is not seat:
            return
        del self._workers[seat.channel]
        if not seat.said_bye and not seat.tripped:
            self._trip(seat, guard_trips.GONE)
        else:
            self._cut(seat.channel, "bye" if seat.said_bye else "gone")
            self._log.write("left", channel=seat.channel, bye=seat.said_bye)

    # ------------------------------------------------------------------ what it tells

    def _status(self) -> dict[str, Any]:
        closed = self._snapshot.closed
        return {
            "status": {
                "relay_ok": self._snapshot.ok and not self._relay_silent,
                "estop_ok": self._snapshot.estop_ok,
                "interlock_ok": self._snapshot.interlock_ok,
                "cutoffs": {
                    channel: ("closed" if closed[channel] else "open") if channel in closed else "unknown"
                    for channel in self._settings.cutoffs
                },
                "stuck": sorted(self._snapshot.stuck),
                "trips": list(self._trips),
            }
        }

    def _publish(self) -> None:
        status = self._status()
        for seat in self._services:
            seat.send(status)

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
