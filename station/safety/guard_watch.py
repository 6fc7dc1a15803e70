"""What the guard knows of its clients and its board, and the two things it does about it: cut and tell."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Coroutine
from typing import Any

from station.safety import guard_trips
from station.safety.append_log import AppendLog
from station.safety.guard_seat import Seat
from station.safety.guard_settings import GuardSettings, aux_key
from station.safety.guard_trips import Refusal
from station.safety.relay_path import RelayPath
from station.safety.relay_state import RelaySnapshot, SwitchResult

OPEN_TIMEOUT_S = 2.0


class GuardWatch:
    """Used in the guard's event loop only."""

    def __init__(self, settings: GuardSettings, relay: RelayPath, log: AppendLog) -> None:
        self.settings, self.relay, self.log = settings, relay, log
        self.workers: dict[str, Seat] = {}
        self.services: set[Seat] = set()
        self.snapshot: RelaySnapshot = relay.snapshot
        self.relay_silent = False
        self._trips: deque[dict[str, Any]] = deque(maxlen=20)
        self._tasks: set[asyncio.Task[None]] = set()

    def keys(self, channel: str) -> list[str]:
        """All coils of a channel, its cut-off first."""
        own = [channel] if channel in self.settings.cutoffs else []
        return own + [aux_key(channel, name) for name in self.settings.auxiliaries.get(channel, {})]

    def trip_all(self, cause: Refusal) -> None:
        """Tell every worker and open everything."""
        for seat in list(self.workers.values()):
            if not seat.tripped:
                self.trip(seat, cause)
        for channel in self.settings.channels:
            self.cut(channel, cause.code)

    def trip(self, seat: Seat, cause: Refusal, **facts: Any) -> None:
        """Cut a worker's channel for the rest of its run and tell it and everybody else why."""
        seat.tripped, seat.granted = True, False
        seat.tripped_at = time.monotonic()
        self.cut(seat.channel, cause.code)
        seat.send({"trip": cause.code, "params": {"message": cause.message, "remedy": cause.remedy, **facts}})
        self._trips.append(
            {"channel": seat.channel, "code": cause.code, "unix_s": round(time.time(), 3), **facts}
        )
        self.log.write("trip", channel=seat.channel, code=cause.code, pid=seat.pid, **facts)
        self.publish()

    def cut(self, channel: str, why: str) -> None:
        """Open all coils of a channel now; the log tells how that went."""
        started = time.monotonic()
        futures = {key: self.relay.switch(key, False) for key in self.keys(channel)}

        async def verify() -> None:
            for key, future in futures.items():
                result = await asyncio.wrap_future(future)
                self.log.write(
                    "cut", channel=key, why=why, verified=result.ok, code=result.code,
                    took_s=round(time.monotonic() - started, 4),
                )  # fmt: skip

        if futures:
            self.spawn(verify())

    async def open_all(self, when: str) -> None:
        """Open everything and wait until that is confirmed or not."""
        futures = {key: self.relay.switch(key, False) for key in self.settings.coils()}
        for key, future in futures.items():
            try:
                result = await asyncio.wait_for(asyncio.wrap_future(future), OPEN_TIMEOUT_S)
            except TimeoutError:
                result = SwitchResult(False, "guard.relay_lost")
            self.log.write("cut", channel=key, why=when, verified=result.ok, code=result.code)

    def closing_refusal(self, seat: Seat) -> Refusal | None:
        """Why nothing may be closed for this worker now, if there is a reason."""
        refusal = guard_trips.closing_refusal(self.snapshot, seat.channel, tripped=seat.tripped)
        return guard_trips.RELAY_LOST if refusal is None and self.relay_silent else refusal

    def status(self) -> dict[str, Any]:
        """What services are told."""
        closed = self.snapshot.closed
        return {
            "status": {
                "relay_ok": self.snapshot.ok and not self.relay_silent and not self.snapshot.frozen,
                "estop_ok": self.snapshot.estop_ok,
                "interlock_ok": self.snapshot.interlock_ok,
                "cutoffs": {
                    channel: ("closed" if closed[channel] else "open") if channel in closed else "unknown"
                    for channel in self.settings.cutoffs
                },
                "auxiliaries": sorted(key for key, on in closed.items() if ":" in key and on),
                "stuck": sorted(self.snapshot.stuck),
                "frozen": sorted(self.snapshot.frozen),
                "hold_s": self.relay.hold_s,
                "trips": list(self._trips),
            }
        }

    def publish(self) -> None:
        """Tell every service."""
        status = self.status()
        for seat in self.services:
            seat.send(status)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside the loop and keep hold of it."""
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
