"""The profile ``rapid`` on a pair of SM15K and each load: a measured cell, engine and bench in here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from profiles import load, resolve
from simulators.bench import running
from simulators.config import BenchSimulation
from station.engine.base.job import parse_job
from station.engine.base.live import LiveWriter
from station.engine.base.stop import StopFlags
from station.engine.record.journal import read_journal
from station.engine.record.runfile import finalise
from station.engine.run import Ended, Run
from station.reports.diagnose import diagnose_file
from tests.drivers.loads_rig import LOADS, Kind

SPEED = 30.0
CAPACITY_AH = 10.0
CELL = {"kind": "measured", "cell_id": "LMO10-070", "soc": 0.5}
TITLE = {"zh": "试", "en": "test"}


def run(kind: Kind, info: dict[str, Any], folder: Path) -> Ended:
    ports = {unit["kind"]: unit["port"] for unit in info["instruments"]}
    channel = {
        "id": "1", "name": TITLE, "level": "cell",
        "power": {"driver": "supply-and-load", "options": {
            "supply": {"driver": "delta-sm15k", "address": f"tcp://127.0.0.1:{ports['delta-sm15k']}"},
            "load": {"driver": kind.driver, "address": f"{kind.scheme}://127.0.0.1:{ports[kind.driver]}",
                     "options": {**kind.options, "timeout_s": 1.0}},
        }},
        "limits": {"voltage_min_V": 1.9, "voltage_max_V": 4.3, "charge_current_max_A": 30,
                   "discharge_current_max_A": 30, "power_max_W": 140},
        "accept_no_watchdog": ["load"],
    }  # fmt: skip
    bench = {
        "schema": "pulse-station/bench/1", "name": "loads", "title": TITLE, "channels": [channel],
        "calibration": "warn", "simulation": {"control": info["control"]},
    }  # fmt: skip
    job = {
        "run_id": "r1", "run_dir": str(folder), "bench": bench, "channel": "1", "speed": SPEED,
        "battery": {"code": "T1", "nominal_capacity_Ah": CAPACITY_AH, "chemistry": "LMO", "level": "cell"},
        "plan": resolve(load("rapid"), nominal_capacity_Ah=CAPACITY_AH).as_dict(), "guard": None,
    }  # fmt: skip
    descriptor = os.open(os.devnull, os.O_WRONLY)
    live = LiveWriter(descriptor)
    try:
        return Run(parse_job({"job": job}), live, StopFlags(), speed=SPEED).run()
    finally:
        live.close()
        os.close(descriptor)


@pytest.mark.parametrize("kind", LOADS, ids=str)
def test_a_rapid_test_with_this_load_ends_with_a_sound_estimate(kind: Kind, tmp_path: Path) -> None:
    options = {name: value for name, value in kind.simulated.items() if name != "terminal"}
    settings = {
        "name": "loads", "speed": SPEED,
        "channels": [{"id": "1", "battery": CELL, "seed": 3, "instruments": [
            {"kind": "delta-sm15k"}, {"kind": kind.driver, "options": options}]}],
    }  # fmt: skip
    folder = tmp_path / "run"
    with running(BenchSimulation.model_validate(settings)) as info:
        ended = run(kind, info, folder)
    assert ended.outcome == "completed", ended
    journal = read_journal(folder / "journal.jsonl")
    current = journal.column("current_A")
    assert current.max() == pytest.approx(25.0, abs=0.3)
    assert current.min() == pytest.approx(-25.0, abs=0.3)
    result = diagnose_file(finalise(folder), nominal_capacity_Ah=CAPACITY_AH, chemistry="LMO")
    pulses = [pulse for block in result["blocks"] for pulse in block["pulses"]]
    assert any(pulse["current_A"] < 0 for pulse in pulses)
    assert result["error"] is None
