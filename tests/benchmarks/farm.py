"""A bench of many equal channels (SM15K, scanner, cut-off each), and what its processes use."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

from station.bench import Bench
from station.service.client import RunRequest, ServiceClient
from station.service.launcher import ensure_service
from station.simulation import SimulatedBench, with_free_ports, write_bench
from tests.benchmarks.tap import Tap
from tests.benchmarks.waiting import pause, wait_until

CAPACITY_AH = 20.0
START_S = 90.0
CELL = {"kind": "model", "chemistry": "NMC", "nominal_capacity_Ah": CAPACITY_AH, "soh": 0.85, "soc": 0.5}
CONTACT = {"step": "contact_check", "current_C": 0.1, "duration_s": 4.0, "rest_s": 1.0}
SHORT_CONTACT = {**CONTACT, "duration_s": 2.0, "rest_s": 0.5}
"""For benchmarks that wait for the first pulse again and again, in real time."""


def farm_bench(channels: int) -> Bench:
    """``channels`` single cells, each on an SM15K with a scanner and a cut-off, on free ports."""
    bench = {
        "schema": "pulse-station/bench/1",
        "name": "farm",
        "title": {"zh": "测量台", "en": "Measuring bench"},
        "channels": [_channel(number) for number in range(channels)],
        "guard": {
            "relay": {"driver": "modbus-relay", "address": "modbus-tcp://127.0.0.1:20000?unit=1"},
            "inputs": {"estop": 0, "interlock": 1},
        },
        "simulation": {
            "control": "127.0.0.1:20001",
            "batteries": {str(number + 1): CELL for number in range(channels)},
        },
    }
    return with_free_ports(Bench.model_validate(bench))


def _channel(number: int) -> dict[str, Any]:
    scanner = f"tcp://127.0.0.1:{20200 + number}"
    return {
        "id": str(number + 1),
        "name": {"zh": f"单体 {number + 1}", "en": f"Cell {number + 1}"},
        "level": "cell",
        "power": {
            "driver": "delta-sm15k",
            "address": f"tcp://127.0.0.1:{20100 + number}",
            "options": {"remote_sense": True},
            "expect": {"model": "SM70-CP-450"},
        },
        "sensors": [
            {
                "driver": "keysight-34970a",
                "address": scanner,
                "expect": {"model": "34970A"},
                "inputs": [
                    {"number": 101, "role": "cell_surface"},
                    {"number": 102, "role": "ambient"},
                    {"number": 111, "role": "terminals"},
                ],
            }
        ],
        "limits": {
            "voltage_min_V": 1.9,
            "voltage_max_V": 4.3,
            "charge_current_max_A": 200,
            "discharge_current_max_A": 200,
            "power_max_W": 1000,
        },
        "cutoff": {"coil": number, "feedback_input": number + 2},
    }


def write_profile(
    folder: Path, name: str, steps: Sequence[dict[str, Any]], *, sampling_Hz: float, timing: str = "best"
) -> Path:
    """A profile file; JSON is YAML as well."""
    title = {"zh": "测量", "en": name}
    profile = {
        "schema": "pulse-station/profile/1",
        "name": name,
        "title": title,
        "description": title,
        "timing": timing,
        "sampling_Hz": sampling_Hz,
        "steps": list(steps),
    }
    file = folder / f"{name}.yaml"
    file.write_text(json.dumps(profile), encoding="utf-8")
    return file


def power_port(bench: Bench, channel: str) -> int:
    """The port of a channel's power instrument."""
    return int((bench.channel(channel).power.address or "").rsplit(":", 1)[1])


def _tapped(bench: Bench, tap: Tap) -> Bench:
    """The same bench with a tap in the wire of each power instrument, called as its channel."""
    data = bench.model_dump(mode="json", by_alias=True)
    for channel in data["channels"]:
        port = tap.wire(channel["id"], power_port(bench, channel["id"]))
        channel["power"]["address"] = f"tcp://127.0.0.1:{port}"
    return Bench.model_validate(data)


@dataclass(frozen=True)
class Use:
    """Seconds of processor that each kind of process has used."""

    worker_s: float
    simulator_s: float
    service_s: float
    guard_s: float

    def since(self, before: Use) -> Use:
        """The use between two looks."""
        return Use(
            self.worker_s - before.worker_s,
            self.simulator_s - before.simulator_s,
            self.service_s - before.service_s,
            self.guard_s - before.guard_s,
        )


class Farm:
    """Simulators and service of a farm bench in a folder of their own, until the ``with`` block ends."""

    def __init__(
        self, channels: int, *, speed: float = 1.0, tap: Tap | None = None, waiting: bool = False
    ) -> None:
        self._temporary = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name)
        simulated = farm_bench(channels)
        host_time = self.folder / "host-time" if waiting else None
        self._simulators = SimulatedBench(simulated, speed=speed, host_time=host_time)
        self.bench = simulated if tap is None else _tapped(simulated, tap)
        self.file = self.folder / "bench.yaml"
        write_bench(self.bench, self.file)
        self._client: ServiceClient | None = None
        self._service: psutil.Process | None = None

    def __enter__(self) -> Farm:
        self._simulators.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._end_service()
        finally:
            self._simulators.__exit__(None, None, None)
            self._temporary.cleanup()

    def _end_service(self) -> None:
        client, self._client = self._client, None
        if client is None or self._service is None:
            return
        with client:
            client.shutdown()
        try:
            self._service.wait(30)
        except psutil.TimeoutExpired:
            for process in [*self._service.children(recursive=True), self._service]:
                process.kill()

    @property
    def channels(self) -> list[str]:
        """Their ids."""
        return [channel.id for channel in self.bench.channels]

    @property
    def client(self) -> ServiceClient:
        """The service's client; starts the service."""
        if self._client is None:
            self._client = ensure_service(str(self.file), self.folder / "data")
            self._service = psutil.Process(int(self._client.state()["service"]["pid"]))
        return self._client

    @property
    def simulator(self) -> psutil.Process:
        """The process of the simulated bench."""
        return psutil.Process(self._simulators.pid)

    @property
    def service(self) -> psutil.Process:
        """The process of the service."""
        assert self.client
        assert self._service is not None
        return self._service

    def children(self, module: str) -> list[psutil.Process]:
        """The service's children that run ``module``."""
        return [child for child in self.service.children() if module in " ".join(child.cmdline())]

    def start(self, profile: Path, channels: Sequence[str] | None = None) -> dict[str, str]:
        """Start a run on each channel; waits until all of them sample. Returns the run ids by channel."""
        runs = {}
        for channel in channels or self.channels:
            request = RunRequest(channel, str(profile), f"BENCH-{channel}", CAPACITY_AH, "NMC")
            runs[channel] = self.client.start_run(request)
        wait_until(lambda: self.in_states(runs, {"running"}), "all channels run", START_S)
        return runs

    def in_states(self, runs: dict[str, str], states: set[str]) -> bool:
        """True when all of these channels are in one of these states. Raises on a fault not asked for."""
        seen = self.client.state()["channels"]
        for channel in runs:
            if seen[channel]["state"] == "fault" and "fault" not in states:
                raise RuntimeError(f"channel {channel}: {seen[channel]['fault']}")
        return all(seen[channel]["state"] in states for channel in runs)

    def wait(self, runs: dict[str, str], timeout_s: float = 180.0) -> dict[str, Path]:
        """Wait until the runs are over; returns their journals by channel."""
        done = {"verdict", "idle", "analysis", "safe"}
        wait_until(lambda: self.in_states(runs, done), "all runs end", timeout_s, poll_s=0.2)
        return {channel: self.journal(run) for channel, run in runs.items()}

    def journal(self, run_id: str) -> Path:
        """A run's journal."""
        return self.folder / "data" / "runs" / run_id / "journal.jsonl"

    def use(self) -> Use:
        """The processor time used so far by the processes that live now."""
        return Use(
            sum(_cpu_s(one) for one in self.children("station.engine.worker")),
            _cpu_s(self.simulator),
            _cpu_s(self.service),
            sum(_cpu_s(one) for one in self.children("station.safety.guard")),
        )

    def acknowledge(self) -> None:
        """Free every channel."""
        every = dict.fromkeys(self.channels, "")
        wait_until(lambda: self.in_states(every, {"verdict", "idle", "fault"}), "all ended", 120)
        for channel, state in self.client.state()["channels"].items():
            if not state["acknowledged"]:
                self.client.acknowledge(channel)


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def use_during(farm: Farm, seconds: float) -> Use:
    """Processor time used in the next ``seconds``."""
    before = farm.use()
    pause(seconds)
    return farm.use().since(before)
