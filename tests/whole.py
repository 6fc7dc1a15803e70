"""Every check and every test in one go, in lanes that use a computer's cores without disturbing each other.

Whole benches keep real time and mostly wait; types, fits and windows only compute. So all go on at once:
benches at the usual priority, what computes at the lowest, which takes the processor when no bench wants it.
Tests of reaction times have a core each; the fault campaign has the usual priority to itself.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.deep import DEEP

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
BELOW = ("chrt", "--idle", "0") if shutil.which("chrt") else ("nice", "-n", "19")
"""What computes gives way at once to a bench that wants a core, and has all of what they leave."""
TIMEOUT_S = 180
"""Of one test that computes, which may wait for the benches; those of the benches have the usual limit."""
SOME_FAILED = 1
"""How pytest ends when tests failed; anything else is a defect of the run itself."""
TRIES = 3
"""Of each test. Real processes keep real time, and a computer that was busy for a moment is no defect; what
fails every time is one."""

PLUGINS = (
    "xdist.plugin",
    "pytest_timeout",
    "pytest_xvfb",
    "pytestqt.plugin",
    "_hypothesis_pytestplugin",
    "station.testing.plugin",
)
"""By name. Of a distribution whose plugin loads itself pytest rewrites every module for the sake of its
``assert``, and this project is one: a thousand modules, in each process of a clean checkout."""
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""As the station itself has it: the matrices are small, and more threads only wait for each other."""

CAMPAIGN = "tests/scenarios/test_campaign.py"
"""Fills the computer by itself."""
ALONE = (
    "tests/scenarios/bench/test_killed.py",
    "tests/scenarios/bench/test_other_instruments.py",
    "tests/scenarios/bench/test_soak.py",
    "tests/scenarios/bench/test_whole_tests.py",
)
"""Reaction times after kills, clocks compared at 100 times the speed, three or four channels at once: these
keep a whole core free."""
SIDE_BY_SIDE = (
    "tests/scenarios",
    "tests/station/service",
    "tests/station/safety",
    "tests/station/gateway",
    "tests/station/sites",
    "tests/ui/test_painting.py",
    "tests/ui/test_window_killed.py",
)
"""Real processes in real time, each with ports and folders of its own."""


@dataclass(frozen=True)
class Step:
    """One command; ``beside`` shares its tests out, ``cache`` is where those that failed are noted."""

    name: str
    command: tuple[str, ...]
    beside: tuple[str, ...] = ()
    cache: str = ""


def checks() -> list[Step]:
    """Style, types and who may import whom."""
    python = sys.executable
    return [
        Step("ruff check", (python, "-m", "ruff", "check", ".")),
        Step("ruff format", (python, "-m", "ruff", "format", "--check", ".")),
        Step("mypy", (python, "-m", "mypy")),
        Step("lint-imports", (str(BIN / "lint-imports"), "--no-cache")),
    ]


def pytest(name: str, workers: int, *arguments: str) -> Step:
    """A run of pytest with a list of its own of what failed; each file is one worker's.

    Files stay in their order: those of a folder share its bench, and the long ones do not come last.
    """
    cache = f".pytest_cache/{name.replace(' ', '-')}"
    beside = ("-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder") if workers else ()
    plugins = [part for plugin in PLUGINS for part in ("-p", plugin)]
    options = ("--disable-plugin-autoload", *plugins, "-o", f"cache_dir={cache}")
    command = (sys.executable, "-m", "pytest", *options, *arguments)
    return Step(name, command, beside, cache)


def lanes() -> tuple[list[Step], list[Step], list[Step]]:
    """What needs real time; what computes; and the checks, of which each has but one core to use."""
    alone = [f"--ignore={place}" for place in (*ALONE, CAMPAIGN)]
    others = [f"--ignore={place}" for place in SIDE_BY_SIDE]
    cores = max(2, os.cpu_count() or 1)
    benches = [
        # Such a test waits for its bench most of the time: several of them share a core.
        pytest("benches side by side", 2 * cores, *alone, *SIDE_BY_SIDE),
        pytest("benches with a core each", cores, *ALONE),
        pytest("campaign", 0, CAMPAIGN),
    ]
    computing = pytest("computing", cores, f"--timeout={TIMEOUT_S}", *others, "tests")
    return benches, [computing], checks()


def whole() -> list[str]:
    """Run everything; the names of what failed."""
    benches, *others = lanes()
    if not hasattr(os, "nice") or (os.cpu_count() or 1) < 2:
        failed = [one for steps in (*reversed(others), benches) for one in run(steps)]
    else:
        below = [Below(steps) for steps in others]
        failed = run(benches)
        failed += [one for lane in below for one in lane.result()]
    tried: dict[str, int] = {}
    red = [step.name for step, code in failed if code != SOME_FAILED or not passes_later(step, tried)]
    for line in report(tried):
        _say(line)
    return red


class Below:
    """Steps at the lowest priority beside all else; what they print comes when they are through."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps, self._said = steps, tempfile.TemporaryFile()  # noqa: SIM115 - closed by ``result``
        self._failed: list[tuple[Step, int]] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        self._failed = run(self._steps, self._said, BELOW)

    def result(self) -> list[tuple[Step, int]]:
        """Wait, print, and tell what failed and how."""
        self._thread.join()
        with self._said:
            self._said.seek(0)
            sys.stdout.buffer.write(self._said.read())
        sys.stdout.flush()
        return self._failed


def run(
    steps: Sequence[Step], said: IO[bytes] | None = None, below: Sequence[str] = ()
) -> list[tuple[Step, int]]:
    """One after the other, whatever fails; what they print goes to ``said``. Those that failed, and how."""
    failed = []
    for step in steps:
        _say(f"== {step.name}", said)
        if step.cache:
            _list_of_failed(step).unlink(missing_ok=True)  # of an earlier run
        started = time.monotonic()
        code = _call((*below, *step.command, *step.beside), said)
        _say(f"== {step.name}: {time.monotonic() - started:.0f} s", said)
        if code != 0:
            failed.append((step, code))
    return failed


def passes_later(step: Step, tried: dict[str, int]) -> bool:
    """The failed tests of a step again, one by one, until each has passed or was tried ``TRIES`` times.

    Called when all lanes are through: at the usual priority, with nothing beside. All runs are printed.
    ``tried`` learns by test how many tries it took, more than ``TRIES`` for one that never passed. False for
    what still fails, and for what is no test.
    """
    left = failed_tests(step)
    for number in range(2, TRIES + 1):
        if not left:
            return False  # a run that failed without a test that did
        _say(f"== {step.name}: what failed once more, one by one, try {number} of {TRIES}")
        code = _call((*step.command, "--last-failed", "--last-failed-no-failures", "none"))
        still = left if code not in (0, SOME_FAILED) else left & failed_tests(step)
        tried |= dict.fromkeys(left - still, number)
        if code == 0 and not still:
            return True
        left = still
    tried |= dict.fromkeys(left, TRIES + 1)
    return False


def failed_tests(step: Step) -> set[str]:
    """Which tests of a step failed when it ran last, as pytest has noted them."""
    place = _list_of_failed(step)
    return set(json.loads(place.read_text(encoding="utf-8"))) if step.cache and place.exists() else set()


def report(tried: dict[str, int]) -> list[str]:
    """Lines that name each test that did not pass at once."""
    later = [f"   try {tries}: {name}" for name, tries in sorted(tried.items()) if tries <= TRIES]
    never = [f"   {name}" for name, tries in sorted(tried.items()) if tries > TRIES]
    return [
        *(["== needed another try", *later] if later else []),
        *([f"== failed {TRIES} times", *never] if never else []),
    ]


def _list_of_failed(step: Step) -> Path:
    return ROOT / step.cache / "v" / "cache" / "lastfailed"


def _call(command: Sequence[str], said: IO[bytes] | None = None) -> int:
    return subprocess.run(command, cwd=ROOT, stdout=said, stderr=said, check=False).returncode


def _say(text: str, said: IO[bytes] | None = None) -> None:
    if said is None:
        print(text, flush=True)  # noqa: T201
    else:
        said.write(text.encode() + b"\n")
        said.flush()


def main() -> int:
    """``python -m tests.whole [--deep] [pytest arguments]``; with arguments those tests only."""
    arguments = sys.argv[1:]
    if "--deep" in arguments:
        arguments.remove("--deep")
        os.environ[DEEP] = "1"
    os.environ |= {name: os.environ.get(name, "1") for name in ONE_THREAD}
    started = time.monotonic()
    if arguments:
        failed = [step.name for step, _ in run([*checks(), pytest("some tests", 0, *arguments)])]
    else:
        failed = whole()
    _say(f"== in all: {time.monotonic() - started:.0f} s")
    if failed:
        print("FAILED: " + ", ".join(failed), file=sys.stderr)  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
