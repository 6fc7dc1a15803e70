"""From a capacity run to a label, from labels and pulse tests to training rows."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from station.cli.main import invoke
from station.engine.base.live import LiveWriter
from station.engine.base.stop import StopFlags
from station.engine.record.runfile import finalise
from station.engine.run import Run
from station.errors import DataError, UsageError
from station.models.labels import Label, LabelTable, join, label_of_run, read_labels, write_labels
from station.models.training.table import Labelled, read_labelled
from station.rawfiles.parquet import read_parquet, write_run_parquet
from station.reports.diagnose import diagnose_file
from tests.station.engine.fakes import FakeBench, make_job, make_plan
from tests.station.engine.test_until_voltage import (
    CAPACITY_AH,
    CHARGE,
    CONTACT,
    DISCHARGE,
    REST,
    FillingCell,
)

LABEL = Label(
    "A",
    "r1",
    "2026-01-02T00:00:00Z",
    "LFP",
    20.0,
    16.0,
    15.9,
    16.1,
    0.2,
    3,
    0.01,
    25.0,
    False,
    "capacity",
    "x",
)
MODULE = {"code": "B", "nominal_capacity_Ah": 20.0, "level": "module", "series_cells": 6}
RESTS = {**REST, "duration_s": 30.0}


@pytest.fixture(scope="module")
def run_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two cycles of a cell that holds ``CAPACITY_AH`` between its voltages."""
    folder = tmp_path_factory.mktemp("capacity")
    bench = FakeBench()
    bench.cell = bench.source.cell = bench.scanner.cell = FillingCell(bench)
    again = {"step": "repeat", "times": 2, "steps": [CHARGE, RESTS, DISCHARGE, RESTS]}
    plan = make_plan([CONTACT, again], timing="commanded", sampling_Hz=10.0)
    descriptor = os.open(os.devnull, os.O_WRONLY)
    live = LiveWriter(descriptor)
    Run(
        make_job(folder, plan),
        live,
        StopFlags(),
        opener=bench.open,
        make_clock=lambda _speed, _s: bench.clock,
    ).run()
    live.close()
    os.close(descriptor)
    return finalise(folder)


def changed(run_file: Path, tmp_path: Path, **about: Any) -> Path:
    """The same run file with another description."""
    recording = read_parquet(run_file, nominal_capacity_Ah=None)
    samples = recording.samples
    assert samples is not None
    assert samples.step is not None
    columns = {
        "Test Time / s": samples.time_s, "Voltage / V": samples.voltage_V, "Current / A": samples.current_A,
        "Step Count / 1": samples.step,
    }  # fmt: skip
    path = tmp_path / "run.parquet"
    write_run_parquet(path, columns, {**recording.metadata, **about})
    return path


def test_a_label_is_what_the_cell_holds(run_file: Path) -> None:
    label = label_of_run(run_file)
    truth_Ah = CAPACITY_AH * (1.5 - 2 * 0.003 * 20) / 1.5
    assert label.capacity_low_Ah <= truth_Ah <= label.capacity_high_Ah
    assert label.capacity_Ah == pytest.approx(truth_Ah, rel=0.01)
    assert (label.cell_id, label.discharges, label.simulated) == ("B1", 2, False)
    assert label.rate_C == pytest.approx(1.0, rel=0.01)
    assert label.soh == pytest.approx(label.capacity_Ah / 20)


def test_a_capacity_test_has_a_verdict_by_what_it_counted(run_file: Path, tmp_path: Path) -> None:
    label, result = label_of_run(run_file), diagnose_file(run_file)
    soh = result["soh"]
    assert result["soh_method"] == "capacity"
    assert soh["estimate"] == pytest.approx(label.soh, abs=1e-6)
    assert (soh["low90"], soh["high90"]) == pytest.approx(
        (label.capacity_low_Ah / 20, label.capacity_high_Ah / 20), abs=1e-6
    )
    assert result["capacity_test"]["used"] == 2
    # The rules are applied to it as to any SOH: this cell holds far less than its nameplate says.
    assert (result["verdict"], result["grade"], result["reason"]) == ("fail", "R", None)
    assert result["decision"]["facts"]["soh"] == soh
    # A string that was counted needs no guess about its weakest cell; a test cut short says why it has none.
    assert diagnose_file(changed(run_file, tmp_path, battery=MODULE))["verdict"] == "fail"
    cut = diagnose_file(changed(run_file, tmp_path, gaps=[{"from_s": 0.0, "to_s": 1000.0}]))
    assert (cut["verdict"], cut["reason_code"]) == ("no_verdict", "capacity.interrupted")


@pytest.mark.parametrize(
    ("about", "code"),
    [
        ({"end": {"outcome": "stopped"}}, "capacity.not_completed"),
        ({"end": None}, "capacity.not_completed"),
        ({"battery": {**MODULE}}, "capacity.not_a_cell"),
        ({"events": []}, "capacity.not_full"),
        ({"void": [[20.0, 30.0], [150.0, 400.0]]}, "capacity.interrupted"),
        ({"gaps": [{"from_s": 0.0, "to_s": 1000.0}]}, "capacity.interrupted"),
    ],
)  # fmt: skip
def test_a_run_that_gives_no_label(run_file: Path, tmp_path: Path, about: Any, code: str) -> None:
    with pytest.raises(DataError) as error:
        label_of_run(changed(run_file, tmp_path, **about))
    assert error.value.code == code
    assert error.value.remedy


def test_an_offset_seen_at_rest_widens_the_interval(run_file: Path, tmp_path: Path) -> None:
    plain = label_of_run(run_file)
    recording = read_parquet(run_file, nominal_capacity_Ah=None)
    samples = recording.samples
    assert samples is not None
    assert samples.step is not None
    path = tmp_path / "run.parquet"
    columns = {"Test Time / s": samples.time_s, "Voltage / V": samples.voltage_V,
               "Current / A": samples.current_A + 0.5, "Step Count / 1": samples.step}  # fmt: skip
    write_run_parquet(path, columns, recording.metadata)
    shifted = label_of_run(path)
    assert shifted.capacity_high_Ah > plain.capacity_Ah > shifted.capacity_low_Ah
    assert shifted.capacity_high_Ah - shifted.capacity_low_Ah > 3 * (
        plain.capacity_high_Ah - plain.capacity_low_Ah
    )


def test_the_table_only_grows_and_refuses_a_second_label_of_a_run(tmp_path: Path) -> None:
    table = LabelTable(tmp_path)
    table.add(LABEL)
    with pytest.raises(UsageError) as error:
        table.add(LABEL)
    assert error.value.code == "label.known"
    table.add(replace(LABEL, run_id="r2"))
    assert [label.run_id for label in table.labels()] == ["r1", "r2"]
    table.path.write_text(table.path.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    with pytest.raises(DataError, match=r"labels.jsonl:2"):
        table.labels()


@pytest.mark.parametrize("name", ["labels.csv", "labels.parquet"])
def test_labels_go_out_and_come_back(tmp_path: Path, name: str) -> None:
    both = [LABEL, replace(LABEL, run_id="r2", temperature_degC=None)]
    write_labels(both, tmp_path / name)
    assert read_labels(tmp_path / name) == both


def test_labels_of_ones_own_need_three_columns(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("cell_id,nominal_capacity_Ah,capacity_Ah\nA,20,16\n", encoding="utf-8")
    (label,) = read_labels(path)
    assert (label.cell_id, label.soh) == ("A", 0.8)
    path.write_text("cell_id,nominal_capacity_Ah,capacity_Ah\nA,20,\n", encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_labels(path)
    assert (error.value.code, error.value.params["row"]) == ("label.row", 1)


@pytest.fixture(scope="module")
def pulses() -> Labelled:
    rows = read_labelled(Path(__file__).parents[3] / "data" / "pulsebat" / "pulses.parquet")
    rows = rows.where((rows.types == "NMC 21 Ah") & (rows.width_s == 5.0))
    return replace(rows, soh=np.full(len(rows.soh), np.nan))


def test_labels_join_by_cell_and_the_newest_counts(pulses: Labelled) -> None:
    one, two = sorted(set(pulses.cells.tolist()))[:2]
    labels = [
        replace(LABEL, cell_id=one, run_id="b", started_utc="2026-02-01T00:00:00Z", capacity_Ah=15.0),
        replace(LABEL, cell_id=one, run_id="a", started_utc="2026-01-01T00:00:00Z"),
        replace(LABEL, cell_id=two, run_id="c", simulated=True),
    ]
    rows = join(pulses, labels)
    assert set(rows.cells.tolist()) == {one}
    assert set(rows.soh.tolist()) == {0.75}
    assert set(join(pulses, labels, simulated=True).cells.tolist()) == {two}


def test_labels_of_different_currents_are_no_labels_of_one_thing(pulses: Labelled) -> None:
    one, two = sorted(set(pulses.cells.tolist()))[:2]
    labels = [replace(LABEL, cell_id=one, rate_C=0.2), replace(LABEL, cell_id=two, run_id="b", rate_C=1.0)]
    with pytest.raises(DataError) as error:
        join(pulses, labels)
    assert error.value.code == "label.rates"
    with pytest.raises(DataError) as error:
        join(pulses, [replace(LABEL, cell_id="nobody")])
    assert error.value.code == "label.no_pulses"


def test_the_command_takes_and_lists_labels(
    run_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["learn", "label", str(run_file), "--data", str(tmp_path)]) == 0
    assert invoke(["learn", "label", str(run_file), "--data", str(tmp_path)]) == 2
    capsys.readouterr()
    out = tmp_path / "out.csv"
    assert invoke(["learn", "labels", "--data", str(tmp_path), "-o", str(out), "--json"]) == 0
    (label,) = json.loads(capsys.readouterr().out)["labels"]
    assert label["cell_id"] == "B1"
    assert read_labels(out)[0].capacity_Ah == pytest.approx(label["capacity_Ah"])
