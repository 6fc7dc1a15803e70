"""Power leads that are in the voltage never become a battery's resistance, and never its SOH."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from station.bench import Bench
from station.engine.base.live import LiveWriter
from station.engine.base.stop import StopFlags
from station.engine.record.journal import read_journal
from station.engine.record.runfile import finalise, recording_of
from station.engine.run import Run
from station.reports.diagnose import diagnose_file
from station.reports.interim import measured_so_far
from station.reports.pulse_rows import pulse_rows
from station.service.bench_check import warnings
from tests.station.engine.fakes import FakeBench, make_job, make_plan

LEADS_OHM = 0.002
PULSES: list[dict[str, Any]] = [
    {"step": "ocv_check", "duration_s": 30, "drift_max_mV_per_min": 6},
    {"step": "contact_check", "current_C": 0.1, "duration_s": 1.0, "rest_s": 2.0},
    *({"step": "pulse_pair", "current_C": c, "duration_s": 5.0, "rest_s": 15.0} for c in (1.0, 2.0)),
]


@pytest.fixture(scope="module", params=[True, False], ids=["sensed", "bare"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[bool, Path]:
    """A run on a source with sense leads, and on one whose 2 mΩ leads are in each of its voltages."""
    fake, folder = FakeBench(), tmp_path_factory.mktemp("run")
    fake.source.remote_sense = request.param
    fake.source.lead_ohm = 0.0 if request.param else LEADS_OHM
    descriptor = os.open(os.devnull, os.O_WRONLY)
    live = LiveWriter(descriptor)
    job = make_job(folder, plan=make_plan(PULSES))
    clock = lambda _speed, _begin_s: fake.clock  # noqa: E731 - the engine's own signature
    ended = Run(job, live, StopFlags(), opener=fake.open, make_clock=clock).run()
    live.close()
    os.close(descriptor)
    assert ended.outcome.outcome == "completed", ended
    finalise(folder)
    return request.param, folder


def test_what_was_measured_with_the_leads_in_it_is_told_of_nobody(made: tuple[bool, Path]) -> None:
    sensed, folder = made
    result = diagnose_file(folder / "run.parquet")
    pulses = [pulse for block in result["blocks"] for pulse in block["pulses"]]
    told = {value for pulse in pulses for value in pulse["resistance_ohm"].values()} - {None}
    assert len(pulses) >= 4
    assert bool(told) is sensed
    assert (result["reason_code"] == "no_sense_leads") is not sensed
    if not sensed:
        assert (result["soh"], result["verdict"], result["chemistry"]["label"]) == (None, "no_verdict", None)
        assert result["next_measurement"] == "check_wiring"


def test_nothing_is_learned_or_decided_from_it(made: tuple[bool, Path]) -> None:
    sensed, folder = made
    assert bool(pulse_rows(folder / "run.parquet")) is sensed
    recording = recording_of(read_journal(folder / "journal.jsonl"))
    measured = measured_so_far(recording, nominal_capacity_Ah=20.0, chemistry="NMC")
    assert bool(np.isfinite(measured.rows.voltages_V).any()) is sensed


def test_it_is_told_before_energy(made: tuple[bool, Path]) -> None:
    sensed, folder = made
    codes = [event["code"] for event in read_journal(folder / "journal.jsonl").events]
    assert ("engine.no_sense_leads" in codes) is not sensed
    if not sensed:
        assert codes.index("engine.no_sense_leads") < codes.index("engine.energised")


@pytest.mark.parametrize(
    ("sensing", "warned"),
    [({"power": False}, True), ({"power": True}, False), ({"supply": False, "load": False}, True),
     ({"supply": True, "load": False}, False), ({}, False)],
)  # fmt: skip
def test_the_bench_check_tells_it(sensing: dict[str, bool], warned: bool, tmp_path: Path) -> None:
    bench: Bench = make_job(tmp_path).bench
    span = {"voltage_V": [0, 70], "current_A": [-100, 100], "power_W": [-5000, 5000]}
    rows = [
        {"place": f"channel 1 {part}", "address": None, "protections": {**span, "remote_sense": senses}}
        | {"calibration": None, "expect": {}}
        for part, senses in sensing.items()
    ]
    found = [one["code"] for one in warnings(bench, rows)]
    assert ("bench.warn_no_sense_leads" in found) is warned
