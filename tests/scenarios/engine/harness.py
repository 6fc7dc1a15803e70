"""A simulated bench, a guard and workers as real processes, for tests through the wire."""

from __future__ import annotations

import json
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from profiles import Profile, resolve

ROOT = Path(__file__).resolve().parents[3]
TOKEN = "scenario-token"
CELL = {"kind": "model", "chemistry": "NMC", "nominal_capacity_Ah": 20.0, "soh": 0.85, "soc": 0.5}
SCANNED = {
    "101": {"kind": "thermocouple", "point": "temperature:1"},
    "102": {"kind": "thermocouple", "point": "ambient"},
    "111": {"kind": "voltage", "point": "battery"},
}


class Process:
    """A child that speaks JSON lines on stdout and listens on stdin."""

    def __init__(self, arguments: list[str], first_line: dict[str, Any] | None = None) -> None:
        self.lines: list[dict[str, Any]] = []
        self._queue: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.child = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._errors: list[bytes] = []
        self._threads = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        if first_line is not None:
            self.say(first_line)

    def say(self, message: dict[str, Any]) -> None:
        assert self.child.stdin is not None
        self.child.stdin.write(json.dumps(message).encode() + b"\n")
        self.child.stdin.flush()

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool], timeout_s: float = 20.0) -> dict[str, Any]:
        """The next line that is wanted; fails with what was seen instead."""
        end = time.monotonic() + timeout_s
        while True:
            try:
                line = self._queue.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"not seen in {timeout_s} s; {self.seen()}") from None
            if line is None:
                raise AssertionError(f"the process ended; {self.seen()}")
            if wanted(line):
                return line

    def seen(self) -> str:
        tail = [line for line in self.lines if line.get("type") != "samples"][-8:]
        return f"last lines {tail}; stderr {b''.join(self._errors).decode()[-2000:]}"

    def close_stdin(self) -> None:
        assert self.child.stdin is not None
        self.child.stdin.close()

    def stop(self) -> None:
        """End this child by all means and release its pipes."""
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait(timeout=30)
        for thread in self._threads:
            thread.join(timeout=30)
        for stream in (self.child.stdin, self.child.stdout, self.child.stderr):
            if stream is not None and not stream.closed:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue  # what was still buffered for a dead child

    def _read(self) -> None:
        assert self.child.stdout is not None
        for text in self.child.stdout:
            try:
                line = json.loads(text)
            except ValueError:
                line = {"torn": text.decode(errors="replace")}
            self.lines.append(line)
            self._queue.put(line)
        self._queue.put(None)

    def _read_errors(self) -> None:
        assert self.child.stderr is not None
        for text in self.child.stderr:
            self._errors.append(text)


class SimBench:
    """``python -m simulators`` with one SM15K channel "1", a scanner and a relay module."""

    def __init__(
        self, folder: Path, *, speed: float = 20.0, channels: list[dict[str, Any]] | None = None
    ) -> None:
        config = {
            "name": "scenario",
            "speed": speed,
            "relay": {
                "coils": {"k1": 0},
                "inputs": {"estop": 0, "interlock": 1, "k1": 2},
                "timed_coils": True,
            },
            "channels": channels
            or [
                {
                    "id": "1",
                    "battery": CELL,
                    "wiring": {"cutoff_coil": "k1", "feedback_input": "k1"},
                    "instruments": [
                        {"kind": "delta-sm15k"},
                        {"kind": "keysight-34970a", "options": {"channels": SCANNED}},
                    ],
                }
            ],
        }
        file = folder / "sim.json"
        file.write_text(json.dumps(config))
        self.process = Process(["simulators", "--config", str(file), "--until-stdin-closes"])
        self.info = self.process.wait_for(lambda line: "ready" in line)

    def ask(self, op: str, **request: Any) -> dict[str, Any]:
        host, _, port = str(self.info["control"]).rpartition(":")
        with socket.create_connection((host, int(port)), timeout=20) as link:
            link.sendall(json.dumps({"op": op, **request}).encode() + b"\n")
            with link.makefile("rb") as stream:
                answer = json.loads(stream.readline())
        assert answer["ok"], answer
        return dict(answer)

    def truth(self) -> dict[str, Any]:
        return self.ask("truth", channel="1")

    def zero_after_s(self, since_s: float, timeout_s: float = 5.0) -> float:
        """Real seconds from the monotonic time ``since_s`` to the end of the current, as the circuit says."""

        def zero_since() -> float | None:
            at: float | None = self.ask("flow", channel="1")["zero_since_monotonic_s"]
            return at

        wait_until(lambda: zero_since() is not None, timeout_s, "no current")
        at_s = zero_since()
        assert at_s is not None
        return at_s - since_s

    def port(self, kind: str, channel: str = "1") -> int:
        return next(
            int(i["port"]) for i in self.info["instruments"] if i["kind"] == kind and i["channel"] == channel
        )

    def bench(self, **channel: Any) -> dict[str, Any]:
        """The bench file of this simulation, as JSON."""
        return {
            "schema": "pulse-station/bench/1",
            "name": "scenario",
            "title": {"zh": "试", "en": "scenario"},
            "channels": [
                {
                    "id": "1",
                    "name": {"zh": "一", "en": "one"},
                    "level": "cell",
                    "power": {
                        "driver": "delta-sm15k",
                        "address": f"tcp://127.0.0.1:{self.port('delta-sm15k')}",
                        "expect": {"model": "SM70-CP-450"},
                        "options": {"timeout_s": 1.0, "remote_sense": True},
                    },
                    "sensors": [
                        {
                            "driver": "keysight-34970a",
                            "address": f"TCPIP0::127.0.0.1::{self.port('keysight-34970a')}::SOCKET",
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
                    "cutoff": {"coil": 0, "feedback_input": 2},
                    **channel,
                }
            ],
            "guard": {
                "relay": {
                    "driver": "modbus-relay",
                    "address": f"modbus-tcp://{self.info['relay']}?unit=1",
                    "options": {"timed_coils": True},
                },
                "inputs": {"estop": 0, "interlock": 1},
                "heartbeat_timeout_s": 0.5,
            },
            "simulation": {"control": self.info["control"]},
        }

    def reset(self, battery: dict[str, Any] | None = None, speed: float = 20.0) -> None:
        """A healthy bench with a fresh battery."""
        self.ask("clear_faults")
        self.ask("estop", pressed=False)
        self.ask("interlock", open=False)
        self.ask("connect", channel="1", battery=battery or CELL)
        self.ask("speed", value=speed)


class Guard:
    """``python -m station.safety.guard`` for a bench."""

    def __init__(self, bench: dict[str, Any], data: Path) -> None:
        self.data = data
        self.process = Process(
            ["station.safety.guard", "--bench-json", "-", "--data", str(data), "--token", TOKEN], bench
        )
        ready = self.process.wait_for(lambda line: "ready" in line or "error" in line)
        self.refusal = ready.get("error")
        self._old = 0
        self.address = ready.get("ready")

    def job(self) -> dict[str, Any]:
        assert self.address is not None
        return {**self.address, "token": TOKEN}

    def status(self) -> dict[str, Any]:
        """What the guard tells a service that has just come in."""
        where = self.job()
        with (
            socket.create_connection((where["host"], where["port"]), timeout=20) as link,
            link.makefile("rwb") as stream,
        ):
            stream.write(json.dumps({"hello": "service", "token": TOKEN}).encode() + b"\n")
            stream.flush()
            assert json.loads(stream.readline())["ok"]
            return dict(json.loads(stream.readline())["status"])

    def wait_until_healthy(self) -> None:
        """Until the guard has seen a reset bench: inputs closed, every cut-off open, nothing stuck."""

        def seen() -> bool:
            status = self.status()
            well = status["relay_ok"] and status["estop_ok"] and status["interlock_ok"]
            return bool(well and not status["stuck"] and set(status["cutoffs"].values()) == {"open"})

        wait_until(seen, 30, "the guard sees a healthy bench")

    def log(self) -> list[dict[str, Any]]:
        text = (self.data / "benches" / "scenario" / "guard.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def forget(self) -> None:
        """From now on ``logged`` looks at new lines only."""
        self._old = len(self.log())

    def logged(self, wanted: Callable[[dict[str, Any]], bool], timeout_s: float = 20.0) -> dict[str, Any]:
        """The newest log line that is wanted, waited for (the log is written by a thread of its own)."""
        end = time.monotonic() + timeout_s
        while True:
            for line in reversed(self.log()[self._old :]):
                if wanted(line):
                    return line
            assert time.monotonic() < end, self.log()[-5:]
            threading.Event().wait(0.02)


def plan_of(steps: list[dict[str, Any]], *, capacity_Ah: float = 20.0, **profile: Any) -> dict[str, Any]:
    title = {"zh": "试", "en": "test"}
    model = Profile.model_validate(
        {
            "schema": "pulse-station/profile/1",
            "name": "scenario",
            "title": title,
            "description": title,
            "steps": steps,
            **profile,
        }
    )
    return resolve(model, nominal_capacity_Ah=capacity_Ah).as_dict()


SHORT = [
    {"step": "contact_check", "current_C": 0.1, "duration_s": 1.0, "rest_s": 2.0},
    {"step": "pulse_pair", "current_C": 1.0, "duration_s": 5.0, "rest_s": 10.0},
]
LONG = [
    {"step": "contact_check", "current_C": 0.1, "duration_s": 1.0, "rest_s": 1.0},
    {"step": "pulse_pair", "current_C": 1.0, "duration_s": 60.0, "rest_s": 1000.0},
]


def start_worker(
    bench: dict[str, Any],
    guard: Guard | None,
    run_dir: Path,
    plan: dict[str, Any],
    *,
    speed: float = 20.0,
    chemistry: str | None = "NMC",
    capacity_Ah: float = 20.0,
    channel: str = "1",
    resume: bool = False,
) -> Process:
    job = {
        "run_id": run_dir.name,
        "run_dir": str(run_dir),
        "bench": bench,
        "channel": channel,
        "battery": {
            "code": "T1",
            "nominal_capacity_Ah": capacity_Ah,
            "chemistry": chemistry,
            "level": "cell",
        },
        "plan": plan,
        "speed": speed,
        "resume": resume,
        "guard": None if guard is None else guard.job(),
    }
    return Process(["station.engine.worker"], {"job": job})


def ended(line: dict[str, Any]) -> bool:
    return line.get("type") == "ended"


def wait_until(condition: Callable[[], bool], timeout_s: float, what: str) -> float:
    """Poll with a deadline; returns the seconds it took."""
    start = time.monotonic()
    tick = threading.Event()
    while not condition():
        assert time.monotonic() - start < timeout_s, f"{what}: not within {timeout_s} s"
        tick.wait(0.01)
    return time.monotonic() - start
