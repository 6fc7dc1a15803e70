"""A place far from the project: a path with Chinese characters and spaces, an empty environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from delivery.places import ROOT


@contextmanager
def away() -> Iterator[Path]:
    """A new folder, removed afterwards."""
    place = Path(tempfile.mkdtemp(prefix="检测 站 away "))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def bare_environment(home: Path, **more: str) -> dict[str, str]:
    """What ``env -i`` leaves, and a home of its own; the paths of system programs only."""
    home.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TMPDIR": tempfile.gettempdir(),
        **more,
    }


def wait_for(condition: Callable[[], Any], what: str, timeout_s: float) -> Any:
    """Poll; what the condition gave. Raises RuntimeError after ``timeout_s``."""
    deadline = time.monotonic() + timeout_s
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what}: not within {timeout_s:g} s")
        time.sleep(0.05)
    return answer


def family(pid: int, environment: dict[str, str]) -> list[psutil.Process]:
    """The process, and all that run with the same home, the service included that has left its parent."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid == pid or process.environ().get("HOME") == environment["HOME"]:
                found.append(process)
        except psutil.Error:
            continue  # gone, or somebody else's
    return found


def reaches_back(processes: list[psutil.Process], *, allowed: Path) -> list[str]:
    """Files that these processes have open or mapped from the project or its environment; should be none."""
    base = os.path.realpath(sys.base_prefix)
    places = [
        str(place) + os.sep for place in (ROOT, os.path.realpath(sys.prefix), base) if str(place) != "/usr"
    ]
    found = set()
    for process in processes:
        try:
            files = [item.path for item in process.memory_maps()] + [
                item.path for item in process.open_files()
            ]
        except psutil.Error:
            continue
        found |= {f for f in files if f.startswith(tuple(places)) and not f.startswith(str(allowed))}
    return sorted(found)


def from_the_system(processes: list[psutil.Process], *, allowed: Path) -> list[str]:
    """Shared libraries that are taken from the system: what a computer must have."""
    found = set()
    for process in processes:
        try:
            files = [item.path for item in process.memory_maps()]
        except psutil.Error:
            continue
        found |= {Path(f).name for f in files if ".so" in f and not f.startswith(str(allowed))}
    return sorted(found)


@contextmanager
def screen(width: int = 1920, height: int = 1080) -> Iterator[str]:
    """A virtual display; its name."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as stream:
            number = stream.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(10)
