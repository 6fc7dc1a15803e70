"""Finds the running service of a bench, or starts one."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from station.child_program import SERVICE, child_command
from station.errors import BusyError, StationError
from station.service.client import ServiceClient, find_address
from station.service.glance import glance
from station.service.own_group import own_group
from station.service.paths import ServiceAddress, ServicePaths
from station.service.remote_errors import remote_error

START_TIMEOUT_S = 120.0
"""One that cannot start ends by itself at once; on a busy computer none is ended just before it is ready."""
PING_TIMEOUT_S = 3.0
IDLE_EXIT_S = 60.0


def ensure_service(
    bench: str,
    data: Path,
    *,
    idle_exit_s: float | None = IDLE_EXIT_S,
    command: tuple[str, ...] = child_command(SERVICE),
) -> ServiceClient:
    """A client of the service of ``bench`` (name or file), which is started when none answers.

    An idle service that was started with another bench file of the same name makes way.
    Raises StationError with the service's own words when it cannot start, BusyError when a service
    with another bench file is testing.
    """
    running = _known_by_its_file(bench, data)
    if running is not None:
        return running
    from station.bench import load_bench, locate_bench
    from station.service.config import bench_digest

    loaded = load_bench(bench)
    paths, digest = ServicePaths(data, loaded.name), bench_digest(loaded)
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        client = find_service(data, paths.bench)
        if client is not None and _same_bench(client, digest):
            return client
        error = _start(str(locate_bench(bench)), paths, idle_exit_s, command, deadline)
        if error is None:
            continue
        if error.code != "service.running" or time.monotonic() > deadline:
            raise error
        # Another program starts or ends it in this very moment.
        threading.Event().wait(0.2)


def _known_by_its_file(bench: str, data: Path) -> ServiceClient | None:
    """The service that was started with this very file, byte for byte; the file is not read for that."""
    seen = glance(bench)
    address = None if seen is None else find_address(data, seen.name)
    if seen is None or address is None or not _alive(address.pid):
        return None
    service = _told(address)
    if service is None or service.get("bench_file_sha256") != seen.sha256:
        return None
    return ServiceClient(address, data=data, bench=seen.name)


def _same_bench(client: ServiceClient, digest: str) -> bool:
    """True when the service knows this very bench; another one is asked to end if it is idle."""
    service = client.state()["service"]
    if service.get("bench_digest", digest) == digest:
        return True
    try:
        if service.get("busy"):
            raise BusyError(
                "the running service of this bench was started with another bench file",
                remedy="wait until its tests have ended, then start again",
                code="service.other_bench",
            )
        client.shutdown()
    finally:
        client.close()
    return False


def find_service(data: Path, bench: str) -> ServiceClient | None:
    """A client of the running service, or None when there is none that answers."""
    address = find_address(data, bench)
    if address is None or not _alive(address.pid) or _told(address) is None:
        return None  # a stale file, left behind by a service that was killed
    return ServiceClient(address, data=data, bench=bench)


def _alive(pid: int) -> bool:
    if os.name == "posix":  # a start is quicker without psutil; on Windows a signal 0 would end the process
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except OSError:
            return True
        return True
    import psutil

    return bool(psutil.pid_exists(pid))


def _told(address: ServiceAddress) -> dict[str, Any] | None:
    """What the service at this address tells of itself; None when it does not answer or is another's."""
    with ServiceClient(address, timeout_s=PING_TIMEOUT_S) as client:
        try:
            service: dict[str, Any] = client.state()["service"]
            return service if service["pid"] == address.pid else None
        except (StationError, KeyError, TypeError):
            return None  # somebody else has this port now, or nobody


def _start(
    bench: str, paths: ServicePaths, idle_exit_s: float | None, command: tuple[str, ...], deadline: float
) -> StationError | None:
    """Start the service and wait for its first line. Returns its error, or None when it is ready."""
    try:
        paths.folder.mkdir(parents=True, exist_ok=True)
        with paths.log.open("ab") as log:
            process = subprocess.Popen(
                [*command, "--bench", bench, "--data", str(paths.data), *_idle(idle_exit_s)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                **own_group(),
            )
    except OSError as error:
        return StationError(
            f"the station's service cannot be started: {error}",
            remedy="check that the data folder can be written",
            code="service.not_started",
            reason=str(error),
        )
    patience_s = max(deadline - time.monotonic(), 1.0)
    line, late = _first_line(process, patience_s)
    message = _parse(line)
    if "ready" in message:
        # It outlives this program; nobody here waits for it any more.
        process.returncode = 0
        return None
    if not line and process.poll() is None:
        process.terminate()
    process.wait(10)
    if "error" in message:
        return remote_error(message)
    if late:
        return StationError(
            f"the station's service was not ready after {patience_s:.0f} s and was ended",
            remedy="end other heavy programs on this computer; it is tried again",
            code="service.slow_start",
            waited_s=round(patience_s),
        )
    return StationError(
        f"the station's service ended at once (exit status {process.returncode})",
        remedy=f"see {paths.log}",
        code="service.not_started",
        reason=str(process.returncode),
        file=str(paths.log),
    )


def _first_line(process: subprocess.Popen[bytes], timeout_s: float) -> tuple[bytes, bool]:
    """The first line of its stdout, empty when it ends; and whether it was ended for taking too long."""
    assert process.stdout is not None
    lines: list[bytes] = []
    stream = process.stdout
    reader = threading.Thread(target=lambda: lines.append(stream.readline()), daemon=True)
    reader.start()
    reader.join(timeout_s)
    late = reader.is_alive()
    if late:
        process.terminate()  # the reader then meets the end of the stream
        reader.join(10)
    stream.close()
    return (lines[0] if lines else b""), late


def _parse(line: bytes) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def _idle(idle_exit_s: float | None) -> list[str]:
    return [] if idle_exit_s is None else ["--idle-exit", str(idle_exit_s)]
