"""The profile ``rapid`` on a bench with each driver's instrument: how every run ended.

``python -m tests.benchmarks instruments`` runs one after the other, with service, guard and worker as they
are and a bench whose time waits for the station, and writes ``docs/instrument-runs.json``; ``DRIVERS=a,b`` in
the environment runs only these and keeps the others' outcomes. Nothing is written that was not run. A run
that supervision ended because the computer was too busy for it (it is always real time) is begun again. On a
computer too busy for any supervision, ``ENGINE_ONLY=1`` runs the engine in this process, without service and
guard and at 20 samples per second, and the outcome says so.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
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
from station.service import launcher
from station.simulation import simulation_config, with_free_ports
from tests.benchmarks.instrument_cases import CASES, Case
from tests.benchmarks.table import Row
from tests.scenarios.bench.stand import Stand, ended, marking, start

FILE = Path(__file__).resolve().parents[2] / "docs" / "instrument-runs.json"
SPEED = 10.0
PATIENCE_S = {"rapid": 600.0, "reference": 1200.0}
SERVICE_START_S = 240.0
BUSY_FLOW, SCANNED_FLOW = 0.01, 0.25
"""Bench seconds per second in which the engine works: on a busy computer a pulse must not pass while nobody
has a turn; a scanner needs bench time for its scan."""
TRIES = 4
BUSY = frozenset(
    {"guard.relay_lost", "guard.tripped", "guard.worker_late", "instrument.sequence_broken", "worker.silent"}
)
_PRINTERS = ("zpl-printer", "tspl-printer")
_RELAY = "modbus-relay"


def bench_of(cases: list[Case], *, guarded: bool = True) -> Bench:
    """A bench with one channel for each case; ``guarded``: with a guard, its relay, and both printers."""
    channels, batteries, simulated = [], {}, {}
    for number, case in enumerate(cases):
        name = str(number + 1)
        parts = _placed({"power": case.power, "sensors": list(case.sensors), "bms": case.bms}, f"182{number}")
        channels.append(
            {
                "id": name,
                "name": {"zh": case.driver, "en": case.driver},
                "level": case.level,
                **({"series_cells": case.series} if case.series > 1 else {}),
                **{part: value for part, value in parts.items() if value},
                "limits": {
                    **case.limits,
                    "charge_current_max_A": case.limit_A,
                    "discharge_current_max_A": case.limit_A,
                    "power_max_W": case.power_W,
                },
                **(
                    {"cutoff": {"coil": number, "feedback_input": number + 2}}
                    if guarded
                    else {
                        "accept_no_watchdog": _unwatched(case.power),
                        "accept_no_insulation": "nobody touches a simulation",
                    }
                ),
            }
        )
        batteries[name] = case.battery
        simulated[name] = {case.driver: case.simulated} if case.simulated else {}
        if not guarded:  # without a guard nothing here is real time, the supplies' watchdogs neither
            for driver in ("delta-sm15k", "itech-it6000c"):
                simulated[name][driver] = {"watchdog_clock": "simulated", **simulated[name].get(driver, {})}
    printers = [
        {
            "id": driver.split("-")[0],
            "driver": driver,
            "address": f"tcp://127.0.0.1:1829{place}",
            "label": {"width_mm": 60, "height_mm": 40, "dpi": 203},
            "automatic": ["pass", "fail", "quarantine", "no_verdict"],
        }
        for place, driver in enumerate(_PRINTERS)
    ]
    return Bench.model_validate(
        {
            "schema": "pulse-station/bench/1",
            "name": "instruments",
            "title": {"zh": "仪器", "en": "Instruments"},
            "channels": channels,
            "calibration": "warn",
            **(
                {
                    "guard": {
                        "relay": {
                            "driver": _RELAY,
                            "address": "modbus-tcp://127.0.0.1:18297?unit=1",
                            "options": {"timed_coils": True, "timeout_s": 2.0},
                        },
                        "inputs": {"estop": 0, "interlock": 1},
                        "heartbeat_timeout_s": 5,
                    },
                    "printers": printers,
                }
                if guarded
                else {}
            ),
            "simulation": {
                "control": "127.0.0.1:18298",
                "batteries": batteries,
                "options": {"instruments": simulated},
            },
        }
    )


def _unwatched(power: dict[str, Any]) -> list[str]:
    """The load of a pair, else the driver itself."""
    return ["load"] if "load" in power.get("options", {}) else [power["driver"]]


def _placed(node: Any, ports: str) -> Any:
    if isinstance(node, dict):
        return {key: _placed(value, ports) for key, value in node.items()}
    if isinstance(node, list):
        return [_placed(value, ports) for value in node]
    return node.replace("{p}", ports) if isinstance(node, str) else node


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
    return {
        "profile": profile,
        "outcome": row["outcome"],
        "verdict": row["verdict"],
        "reason": reason,
        "soh": None if soh is None else {key: round(soh[key], 4) for key in ("estimate", "low90", "high90")},
        "truth": round(truth["soh"], 4),
        "next": result.get("next_measurement") or "",
        "error": (row.get("error") or {}).get("code", "") if isinstance(row.get("error"), dict) else "",
        "right": right,
        "detail": str((row.get("error") or {}).get("text", "")) if isinstance(row.get("error"), dict) else "",
    }


def run_case(case: Case) -> dict[str, Any]:
    """One case on a bench of its own: what the bench is, its runs, labels printed by each printer."""
    kept: dict[str, Any] = {"bench": case.bench, "how": "service, guard and worker, 100 Hz", "runs": []}
    with (
        marking(),
        tempfile.TemporaryDirectory() as folder,
        Stand(Path(folder), speed=SPEED, bench=bench_of([case]), waiting=True) as stand,
    ):
        client = stand.client()
        for profile in filter(None, ("rapid", case.then)):
            for _ in range(TRIES):
                truth = stand.truth()
                run_id = start(client, profile, nominal_capacity_Ah=case.capacity_Ah, battery=_code(stand))
                row = ended(client, run_id, PATIENCE_S[profile])
                outcome = judged(case, profile, row, truth, stand.dead())
                stand.acknowledge_all(client)
                if outcome["error"] not in BUSY:
                    break
            kept["runs"].append(outcome)
        kept["labels"] = {
            driver: int(stand.ask("label", printer=driver.split("-")[0])["labels"]) for driver in _PRINTERS
        }
    return kept  # what still runs ends with the marking


def run_engine(case: Case) -> dict[str, Any]:
    """The same by the engine alone, in this process, on a bench without relay and printers."""
    bench = with_free_ports(bench_of([case], guarded=False))
    host_time.FLOW = SCANNED_FLOW if case.sensors else BUSY_FLOW
    kept: dict[str, Any] = {"bench": case.bench, "how": "engine alone, 20 Hz", "runs": []}
    with tempfile.TemporaryDirectory() as folder:
        config = simulation_config(bench, speed=SPEED) | {"host_time": str(Path(folder) / "bench-time")}
        with running(BenchSimulation.model_validate(config)):
            for profile in filter(None, ("rapid", case.then)):
                truth = ask_simulation(bench, {"op": "truth", "channel": "1"})
                place = Path(folder) / profile
                row = _engine_run(bench, case, profile, place)
                now = ask_simulation(bench, {"op": "truth", "channel": "1"})
                kept["runs"].append(judged(case, profile, row, dict(truth), now["current_A"] == 0.0))
    return kept


def _engine_run(bench: Bench, case: Case, profile: str, place: Path) -> dict[str, Any]:
    slower = load(profile).model_copy(update={"sampling_Hz": 20.0})
    limits = CurrentLimits(case.limit_A, case.limit_A)
    job = {
        "run_id": profile,
        "run_dir": str(place),
        "bench": bench.model_dump(mode="json", by_alias=True),
        "channel": "1",
        "speed": SPEED,
        "battery": {"code": "T1", "nominal_capacity_Ah": case.capacity_Ah, "level": case.level,
                    "series_cells": case.series},
        "plan": resolve(slower, nominal_capacity_Ah=case.capacity_Ah, limits=limits).as_dict(),
        "guard": None,
    }  # fmt: skip
    descriptor = os.open(os.devnull, os.O_WRONLY)
    live = LiveWriter(descriptor)
    clock = partial(HostedClock, place.with_name("bench-time"))
    try:
        end = Run(parse_job({"job": job}), live, StopFlags(), speed=SPEED, make_clock=clock).run()
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


def _code(stand: Stand) -> str:
    return f"B-{stand.bench.name}"


def rows() -> list[Row]:
    """Run, write the file, and tell how many did not end rightly."""
    launcher.START_TIMEOUT_S = SERVICE_START_S
    engine_only = bool(os.environ.get("ENGINE_ONLY"))
    wanted = set(filter(None, os.environ.get("DRIVERS", "").split(",")))
    cases = [case for case in CASES if not wanted or case.driver in wanted]
    known = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {"runs": {}}
    for case in cases:
        known["runs"][case.driver] = found = (run_engine if engine_only else run_case)(case)
        known["day"] = time.strftime("%Y-%m-%d")
        text = json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True)
        FILE.write_text(text + "\n", encoding="utf-8")
        print(case.driver, json.dumps(found), flush=True)
    outcomes = [run for entry in known["runs"].values() for run in entry["runs"]]
    wrong = sum(not run["right"] for run in outcomes)
    return [Row(f"runs of {len(outcomes)} that did not end with the right verdict", wrong, "", 0)]
