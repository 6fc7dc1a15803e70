"""The driver's side: starts the process that sends, changes what it sends, beats, knows when it has ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final, Literal, Protocol

import can

from drivers.keeper.cyclic import Cyclic
from drivers.keeper.sending import Sending
from drivers.transports.address import CanAddress, SocketcandAddress, parse_address

Mode = Literal["auto", "process", "inside"]
MODULE: Final = "drivers.keeper"
TIMEOUT_S = 2.0
"""Real time without a beat after which sending ends. The guard cuts a worker that hangs after a fraction of
it, so that a pack never has to open under load because of a hanging station."""
BEAT_S = 0.05
SHARED: Final = frozenset({"socketcan", "udp_multicast"})
"""Interfaces of python-can that two processes may open at the same time."""


class Keeper(Protocol):
    """Sends cyclic frames as long as it is beaten."""

    hardware: bool

    def set(self, frames: Sequence[Cyclic]) -> None:
        """From now on exactly these."""
        ...

    def beat(self) -> None:
        """Whoever needs the frames is alive. Cheap; never raises."""
        ...

    def wait_ready(self, timeout_s: float) -> bool:
        """True once the frames are being sent."""
        ...

    def problem(self) -> str:
        """Why it does not send any more; '' while it does."""
        ...

    def stop(self) -> None:
        """Send nothing any more. Idempotent."""
        ...


def shareable(address: str) -> bool:
    """Whether another process may open this bus beside the driver."""
    parsed = parse_address(address)
    if isinstance(parsed, CanAddress):
        return parsed.interface in SHARED
    return isinstance(parsed, SocketcandAddress)


def keeper_for(
    bus: can.BusABC, address: str, frames: Sequence[Cyclic], mode: Mode = "auto", timeout_s: float = TIMEOUT_S
) -> Keeper:
    """A process of its own where the bus can be opened twice, else a thread on the driver's own bus."""
    if mode == "process" or (mode == "auto" and shareable(address)):
        return KeeperProcess(address, frames, timeout_s)
    return KeeperThread(bus, frames, timeout_s)


def command() -> tuple[str, ...]:
    """What runs the process: a module from sources and wheels, the executable itself in a bundle."""
    if getattr(sys, "frozen", False):
        return (sys.executable, "--child", MODULE)
    return (sys.executable, "-m", MODULE)


class KeeperProcess:
    """``python -m drivers.keeper`` with a pipe in and out. It ends with this process, however that ends."""

    def __init__(self, address: str, frames: Sequence[Cyclic], timeout_s: float = TIMEOUT_S) -> None:
        self.hardware = False
        self.periods: dict[str, dict[str, float]] = {}
        self.ended = ""
        self._ready = threading.Event()
        self._lock = threading.Lock()
        self._next_s = 0.0
        self._stopping = False
        self._process = subprocess.Popen(
            command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self._write({"address": address, "timeout_s": timeout_s, "frames": [f.as_json() for f in frames]})
        self._reader = threading.Thread(target=self._read, name="keeper", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process that sends."""
        return self._process.pid

    def set(self, frames: Sequence[Cyclic]) -> None:
        """From now on exactly these."""
        self._write({"frames": [one.as_json() for one in frames]})

    def beat(self) -> None:
        """At most every 50 ms a line; a pipe that is full loses it."""
        now_s = time.monotonic()
        if now_s >= self._next_s:
            self._next_s = now_s + BEAT_S
            self._write({"beat": 1})

    def wait_ready(self, timeout_s: float) -> bool:
        """True once the frames are being sent; False also when it has ended instead."""
        return self._ready.wait(timeout_s) and not self.ended

    def problem(self) -> str:
        """'' while it sends or starts."""
        return "" if self._stopping else self.ended

    def stop(self) -> None:
        """Have it end and wait for that; killed where it does not."""
        if self._stopping:
            return
        self._stopping = True
        self._write({"stop": 1})
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(2)

    def _write(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        line = (json.dumps(message) + "\n").encode()
        with self._lock, suppress(OSError, ValueError):
            os.write(self._process.stdin.fileno(), line)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                with suppress(ValueError):
                    told = json.loads(line)
                    if "ready" in told:
                        self.hardware = bool(told["hardware"])
                        self._ready.set()
                    if "ended" in told:
                        self.periods = told["periods"]
                        self.ended = " ".join(filter(None, [told["ended"], told["detail"]]))
        self.ended = self.ended or "the process is gone"
        self._ready.set()


class KeeperThread:
    """The same inside the driver's process, for adapters that only one process may open."""

    def __init__(self, bus: can.BusABC, frames: Sequence[Cyclic], timeout_s: float = TIMEOUT_S) -> None:
        self._sending = Sending(bus)
        self.hardware = self._sending.hardware
        self._timeout_s = timeout_s
        self._problem = ""
        self._beat_s = time.monotonic()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._sending.set(frames)
        self._thread = threading.Thread(target=self._send, name="keep-awake", daemon=True)
        self._thread.start()

    def set(self, frames: Sequence[Cyclic]) -> None:
        """From now on exactly these."""
        with self._lock:
            self._sending.set(frames)

    def beat(self) -> None:
        """Somebody needs them."""
        self._beat_s = time.monotonic()

    def wait_ready(self, timeout_s: float) -> bool:  # noqa: ARG002 - as the process has it
        """It sends from the beginning."""
        return not self._problem

    def problem(self) -> str:
        """'' while it sends."""
        return self._problem

    def stop(self) -> None:
        """End the thread. Idempotent."""
        self._stop.set()
        self._thread.join(1.0)

    def _send(self) -> None:
        wait_s = 0.0
        while not self._stop.wait(wait_s):
            if time.monotonic() - self._beat_s > self._timeout_s:
                self._problem = "no_beat"
                break
            try:
                with self._lock:
                    wait_s = min(self._sending.tick(), self._timeout_s / 4)
            except (can.CanError, OSError) as error:
                self._problem = f"bus {error}"
                break
        with self._lock, suppress(can.CanError, OSError):
            self._sending.stop()
