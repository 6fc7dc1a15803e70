"""Benches with the models of one fold: cell after cell stands behind them and is tested through the wire."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from station.bench import ask_simulation
from station.errors import StationError
from station.models.adoption import ENVIRONMENT
from station.service.client import RunRequest
from station.service.run import run_to_end
from tests.benchmarks.diagnosis.chain_cells import Drawn
from tests.benchmarks.farm import Farm, write_profile
from tests.benchmarks.waiting import wait_until

WATCHDOG = "instrument.watchdog"
BUSY = frozenset(
    {
        "guard.relay_lost",
        "guard.tripped",
        "guard.worker_late",
        "instrument.sequence_broken",
        WATCHDOG,
        "worker.silent",
    }
)
STARVED = BUSY | {"service.unreachable", "service.not_started"}
"""Outcomes that are no test of a cell: its turn comes again when the chain goes on."""
TRIES, BENCHES_MAX = 4, 5
ANSWER_S = 60.0
"""A run that supervision ended because this computer starved a process is no test; it is begun again."""
TO_THIRD = "recorded"
"""For types recorded at three amplitudes; the steps are those of the profile ``reference``."""


class ChainBench:
    """``lanes`` benches of one channel each, whose service judges by the models in ``models``."""

    def __init__(self, models: Path, *, lanes: int, speed: float, keep: Path | None) -> None:
        self._models, self._lanes, self._speed, self._keep = models, lanes, speed, keep

    def test_all(self, cells: Sequence[Drawn], profile: str, done: SimpleQueue[dict[str, Any]]) -> None:
        """Test every cell, as many at a time as there are lanes; each outcome is put into ``done``."""
        waiting: SimpleQueue[Drawn] = SimpleQueue()
        for cell in cells:
            waiting.put(cell)
        with _judging_by(self._models), ThreadPoolExecutor(self._lanes) as pool:
            lanes = [pool.submit(self._lane, waiting, profile, done) for _ in range(self._lanes)]
            for lane in lanes:
                lane.result()

    def _lane(self, waiting: SimpleQueue[Drawn], profile: str, done: SimpleQueue[dict[str, Any]]) -> None:
        """Cell after cell on one bench; on a new one where bench or service no longer answered."""
        failures = 0
        drawn = _next(waiting)
        while drawn is not None:
            try:
                with Farm(1, speed=self._speed, waiting=True) as farm:
                    while drawn is not None:
                        done.put(self._tested(farm, drawn, profile))
                        drawn = _next(waiting)
            except (StationError, TimeoutError):
                failures += 1
                if failures > BENCHES_MAX:
                    raise

    def _tested(self, farm: Farm, drawn: Drawn, profile: str) -> dict[str, Any]:
        """Test a cell; anew when the computer was too busy for the supervision, which is always real time."""
        busy: list[str] = []
        while True:
            outcome = self._test(farm, farm.channels[0], drawn, profile)
            if outcome["error"] not in BUSY or len(busy) == TRIES - 1:
                return {**outcome, "busy": busy}
            busy.append(str(outcome["error"]))

    def _test(self, farm: Farm, channel: str, drawn: Drawn, profile: str) -> dict[str, Any]:
        battery = drawn.battery
        connect = {"op": "connect", "channel": channel, "battery": battery, "seed": 1}
        ask_simulation(farm.bench, dict(connect), timeout_s=ANSWER_S)
        truth = ask_simulation(farm.bench, {"op": "truth", "channel": channel}, timeout_s=ANSWER_S)
        if truth["cell_ids"] != [drawn.cell] or abs(float(str(truth["soh"])) - drawn.soh) > 1e-6:
            raise RuntimeError(f"behind the bench is {truth}, not {drawn}")
        request = RunRequest(
            channel=channel,
            profile=profile_of(drawn, profile, farm.folder),
            battery=f"CHAIN-{drawn.cell}",
            nominal_capacity_Ah=drawn.nominal_Ah,
        )
        began = time.monotonic()
        try:
            result = run_to_end(farm.client, request)
        except StationError as error:
            result = {"error": error.as_dict()}
        seconds = time.monotonic() - began
        run_id = str(result.get("run_id") or "")
        if self._keep is not None and run_id:
            self._keep.mkdir(parents=True, exist_ok=True)
            run_file = farm.journal(run_id).with_name("run.parquet")
            if run_file.is_file():
                shutil.copyfile(run_file, self._keep / f"{drawn.cell}.parquet")
        self._free(farm, channel)
        return _outcome(drawn, result, seconds, self._speed)

    def _free(self, farm: Farm, channel: str) -> None:
        def ended() -> bool:
            return farm.client.state()["channels"][channel]["state"] in {"verdict", "idle", "fault"}

        wait_until(ended, f"channel {channel} is free", 120, poll_s=0.2)
        if not farm.client.state()["channels"][channel]["acknowledged"]:
            farm.client.acknowledge(channel)


def _next(waiting: SimpleQueue[Drawn]) -> Drawn | None:
    with suppress(Empty):
        return waiting.get_nowait()
    return None


@contextmanager
def _judging_by(models: Path) -> Iterator[None]:
    """Processes started meanwhile judge by the adopted models of this folder."""
    before = os.environ.get(ENVIRONMENT)
    os.environ[ENVIRONMENT] = str(models)
    try:
        yield
    finally:
        if before is None:
            del os.environ[ENVIRONMENT]
        else:
            os.environ[ENVIRONMENT] = before


def profile_of(drawn: Drawn, profile: str, folder: Path) -> str:
    """``profile``; of the cells recorded up to the third amplitude only, a train of these three.

    Beyond its recorded amplitudes the simulated cell would answer by extrapolation, and a table row of it
    has nothing to compare with.
    """
    if drawn.pair_recorded:
        return profile
    steps = [
        {"step": "ocv_check", "duration_s": 10, "drift_max_mV_per_min": 6},
        {"step": "contact_check", "current_C": 0.1, "duration_s": 1.0, "rest_s": 4.0},
        {"step": "pulse_train", "currents_C": [0.5, 1.0], "duration_s": 5, "rest_factor": 15},
        # Of the third amplitude the charge half and its rest alone were recorded.
        {
            "step": "pulse_pair",
            "current_C": drawn.third_C,
            "duration_s": 5,
            "rest_s": 75,
            "last_rest_s": 1,
        },
    ]
    name = f"{TO_THIRD}-{drawn.third_C:g}".replace(".", "_")
    return str(write_profile(folder, name, steps, sampling_Hz=100))


def _outcome(drawn: Drawn, result: dict[str, Any], seconds: float, speed: float) -> dict[str, Any]:
    """What is kept of one test: the cell, what came out, and why not where nothing did."""
    return {
        "cell": drawn.cell,
        "type": drawn.type,
        "row": drawn.row,
        "single_charge": drawn.single_charge,
        "soc": round(drawn.soc, 4),
        "true_soh": drawn.soh,
        "fold": drawn.fold,
        "speed": speed,
        "seconds": round(seconds, 2),
        "run_id": result.get("run_id"),
        "outcome": result.get("outcome"),
        "verdict": result.get("verdict"),
        "soh": result.get("soh"),
        "reason": result.get("reason_code"),
        "error": _error(result.get("error") or {}),
        "model_id": result.get("model_id"),
        "chemistry": (result.get("chemistry") or {}).get("label"),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _error(error: Mapping[str, Any]) -> str | None:
    """The code; an instrument whose watchdog heard nothing in time has one of its own here."""
    heard = (error.get("params") or {}).get("text") != "watchdog"
    return error.get("code") if heard else WATCHDOG
