"""No bytes, texts or tables whatever bring up anything but a named error, or data that were checked."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.errors import DataError
from station.rawfiles import Recording, read_record
from tests.station.rawfiles import vendor_files as made

IMPORTS = Path(__file__).parents[2] / "data" / "imports"
MAPPING = """\
format: pulse-station/columns/1
columns:
  time: {column: time_s, unit: s}
  current: {column: current_A, unit: A, positive: charge}
  voltage: {column: voltage_V, unit: V}
"""
relaxed = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def named_or_checked(path: Path, **options: Path) -> None:
    error: DataError | None = None
    recording: Recording | None = None
    try:
        recording = read_record(path, **options)
    except DataError as raised:
        error = raised
    if error is not None:
        assert error.code.startswith("data.")
        assert error.remedy
    elif recording is not None and recording.samples is not None:
        samples = recording.samples
        assert samples.time_s.size == samples.current_A.size == samples.voltage_V.size > 0
        assert np.nanmax(np.abs(samples.voltage_V)) <= 1500


SEEDS = {
    "a.csv": made.arbin_csv().encode(),
    "m.txt": made.maccor_text(clock=True).encode(),
    "b.mpt": made.biologic_mpt(),
    "n.csv": made.neware_csv(signed=False).encode(),
    "s.bdf.csv": (IMPORTS / "bda_sample.bdf.csv").read_bytes(),
}
edits = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=30)), min_size=1, max_size=4
)


def edited(data: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    for at, cut, new in changes:
        start = int(at * len(data))
        data = data[:start] + new + data[start + cut :]
    return data


@relaxed
@given(name=st.sampled_from(sorted(SEEDS)), changes=edits)
def test_damaged_text_exports(tmp_path: Path, name: str, changes: list[tuple[float, int, bytes]]) -> None:
    path = tmp_path / name
    path.write_bytes(edited(SEEDS[name], changes))
    named_or_checked(path)


headers = st.sampled_from(
    [
        "Test Time / s",
        "time_s",
        "current_A",
        "Current(mA)",
        "voltage_V",
        "Volts",
        "Amps",
        "State",
        "Step Type",
        "Charge_Capacity(Ah)",
        "Discharge_Capacity(Ah)",
        "(Q-Qo)/mA.h",
        "ox/red",
        "Step",
        "temp",
        "",
        "Test_Time(s)",
    ]
)
cells = st.one_of(
    st.sampled_from(["", "0", "1", "-1", "1e400", "nan", "inf", "C", "D", "R", "充电", "0:00:01.5", "1,5"]),
    st.floats().map(repr),
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r"), max_size=5),
)


@relaxed
@given(
    names=st.lists(headers, min_size=3, max_size=8),
    rows=st.lists(st.lists(cells, max_size=9), max_size=12),
    delimiter=st.sampled_from([",", "\t", ";"]),
    mapped=st.booleans(),
)
def test_strange_tables(
    tmp_path: Path, names: list[str], rows: list[list[str]], delimiter: str, mapped: bool
) -> None:
    path = tmp_path / "strange.csv"
    text = "\n".join(delimiter.join(row) for row in [names, *rows])
    path.write_text(text, encoding="utf-8", newline="")
    if mapped:
        (tmp_path / "map.yaml").write_text(MAPPING, encoding="utf-8")
        named_or_checked(path, mapping=tmp_path / "map.yaml")
    else:
        named_or_checked(path)


@settings(relaxed, max_examples=40)
@given(changes=edits)
def test_mapping_files_of_any_content(tmp_path: Path, changes: list[tuple[float, int, bytes]]) -> None:
    path, mapping = tmp_path / "a.csv", tmp_path / "map.yaml"
    path.write_text("time_s,current_A,voltage_V\n0,0,3.7\n1,0,3.7\n", encoding="utf-8")
    mapping.write_bytes(edited(MAPPING.encode(), changes))
    named_or_checked(path, mapping=mapping)


@settings(relaxed, max_examples=40)
@given(name=st.sampled_from(["neware_21_10_7_85.ndax", "neware_filetype14-0.ndax"]), changes=edits)
def test_damaged_neware_archives(tmp_path: Path, name: str, changes: list[tuple[float, int, bytes]]) -> None:
    path = tmp_path / "damaged.ndax"
    path.write_bytes(edited((IMPORTS / name).read_bytes(), changes))
    named_or_checked(path)


@settings(relaxed, max_examples=40)
@given(part=st.integers(0, 7), changes=edits)
def test_neware_archives_with_sound_sums_and_damaged_parts(
    tmp_path: Path, part: int, changes: list[tuple[float, int, bytes]]
) -> None:
    path = tmp_path / "damaged.ndax"
    with zipfile.ZipFile(IMPORTS / "neware_21_10_7_85.ndax") as whole, zipfile.ZipFile(path, "w") as archive:
        for number, name in enumerate(whole.namelist()):
            content = whole.read(name)
            archive.writestr(name, edited(content, changes) if number == part else content)
    named_or_checked(path)


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return made.arbin_xlsx(tmp_path_factory.mktemp("book") / "a.xlsx").read_bytes()


@settings(relaxed, max_examples=30)
@given(changes=edits)
def test_damaged_workbooks(tmp_path: Path, workbook: bytes, changes: list[tuple[float, int, bytes]]) -> None:
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(edited(workbook, changes))
    named_or_checked(path)


@settings(relaxed, max_examples=30)
@given(changes=edits)
def test_workbooks_with_sound_sums_and_damaged_sheets(
    tmp_path: Path, workbook: bytes, changes: list[tuple[float, int, bytes]]
) -> None:
    source, path = tmp_path / "whole.xlsx", tmp_path / "damaged.xlsx"
    source.write_bytes(workbook)
    with zipfile.ZipFile(source) as whole, zipfile.ZipFile(path, "w") as archive:
        for name in whole.namelist():
            content = whole.read(name)
            archive.writestr(name, edited(content, changes) if name.endswith("sheet2.xml") else content)
    named_or_checked(path)


@settings(relaxed, max_examples=40)
@given(changes=edits)
def test_damaged_parquet(tmp_path: Path, changes: list[tuple[float, int, bytes]]) -> None:
    path = tmp_path / "damaged.parquet"
    path.write_bytes(edited((IMPORTS / "neware_21_10_7_85.parquet").read_bytes(), changes))
    named_or_checked(path)
