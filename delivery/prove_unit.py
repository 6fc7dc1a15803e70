"""Shows what the service unit does after a crash: by systemd's own user manager, in a place of its own.

Needs Linux, root and systemd's program, not a computer that was started by it: the manager runs in name
spaces for mounts and control groups that end with it. ``python -m delivery.prove_unit`` takes the sources in
place of the bundle.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from delivery.away import away, bare_environment, wait_for
from delivery.places import ROOT

MANAGER = "/lib/systemd/systemd"
UNIT = "pulse-station.service"
PLACE = """
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system /run/user/0
chmod 700 /run/user/0
exec "$0" --user --log-target=console
"""
PATIENCE_S = 300.0


def missing() -> str:
    """Why this computer cannot show it; empty when it can."""
    for program in ("unshare", "nsenter", "systemctl", "systemd-analyze"):
        if shutil.which(program) is None:
            return f"no {program}"
    if not Path(MANAGER).exists():
        return f"no {MANAGER}"
    return "" if hasattr(os, "geteuid") and os.geteuid() == 0 else "needs root, for name spaces"


class Manager:
    """A running user manager; ``call`` runs a program beside it."""

    def __init__(self, pid: int, environment: dict[str, str], place: Path) -> None:
        self._pid, self._environment, self._place = pid, environment, place

    def call(self, *command: str, check: bool = True) -> str:
        """What it said. Raises CalledProcessError."""
        done = subprocess.run(
            ["nsenter", "--target", str(self._pid), "--mount", "--cgroup", *command],
            env=self._environment, cwd=self._place, stdout=subprocess.PIPE, text=True, encoding="utf-8",
            stderr=None if check else subprocess.DEVNULL, check=check,
        )  # fmt: skip
        return done.stdout.strip()

    def unit(self, key: str) -> str:
        """A property of the service's unit."""
        return self.call("systemctl", "--user", "show", UNIT, "--property", key, "--value", check=False)


@contextmanager
def manager(home: Path, place: Path) -> Iterator[Manager]:
    """Start one whose home is ``home``; it ends with what it has started."""
    environment = bare_environment(home, XDG_RUNTIME_DIR="/run/user/0")
    with (place / "manager.log").open("wb") as log:
        process = subprocess.Popen(
            ["unshare", "--mount", "--cgroup", "sh", "-c", PLACE, MANAGER],
            env=environment, cwd=place, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        found = Manager(process.pid, environment, place)
        wait_for(lambda: _up(found, process), "the manager", 60)
        yield found
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(60)
        if process.poll() is None:
            process.kill()


def _up(found: Manager, process: subprocess.Popen[bytes]) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"the manager ended with {process.returncode}")
    return "running" in found.call("systemctl", "--user", "is-system-running", check=False)


def prove_unit(bundle: Path, place: Path) -> dict[str, Any]:
    """Install the bundle with ``--service``, kill the service in the middle of a test, watch what happens."""
    if why := missing():
        return {"not_shown": why}
    home, bench, data = place / "值班 家", place / "单元 台.yaml", place / "单元 数据"
    home.mkdir()
    station = str(home / ".local/opt/pulse-station/station")
    with manager(home, place) as man:
        simulated = subprocess.Popen(
            [str(bundle / "station"), "simulate", "demo", "--free-ports", "--write-bench", str(bench),
             "--speed", "2"],
            cwd=place, env=bare_environment(home), stdout=subprocess.DEVNULL,
        )  # fmt: skip
        run = None
        try:
            wait_for(bench.exists, "the simulated bench", PATIENCE_S)
            man.call(str(bundle / "install.sh"), "--bench", str(bench), "--data", str(data), "--service")
            units = home / ".config/systemd/user"
            verified = man.call(
                "systemd-analyze", "--user", "verify", *map(str, sorted(units.glob("*.service")))
            )
            first = wait_for(lambda: _service_pid(data), "the service", PATIENCE_S)
            words = place / "run.log"
            with words.open("wb") as log:
                run = subprocess.Popen(
                    [station, "run", "rapid", "--channel", "1", "--battery", "B-0001",
                     "--nominal-capacity", "35", "--bench", str(bench), "--data", str(data)],
                    cwd=place, env=bare_environment(home), stdout=log, stderr=subprocess.STDOUT,
                )  # fmt: skip
            wait_for(lambda: _running(data, run, words), "a running test", PATIENCE_S)
            killed = int(man.unit("MainPID"))
            began = time.monotonic()
            os.kill(killed, signal.SIGKILL)
            wait_for(lambda: man.unit("MainPID") not in ("0", "", str(killed)), "another service", 60)
            started_s = time.monotonic() - began
            second = wait_for(lambda: _service_pid(data, but=first), "an answer", PATIENCE_S)
            answers_s = time.monotonic() - began
            wait_for(lambda: _channel(data)["interrupted"], "the interrupted test", 60)
            return {
                "verify": verified or "no complaint",
                "was_main": killed == first,
                "started_again_after_s": round(started_s, 1),
                "answers_after_s": round(answers_s, 1),
                "new_process": second != first,
                "restarts": int(man.unit("NRestarts")),
                "test_shown_as_interrupted": True,
            }
        finally:
            man.call("systemctl", "--user", "stop", UNIT, check=False)
            for process in (run, simulated):
                if process is not None and process.poll() is None:
                    process.terminate()
                    process.wait(60)


def _running(data: Path, run: subprocess.Popen[bytes], words: Path) -> bool:
    """Whether channel 1 is at it. Raises RuntimeError when the test has ended before."""
    if run.poll() is not None:
        raise RuntimeError(f"the test ended with {run.returncode}: {words.read_text('utf-8')[-2000:]}")
    return bool(_channel(data)["state"] == "running")


def _service_pid(data: Path, but: int = 0) -> int:
    """The process of the service that answers; 0 while there is none, or none but ``but``."""
    from station.service.launcher import find_service

    client = find_service(data, "demo")
    if client is None:
        return 0
    with client:
        pid = client.address.pid
    return 0 if pid == but else pid


def _channel(data: Path) -> dict[str, Any]:
    """Channel 1 as the service tells it."""
    from station.errors import StationError
    from station.service.launcher import find_service

    nothing = {"state": "", "interrupted": False}
    client = find_service(data, "demo")
    if client is None:
        return nothing
    with client:
        try:
            return {**nothing, **client.state()["channels"]["1"]}
        except StationError:
            return nothing  # it has gone in this moment


def main() -> int:
    """From the sources: a program that is called as the bundle's is."""
    with away() as place:
        bundle = place / "pulse-station"
        shutil.copytree(ROOT / "delivery" / "linux", bundle / "linux")
        (bundle / "linux" / "install.sh").replace(bundle / "install.sh")
        (bundle / "install.sh").chmod(0o755)
        for name in ("station", "station-window"):
            program = bundle / name
            entry = f"PYTHONPATH='{ROOT}' exec '{sys.executable}' -X utf8 '{ROOT / 'delivery' / 'entry.py'}'"
            program.write_text(f'#!/bin/sh\n{entry} "$@"\n', encoding="utf-8")
            program.chmod(0o755)
        found = prove_unit(bundle, place)
    print(json.dumps(found, ensure_ascii=False, indent=2))
    return 1 if "not_shown" in found else 0


if __name__ == "__main__":
    sys.exit(main())
