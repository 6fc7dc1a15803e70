"""The table command's function: what it writes, and what it says about tables it cannot read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from station.errors import DataError
from station.models.estimate import OUT_SCHEMA, estimate_table

from .conftest import TABLE

COLUMNS = [
    "cell_id", "soh", "soh_low90", "soh_high90", "chemistry", "chemistry_confidence",
    "abstained", "reason", "row", "pulse_width_s",
]  # fmt: skip


@pytest.fixture(scope="module")
def sample() -> pa.Table:
    """Sixty rows of all types, shuffled."""
    table = pa.parquet.read_table(TABLE)
    return table.take(np.random.default_rng(3).choice(table.num_rows, 60, replace=False))


def run(table: pa.Table, folder: Path, out: str = "out.parquet") -> list[dict[str, Any]]:
    source = folder / "in.parquet"
    pa.parquet.write_table(table, source)
    summary = estimate_table(source, folder / out)
    assert summary.rows == table.num_rows
    rows: list[dict[str, Any]] = pa.parquet.read_table(folder / out).to_pylist()
    assert summary.abstained == sum(row["abstained"] for row in rows)
    return rows


def test_one_row_out_per_row_in_in_order(sample: pa.Table, tmp_path: Path) -> None:
    rows = run(sample, tmp_path)
    assert list(rows[0]) == COLUMNS == OUT_SCHEMA.names
    assert [row["cell_id"] for row in rows] == sample.column("cell_id").to_pylist()
    assert [row["row"] for row in rows] == list(range(1, 61))
    for row in rows:
        if row["abstained"]:
            assert row["soh"] is row["soh_low90"] is row["soh_high90"] is None
            assert row["reason"]
        else:
            assert 0.4 < row["soh_low90"] < row["soh"] < row["soh_high90"] < 1.2
            assert row["reason"] is None
            assert 0.0 < row["chemistry_confidence"] <= 1.0
    assert sum(row["abstained"] for row in rows) <= 3


def test_labels_and_soc_are_not_looked_at(sample: pa.Table, tmp_path: Path) -> None:
    expected = run(sample, tmp_path)
    blind = sample.drop_columns(["capacity_Ah", "chemistry", "random_soc", "soc_nominal_pct"])
    assert run(blind, tmp_path) == expected
    lies = {"capacity_Ah": 1.0, "soc_nominal_pct": 99.0}
    lying = sample
    for name, value in lies.items():
        index = lying.column_names.index(name)
        lying = lying.set_column(index, name, pa.array([value] * sample.num_rows))
    assert run(lying, tmp_path) == expected


def test_column_order_and_row_company_do_not_matter(sample: pa.Table, tmp_path: Path) -> None:
    expected = run(sample, tmp_path)
    shuffled = sample.select(list(reversed(sample.column_names)))
    assert run(shuffled, tmp_path) == expected
    half = run(sample.slice(30), tmp_path)
    for alone, together in zip(half, expected[30:], strict=True):
        assert alone["abstained"] == together["abstained"]
        assert alone["soh"] == pytest.approx(together["soh"], abs=2e-6)


def test_upper_amplitudes_may_be_absent(sample: pa.Table, tmp_path: Path) -> None:
    cut = sample.drop_columns([f"U{number}" for number in range(22, 42)])
    rows = run(cut, tmp_path)
    assert sum(row["abstained"] for row in rows) <= 3


def test_csv_in_and_all_kinds_out(sample: pa.Table, tmp_path: Path) -> None:
    expected = run(sample, tmp_path)
    pa.csv.write_csv(sample, tmp_path / "in.csv")
    estimate_table(tmp_path / "in.csv", tmp_path / "out.json")
    found = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert [row["soh"] for row in found] == pytest.approx([row["soh"] for row in expected], abs=1e-4)
    estimate_table(tmp_path / "in.csv", tmp_path / "out.csv")
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].replace('"', "").split(",") == COLUMNS
    assert len(lines) == 61
    # As a spreadsheet writes it where the comma is the decimal mark, its column names in small letters.
    text = (tmp_path / "in.csv").read_text(encoding="utf-8").replace(",", ";").replace(".", ",")
    (tmp_path / "semicolons.csv").write_text(text.replace('"U', '"u'), encoding="utf-8")
    estimate_table(tmp_path / "semicolons.csv", tmp_path / "again.json")
    again = json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))
    assert [row["soh"] for row in again] == [row["soh"] for row in found]


def test_strange_rows_abstain_beside_good_ones(sample: pa.Table, tmp_path: Path) -> None:
    good = sample.filter(pa.compute.equal(sample.column("pulse_width_s"), 5.0)).slice(0, 1)
    rows = [good.to_pylist()[0] for _ in range(7)]
    rows[1] = {**rows[1], "pulse_width_s": 2.0}
    rows[2] = {**rows[2], "U1": None}
    rows[3] = {**rows[3], "U7": 3312.0}
    rows[4] = {**rows[4], "nominal_capacity_Ah": 26.0}
    rows[5] = {**rows[5], **{f"U{n}": None for n in range(2, 42)}}
    rows[6] = {**rows[6], "pulse_width_s": None}
    found = run(pa.Table.from_pylist(rows, schema=good.schema), tmp_path)
    assert not found[0]["abstained"]
    codes = [row["reason"].split(":")[0] for row in found[1:]]
    assert codes == [
        "unknown_pulse_width",
        "no_ocv",
        "voltage_out_of_range",
        "unknown_type",
        "no_pulses",
        "unknown_pulse_width",
    ]


HEADER = "cell_id,pulse_width_s,nominal_capacity_Ah,U1,U2,U3"


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("empty.csv", "", "empty.csv"),
        ("header.csv", HEADER + "\n", "no rows"),
        ("text.csv", HEADER + "\na,5,20,3.3,3.31,wat\n", "row 1, column U3"),
        ("width.csv", "cell_id,U1,U2\na,3.3,3.3\n", "pulse_width_s"),
        ("ocv.csv", "cell_id,pulse_width_s,U2\na,5,3.3\n", "U1"),
        ("pulses.csv", "cell_id,pulse_width_s,U1\na,5,3.3\n", "U2"),
        ("twice.csv", HEADER + ",U1\na,5,20,3.3,3.31,3.3,3.2\n", "several columns named U1"),
        ("ragged.csv", HEADER + "\na,5,20\n", "ragged.csv"),
        ("table.xlsx", "x", "not read"),
        ("broken.parquet", "PAR1 but not really", "broken.parquet"),
    ],
)
def test_unreadable_tables_are_named(tmp_path: Path, name: str, content: str, word: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        estimate_table(tmp_path / name, tmp_path / "out.csv")
    assert word in caught.value.message
    assert caught.value.remedy
    assert not (tmp_path / "out.csv").exists()


def test_absent_table_and_unknown_output_kind(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        estimate_table(tmp_path / "none.csv", tmp_path / "out.csv")
    with pytest.raises(DataError, match="written as"):
        estimate_table(TABLE, tmp_path / "out.xlsx")
