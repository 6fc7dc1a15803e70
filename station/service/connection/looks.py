"""Looks at the leads of a channel: a worker that reads voltages and never switches anything on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from station.bench import bench_clock
from station.errors import StationError
from station.service.config import ServiceConfig
from station.service.ending import in_thread
from station.service.orders import find_channel
from station.service.process import LineProcess

RENEW_S: Final = 20.0
"""Whoever looks asks again in that time; else the look ends and the instruments are free."""
END_S: Final = 5.0


class Looks:
    """One look a channel at most. ``tell`` publishes a live message."""

    def __init__(self, config: ServiceConfig, tell: Callable[[dict[str, Any]], None]) -> None:
        self._config, self._tell = config, tell
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._asked: dict[str, float] = {}
        self._latest: dict[str, dict[str, Any]] = {}
        self._starting = asyncio.Lock()

    def latest(self, channel: str) -> dict[str, Any] | None:
        """What was seen last; None while nobody looks."""
        return self._latest.get(channel)

    async def ask(self, channel: str, chemistry: str | None, nominal_capacity_Ah: float | None) -> None:
        """Look at this channel for the next ``RENEW_S``. The caller has made sure that it is free.

        Raises UsageError, StationError.
        """
        place = find_channel(self._config.bench, channel)
        async with self._starting:
            self._asked[place.id] = time.monotonic()
            if place.id in self._tasks:
                return
            speed = await in_thread(bench_clock, self._config.bench)
            message = {
                "bench": self._config.bench_as_json(),
                "channel": place.id,
                "chemistry": chemistry,
                "nominal_capacity_Ah": nominal_capacity_Ah or 1.0,
                "speed": speed,
            }
            task = asyncio.create_task(self._look(place.id, message), name=f"look {place.id}")
            self._tasks[place.id] = task

    async def end(self, channel: str) -> None:
        """No more: returns once its process is gone and the instruments are free."""
        async with self._starting:
            task = self._tasks.get(channel)
            self._asked.pop(channel, None)
        if task is not None:
            await asyncio.wait({task}, timeout=END_S * 2)

    async def close(self) -> None:
        """End all of them."""
        await asyncio.gather(*(self.end(channel) for channel in list(self._tasks)))

    async def _look(self, channel: str, message: dict[str, Any]) -> None:
        process: LineProcess | None = None
        try:
            process = await LineProcess.start(
                self._config.worker_command, self._config.paths.folder / "look.log"
            )
            await process.send({"look": message})
            while self._wanted(channel):
                try:
                    line = await process.read(0.2)
                except TimeoutError:
                    continue
                if line is None or line.get("type") == "look_ended":
                    self._say(channel, (line or {}).get("finding") or _gone())
                    break
                if line.get("type") == "look":
                    self._latest[channel] = line
                    self._tell({**line, "channel": channel})
        except (OSError, StationError) as error:
            self._say(channel, {**_gone(), "message": str(error)})
        finally:
            if process is not None:
                await process.end(END_S)
            self._latest.pop(channel, None)
            self._tasks.pop(channel, None)
            self._tell({"type": "look_ended", "channel": channel})

    def _wanted(self, channel: str) -> bool:
        asked = self._asked.get(channel)
        return asked is not None and time.monotonic() - asked <= RENEW_S

    def _say(self, channel: str, finding: dict[str, Any]) -> None:
        """Nothing can be seen, and why."""
        nothing = dict.fromkeys(("voltage_V", "terminals_V", "bms_V", "cell_V"))
        self._tell({"type": "look", "channel": channel, **nothing, "ok": False, "finding": finding})


def _gone() -> dict[str, Any]:
    return {
        "code": "connection.look_failed",
        "message": "the leads cannot be looked at",
        "remedy": "check instruments and cables; the test's own checks come anyway",
        "params": {},
    }
