"""One instrument's runs, in a process of their own: ``python -m tests.benchmarks.instrument_runs DRIVER``.

Prints what happened as it happens; the outcome is written to the file that the second argument names.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from profiles import CurrentLimits, load, resolve
from simulators import host_time
from simulators.bench import running
from simulators.config import BenchSimulation
from station.bench import Bench, HostedClock, ask_simulation
from station.engine.base.job import parse_job
from station.engine.base.live import LiveWriter
from station.engine.base.stop import StopFlags
from station.engine.record.runfile import finalise
from station.engine.run import Run
from station.reports.diagnose import diagnose_file
from station.safety.running import sample_gap
from station.service import launcher
from station.simulation import simulation_config, with_free_ports
from tests.benchmarks.instrument_bench import PATIENT_S, PRINTERS, bench_of, patient
from tests.benchmarks.instrument_cases import CASES, Case
from tests.scenarios.bench.stand import Stand, ended, marking, start

SPEED = 10.0
PATIENCE_S = {"rapid": 600.0, "reference": 1200.0}
SERVICE_START_S = 240.0
BUSY_FLOW, SCANNED_FLOW, PACK_FLOW = 0.01, 0.25, 1.0
"""Bench seconds per second in which the engine works: on a busy computer a pulse must not pass while nobody
has a turn; a scanner needs bench time for its scan. What a pack's controller sends is as old as it is in real
time, so that such a bench has real time throughout."""
TRIES = 4
BUSY = frozenset(
    {
        "driver.transport",
        "guard.relay_lost",
        "guard.tripped",
        "guard.worker_late",
        "instrument.sequence_broken",
        "safety.bms_age",
        "safety.sample_gap",
        "safety.sensor_stale",
        "worker.silent",
    }
)
"""What a computer too busy for real time looks like. A run that ended so is begun again, and says so."""


def run_case(case: Case) -> dict[str, Any]:
    """One case on a bench of its own: what the bench is, its runs, labels printed by each printer."""
    kept: dict[str, Any] = {"bench": case.bench, "how": "service, guard and worker, 100 Hz", "runs": []}
    with (
        marking(),
        tempfile.TemporaryDirectory() as folder,
        Stand(Path(folder), speed=SPEED, bench=bench_of([case]), waiting=True) as stand,
    ):
        client = stand.client()

        def attempt(profile: str) -> dict[str, Any]:
            truth = stand.truth()
            run_id = start(
                client, profile, nominal_capacity_Ah=case.capacity_Ah, battery=f"B-{stand.bench.name}"
            )
            row = ended(client, run_id, PATIENCE_S[profile])
            outcome = judged(case, profile, row, truth, stand.dead())
            stand.acknowledge_all(client)
            return outcome

        kept["runs"] = _runs(case, attempt)
        kept["labels"] = {
            driver: int(stand.ask("label", printer=driver.split("-")[0])["labels"]) for driver in PRINTERS
        }
    return kept  # what still runs ends with the marking


def run_engine(case: Case) -> dict[str, Any]:
    """The same by the engine alone, in this process, on a bench without relay and printers.

    Real time is not judged here: a link has ``PATIENT_S`` to answer, and a gap between samples as long.
    """
    sample_gap.TRIP_S = PATIENT_S
    plain = with_free_ports(bench_of([case], guarded=False))
    bench = Bench.model_validate(patient(plain.model_dump(mode="json", by_alias=True, exclude_none=True)))
    host_time.FLOW = PACK_FLOW if case.bms else SCANNED_FLOW if case.sensors else BUSY_FLOW
    speed = 1.0 if case.bms else SPEED
    kept: dict[str, Any] = {"bench": case.bench, "how": "engine alone, 20 Hz", "runs": []}
    with tempfile.TemporaryDirectory() as folder:
        config = simulation_config(bench, speed=speed) | {"host_time": str(Path(folder) / "bench-time")}
        with running(BenchSimulation.model_validate(config)):
            places = (Path(folder) / str(number) for number in range(1000))

            def attempt(profile: str) -> dict[str, Any]:
                truth = ask_simulation(bench, {"op": "truth", "channel": "1"}, timeout_s=PATIENT_S)
                row = _engine_run(bench, case, profile, next(places), speed)
                now = ask_simulation(bench, {"op": "truth", "channel": "1"}, timeout_s=PATIENT_S)
                return judged(case, profile, row, dict(truth), now["current_A"] == 0.0)

            kept["runs"] = _runs(case, attempt)
    return kept


def _runs(case: Case, attempt: Callable[[str], dict[str, Any]]) -> list[dict[str, Any]]:
    """``rapid``, and what is to be run next, each until it did not end because the computer was busy."""
    found = []
    for profile in filter(None, ("rapid", case.then)):
        begun_again: list[str] = []
        while True:
            outcome = attempt(profile)
            print(f"{case.driver} {profile}: {told(outcome)}", flush=True)
            if outcome["error"] not in BUSY or len(begun_again) + 1 >= TRIES:
                break
            begun_again.append(outcome["error"])
        found.append(outcome | ({"begun_again_after": begun_again} if begun_again else {}))
    return found


def told(run: dict[str, Any]) -> str:
    """One run in a line: right or wrong, and why."""
    soh = run["soh"]
    result = f"SOH {soh['low90']:.3f} to {soh['high90']:.3f}, truth {run['truth']:.3f}" if soh else ""
    parts = (run["outcome"], run["verdict"], run["reason"], run["error"], run["detail"], result)
    return ("right: " if run["right"] else "WRONG: ") + ", ".join(filter(None, parts))


def judged(
    case: Case, profile: str, row: dict[str, Any], truth: dict[str, Any], dead: bool
) -> dict[str, Any]:
    """What is kept of one run, and whether it ended rightly."""
    result = row.get("result") or {}
    soh, reason = result.get("soh"), result.get("reason_code") or ""
    wanted = case.reason if profile == "rapid" else ""
    completed = row["outcome"] == "completed" and bool(result.get("safe", {}).get("verified")) and dead
    if wanted:
        right = completed and soh is None and reason == wanted and row["verdict"] == "no_verdict"
    else:
        right = completed and soh is not None and soh["low90"] <= truth["soh"] <= soh["high90"]
    error = row.get("error") if isinstance(row.get("error"), dict) else {}
    return {
        "profile": profile,
        "outcome": row["outcome"],
        "verdict": row["verdict"],
        "reason": reason,
        "soh": None if soh is None else {key: round(soh[key], 4) for key in ("estimate", "low90", "high90")},
        "truth": round(truth["soh"], 4),
        "next": result.get("next_measurement") or "",
        "error": (error or {}).get("code", ""),
        "right": right,
        "detail": str((error or {}).get("text", "")),
    }


def _engine_run(bench: Bench, case: Case, profile: str, place: Path, speed: float) -> dict[str, Any]:
    slower = load(profile).model_copy(update={"sampling_Hz": 20.0})
    limits = CurrentLimits(case.limit_A, case.limit_A)
    job = {
        "run_id": profile,
        "run_dir": str(place),
        "bench": bench.model_dump(mode="json", by_alias=True),
        "channel": "1",
        "speed": speed,
        "battery": {"code": "T1", "nominal_capacity_Ah": case.capacity_Ah, "level": case.level,
                    "series_cells": case.series},
        "plan": resolve(slower, nominal_capacity_Ah=case.capacity_Ah, limits=limits).as_dict(),
        "guard": None,
    }  # fmt: skip
    descriptor = os.open(os.devnull, os.O_WRONLY)
    live = LiveWriter(descriptor)
    clock = partial(HostedClock, place.with_name("bench-time"))
    try:
        end = Run(parse_job({"job": job}), live, StopFlags(), speed=speed, make_clock=clock).run()
    finally:
        live.close()
        os.close(descriptor)
    row: dict[str, Any] = {"outcome": end.outcome.outcome, "verdict": "no_verdict", "error": None}
    row["result"] = {"safe": {"verified": end.safe.verified}}
    if row["outcome"] == "completed":
        result = diagnose_file(finalise(place), nominal_capacity_Ah=case.capacity_Ah)
        row["result"] |= result
        row["verdict"] = result["verdict"]
    else:
        row["error"] = {"code": end.outcome.code, "text": end.outcome.message[:300]}
    return row


def main(driver: str, file: Path) -> None:
    """Run one driver's case and write what came of it. ``ENGINE_ONLY`` in the environment: see the part."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))  # so that all is put away
    launcher.START_TIMEOUT_S = SERVICE_START_S
    (case,) = (case for case in CASES if case.driver == driver)
    found = (run_engine if os.environ.get("ENGINE_ONLY") else run_case)(case)
    file.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
