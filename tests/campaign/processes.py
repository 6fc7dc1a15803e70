"""Guard, nursery and workers of the campaign as processes."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "campaign-token"


class Nursery:
    """The process that forks workers; see ``tests.campaign.nursery``."""

    def __init__(self, folder: Path, sabotage: str = "") -> None:
        self._address = str(folder / f"nursery{sabotage}.sock")
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.campaign.nursery", self._address, sabotage],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self._child.stdout is not None
        if self._child.stdout.readline() != b"ready\n":
            raise RuntimeError("the nursery did not start")

    def start(self, job: dict[str, Any], log: Path) -> Worker:
        """A new worker with its job."""
        link = socket.socket(socket.AF_UNIX)
        link.connect(self._address)
        name = str(log).encode()
        link.sendall(struct.pack("!I", len(name)) + name)
        pid = struct.unpack("!I", link.recv(4, socket.MSG_WAITALL))[0]
        worker = Worker(link, pid)
        worker.say({"job": job})
        return worker

    def close(self) -> None:
        """End it; workers that still run go on."""
        self._child.kill()
        self._child.wait(timeout=10)
        for stream in (self._child.stdin, self._child.stdout):
            if stream is not None:
                stream.close()


class Worker:
    """One worker: its lines, and what can be done to it."""

    def __init__(self, link: socket.socket, pid: int) -> None:
        self.pid = pid
        self.lines: list[dict[str, Any]] = []
        self.gone_at: float | None = None
        self._link = link
        self._rest = b""

    def say(self, message: dict[str, Any]) -> None:
        """One line to its standard input; a worker that is gone hears nothing."""
        with contextlib.suppress(OSError):
            self._link.sendall(json.dumps(message).encode() + b"\n")

    def listen(self, timeout_s: float) -> bool:
        """Take what it says within ``timeout_s``; False once it has gone."""
        if self.gone_at is not None:
            return False
        if not select.select((self._link,), (), (), timeout_s)[0]:
            return True
        try:
            data = self._link.recv(262_144)
        except OSError:
            data = b""
        if not data:
            self.gone_at = time.monotonic()
            return False
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            with contextlib.suppress(ValueError):
                message = json.loads(line)
                if message.get("type") != "samples":
                    self.lines.append(message)
        return True

    @property
    def ended(self) -> dict[str, Any] | None:
        """Its last word, once it has said it."""
        return self.lines[-1] if self.lines and self.lines[-1].get("type") == "ended" else None

    def signal(self, number: signal.Signals) -> float:
        """Send a signal; returns the moment."""
        at = time.monotonic()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)
        return at

    def close_input(self) -> float:
        """The service is gone, as the worker sees it."""
        at = time.monotonic()
        with contextlib.suppress(OSError):
            self._link.shutdown(socket.SHUT_WR)
        return at

    def end(self) -> None:
        """By all means."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGKILL)
        self._link.close()


class Guard:
    """``python -m station.safety.guard`` for one bench."""

    def __init__(self, bench: dict[str, Any], data: Path) -> None:
        self._log = data / "benches" / bench["name"] / "guard.jsonl"
        self._child = subprocess.Popen(
            [sys.executable, "-m", "station.safety.guard", "--bench-json", "-", "--data", str(data),
             "--token", TOKEN],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(json.dumps(bench).encode() + b"\n")
        self._child.stdin.flush()
        ready = json.loads(self._child.stdout.readline() or b"{}")
        if "ready" not in ready:
            self.end()
            raise RuntimeError(f"the guard did not start: {ready}")
        self.job = {**ready["ready"], "token": TOKEN}

    @property
    def pid(self) -> int:
        """Process id."""
        return self._child.pid

    def alive(self) -> bool:
        """True while it runs."""
        return self._child.poll() is None

    def signal(self, number: signal.Signals) -> float:
        """Send a signal; returns the moment."""
        at = time.monotonic()
        self._child.send_signal(number)
        return at

    def log_size(self) -> int:
        """Bytes of its log so far."""
        return self._log.stat().st_size if self._log.exists() else 0

    def trips(self, since: int) -> list[dict[str, Any]]:
        """What it tripped since its log had that size."""
        if not self._log.exists():
            return []
        with self._log.open("rb") as stream:
            stream.seek(since)
            found = []
            for line in stream:
                with contextlib.suppress(ValueError):
                    event = json.loads(line)
                    if event.get("event") == "trip":
                        found.append(event)
        return found

    def end(self) -> None:
        """By all means."""
        if self._child.poll() is None:
            self._child.send_signal(signal.SIGCONT)
            self._child.kill()
        self._child.wait(timeout=10)
        for stream in (self._child.stdin, self._child.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
