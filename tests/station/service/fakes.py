"""Stand-ins for worker, guard, finalising and diagnosis, and a bench to use them on."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from station.bench import Bench
from station.errors import DataError
from station.service.config import Patience, ServiceConfig

HERE = Path(__file__).parent
WORKER = (sys.executable, "-S", "-E", str(HERE / "fake_worker.py"))
GUARD = (sys.executable, "-S", str(HERE / "fake_guard.py"))
HASTE = Patience(
    silence_s=2.5,
    worker_exit_s=1.0,
    stop_s=1.0,
    guard_ready_s=5.0,
    guard_status_s=1.0,
    guard_restart_s=0.1,
    analysis_s=30,
)


def bench(*, guard: bool = False, channels: int = 3, name: str = "testbench") -> Bench:
    """A bench of real (never used) instruments."""
    data: dict[str, Any] = {
        "schema": "pulse-station/bench/1",
        "name": name,
        "title": {"zh": "测试台", "en": "Test bench"},
        "channels": [
            {
                "id": str(number + 1),
                "name": {"zh": f"通道 {number + 1}", "en": f"Channel {number + 1}"},
                "level": "cell",
                "power": {"driver": "none", "address": "none"},
                "limits": {
                    "voltage_min_V": 2.0,
                    "voltage_max_V": 4.3,
                    "charge_current_max_A": 100,
                    "discharge_current_max_A": 80,
                    "power_max_W": 500,
                },
                **({"cutoff": {"coil": number}} if guard else {"accept_no_watchdog": True}),
            }
            for number in range(channels)
        ],
    }
    if guard:
        data["guard"] = {"relay": {"driver": "none", "address": "none"}, "inputs": {"estop": 0}}
    return Bench.model_validate(data)


def finalise(run_dir: Path) -> Path:
    """As the engine's: journal to Parquet."""
    lines = (run_dir / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    if len(lines) < 2:
        raise DataError("the journal holds no sample", remedy="test again", code="data.no_samples")
    path = run_dir / "run.parquet"
    path.write_text(f"{len(lines)} lines\n", encoding="utf-8")
    return path


def diagnose(path: Path, *, nominal_capacity_Ah: float | None, chemistry: str | None) -> dict[str, Any]:
    """As the lead's: a result object. The battery's fate is in the name of the run's folder's job."""
    job = (path.parent / "job.json").read_text(encoding="utf-8")
    if "GOOD-CRASH" in job:
        raise ZeroDivisionError("fake")
    if "GOOD-KILLED" in job:
        os._exit(3)
    if "GOOD-NAN" in job:
        return {"verdict": "pass", "soh": {"estimate": float("nan")}}
    verdict = "fail" if "GOOD-FAIL" in job else "quarantine" if "GOOD-QUARANTINE" in job else "pass"
    return {
        "source": str(path),
        "nominal_capacity_Ah": nominal_capacity_Ah,
        "blocks": [
            {
                "pulses": [
                    {"current_A": 5.0, "resistance_ohm": {"1": 0.0030}},
                    {"current_A": -5.0, "resistance_ohm": {"0.1": 0.0010, "1": 0.0020, "5": None}},
                ]
            }
        ],
        "soh": {"estimate": 0.83, "low90": 0.80, "high90": 0.86},
        "chemistry": {"label": chemistry or "LFP", "confidence": 0.9},
        "abstained": False,
        "reason": None,
        "grade": "B",
        "rules": [],
        "verdict": verdict,
    }


def config(data: Path, **changes: Any) -> ServiceConfig:
    """A service of fakes."""
    settings: dict[str, Any] = {
        "bench": bench(),
        "data": data,
        "worker_command": WORKER,
        "guard_command": GUARD,
        "finalise": finalise,
        "diagnose": diagnose,
        "patience": HASTE,
    }
    return ServiceConfig(**{**settings, **changes})
