"""Faults that are done to processes, at the moment the simulated bench names."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path

from tests.campaign.faults import Fault
from tests.campaign.nursery import CLOCK_SIGNAL
from tests.campaign.processes import Worker
from tests.campaign.rig import Rig

SHORT_HANG_S = 0.15
SIMULATOR_HANG_S = 0.4
SIMULATOR_LONG_HANG_S = 3.0
tick = time.sleep
"""Real processes are held up for real time here; there is no clock to inject."""


class Acts:
    """``perform`` returns the real (monotonic) moment of the fault."""

    def __init__(self, rig: Rig, worker: Worker, run_dir: Path, length: str) -> None:
        self._rig, self._guard = rig, rig.guard
        self._worker, self._run_dir, self._length = worker, run_dir, length
        self.reading = True
        self.second: tuple[Worker, Path] | None = None
        """The worker that was started in place of a killed one, and its folder."""

    def perform(self, fault: Fault) -> float:
        """Do it."""
        acts: dict[str, Callable[[], float]] = {
            "kill worker": lambda: self._worker.signal(signal.SIGKILL),
            "stop worker": lambda: self._worker.signal(signal.SIGSTOP),
            "pause worker": self._pause_worker,
            "terminate worker": lambda: self._worker.signal(signal.SIGTERM),
            "kill guard": lambda: self._guard.signal(signal.SIGKILL),
            "stop guard": lambda: self._guard.signal(signal.SIGSTOP),
            "kill both": self._kill_both,
            "restart worker": self._restart_worker,
            "restart guard": self._restart_guard,
            "pause simulator": lambda: self._hang_simulator(SIMULATOR_HANG_S),
            "hang simulator": lambda: self._hang_simulator(SIMULATOR_LONG_HANG_S),
            "kill simulator": self._rig.kill_simulation,
            "restart simulator": self._restart_simulator,
            "close stdin": self._worker.close_input,
            "stop reading": self._stop_reading,
            "disk full": self._disk_full,
            "say stop": self._say_stop,
            "clock": lambda: self._jump(float(fault.value)),
        }
        assert fault.act is not None
        return acts[fault.act]()

    def _pause_worker(self) -> float:
        at = self._worker.signal(signal.SIGSTOP)
        tick(SHORT_HANG_S)
        self._worker.signal(signal.SIGCONT)
        return at

    def _kill_both(self) -> float:
        at = self._guard.signal(signal.SIGKILL)
        self._worker.signal(signal.SIGKILL)
        return at

    def _restart_worker(self) -> float:
        at = self._worker.signal(signal.SIGKILL)
        second, run_dir, _ = self._rig.start(self._length)
        self.second = second, run_dir
        return at

    def _restart_guard(self) -> float:
        at = self._guard.signal(signal.SIGKILL)
        self._rig.new_guard()
        return at

    def _restart_simulator(self) -> float:
        at = self._rig.kill_simulation()
        self._rig.revive_simulation()
        return at

    def _hang_simulator(self, for_s: float) -> float:
        at = time.monotonic()
        os.kill(self._rig.simulator_pid, signal.SIGSTOP)
        tick(for_s)
        os.kill(self._rig.simulator_pid, signal.SIGCONT)
        return at

    def _stop_reading(self) -> float:
        self.reading = False
        return time.monotonic()

    def _disk_full(self) -> float:
        """No file of the worker may grow beyond what the journal has now."""
        journal = self._run_dir / "journal.jsonl"
        size = journal.stat().st_size if journal.exists() else 0
        at = time.monotonic()
        resource.prlimit(self._worker.pid, resource.RLIMIT_FSIZE, (size, size))
        return at

    def _say_stop(self) -> float:
        at = time.monotonic()
        self._worker.say({"command": "stop"})
        return at

    def _jump(self, by_s: float) -> float:
        (self._run_dir / "clock").write_text(str(by_s))
        return self._worker.signal(CLOCK_SIGNAL)
