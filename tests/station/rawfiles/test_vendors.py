"""Exports of other makers' cyclers."""

from __future__ import annotations

import builtins
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from station.errors import DataError
from station.rawfiles import Recording, read_record
from tests.station.rawfiles import vendor_files as made

IMPORTS = Path(__file__).parents[2] / "data" / "imports"


def refused(path: Path, code: str, word: str = "") -> DataError:
    with pytest.raises(DataError) as caught:
        read_record(path)
    assert caught.value.code == code
    assert path.name in str(caught.value)
    assert word in str(caught.value)
    assert caught.value.remedy
    return caught.value


def same_as_made(recording: Recording) -> None:
    samples = recording.samples
    assert samples is not None
    assert samples.time_s == pytest.approx(made.T)
    assert samples.current_A == pytest.approx(made.CURRENT)
    assert samples.voltage_V == pytest.approx(made.VOLTAGE)
    assert samples.step is not None
    assert samples.step.tolist() == made.STEP.tolist()


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "format"),
    [
        ("a.csv", made.arbin_csv(), "arbin-text"),
        ("s.csv", made.arbin_csv().replace("_", " "), "arbin-text"),
        ("m.txt", made.maccor_text(), "maccor-text"),
        ("c.txt", made.maccor_text(clock=True), "maccor-text"),
        ("b.mpt", made.biologic_mpt(), "biologic-text"),
        ("d.mpt", made.biologic_mpt(comma=True), "biologic-text"),
        ("e.mpt", made.biologic_mpt(counters=False), "biologic-text"),
        ("n.csv", made.neware_csv(), "neware-text"),
        ("u.csv", made.neware_csv(signed=False), "neware-text"),
    ],
)
def test_text_exports_give_seconds_amperes_volts_and_positive_charge(
    tmp_path: Path, name: str, content: str | bytes, format: str
) -> None:
    recording = read_record(written(tmp_path / name, content))
    same_as_made(recording)
    assert recording.format == format


def test_an_arbin_workbook_split_over_sheets(tmp_path: Path) -> None:
    recording = read_record(made.arbin_xlsx(tmp_path / "a.xlsx"))
    same_as_made(recording)
    assert recording.format == "arbin-xlsx"


def test_a_current_without_sign_gets_it_from_the_state_and_says_so(tmp_path: Path) -> None:
    recording = read_record(written(tmp_path / "m.txt", made.maccor_text()))
    assert recording.notes[-1] == "column 'Amps' has no sign; taken from 'State'"
    assert len(recording.notes) == 3  # Amps and Volts name no unit in brackets


def test_a_current_without_sign_and_without_state_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "m.txt", made.maccor_text(state=False))
    error = refused(path, "data.sign", "has no sign")
    assert error.params["column"] == "Amps"
    half = made.maccor_text().replace("\tD\t", "\tX\t")
    refused(written(tmp_path / "h.txt", half), "data.sign", "has no sign")


def test_a_reversed_sign_is_turned_round_where_counters_prove_it_else_refused(
    tmp_path: Path,
) -> None:
    recording = read_record(written(tmp_path / "a.csv", made.arbin_csv(sign=-1.0)))
    same_as_made(recording)
    assert "turned round" in recording.notes[-1]
    same_as_made(read_record(written(tmp_path / "b.mpt", made.biologic_mpt(sign=-1.0))))
    unproved = made.biologic_mpt(counters=False, sign=-1.0)
    refused(written(tmp_path / "e.mpt", unproved), "data.sign", "positive current discharges")
    mixed = made.arbin_csv().replace("20.0,3.74", "-20.0,3.74")
    refused(written(tmp_path / "x.csv", mixed), "data.sign", "agrees with")


def test_neware_binaries_give_what_their_makers_tests_expect() -> None:
    for name in ("neware_21_10_7_85", "neware_interp-test"):
        recording = read_record(IMPORTS / f"{name}.ndax")
        expected = pq.read_table(IMPORTS / f"{name}.parquet")
        samples = recording.samples
        assert samples is not None
        assert recording.format == "neware-ndax"
        assert samples.time_s == pytest.approx(np.array(expected["Total Time"]))
        assert samples.current_A * 1e6 == pytest.approx(np.array(expected["Current(uA)"]), abs=1e-3)
        assert samples.voltage_V * 1e3 == pytest.approx(np.array(expected["Voltage(mV)"]), abs=0.06)
        assert samples.step is not None
        assert samples.step.tolist() == expected["Step Count"].to_pylist()
    other = read_record(IMPORTS / "neware_filetype14-0.ndax").samples
    assert other is not None
    assert other.time_s[-1] == pytest.approx(655.4)


def test_empty_and_corrupt_neware_files_are_named_as_such(tmp_path: Path) -> None:
    refused(IMPORTS / "neware_empty.ndax", "data.empty", "no sample")
    refused(IMPORTS / "neware_corrupt.ndax", "data.corrupt", "TestInfo.xml")
    whole = (IMPORTS / "neware_21_10_7_85.ndax").read_bytes()
    refused(written(tmp_path / "cut.ndax", whole[: len(whole) // 2]), "data.corrupt")
    refused(written(tmp_path / "none.ndax", b"not an archive"), "data.corrupt")
    with zipfile.ZipFile(tmp_path / "part.ndax", "w") as archive:
        archive.writestr("TestInfo.xml", "<root/>")
    refused(tmp_path / "part.ndax", "data.corrupt", "data.ndc is missing")


def test_a_changed_byte_in_a_neware_archive_is_found(tmp_path: Path) -> None:
    with zipfile.ZipFile(IMPORTS / "neware_21_10_7_85.ndax") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(tmp_path / "stored.ndax", "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    data = bytearray((tmp_path / "stored.ndax").read_bytes())
    at = bytes(data).find(parts["data.ndc"]) + 5000
    data[at] ^= 0xFF
    refused(written(tmp_path / "changed.ndax", bytes(data)), "data.corrupt")


def test_reading_a_neware_file_leaves_the_program_as_it_was() -> None:
    before = (zlib.decompress, zlib.decompressobj)
    read_record(IMPORTS / "neware_21_10_7_85.ndax")
    assert (zlib.decompress, zlib.decompressobj) == before


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def no_fastnda(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("fastnda"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.delitem(sys.modules, "fastnda", raising=False)
    monkeypatch.setattr(builtins, "__import__", no_fastnda)
    error = refused(IMPORTS / "neware_21_10_7_85.ndax", "data.extra", "'neware'")
    assert "pulse-station[neware]" in error.remedy


def test_thousands_are_read_and_a_bdf_parquet_with_a_reversed_sign_is_refused(tmp_path: Path) -> None:
    rows = "".join(f'"1,{100 + n}.5",0,3.7\n' for n in range(3))
    samples = read_record(written(tmp_path / "t.csv", "time_s,current_A,voltage_V\n" + rows)).samples
    assert samples is not None
    assert samples.time_s.tolist() == [1100.5, 1101.5, 1102.5]
    path = tmp_path / "reversed.bdf.parquet"
    columns = {"Test Time / s": made.T, "Current / A": -made.CURRENT, "Voltage / V": made.VOLTAGE}
    pq.write_table(pa.table(columns), path)
    refused(path, "data.sign", "positive current discharges")


def test_a_summary_sheet_alone_is_no_record(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    path = made.arbin_xlsx(tmp_path / "a.xlsx")
    book = load_workbook(path)
    for title in ("Channel_1-1_1", "Channel_1-1_2"):
        del book[title]
    book.save(path)
    refused(path, "data.columns", "no sheet has columns")


def test_a_workbook_cell_that_is_no_number_is_named_by_sheet_and_row(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    path = made.arbin_xlsx(tmp_path / "a.xlsx")
    book = load_workbook(path)
    book["Channel_1-1_2"]["G5"] = "OVERLOAD"
    book.save(path)
    refused(path, "data.not_a_number", "sheet Channel_1-1_2, row 5, column 'Current(A)': 'OVERLOAD'")


def test_a_step_clock_is_no_test_clock(tmp_path: Path) -> None:
    text = made.arbin_csv().replace("Test_Time(s)", "X").replace("Step_Time(s)", "Time(s)")
    refused(written(tmp_path / "a.csv", text), "data.time_backwards", "runs backwards")
