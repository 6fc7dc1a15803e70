"""Every format that is read, and every way in which a file can be wrong."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.diagnosis.pulses import Record, analyse
from station.errors import DataError
from station.rawfiles import file_sha256, read_record, write_run_parquet
from station.rawfiles.columns import recognise, split_header

DATA = Path(__file__).parents[2] / "data"
IMPORTS = DATA / "imports"
ROWS = "0,0,3.70\n1,0,3.70\n2,-20,3.62\n3,-20,3.61\n4,0,3.69\n"


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def refused(path: Path, code: str, **options: float) -> DataError:
    with pytest.raises(DataError) as caught:
        read_record(path, **options)
    error = caught.value
    assert error.code == code
    assert path.name in str(error)
    assert error.remedy
    assert error.exit_code == 6
    return error


@pytest.mark.parametrize(
    "header",
    [
        "Test Time / s,Current / A,Voltage / V",
        "test_time_second,current_ampere,voltage_volt",
        "time_s,current_A,voltage_V",
        "Time [s],Current [A],Voltage [V]",
        "Time(s),Current(A),Voltage(V)",
        "time/s,I/A,Ecell/V",
        "测试时间(s),电流(A),电压(V)",
        "Time,Current,Voltage",
    ],
)
def test_plain_tables_are_understood_by_their_headers(tmp_path: Path, header: str) -> None:
    recording = read_record(write(tmp_path / "a.csv", f"{header}\n{ROWS}"), nominal_capacity_Ah=20.0)
    assert recording.samples is not None
    assert recording.samples.time_s.tolist() == [0, 1, 2, 3, 4]
    assert recording.samples.current_A.tolist() == [0, 0, -20, -20, 0]
    assert recording.samples.voltage_V[2] == 3.62
    assert recording.nominal_capacity_Ah == 20.0
    bdf = header.startswith(("Test Time", "test_time"))
    assert recording.format == ("bdf-csv" if bdf else "csv")
    assert len(recording.notes) == (3 if header == "Time,Current,Voltage" else 0)


def test_units_in_headers_are_scaled(tmp_path: Path) -> None:
    text = (
        "Time / min,Current (mA),Voltage [mV],Temperature / degC\n0,0,3700,25\n1,-2000,3600,\n2,0,3690,26\n"
    )
    samples = read_record(write(tmp_path / "a.csv", text)).samples
    assert samples is not None
    assert samples.time_s.tolist() == [0, 60, 120]
    assert samples.current_A.tolist() == [0, -2, 0]
    assert samples.voltage_V == pytest.approx([3.7, 3.6, 3.69])
    assert samples.temperature_degC is not None
    assert np.isnan(samples.temperature_degC[1])


def test_the_total_time_wins_over_the_step_time() -> None:
    found = recognise(["Step Time / s", "Time", "Total Time", "Unix Time / s", "Current(uA)", "Voltage(mV)"])
    assert found["time"].header == "Total Time"
    assert (found["current"].factor, found["voltage"].factor) == (1e-6, 1e-3)
    assert split_header("Temperature T1 / degC") == ("temperature t1", "degc")


def test_banner_semicolons_decimal_commas_and_clock_times(tmp_path: Path) -> None:
    text = "Cycler XY\n# made 2024\n\nTime;Current (A);Voltage (V)\n"
    text += "00:00:00.0;0;3,7\n00:00:01.5;-2;3,6\n00:01:00;0;3,69\n"
    samples = read_record(write(tmp_path / "a.csv", text)).samples
    assert samples is not None
    assert samples.time_s.tolist() == [0, 1.5, 60]
    assert samples.voltage_V.tolist() == [3.7, 3.6, 3.69]


def test_chinese_text_in_the_old_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(
        f"时间(s),电流(A),电压(V),备注\n{ROWS.replace(chr(10), ',正常' + chr(10))}".encode("gb18030")
    )
    samples = read_record(path).samples
    assert samples is not None
    assert samples.voltage_V.size == 5


def test_gzip_is_unpacked_and_a_damaged_one_refused(tmp_path: Path) -> None:
    packed = gzip.compress(f"Test Time / s,Current / A,Voltage / V\n{ROWS}".encode())
    path = tmp_path / "a.bdf.csv.gz"
    path.write_bytes(packed)
    assert read_record(path).format == "bdf-csv"
    path.write_bytes(packed[:-12])
    refused(path, "data.corrupt")


def test_bdf_samples_from_its_own_project(tmp_path: Path) -> None:
    recording = read_record(IMPORTS / "bda_sample.bdf.csv")
    assert recording.samples is not None
    assert recording.samples.voltage_V.tolist() == [3.7, 3.6, 3.5]
    legacy = read_record(IMPORTS / "bda_legacy.bdf.parquet")
    assert legacy.format == "bdf-parquet"
    assert legacy.samples is not None
    assert legacy.samples.time_s[:3].tolist() == [0.0, 1.0, 2.0]  # given in ms
    assert legacy.samples.temperature_degC is not None
    renamed = tmp_path / "no_suffix"
    shutil.copy(IMPORTS / "bda_legacy.bdf.parquet", renamed)
    assert read_record(renamed).samples is not None


def test_a_real_record_goes_from_file_to_resistance() -> None:
    recording = read_record(DATA / "hppc" / "leaf2013_hppc_25C.csv", nominal_capacity_Ah=33.1)
    assert recording.samples is not None
    assert len(analyse(Record.of(recording.samples), nominal_capacity_Ah=33.1).blocks) == 10


def test_a_clock_that_restarts_with_each_step_is_named_by_line() -> None:
    error = refused(IMPORTS / "sintef_rate_time_bug.bdf.csv", "data.time_backwards")
    assert "line 724: 'test_time_second' runs backwards, from 7200 to 0" in str(error)
    assert error.params["row"] == "line 724"


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("biologic_GCPL-0.mpr", "BioLogic binary"),
        ("a.res", "Arbin database"),
        ("a.xls", "old Excel workbook"),
    ],
)
def test_formats_that_are_not_read_say_so_and_what_to_do(tmp_path: Path, name: str, word: str) -> None:
    path = IMPORTS / name
    if not path.exists():
        path = tmp_path / name
        path.write_bytes(b"anything")
    error = refused(path, "data.format")
    assert f"{word} cannot be read" in str(error)
    assert "export" in error.remedy or "save" in error.remedy


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", "data.empty", "empty"),
        ("\n\n", "data.empty", "empty"),
        ("time_s,current_A,voltage_V\n", "data.empty", "no rows"),
        ("a,b,c\n1,2,3\n", "data.columns", "line 1: no column for time and current and voltage"),
        ("time_s,voltage_V\n1,2\n", "data.columns", "no column for current"),
        (
            "time_s,current_A,voltage_V\n0,0,3.7\n1,zero,3.7\n",
            "data.not_a_number",
            "line 3, column 'current_A': 'zero'",
        ),
        (
            "time_s,current_A,voltage_V\n0,0,3.7\n\n1,0,OL\n",
            "data.not_a_number",
            "line 4, column 'voltage_V'",
        ),
        ("time_s,current_A,voltage_V\n0,0,3.7\n1,0,3.7\n2,0\n", "data.row", "line 4: the row ends before"),
        ("time_s,current_A,voltage_V\n0,0,3.7\n5,0,3.7\n2,0,3.7\n", "data.time_backwards", "line 4"),
        ("time_s,current_A,voltage_V\n0,0,\n1,0,\n2,0,3.7\n", "data.missing_values", "'voltage_V'"),
        ("time_s,current_A,voltage_V\n0,0,3700\n1,0,3700\n", "data.units", "'voltage_V' reaches 3700 V"),
        ("time_s,current_A,voltage_mV\n0,0,3.7\n1,0,3.7\n", "data.units", "0.0037 V"),
        ("time_s,current_A,voltage_V\n0,0,3.7\n1,20000,3.7\n", "data.units", "20000 A"),
    ],
)
def test_a_bad_table_is_refused_by_line_and_column(tmp_path: Path, text: str, code: str, words: str) -> None:
    assert words in str(refused(write(tmp_path / "bad.csv", text), code))


@pytest.mark.parametrize(("amps", "header"), [("5000", "current_A"), ("5", "current_mA")])
def test_a_current_out_of_all_proportion_is_a_unit_error(tmp_path: Path, amps: str, header: str) -> None:
    path = write(tmp_path / "bad.csv", f"time_s,{header},voltage_V\n0,0,3.7\n1,{amps},3.7\n")
    assert "of 5 Ah" in str(refused(path, "data.units", nominal_capacity_Ah=5.0))


def test_a_few_rows_out_of_order_are_left_to_the_record(tmp_path: Path) -> None:
    text = "time_s,current_A,voltage_V\n" + "".join(f"{t},0,3.7\n" for t in (0.0, 0.1, 0.3, 0.2, 0.4, 0.5))
    samples = read_record(write(tmp_path / "a.csv", text)).samples
    assert samples is not None
    assert Record.of(samples).notes.unsorted_rows == 1


def test_what_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    refused(tmp_path / "absent.csv", "data.missing")
    refused(tmp_path, "data.missing")
    binary = tmp_path / "image.csv"
    binary.write_bytes(b"\x89PNG\x00\x00\x00\x01" * 40)
    refused(binary, "data.corrupt")
    strange = tmp_path / "a.docx"
    strange.write_bytes(b"PK\x03\x04")
    refused(strange, "data.format")
    no_zip = tmp_path / "a.xlsx"
    no_zip.write_bytes(b"not a workbook")
    refused(no_zip, "data.corrupt")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.sampled_from([".csv", ".csv.gz", ".parquet", ".xlsx", ".bdf", ".txt"]))
def test_no_bytes_whatever_get_past_the_reader(tmp_path: Path, data: bytes, suffix: str) -> None:
    path = tmp_path / f"fuzz{suffix}"
    path.write_bytes(data)
    with pytest.raises(DataError) as caught:
        read_record(path)
    assert caught.value.remedy


def run_columns(n: int = 50) -> dict[str, list[float | None] | np.ndarray | list[str]]:
    t = np.arange(n) * 0.1
    return {
        "Test Time / s": t,
        "Unix Time / s": t + 1.7e9,
        "Current / A": np.where(t > 2.0, -20.0, 0.0),
        "Voltage / V": 3.7 - 0.003 * (t > 2.0),
        "Step Count / 1": np.where(t > 2.0, 2, 1),
        "Step ID": ["rest" if second <= 2.0 else "pulse" for second in t],
        "Surface Temperature / degC": [25.0, None, float("nan")] + [25.5] * (n - 3),
    }


def test_a_run_file_comes_back_as_written(tmp_path: Path) -> None:
    path = tmp_path / "run.parquet"
    metadata = {
        "run_id": "20250101T000000-1-abcdef",
        "battery": {"code": "电池01", "nominal_capacity_Ah": 20.0},
    }
    write_run_parquet(path, run_columns(), metadata)
    recording = read_record(path)
    assert recording.format == "pulse-station-run"
    assert recording.metadata == metadata
    assert recording.nominal_capacity_Ah == 20.0
    samples = recording.samples
    assert samples is not None
    assert np.array_equal(samples.current_A, run_columns()["Current / A"])
    assert samples.step is not None
    assert samples.step[-1] == 2
    assert samples.temperature_degC is not None
    assert np.isnan(samples.temperature_degC[1:3]).all()
    table = pq.read_table(path)
    assert table.column_names == list(run_columns())
    assert table.column("Surface Temperature / degC").null_count == 2  # never NaN
    assert pq.ParquetFile(path).metadata.row_group(0).column(0).compression == "ZSTD"
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.parquet"]


def test_a_run_file_needs_its_columns(tmp_path: Path) -> None:
    columns = run_columns()
    del columns["Voltage / V"]
    with pytest.raises(ValueError, match="Voltage / V"):
        write_run_parquet(tmp_path / "run.parquet", columns, {})
    with pytest.raises(ValueError, match="same length"):
        write_run_parquet(tmp_path / "run.parquet", {**run_columns(), "Step ID": ["rest"]}, {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("keep", [0.2, 0.7, 0.98])
def test_a_cut_off_run_file_is_refused(tmp_path: Path, keep: float) -> None:
    path = tmp_path / "run.parquet"
    write_run_parquet(path, run_columns(), {})
    path.write_bytes(path.read_bytes()[: int(keep * path.stat().st_size)])
    assert "cut off" in refused(path, "data.corrupt").remedy


def test_bad_parquet_content_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.parquet"
    good = {"time_s": [0.0, 1.0], "current_A": [0.0, 0.0], "voltage_V": ["3.7", "bad"]}
    pq.write_table(pa.table(good), path)
    assert "row 2, column 'voltage_V': 'bad'" in str(refused(path, "data.not_a_number"))
    pq.write_table(pa.table({"a": [1.0]}), path)
    refused(path, "data.columns")
    pq.write_table(pa.table({**good, "voltage_V": ["3.7", "3.6"]}), path)
    samples = read_record(path).samples
    assert samples is not None
    assert samples.voltage_V.tolist() == [3.7, 3.6]
    damaged = pa.table({**good, "voltage_V": [3.7, 3.6]}).replace_schema_metadata({b"pulse_station": b"{"})
    pq.write_table(damaged, path)
    assert "run description" in str(refused(path, "data.corrupt"))


def test_checksums_are_of_the_bytes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "abc")
    assert file_sha256(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    with pytest.raises(OSError, match="absent"):
        file_sha256(tmp_path / "absent")
