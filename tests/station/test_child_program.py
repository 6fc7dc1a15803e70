"""The station's programs are started in one way, from sources and from a bundle."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from station import child_program
from station.child_program import PROGRAMS, WORKER, child_command, wanted_child
from station.safety.hung_process import WORKER_MODULE

ROOT = Path(__file__).resolve().parents[2]


def test_from_sources_a_program_is_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    assert child_command(WORKER) == (sys.executable, "-m", WORKER)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    command = child_command(WORKER)
    assert wanted_child([*command[1:], "--speed", "2"]) == (WORKER, ["--speed", "2"])
    assert WORKER_MODULE in command, "the guard knows a worker by this word"


def test_only_the_stations_own_programs_are_started() -> None:
    assert wanted_child(["demo", "--headless"]) is None
    for asked in (["--child", "os"], ["--child"]):
        with pytest.raises(ValueError, match="no program"):
            wanted_child(asked)
    with pytest.raises(ValueError, match="no program"):
        child_command("http.server")


def test_the_bundles_program_becomes_the_child_that_is_asked_for() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "delivery.entry", child_program.CHILD, "simulators", "--help"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Run a simulated bench" in done.stdout


def test_nothing_else_starts_an_interpreter() -> None:
    """Whoever writes ``sys.executable`` anew makes a program that a bundle cannot start.

    ``drivers.probe`` knows bundles: it tries a third party's driver without a process of its own there.
    ``drivers.keeper.link`` does, too: drivers may not know the station, so it builds the same command itself.
    """
    for package in ("station", "drivers", "simulators", "profiles"):
        for file in (ROOT / package).rglob("*.py"):
            if file.name not in ("child_program.py", "probe.py") and file.parts[-2:] != ("keeper", "link.py"):
                assert "sys.executable" not in file.read_text("utf-8"), file
    for program in PROGRAMS:
        path = ROOT / program.replace(".", "/")
        file = path / "__main__.py" if path.is_dir() else path.with_suffix(".py")
        assert re.search(r'__name__ == "__main__"', file.read_text("utf-8")), program
