"""Runs the service: one per bench, on a free port of the loopback, until it is told or has nothing to do."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import uvicorn
from filelock import FileLock, Timeout

from station.errors import BusyError, RecordError
from station.service.api import make_api
from station.service.config import ServiceConfig
from station.service.core import Station
from station.service.paths import ServiceAddress, read_address, write_address

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
IDLE_CHECK_S = 0.2


class _Server(uvicorn.Server):
    """uvicorn, but a signal asks the service to end in order instead of closing the door at once."""

    def __init__(self, config: uvicorn.Config, end: Callable[[], None]) -> None:
        super().__init__(config)
        self._end = end

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Called by a signal: SIGINT, SIGTERM, or Ctrl-Break on Windows."""
        del frame
        log.info("signal %d", sig)
        self._end()


def run_service(config: ServiceConfig, on_ready: Callable[[ServiceAddress], None]) -> None:
    """Serve until the end. Raises BusyError when this bench has a service already, RecordError."""
    paths = config.paths
    try:
        paths.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordError(
            f"the data folder {paths.folder} cannot be made: {error.strerror or error}",
            remedy="give a folder that can be written with --data",
            code="record.unavailable",
            file=str(paths.folder),
            reason=str(error.strerror or error),
        ) from error
    lock = FileLock(paths.lock, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout as error:
        known = read_address(paths.address)
        raise BusyError(
            f"bench {config.bench.name} has a running service already"
            + (f" (pid {known.pid})" if known else ""),
            remedy="use that one, or end it first",
            code="service.running",
            bench=config.bench.name,
        ) from error
    try:
        asyncio.run(serve(config, on_ready))
    finally:
        lock.release()


async def serve(config: ServiceConfig, on_ready: Callable[[ServiceAddress], None]) -> None:
    """The service's life on the current event loop; the caller holds the lock."""
    loop, ending = asyncio.get_running_loop(), asyncio.Event()

    def end() -> None:
        loop.call_soon_threadsafe(ending.set)

    station = Station(config)
    token = secrets.token_urlsafe(24)
    server = _Server(
        uvicorn.Config(
            make_api(station, token, end),
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=3,
        ),
        end,
    )
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as door:
        door.bind((HOST, 0))
        address = ServiceAddress(HOST, door.getsockname()[1], token, os.getpid())
        try:
            await station.open()
            serving = asyncio.create_task(server.serve(sockets=[door]))
            try:
                await _until_started(server, serving)
                write_address(config.paths.address, address)
                on_ready(address)
                await _until_end(station, ending, serving, config.idle_exit_s)
            finally:
                await station.stop_runs()  # while clients can still see it
                station.hub.close()
                server.should_exit = True
                await serving
        finally:
            if read_address(config.paths.address) == address:
                with suppress(OSError):  # a leftover is recognised as stale by its pid
                    config.paths.address.unlink()
            await station.close()


async def _until_started(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)


async def _until_end(
    station: Station, ending: asyncio.Event, serving: asyncio.Task[None], idle_exit_s: float | None
) -> None:
    while not ending.is_set() and not serving.done():
        with suppress(TimeoutError):
            await asyncio.wait_for(ending.wait(), IDLE_CHECK_S)
        if idle_exit_s is not None and station.idle_s() >= idle_exit_s:
            log.info("idle for %g s", idle_exit_s)
            return
