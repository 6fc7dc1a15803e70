"""Batteries that cannot be built say which field is wrong and what to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from simulators.battery import BatteryError, build_battery
from simulators.battery.pulse_table import find_table

MODEL = {"kind": "model", "chemistry": "LFP", "nominal_capacity_Ah": 35.0}


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"kind": "steam"}, "steam"),
        ({}, "kind"),
        ({**MODEL, "colour": "red"}, "colour"),
        ({**MODEL, "soc": 1.4}, "soc"),
        ({**MODEL, "nominal_capacity_Ah": -1}, "nominal_capacity_Ah"),
        ({**MODEL, "chemistry": "XYZ"}, "chemistry"),
        ({"kind": "measured", "cell_id": "LFP35-999"}, "LFP35-999"),
        ({"kind": "measured", "cell_id": "LFP35-002", "soc": 0.99}, "outside what was recorded.*ladder"),
        ({"kind": "measured", "cell_id": "LFP35-002", "soc": 0.2, "history": "random"}, "random"),
        ({"kind": "measured", "cell_id": "LFP35-002", "soc": "row:99999"}, "rows"),
        ({"kind": "measured", "cell_id": "LFP35-002", "soc": "low"}, "soc"),
        ({"kind": "measured", "cell_id": "LFP35-002", "soc": 0.4, "pulse_width_s": 2.0}, "pulse_width_s"),
        ({"kind": "measured", "cell_id": "LFP35-002", "soc": 0.4, "first_sample_s": 0.03}, "first_sample_s"),
        ({"kind": "measured", "cell_id": "LFP35-002", "capacity_Ah": 20.0}, "capacity_Ah"),
        ({"kind": "measured", "cell_id": "LFP35-002", "chemistry": "NMC"}, "LFP35-002 is LFP"),
        ({"kind": "measured", "cell_id": "NMC21-003", "history": "random"}, "history"),
        ({"kind": "measured", "chemistry": "NMC", "history": "random"}, "no cell"),
        ({"kind": "measured", "table": "nowhere/pulses.parquet"}, "nowhere/pulses.parquet"),
    ],
)
def test_errors_name_the_field(config, words) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BatteryError, match=words):
        build_battery(config, seed=1)


def one_cell() -> pa.Table:
    table = pq.read_table(find_table("data/pulsebat/pulses.parquet"))
    return table.filter(pc.equal(table["cell_id"], "LFP35-002"))


def test_a_csv_with_the_same_columns_serves_as_well(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    pacsv.write_csv(one_cell(), path)
    config = {"kind": "measured", "cell_id": "LFP35-002", "soc": "random"}
    original = build_battery(config, seed=4)
    copied = build_battery({**config, "table": str(path)}, seed=4)
    assert copied.truth() == original.truth()
    assert copied.voltage_V(20.0) == pytest.approx(original.voltage_V(20.0), abs=1e-6)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.parquet"
    pq.write_table(one_cell().drop_columns(["U17"]), path)
    with pytest.raises(BatteryError, match="U17"):
        build_battery({"kind": "measured", "table": str(path)}, seed=1)


def test_a_gap_between_values_is_refused(tmp_path: Path) -> None:
    table = one_cell()
    u5 = np.full(table.num_rows, np.nan)
    path = tmp_path / "mine.parquet"
    pq.write_table(table.set_column(table.column_names.index("U5"), "U5", pa.array(u5)), path)
    with pytest.raises(BatteryError, match="gaps"):
        build_battery({"kind": "measured", "table": str(path), "soc": "random"}, seed=1)


def test_an_empty_key_is_refused(tmp_path: Path) -> None:
    table = one_cell()
    capacity = pa.array([None] * table.num_rows, pa.float64())
    path = tmp_path / "mine.parquet"
    pq.write_table(table.set_column(table.column_names.index("capacity_Ah"), "capacity_Ah", capacity), path)
    with pytest.raises(BatteryError, match="row 0 has no capacity_Ah"):
        build_battery({"kind": "measured", "table": str(path)}, seed=1)


@pytest.mark.parametrize("value", [float("nan"), -1.0, 0.0])
def test_a_capacity_that_is_no_capacity_is_refused(tmp_path: Path, value: float) -> None:
    table = one_cell()
    capacity = pa.array([value] * table.num_rows, pa.float64())
    path = tmp_path / "mine.parquet"
    pq.write_table(table.set_column(table.column_names.index("capacity_Ah"), "capacity_Ah", capacity), path)
    with pytest.raises(BatteryError, match="positive"):
        build_battery({"kind": "measured", "table": str(path)}, seed=1)


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("no table")
    with pytest.raises(BatteryError, match=r"parquet or \.csv"):
        build_battery({"kind": "measured", "table": str(path)}, seed=1)
