"""A whole bench as real processes: simulators, service, guard, workers, command line.

The simulators' control port is the witness: it tells what really flows, whatever the station believes.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

import psutil

from station.bench import Bench, load_bench
from station.service.client import RunRequest, ServiceClient
from station.service.launcher import ensure_service, find_service
from station.simulation import SimulatedBench, with_free_ports, write_bench

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 30.0
"""A generous deadline for a loaded machine; nothing waits for it when all is well."""
MARK = "PULSE_STATION_SCENARIO"
"""In the environment of everything a test starts, and of what that starts in turn."""
_tick = threading.Event()


def wait_until(
    condition: Callable[[], Any], what: str, timeout_s: float = PATIENCE_S, poll_s: float = 0.02
) -> Any:
    """Poll with a deadline; returns what the condition gave when it became true."""
    deadline = time.monotonic() + timeout_s
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"{what}: not within {timeout_s:g} s"
        _tick.wait(poll_s)


def marked(mark: str) -> list[psutil.Process]:
    """The living processes that carry ``mark``, except this one."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            if process.environ().get(MARK) == mark:
                found.append(process)
        except psutil.Error:
            continue  # it has ended meanwhile, or is somebody else's
    return found


@contextmanager
def marking() -> Iterator[str]:
    """Mark everything that is started inside, and kill what is left of it afterwards."""
    if sys.platform != "win32":
        resource_tracker.ensure_running()  # this process's own helper: it outlives the test
    mark, before = uuid.uuid4().hex, os.environ.get(MARK)
    os.environ[MARK] = mark
    try:
        yield mark
    finally:
        if before is None:
            del os.environ[MARK]
        else:
            os.environ[MARK] = before
        left = marked(mark)
        for process in left:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(left, timeout=10)


@dataclass(frozen=True)
class Answer:
    """What a command of the station's command line left behind."""

    exit_code: int
    data: Any
    stderr: str

    @property
    def error(self) -> dict[str, Any]:
        """The error it named, by itself or in the run's result."""
        assert self.data is not None, self.stderr
        error = self.data.get("error")
        assert error, f"no error named: {self.data}"
        return dict(error)


def station(*arguments: str, data: Path | None = None, timeout_s: float = 55.0, **environment: str) -> Answer:
    """Run ``station … --json`` to its end in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "station.cli.main", *arguments, "--json"],
        cwd=ROOT,
        env={**os.environ, **({"STATION_DATA": str(data)} if data else {}), **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout_s,
        check=False,
    )
    try:
        printed = json.loads(done.stdout)
    except ValueError:
        printed = None
    return Answer(done.returncode, printed, done.stdout[-2000:] + done.stderr[-4000:])


class Stand:
    """A simulated demo bench, its bench file, and a data folder for the station that runs it."""

    def __init__(
        self, folder: Path, *, speed: float, bench: Bench | None = None, waiting: bool = False
    ) -> None:
        """``waiting``: the bench's time waits for the station; for one channel only."""
        self.folder = folder
        self.data = folder / "data"
        self.bench = with_free_ports(bench or load_bench("demo"))
        self.file = folder / "bench.yaml"
        write_bench(self.bench, self.file)
        self._speed = speed
        self._sim = SimulatedBench(
            self.bench, speed=speed, host_time=folder / "bench-time" if waiting else None
        )
        self._clients: list[ServiceClient] = []

    def __enter__(self) -> Stand:
        self._sim.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.close()
        self._sim.__exit__(None, None, None)

    # The witness

    def ask(self, op: str, **request: Any) -> dict[str, Any]:
        """One operation on the simulators' control port."""
        assert self.bench.simulation is not None
        host, _, port = self.bench.simulation.control.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=20) as link:
            link.sendall(json.dumps({"op": op, **request}).encode() + b"\n")
            with link.makefile("rb") as stream:
                answer = json.loads(stream.readline())
        assert answer["ok"], answer
        return dict(answer)

    def truth(self, channel: str = "1") -> dict[str, Any]:
        """What is really inside and really flowing."""
        return self.ask("truth", channel=channel)

    def current_A(self, channel: str = "1") -> float:
        """The current that really flows through the battery."""
        return float(self.truth(channel)["current_A"])

    def dead(self, channel: str = "1") -> bool:
        """No current, and the cut-off open."""
        truth = self.truth(channel)
        return bool(truth["current_A"] == 0.0 and not truth["cutoff_closed"])

    def untouched(self, channel: str = "1") -> None:
        """Nothing was ever energised on a channel since its battery was connected."""
        truth = self.truth(channel)
        assert truth["charge_Ah"] == 0.0, truth
        assert not any(truth["output_on"]), truth
        assert not truth["cutoff_closed"], truth
        assert truth["current_A"] == 0.0, truth

    def heal(self, *, speed: float | None = None) -> None:
        """No faults, fresh batteries, the usual speed."""
        assert self.bench.simulation is not None
        self.ask("clear_faults")
        self.ask("estop", pressed=False)
        self.ask("interlock", open=False)
        for number, (channel, battery) in enumerate(self.bench.simulation.batteries.items()):
            self.ask("connect", channel=channel, battery=dict(battery), seed=number + 1)
        self.ask("speed", value=speed or self._speed)

    # The station

    def station(self, *arguments: str, **options: Any) -> Answer:
        """A command of the command line on this bench and data folder."""
        return station(*arguments, "--bench", str(self.file), "--data", str(self.data), **options)

    def run(
        self,
        profile: str,
        channel: str = "1",
        *,
        battery: str = "B-1",
        capacity_Ah: float | None = 35.0,
        bench: Path | None = None,
    ) -> Answer:
        """``station run``."""
        capacity = [] if capacity_Ah is None else ["--nominal-capacity", str(capacity_Ah)]
        return station(
            "run", profile, "--bench", str(bench or self.file), "--data", str(self.data),
            "--channel", channel, "--battery", battery, *capacity,
        )  # fmt: skip

    def client(self) -> ServiceClient:
        """The service of this bench, started if need be."""
        client = ensure_service(str(self.file), self.data)
        self._clients.append(client)
        return client

    def service(self) -> psutil.Process:
        """The process of the running service."""
        found = find_service(self.data, self.bench.name)
        assert found is not None, "no service"
        with found:
            return psutil.Process(int(found.state()["service"]["pid"]))

    def guard(self) -> psutil.Process:
        """The process of the running guard."""
        (guard,) = [
            process
            for process in self.service().children()
            if "station.safety.guard" in " ".join(process.cmdline())
        ]
        return guard

    def worker(self, channel: str) -> psutil.Process:
        """The process of a channel's running worker, as the guard knows it."""
        seen = [one for one in self.guard_log() if one["event"] == "worker" and one["channel"] == channel]
        return psutil.Process(int(seen[-1]["pid"]))

    def acknowledge_all(self, client: ServiceClient) -> None:
        """Free every channel that waits for a person."""
        for channel, state in client.state()["channels"].items():
            if not state["acknowledged"]:
                client.acknowledge(channel)

    def stop(self, bench: str | None = None) -> None:
        """End the service in order; that of another bench by its name."""
        while self._clients:
            self._clients.pop().close()  # an open connection would hold the service up
        found = find_service(self.data, bench or self.bench.name)
        if found is not None:
            with found:
                process = psutil.Process(int(found.state()["service"]["pid"]))
                found.shutdown()
            process.wait(PATIENCE_S)

    def guard_log(self) -> list[dict[str, Any]]:
        """The guard's own log."""
        text = (self.data / "benches" / self.bench.name / "guard.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]


def start(client: ServiceClient, profile: str | Path, channel: str = "1", **more: Any) -> str:
    """Start a run through the service; returns its id."""
    request = {"battery": f"B-{channel}", "nominal_capacity_Ah": CAPACITY_Ah[channel], **more}
    return client.start_run(RunRequest(channel=channel, profile=str(profile), **request))


CAPACITY_Ah = {"1": 35.0, "2": 10.0, "3": 20.0, "4": 40.0}
"""What is printed on the demo bench's batteries."""


def state_of(client: ServiceClient, channel: str = "1") -> dict[str, Any]:
    """A channel's tile."""
    return dict(client.state()["channels"][channel])


def ended(client: ServiceClient, run_id: str, timeout_s: float = 50.0) -> dict[str, Any]:
    """Wait for the end of a run; returns its record with result, events and files."""

    def row() -> dict[str, Any] | None:
        found = client.run(run_id)
        return found if found["state"] in ("ended", "interrupted") else None

    return dict(wait_until(row, f"run {run_id} ends", timeout_s, 0.1))
