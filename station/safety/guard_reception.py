"""The guard's line protocol: who may come in, what a worker or a service asks, and its answers."""

from __future__ import annotations

import asyncio
import hmac
import time

from station.safety import guard_trips
from station.safety.guard_seat import Seat, read_message
from station.safety.guard_settings import aux_key
from station.safety.guard_trips import Refusal
from station.safety.guard_watch import GuardWatch
from station.safety.relay_state import SwitchResult

HELLO_TIMEOUT_S = 2.0


class Reception:
    """One ``client`` task per connection, all in the guard's event loop."""

    def __init__(self, watch: GuardWatch, token: str) -> None:
        self._watch, self._token = watch, token

    async def client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end."""
        seat = Seat(writer)
        watch = self._watch
        try:
            refusal = await self._seat(seat, reader)
            if refusal is not None:
                seat.send(
                    {"ok": False, "code": refusal.code, "message": refusal.message, "remedy": refusal.remedy}
                )
                return
            seat.send(
                {
                    "ok": True,
                    "heartbeat_timeout_s": watch.settings.heartbeat_timeout_s,
                    "hold_s": watch.relay.hold_s,
                }
            )
            if not seat.channel:
                seat.send(watch.status())
            while (message := await read_message(reader)) is not None:
                if seat.channel:
                    self._hear(seat, message)
                elif message.get("ask") == "cut":
                    watch.spawn(
                        self._cut_for(seat, str(message.get("channel", "")), str(message.get("why", "")))
                    )
        finally:
            self._leave(seat)
            writer.close()

    async def _seat(self, seat: Seat, reader: asyncio.StreamReader) -> Refusal | None:
        watch = self._watch
        try:
            hello = await asyncio.wait_for(read_message(reader), HELLO_TIMEOUT_S)
        except TimeoutError:
            hello = None
        token = str((hello or {}).get("token", ""))
        if hello is None or not hmac.compare_digest(token.encode(), self._token.encode()):
            watch.log.write("refused", code="guard.token")
            return Refusal("guard.token", "unknown token", "use the token of this bench's service")
        if hello.get("hello") == "service":
            watch.services.add(seat)
            return None
        channel = str(hello.get("channel", ""))
        if hello.get("hello") != "worker" or channel not in watch.settings.channels:
            return Refusal(
                "guard.hello", f"there is no channel {channel!r} on this bench", "check the bench file"
            )
        if channel in watch.workers:
            return Refusal(
                "guard.channel_busy", f"channel {channel} already has a worker", "stop the other run first"
            )
        # Also for a channel without a cut-off: nothing starts while a safety input is open or cannot be read.
        cause = guard_trips.bench_trip(watch.snapshot)
        if cause is not None:
            return cause
        seat.channel, seat.pid = channel, int(hello.get("pid", 0) or 0)
        seat.last_beat = time.monotonic()
        watch.workers[channel] = seat
        watch.log.write("worker", channel=channel, pid=seat.pid)
        return None

    def _hear(self, seat: Seat, message: dict[str, object]) -> None:
        seat.last_beat = time.monotonic()
        ask, name = message.get("ask"), str(message.get("name", ""))
        if ask == "close_cutoff":
            seat.asked = True
            self._watch.spawn(self._close_for(seat))
        elif ask == "open_cutoff":
            seat.granted = False
            self._watch.spawn(self._open_for(seat))
        elif ask == "close_aux":
            # Through the pre-charge the battery is connected; the insulation's resistor moves no energy.
            seat.asked = seat.asked or name == "precharge"
            self._watch.spawn(self._close_aux_for(seat, name))
        elif ask == "open_aux":
            self._watch.spawn(self._open_aux_for(seat, name))
        elif message.get("bye"):
            seat.said_bye = True

    async def _close_for(self, seat: Seat) -> None:
        watch = self._watch
        refusal = await self._close(seat, seat.channel)
        if refusal is None:
            seat.granted = True
            watch.log.write("closed", channel=seat.channel, pid=seat.pid)
            seat.send({"answer": "close_cutoff", "ok": True})
            watch.publish()
            return
        watch.log.write("not closed", channel=seat.channel, code=refusal.code)
        seat.send({"answer": "close_cutoff", "ok": False, **_words(refusal)})

    async def _close_aux_for(self, seat: Seat, name: str) -> None:
        watch = self._watch
        answer = {"answer": "close_aux", "name": name}
        if name in watch.settings.auxiliaries.get(seat.channel, {}):
            refusal = await self._close(seat, aux_key(seat.channel, name))
        else:
            refusal = guard_trips.NO_AUX
        if refusal is None:
            watch.log.write("closed", channel=seat.channel, name=name, pid=seat.pid)
            seat.send({**answer, "ok": True})
        else:
            watch.log.write("not closed", channel=seat.channel, name=name, code=refusal.code)
            seat.send({**answer, "ok": False, **_words(refusal)})

    async def _close(self, seat: Seat, key: str) -> Refusal | None:
        """Close one coil of a worker's channel; None when it is confirmed closed."""
        watch = self._watch
        refusal = watch.closing_refusal(seat)
        if refusal is not None:
            return refusal
        result = await asyncio.wrap_future(watch.relay.switch(key, True))
        still_here = not seat.tripped and watch.workers.get(seat.channel) is seat
        if result.ok and still_here:
            return None
        refusal = (
            guard_trips.BY_CODE.get(result.code, guard_trips.STUCK) if still_here else guard_trips.TRIPPED
        )
        watch.cut(seat.channel, refusal.code)
        return refusal

    async def _open_for(self, seat: Seat) -> None:
        watch = self._watch
        # The auxiliary coils open with it, but the answer is about the cut-off.
        futures = {key: watch.relay.switch(key, False) for key in watch.keys(seat.channel)}
        if seat.channel not in futures:
            seat.send({"answer": "open_cutoff", "ok": False, "code": guard_trips.NO_CUTOFF.code})
            return
        result = await asyncio.wrap_future(futures[seat.channel])
        watch.log.write("cut", channel=seat.channel, why="asked", verified=result.ok, code=result.code)
        seat.send({"answer": "open_cutoff", "ok": result.ok, "code": result.code})

    async def _open_aux_for(self, seat: Seat, name: str) -> None:
        watch = self._watch
        result = SwitchResult(False, guard_trips.NO_AUX.code)
        if name in watch.settings.auxiliaries.get(seat.channel, {}):
            result = await asyncio.wrap_future(watch.relay.switch(aux_key(seat.channel, name), False))
        watch.log.write("opened", channel=seat.channel, name=name, verified=result.ok, code=result.code)
        seat.send({"answer": "open_aux", "name": name, "ok": result.ok, "code": result.code})

    async def _cut_for(self, service: Seat, channel: str, why: str) -> None:
        """A person wants this channel cut now, whatever its worker does."""
        watch = self._watch
        answer = {"answer": "cut", "channel": channel}
        if channel not in watch.settings.channels:
            service.send({**answer, "ok": False, "code": "guard.hello"})
            return
        watch.log.write("forced", channel=channel, why=why)
        worker = watch.workers.get(channel)
        if worker is not None and not worker.tripped:
            watch.trip(worker, guard_trips.FORCED, why=why)
        elif channel not in watch.settings.cutoffs:
            watch.cut(channel, guard_trips.FORCED.code)
        if channel not in watch.settings.cutoffs:
            service.send({**answer, "ok": False, "code": guard_trips.NO_CUTOFF.code})
            return
        result = await asyncio.wrap_future(watch.relay.switch(channel, False))
        watch.log.write(
            "cut", channel=channel, why=guard_trips.FORCED.code, verified=result.ok, code=result.code
        )
        service.send({**answer, "ok": result.ok, "code": result.code})

    def _leave(self, seat: Seat) -> None:
        watch = self._watch
        watch.services.discard(seat)
        if watch.workers.get(seat.channel) is not seat:
            return
        del watch.workers[seat.channel]
        if not seat.said_bye and not seat.tripped:
            watch.trip(seat, guard_trips.GONE)
        else:
            watch.cut(seat.channel, "bye" if seat.said_bye else "gone")
            watch.log.write("left", channel=seat.channel, bye=seat.said_bye)


def _words(refusal: Refusal) -> dict[str, str]:
    return {"code": refusal.code, "message": refusal.message, "remedy": refusal.remedy}
