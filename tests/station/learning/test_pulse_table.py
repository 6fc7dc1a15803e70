"""The pulse table of cells on record: which test of a cell is taken, and what stands in its row."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from station.cli.main import invoke
from station.engine.base.live import LiveWriter
from station.engine.base.stop import StopFlags
from station.engine.record.runfile import finalise
from station.engine.run import Run
from station.models.in_use import load_default
from station.models.labels import LabelTable
from station.models.training.fitting import learned_subsets
from station.models.training.table import read_pulses
from station.records import Records, open_records
from station.reports.diagnose import diagnose_file
from station.reports.pulse_rows import pulse_rows
from tests.station.engine.fakes import STEPS, FakeBench, make_job, make_plan
from tests.station.learning.test_labels import LABEL

PAIR = {"step": "pulse_pair", "current_C": 2.5, "duration_s": 5.0, "rest_s": 75.0}


def pulse_run(folder: Path, ocv_V: float = 3.65, **job: Any) -> Path:
    bench = FakeBench()
    bench.cell.ocv_V = ocv_V
    plan = make_plan([*STEPS[:2], PAIR], timing="commanded")
    descriptor = os.open(os.devnull, os.O_WRONLY)
    live = LiveWriter(descriptor)
    Run(
        make_job(folder, plan, **job),
        live,
        StopFlags(),
        opener=bench.open,
        make_clock=lambda _speed, _s: bench.clock,
    ).run()
    live.close()
    os.close(descriptor)
    return finalise(folder)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a run with nothing special."""
    return pulse_run(tmp_path_factory.mktemp("plain"))


def put_on_record(records: Records, data: Path, run_id: str, file: Path, **fields: Any) -> None:
    records.register_battery("B1", level="cell")
    known = {"battery": "B1", "bench": "unit", "channel": "1", "profile": "rapid", "plan_digest": "x"}
    records.start_run(
        run_id=run_id, nominal_capacity_Ah=20.0, speed=1.0, simulated=False, chemistry="NMC", **known
    )
    records.update_run(run_id, **{"state": "ended", "outcome": "completed", **fields})
    (data / "runs" / run_id).mkdir(parents=True)
    shutil.copyfile(file, data / "runs" / run_id / "run.parquet")


def test_a_row_is_one_block_of_one_cell(plain: Path) -> None:
    (row,) = pulse_rows(plain)
    assert (row["cell_id"], row["chemistry"], row["nominal_capacity_Ah"]) == ("B1", "NMC", 20.0)
    assert (row["pulse_width_s"], row["random_soc"]) == (5.0, True)
    assert row["U1"] == row["U33"] == pytest.approx(3.65, abs=1e-3)
    assert row["U34"] == pytest.approx(3.65 + 0.003 * 50, abs=2e-3)
    assert row["U38"] == pytest.approx(3.65 - 0.003 * 50, abs=2e-3)
    assert row["U2"] is None


def test_a_battery_whose_type_nobody_named_gives_no_row(tmp_path: Path) -> None:
    battery = {"code": "B1", "nominal_capacity_Ah": 20.0, "chemistry": None, "level": "cell"}
    assert pulse_rows(pulse_run(tmp_path, battery=battery)) == []


def test_the_test_before_the_label_is_taken_else_the_newest(plain: Path, tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "pulses.parquet"
    low, high = pulse_run(tmp_path / "low", 3.60), plain
    with open_records(data) as records:
        put_on_record(records, data, "stopped", high, outcome="stopped")
        put_on_record(records, data, "earlier", low)
        between_utc = datetime.now(UTC).isoformat()
        put_on_record(records, data, "later", high)
    command = ["learn", "pulses", "-o", str(out), "--data", str(data)]
    assert invoke(command) == 0
    newest = read_pulses(out)
    assert newest.voltages_V[0, 0] == pytest.approx(3.65, abs=1e-3)
    assert np.isnan(newest.soh).all()
    assert newest.single_charge.all()
    assert learned_subsets(newest) == ["pair", "pair_lasts"]
    LabelTable(data).add(replace(LABEL, cell_id="B1", started_utc=between_utc))
    assert invoke(command) == 0
    assert read_pulses(out).voltages_V[0, 0] == pytest.approx(3.60, abs=1e-3)
    assert invoke([*command, "--simulated"]) == 6


def test_every_result_names_the_models_that_judged(
    plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATION_MODELS", str(tmp_path / "nothing adopted"))
    result = diagnose_file(plain)
    assert result["model_id"] == load_default().info["model_id"]
