"""Keep-alive frames every 10 ms beside four running channels and a window that paints, as they arrive.

The keeper is the one that drivers use, started by the process that measures and beaten by it; its frames go
to a daemon of one socket in a process of its own, which stamps each as it arrives. The same frames from a
thread of the measuring process stand beside them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

from drivers.bms.description import KeepAliveModel
from drivers.bms.keep_alive import cyclic_of
from drivers.keeper.link import Keeper, KeeperProcess, KeeperThread
from drivers.transports.can_bus import open_can
from tests.benchmarks.farm import SHORT_CONTACT, Farm, write_profile
from tests.benchmarks.table import Row, percentile
from tests.benchmarks.waiting import pause
from tests.benchmarks.window import Window, display

CHANNELS = 4
SECONDS = 60.0
PERIOD_S = 0.010
PULSES = [SHORT_CONTACT, *[{"step": "pulse_pair", "current_C": 1.0, "duration_s": 100.0, "rest_s": 1.0}] * 2]
FRAMES = [
    cyclic_of(KeepAliveModel(id=0x1D4, period_s=PERIOD_S, data=(bytes(8),))),
    cyclic_of(KeepAliveModel(id=0x1F2, period_s=PERIOD_S, data=(bytes(8),))),
    cyclic_of(KeepAliveModel(id=0x50B, period_s=0.1, data=(bytes(7),))),
    cyclic_of(KeepAliveModel(id=0x50C, period_s=0.1, data=(bytes(6),))),
]


@contextmanager
def receiver() -> Iterator[tuple[str, Callable[[], list[float]]]]:
    """A daemon that only listens: its address, and the arrival times in s once it has ended."""
    command = [sys.executable, "-m", "tests.benchmarks.keepalive_probe"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as probe:
        assert probe.stdin is not None
        assert probe.stdout is not None
        port = int(probe.stdout.readline())

        def times() -> list[float]:
            assert probe.stdin is not None
            assert probe.stdout is not None
            probe.stdin.close()
            found: list[float] = json.loads(probe.stdout.readline())
            return found

        yield f"socketcand://127.0.0.1:{port}/can0", times


def periods_ms(make: Callable[[str], Keeper], seconds: float = SECONDS) -> list[float]:
    """The distances between arrivals of one 10 ms frame while it is sent for ``seconds``."""
    with receiver() as (address, times):
        keeper = make(address)
        try:
            assert keeper.wait_ready(20.0), keeper.problem()
            end = time.monotonic() + seconds
            tick = threading.Event()
            while time.monotonic() < end:
                keeper.beat()
                tick.wait(0.05)
            assert not keeper.problem(), keeper.problem()
        finally:
            keeper.stop()
        arrived = times()
    # The first second is the start of a process.
    began_s = arrived[0]
    steady = [at for at in arrived if at > began_s + 1.0]
    return [(later - earlier) * 1e3 for earlier, later in pairwise(steady)]


def _process(address: str) -> Keeper:
    return KeeperProcess(address, FRAMES, timeout_s=10.0)  # the beats of this bench may wait


class _Thread(KeeperThread):
    """With a bus of its own, as a driver has one."""

    def __init__(self, address: str) -> None:
        self._own = open_can(address)
        super().__init__(self._own, FRAMES, timeout_s=10.0)

    def stop(self) -> None:
        super().stop()
        self._own.shutdown()


def rows() -> list[Row]:
    """p50, p99 and the longest period of the process, beside the thread's p99."""
    with Farm(CHANNELS) as farm, display() as on:
        assert farm.client
        window = Window(farm, on)
        try:
            pause(3.0)
            farm.start(write_profile(farm.folder, "keepalive", PULSES, sampling_Hz=100.0))
            pause(8.0)
            process = periods_ms(_process)
            thread = periods_ms(_Thread)
        finally:
            window.close()
    name = f"keep-alive of 10 ms beside {CHANNELS} channels and a window ({len(process)} periods)"
    baseline = percentile(thread, 0.99)
    return [
        Row(f"{name}, p50", percentile(process, 0.5), "ms", 10.5),
        Row(f"{name}, p99", percentile(process, 0.99), "ms", 13.0, baseline, "thread in the driver"),
        Row(f"{name}, longest", max(process), "ms", 50.0, max(thread), "thread in the driver"),
    ]
