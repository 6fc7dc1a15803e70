"""Worker dead or hung in the middle of a pulse → no current."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from contextlib import suppress

import psutil

from tests.benchmarks.farm import SHORT_CONTACT, Farm, write_profile
from tests.benchmarks.table import Row, percentile
from tests.benchmarks.waiting import pause, wait_until

CHANNELS, ROUNDS = 8, 13
PULSES = [SHORT_CONTACT, *[{"step": "pulse_pair", "current_C": 1.0, "duration_s": 100.0, "rest_s": 1.0}] * 2]
FLOWS_A = 5.0


class Witness:
    """The simulators' control port, which tells what really flows."""

    def __init__(self, farm: Farm) -> None:
        assert farm.bench.simulation is not None
        host, _, port = farm.bench.simulation.control.rpartition(":")
        self._link = socket.create_connection((host, int(port)), timeout=20)
        self._stream = self._link.makefile("rwb")

    def close(self) -> None:
        """Hang up."""
        self._stream.close()
        self._link.close()

    def ask(self, op: str, **request: object) -> dict[str, object]:
        """One operation."""
        self._stream.write(json.dumps({"op": op, **request}).encode() + b"\n")
        self._stream.flush()
        return dict(json.loads(self._stream.readline()))

    def current_A(self, channel: str) -> float:
        """The current that really flows."""
        return float(str(self.ask("truth", channel=channel)["current_A"]))

    def zero_at_s(self, channel: str, timeout_s: float = 5.0) -> float:
        """Monotonic time at which the current has ended; polled each millisecond where it is not told."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            flow = self.ask("flow", channel=channel)
            if flow.get("ok"):
                if flow["zero_since_monotonic_s"] is not None:
                    return float(str(flow["zero_since_monotonic_s"]))
            elif self.current_A(channel) == 0.0:
                return time.monotonic()
            pause(0.001)
        raise TimeoutError(f"channel {channel}: the current flows on")


def times_ms(hurt: Callable[[psutil.Process], None]) -> list[float]:
    """From what happens to a worker to zero current, on each channel of each round."""
    times = []
    with Farm(CHANNELS) as farm:
        profile = write_profile(farm.folder, "supervision", PULSES, sampling_Hz=100.0)
        witness = Witness(farm)
        for _ in range(ROUNDS):
            runs = farm.start(profile)
            workers = _workers(farm)
            for channel in farm.channels:
                wait_until(
                    lambda channel=channel: abs(witness.current_A(channel)) > FLOWS_A, "a pulse", poll_s=0.01
                )
            # The contact pulse is small; the first real one lasts.
            pause(0.3)
            for channel in farm.channels:
                begin_s = time.monotonic()
                hurt(workers[channel])
                times.append((witness.zero_at_s(channel) - begin_s) * 1e3)
                with suppress(psutil.NoSuchProcess):  # it was killed in the first place
                    workers[channel].kill()
            wait_until(lambda runs=runs: farm.in_states(runs, {"fault"}), "all channels fault")
            farm.acknowledge()
        witness.close()
    return times


def _workers(farm: Farm) -> dict[str, psutil.Process]:
    log = farm.folder / "data" / "benches" / farm.bench.name / "guard.jsonl"
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    newest = {one["channel"]: int(one["pid"]) for one in lines if one.get("event") == "worker"}
    return {channel: psutil.Process(pid) for channel, pid in newest.items()}


def rows() -> list[Row]:
    """Killed and stopped workers."""
    result = []
    for name, hurt in (("killed", psutil.Process.kill), ("hung (SIGSTOP)", psutil.Process.suspend)):
        times = times_ms(hurt)
        title = f"worker {name} → no current ({len(times)} times)"
        result += [
            Row(f"{title}, p50", percentile(times, 0.5), "ms", 500.0),
            Row(f"{title}, p99", percentile(times, 0.99), "ms", 500.0),
            Row(f"worker {name}, longest", max(times), "ms", 500.0),
        ]
    return result
