"""Bench time: real seconds on real hardware, faster on a simulated bench that says so."""

from __future__ import annotations

import json
import mmap
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from station.bench.model import Bench
from station.errors import BenchError, InstrumentFault

SPEED_MAX = 1_000.0
_SLEPT, _FILE = struct.Struct("=d"), struct.Struct("=dd")


@dataclass
class BenchClock:
    """Seconds of bench time since this clock was made, plus ``begin_s``; ``speed`` 1 is real time.

    Supervision (heartbeats, link timeouts) never uses this clock: it stays on real time.
    """

    speed: float = 1.0
    begin_s: float = 0.0
    _start: float = field(default_factory=time.perf_counter)

    def now_s(self) -> float:
        """Bench time in s."""
        return self.begin_s + (time.perf_counter() - self._start) * self.speed

    def sleep_until(self, bench_s: float) -> None:
        """Sleep until bench time ``bench_s``; returns at once when it has passed."""
        wait_s = (bench_s - self.begin_s) / self.speed - (time.perf_counter() - self._start)
        if wait_s > 0:
            time.sleep(wait_s)


class HostedClock:
    """The clock of a simulated bench whose time waits for its host: the twin of ``simulators.host_time``.

    ``file`` holds the seconds that were slept and how many bench seconds pass in a second in which this
    process works, by ``monotonic``, which both share; ``sleep_until`` sleeps a ``speed``-th of the time and
    moves bench time on to exactly there.
    """

    def __init__(
        self,
        file: Path,
        speed: float = 1.0,
        begin_s: float = 0.0,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.speed, self._monotonic = speed, monotonic
        with file.open("r+b") as opened:
            self._slept = mmap.mmap(opened.fileno(), _FILE.size)
        self._from_s = begin_s - self._bench_s()

    def _bench_s(self) -> float:
        slept_s, flow = _FILE.unpack_from(self._slept)
        return self._monotonic() * float(flow) + float(slept_s)

    def now_s(self) -> float:
        """Bench time in s."""
        return self._from_s + self._bench_s()

    def sleep_until(self, bench_s: float) -> None:
        """Sleep until bench time ``bench_s``; returns at once when it has passed."""
        wait_s = (bench_s - self.now_s()) / self.speed
        if wait_s <= 0:
            return
        time.sleep(wait_s)
        left_s = bench_s - self.now_s()
        if left_s > 0:
            (slept_s,) = _SLEPT.unpack_from(self._slept)
            _SLEPT.pack_into(self._slept, 0, slept_s + left_s)


def host_time(bench: Bench, *, timeout_s: float = 2.0) -> Path | None:
    """The file by which a simulated bench's time waits for its host, None where it runs by itself."""
    if bench.simulation is None:
        return None
    file = ask_simulation(bench, {"op": "info"}, timeout_s=timeout_s).get("host_time")
    return Path(file) if isinstance(file, str) else None


def bench_clock(bench: Bench, *, timeout_s: float = 2.0) -> float:
    """The speed of ``bench``: 1.0 on real hardware, what a simulated bench's control answers otherwise.

    Raises InstrumentFault when the simulated bench does not answer.
    """
    if bench.simulation is None:
        return 1.0
    answer = ask_simulation(bench, {"op": "info"}, timeout_s=timeout_s)
    speed = answer.get("speed")
    if not isinstance(speed, (int, float)) or not 0 < speed <= SPEED_MAX:
        raise InstrumentFault(
            f"the simulated bench reports an impossible speed: {speed!r}",
            remedy=f"start it with a speed between 0 and {SPEED_MAX:g}",
            code="bench.speed",
        )
    return float(speed)


def ask_simulation(bench: Bench, request: dict[str, object], *, timeout_s: float = 2.0) -> dict[str, object]:
    """One request to the simulated bench's control port, one answer (JSON lines)."""
    if bench.simulation is None:
        raise BenchError(
            f"bench {bench.name} is real hardware; it has no simulated time or faults",
            remedy="leave out --speed, or use a simulated bench",
            code="bench.not_simulated",
        )
    host, _, port = bench.simulation.control.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=timeout_s) as link:
            link.sendall(json.dumps(request).encode() + b"\n")
            with link.makefile("rb") as stream:
                answer = json.loads(stream.readline())
    except (OSError, ValueError) as error:
        raise InstrumentFault(
            f"the simulated bench does not answer at {bench.simulation.control}: {error}",
            remedy=f"start it: station simulate {bench.name}",
            code="bench.simulation_absent",
            address=bench.simulation.control,
        ) from error
    if not isinstance(answer, dict) or not answer.get("ok"):
        reason = answer.get("error") if isinstance(answer, dict) else answer
        raise InstrumentFault(
            f"the simulated bench refuses {request.get('op')}: {reason}",
            remedy="see the message",
            code="bench.simulation",
            reason=str(reason),
        )
    return answer
