"""Starts the guard, listens to its status, and starts it again when it has died while no run is going on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from station.service.config import ServiceConfig
from station.service.json_lines import LINE_MAX_BYTES, decode, encode
from station.service.process import LineProcess

log = logging.getLogger(__name__)

TOKEN_VARIABLE = "STATION_GUARD_TOKEN"
"""The token goes through the environment: the arguments of a process can be read by everybody."""
UNKNOWN: dict[str, Any] = {
    "relay_ok": None,
    "estop_ok": None,
    "interlock_ok": None,
    "cutoffs": {},
    "trips": [],
}
"""What is known of a guard that does not answer: nothing."""

OnStatus = Callable[[dict[str, Any], dict[str, Any]], Awaitable[None]]
"""Gets the status before and the new one."""


class GuardGone(Exception):
    """The guard ended, fell silent, or refused; the text says which."""


class GuardLink:
    """The service's end of the guard: it watches and shows; safety is between the workers and the guard."""

    def __init__(
        self, config: ServiceConfig, *, on_status: OnStatus, run_going_on: Callable[[], bool]
    ) -> None:
        self._config = config
        self._on_status = on_status
        self._run_going_on = run_going_on
        self._process: LineProcess | None = None
        self._task: asyncio.Task[None] | None = None
        self._connected = asyncio.Event()
        self._token = secrets.token_urlsafe(24)
        self._address: tuple[str, int] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._cuts: dict[str, asyncio.Future[dict[str, Any] | None]] = {}
        self.status: dict[str, Any] = {"connected": False, **UNKNOWN}

    @property
    def pid(self) -> int | None:
        """The guard's process id while it runs."""
        return self._process.pid if self._process and self._process.exit_status is None else None

    def start(self) -> None:
        """Begin; returns at once."""
        self._task = asyncio.create_task(self._keep(), name="guard")

    async def wait_connected(self, timeout_s: float) -> bool:
        """True as soon as the guard answers; False when it has not in ``timeout_s``."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._connected.wait(), timeout_s)
        return self._connected.is_set()

    def for_worker(self) -> dict[str, Any]:
        """Where a worker finds the guard."""
        if self._address is None:
            raise GuardGone("the guard has no address yet")
        return {"host": self._address[0], "port": self._address[1], "token": self._token}

    async def cut(self, channel: str, why: str) -> dict[str, Any] | None:
        """Ask the guard to cut ``channel`` now. Returns its answer (``ok``, ``code``), None without one."""
        writer = self._writer
        if writer is None:
            return None
        waiting = self._cuts.setdefault(channel, asyncio.get_running_loop().create_future())
        try:
            writer.write(encode({"ask": "cut", "channel": channel, "why": why}))
            await asyncio.wait_for(writer.drain(), self._config.patience.guard_cut_s)
            return await asyncio.wait_for(asyncio.shield(waiting), self._config.patience.guard_cut_s)
        except (TimeoutError, OSError):
            return None
        finally:
            self._cuts.pop(channel, None)

    def _answered(self, message: dict[str, Any]) -> None:
        waiting = self._cuts.get(str(message.get("channel", "")))
        if message.get("answer") == "cut" and waiting is not None and not waiting.done():
            waiting.set_result({"ok": message.get("ok") is True, "code": str(message.get("code") or "")})

    async def close(self) -> None:
        """Let the guard open all cut-offs and leave; it stays while a worker is connected."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._process is not None:
            await self._process.end(self._config.patience.worker_exit_s)

    async def _keep(self) -> None:
        while True:
            try:
                await self._start()
                while True:
                    await self._listen()
            except (GuardGone, OSError) as error:
                log.warning("guard: %s", error)
                await self._lost()
            await asyncio.sleep(self._config.patience.guard_restart_s)

    async def _start(self) -> None:
        """Start a guard unless one runs. A new one never starts into a run whose cut-offs it would open."""
        if self._process is not None and self._process.exit_status is None:
            return
        while self._run_going_on():
            await asyncio.sleep(0.1)
        patience = self._config.patience
        self._process = await LineProcess.start(
            [*self._config.guard_command, "--bench-json", "-", "--data", str(self._config.data)],
            self._config.paths.folder / "guard.log",
            {TOKEN_VARIABLE: self._token},
        )
        await self._process.send(self._config.bench_as_json())
        try:
            line = await self._process.read(patience.guard_ready_s)
            ready = (line or {})["ready"]
            self._address = (str(ready["host"]), int(ready["port"]))
        except (TimeoutError, KeyError, TypeError, ValueError) as error:
            status = await self._process.end(patience.guard_restart_s)
            raise GuardGone(f"it did not become ready (exit status {status}), see guard.log") from error

    async def _listen(self) -> None:
        """One connection, from hello to its end."""
        if self._process is None or self._process.exit_status is not None or self._address is None:
            raise GuardGone("it has ended")
        reader, writer = await asyncio.open_connection(*self._address, limit=LINE_MAX_BYTES)
        try:
            writer.write(encode({"hello": "service", "token": self._token}))
            await writer.drain()
            if not (await self._line(reader)).get("ok"):
                raise GuardGone("it refuses the service")
            self._writer = writer
            while True:
                message = await self._line(reader)
                if isinstance(message.get("status"), dict):
                    await self._show({"connected": True, **UNKNOWN, **message["status"]})
                    self._connected.set()
                self._answered(message)
        finally:
            self._writer = None
            for waiting in self._cuts.values():
                if not waiting.done():
                    waiting.set_result(None)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _line(self, reader: asyncio.StreamReader) -> dict[str, Any]:
        try:
            line = await asyncio.wait_for(reader.readline(), self._config.patience.guard_status_s)
        except TimeoutError as error:
            raise GuardGone("it is silent") from error
        except ValueError as error:
            raise GuardGone("it sends lines without end") from error
        if not line:
            raise GuardGone("the connection ended")
        return decode(line) or {}

    async def _lost(self) -> None:
        self._connected.clear()
        await self._show({"connected": False, **UNKNOWN})

    async def _show(self, status: dict[str, Any]) -> None:
        before, self.status = self.status, status
        if status != before:
            await self._on_status(before, status)
