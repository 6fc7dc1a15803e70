"""Stand-ins for worker, guard, finalising and diagnosis, and a bench to use them on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from station.bench import Bench
from station.service.config import Patience, ServiceConfig
from tests.station.service.fake_analysis import advise, diagnose, finalise

HERE = Path(__file__).parent
WORKER = (sys.executable, "-S", "-E", str(HERE / "fake_worker.py"))
GUARD = (sys.executable, "-S", str(HERE / "fake_guard.py"))
HASTE = Patience(
    silence_s=2.5,
    worker_exit_s=1.0,
    stop_s=1.0,
    polite_stop_s=0.6,
    forced_exit_s=0.4,
    guard_cut_s=1.0,
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
                "power": {"driver": "none", "address": f"none-{number}"},
                "limits": {
                    "voltage_min_V": 2.0,
                    "voltage_max_V": 4.3,
                    "charge_current_max_A": 100,
                    "discharge_current_max_A": 80,
                    "power_max_W": 500,
                },
                **({"cutoff": {"coil": number}} if guard else {"accept_no_watchdog": ["none"]}),
            }
            for number in range(channels)
        ],
    }
    if guard:
        data["guard"] = {"relay": {"driver": "none", "address": "none"}, "inputs": {"estop": 0}}
    return Bench.model_validate(data)


def config(data: Path, **changes: Any) -> ServiceConfig:
    """A service of fakes."""
    settings: dict[str, Any] = {
        "bench": bench(),
        "data": data,
        "worker_command": WORKER,
        "guard_command": GUARD,
        "finalise": finalise,
        "diagnose": diagnose,
        "advise": advise,
        "patience": HASTE,
    }
    return ServiceConfig(**{**settings, **changes})
