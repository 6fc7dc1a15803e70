"""The profile ``rapid`` on pairs of an SM15K and each load, all at once; engine and bench in here."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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
from station.safety.running import sample_gap
from tests.benchmarks.instrument_bench import PATIENT_S, patient
from tests.drivers.loads_rig import LOADS, Kind

KINDS = [kind for kind in LOADS if kind.driver != "rigol-dl3021"]
"""The DL3021 stands in the demo bench, which other tests run."""
SPEED = 6.0
PROFILE = load("rapid").model_copy(update={"sampling_Hz": 10.0})
"""All runs and the bench share this process: a thousand readings a second would be too many."""
CAPACITY_AH = 10.0
RESISTANCE_1S_OHM = 0.0098
"""Of this cell as the simulation gives it."""
CELL = {"kind": "measured", "cell_id": "LMO10-070", "soc": 0.5}
TITLE = {"zh": "试", "en": "test"}


def run(kind: Kind, info: dict[str, Any], folder: Path) -> Ended:
    ports = {unit["kind"]: unit["port"] for unit in info["instruments"] if unit["channel"] == kind.driver}
    channel = {
        "id": kind.driver, "name": TITLE, "level": "cell",
        "power": {"driver": "supply-and-load", "options": {
            "supply": {"driver": "delta-sm15k", "address": f"tcp://127.0.0.1:{ports['delta-sm15k']}"},
            "load": {"driver": kind.driver, "address": f"{kind.scheme}://127.0.0.1:{ports[kind.driver]}",
                     "options": kind.options},
        }},
        "limits": {"voltage_min_V": 1.9, "voltage_max_V": 4.3, "charge_current_max_A": 30,
                   "discharge_current_max_A": 30, "power_max_W": 140},
        "accept_no_watchdog": ["load"],
    }  # fmt: skip
    bench = {
        "schema": "pulse-station/bench/1", "name": "loads", "title": TITLE, "channels": [patient(channel)],
        "calibration": "warn", "simulation": {"control": info["control"]},
    }  # fmt: skip
    job = {
        "run_id": "r1", "run_dir": str(folder), "bench": bench, "channel": kind.driver, "speed": SPEED,
        "battery": {"code": "T1", "nominal_capacity_Ah": CAPACITY_AH, "chemistry": "LMO", "level": "cell"},
        "plan": resolve(PROFILE, nominal_capacity_Ah=CAPACITY_AH).as_dict(), "guard": None,
    }  # fmt: skip
    descriptor = os.open(os.devnull, os.O_WRONLY)
    live = LiveWriter(descriptor)
    try:
        return Run(parse_job({"job": job}), live, StopFlags(), speed=SPEED).run()
    finally:
        live.close()
        os.close(descriptor)


@pytest.fixture(scope="module")
def runs(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, tuple[Ended, Path, dict[str, Any]]]]:
    """By load: how its run ended, its folder, and the truth about the cell from before.

    A busy computer is no failure: instruments may take long to answer, and samples to come. Both limits are
    tried where nothing else runs.
    """
    folder, channels = tmp_path_factory.mktemp("loads"), []
    for kind in KINDS:
        options = {name: value for name, value in kind.simulated.items() if name != "terminal"}
        units = [{"kind": "delta-sm15k"}, {"kind": kind.driver, "options": options}]
        channels.append({"id": kind.driver, "battery": CELL, "seed": 3, "instruments": units})
    settings = BenchSimulation.model_validate({"name": "loads", "speed": SPEED, "channels": channels})
    with (
        pytest.MonkeyPatch.context() as patched,
        running(settings) as info,
        ThreadPoolExecutor(len(KINDS)) as pool,
    ):
        patched.setattr(sample_gap, "TRIP_S", PATIENT_S)
        truths = {kind.driver: ask(info, "truth", kind.driver) for kind in KINDS}
        begun = {kind.driver: pool.submit(run, kind, info, folder / kind.driver) for kind in KINDS}
        yield {name: (one.result(), folder / name, truths[name]) for name, one in begun.items()}


def ask(info: dict[str, Any], op: str, channel: str) -> dict[str, Any]:
    host, _, port = str(info["control"]).rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as link:
        link.sendall(json.dumps({"op": op, "channel": channel}).encode() + b"\n")
        with link.makefile("rb") as stream:
            answer: dict[str, Any] = json.loads(stream.readline())
    assert answer["ok"], answer
    return answer


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_rapid_test_with_this_load_is_whole(
    runs: dict[str, tuple[Ended, Path, dict[str, Any]]], kind: Kind
) -> None:
    ended, folder, truth = runs[kind.driver]
    assert ended.outcome.outcome == "completed", ended
    assert ended.safe.verified
    current = read_journal(folder / "journal.jsonl").column("current_A")
    assert current.max() == pytest.approx(2.5 * CAPACITY_AH, abs=0.3)
    assert current.min() == pytest.approx(-2.5 * CAPACITY_AH, abs=0.3)
    result = diagnose_file(finalise(folder), nominal_capacity_Ah=CAPACITY_AH, chemistry="LMO")
    (block,) = result["blocks"]
    charge, discharge = (pulse for pulse in block["pulses"] if abs(pulse["current_A"]) > 2.0)
    assert charge["current_A"] == pytest.approx(25.0, abs=0.3)
    assert discharge["current_A"] == pytest.approx(-25.0, abs=0.3)
    if not kind.sense:
        # Load and supply measure their leads as well: no resistance, no SOH, and everybody is told.
        assert (result["reason_code"], result["soh"], result["verdict"]) == (
            "no_sense_leads", None, "no_verdict"
        )  # fmt: skip
        assert set(discharge["resistance_ohm"].values()) == {None}
        codes = {event["code"] for event in read_journal(folder / "journal.jsonl").events}
        assert "engine.no_sense_leads" in codes
        return
    assert discharge["resistance_ohm"]["1"] == pytest.approx(RESISTANCE_1S_OHM, rel=0.08)
    # The model gives no verdict on such cells and says why; if it learns them, it has to be near the truth.
    if result["abstained"]:
        assert result["reason_code"] == "subset_not_learned"
    else:
        assert result["soh"]["estimate"] == pytest.approx(truth["soh"], abs=0.1)
