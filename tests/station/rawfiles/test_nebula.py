"""The Nebula step sheet of a real session, checked against a direct reading of the sheet."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from station.diagnosis.pulses import Analysis, StepRecord, analyse_steps, u_blocks
from station.errors import DataError
from station.rawfiles import Recording, read_record

PULSEBAT = Path(__file__).parents[2] / "data" / "pulsebat"
FILE = PULSEBAT / "LMO_C_10_B_2_SOC_5-55_Part_1-1_ID_PIP15827A00221240.xlsx"
WIDTHS = (0.03, 0.05, 0.07, 0.1, 0.3, 0.5, 0.7, 1.0, 3.0, 5.0)


@pytest.fixture(scope="module")
def recording() -> Recording:
    return read_record(FILE)


@pytest.fixture(scope="module")
def analysis(recording: Recording) -> Analysis:
    assert recording.steps is not None
    return analyse_steps(StepRecord.of(recording.steps), nominal_capacity_Ah=recording.nominal_capacity_Ah)


@pytest.fixture(scope="module")
def sheet() -> list[dict[str, Any]]:
    """The rows as they stand in the sheet, by header."""
    book = openpyxl.load_workbook(FILE, read_only=True)
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    book.close()
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def seconds(text: str) -> float:
    hours, minutes, rest = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def test_what_the_file_says_about_itself(recording: Recording) -> None:
    assert recording.format == "nebula-xlsx"
    assert recording.samples is None
    assert recording.steps is not None
    assert recording.steps.start_s.size == 2227
    assert recording.measured_capacity_Ah == pytest.approx(6.0513)
    assert recording.nominal_capacity_Ah == 10.0
    assert recording.measured_capacity_Ah / recording.nominal_capacity_Ah == pytest.approx(0.605, abs=5e-4)
    assert recording.metadata == {"chemistry_in_name": "LMO", "battery_code": "PIP15827A00221240"}
    assert any("file name" in note for note in recording.notes)
    assert any("35 steps" in note for note in recording.notes)
    assert [step.charge_Ah for step in recording.soc_steps] == pytest.approx([0.5] * 11, abs=2e-4)


def test_a_given_capacity_goes_before_the_name() -> None:
    recording = read_record(FILE, nominal_capacity_Ah=10.5)
    assert recording.nominal_capacity_Ah == 10.5
    assert not any("file name" in note for note in recording.notes)


def test_all_levels_widths_and_amplitudes_are_found(analysis: Analysis) -> None:
    assert len(analysis.blocks) == 11
    for block in analysis.blocks:
        assert len(block.pulses) == 100
        amplitudes = Counter(round(pulse.current_A / 10.0, 1) for pulse in block.pulses)
        assert amplitudes == {rate * sign: 10 for rate in (0.5, 1.0, 1.5, 2.0, 2.5) for sign in (1, -1)}
        widths = Counter(round(pulse.duration_s, 3) for pulse in block.pulses if pulse.current_A < 0)
        assert widths == dict.fromkeys(WIDTHS, 5)
    assert sum(pulse.clipped for pulse in analysis.pulses) == 35
    assert all(pulse.current_A > 0 for pulse in analysis.pulses if pulse.clipped)


def test_levels_start_from_the_rest_voltage_and_climb(
    analysis: Analysis, sheet: list[dict[str, Any]]
) -> None:
    rests = [row["结束电压(V)"] for row in sheet if row["持续时间(h:min:s:ms)"] == "00:10:00.000"]
    assert [block.ocv_V for block in analysis.blocks] == pytest.approx(rests)
    assert [block.rest_before_s for block in analysis.blocks] == pytest.approx([600.0] * 11, abs=1.0)
    moved = [block.charge_before_Ah for block in analysis.blocks]
    assert all(b > a for a, b in pairwise(moved))


def test_every_resistance_agrees_with_the_sheet(analysis: Analysis, sheet: list[dict[str, Any]]) -> None:
    pulses = iter(analysis.pulses)
    compared = 0
    for before, row in pairwise(sheet):
        width = seconds(row["持续时间(h:min:s:ms)"])
        if row["状态"] == "静置" or width > 10.0:
            continue
        pulse = next(pulses)
        rest = before["结束电压(V)"]
        first = (row["起始电压(V)"] - rest) / row["起始电流(A)"]
        last = (row["结束电压(V)"] - rest) / row["结束电流(A)"]
        assert pulse.duration_s == pytest.approx(width)
        assert pulse.clipped == (row["结果"] != "完成")
        for asked, ohm in pulse.resistance_ohm.items():
            if float(asked) == width:
                assert ohm == pytest.approx(last, rel=0.005)
                compared += 1
            elif asked == "0.01":
                assert ohm == pytest.approx(first, rel=0.005)
                compared += 1
            else:
                assert ohm is None  # the sheet does not hold it
    assert next(pulses, None) is None
    assert compared > 1400


def test_the_pulse_tables_hold_what_was_published_for_this_cell(analysis: Analysis) -> None:
    published = json.loads((PULSEBAT / "lmo10_016_table_5s.json").read_text())
    compared = 0
    for block, row in zip(analysis.blocks, published["rows"], strict=False):
        tables = {table.pulse_width_s: table for table in u_blocks(block, nominal_capacity_Ah=10.0)}
        assert tuple(tables) == WIDTHS
        table = tables[5.0]
        assert table.third_amplitude_C == 1.5
        assert not table.standalone
        for key, value in table.values.items():
            if key in row:
                assert value == pytest.approx(row[key], abs=1e-4), (row["soc_nominal_pct"], key)
                compared += 1
    assert compared > 190


def test_complete_levels_fill_every_value_of_every_width(analysis: Analysis) -> None:
    for block in analysis.blocks[:8]:
        for table in u_blocks(block, nominal_capacity_Ah=10.0):
            assert set(table.values) == {f"U{n}" for n in range(1, 42)}
    cut = u_blocks(analysis.blocks[10], nominal_capacity_Ah=10.0)[-1]
    assert not {"U34", "U35", "U36", "U37"} & set(cut.values)
    assert {"U38", "U41"} <= set(cut.values)


def workbook(path: Path, rows: list[list[Any]], title: str = "Sheet1") -> Path:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


HEADER = [
    "状态",
    "绝对时间",
    "结果",
    "起始电压(V)",
    "结束电压(V)",
    "起始电流(A)",
    "结束电流(A)",
    "持续时间(h:min:s:ms)",
]


def step(state: str, at: str, volts: Any, amps: float, duration: str = "00:00:05.000") -> list[Any]:
    return [state, f"2024-05-01 08:00:{at}", "完成", volts, volts, amps, amps, duration]


def test_discharge_given_as_magnitudes_still_discharges(tmp_path: Path) -> None:
    rows = [
        HEADER,
        step("静置", "00.000", 3.7, 0),
        step("放电 DC", "05.000", 3.6, 20.0),
        step("静置", "10.000", 3.69, 0),
    ]
    recording = read_record(workbook(tmp_path / "a.xlsx", rows))
    assert recording.steps is not None
    (pulse,) = analyse_steps(StepRecord.of(recording.steps)).pulses
    assert pulse.current_A == -20.0
    assert pulse.resistance(5.0) == pytest.approx(0.005)
    assert recording.nominal_capacity_Ah is None
    assert recording.measured_capacity_Ah is None


def test_record_sheets_give_samples(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["记录序号", "绝对时间", "电压(V)", "电流(A)", "温度1(℃)"]]
    rows += [
        [n, f"2024-05-01 08:00:{n:02d}.000", 3.7 if n < 5 else 3.6, 0 if n < 5 else -20, 25.0]
        for n in range(20)
    ]
    recording = read_record(workbook(tmp_path / "b.xlsx", rows, "记录层"))
    assert recording.samples is not None
    assert recording.samples.time_s.tolist() == list(range(20))
    assert recording.samples.current_A[-1] == -20.0
    assert recording.samples.temperature_degC is not None


@pytest.mark.parametrize(
    ("rows", "code", "words"),
    [
        ([HEADER], "data.empty", "no steps"),
        ([["a", "b"], [1, 2]], "data.columns", "no sheet has columns"),
        ([HEADER, step("静置", "00.000", "坏", 0)], "data.not_a_number", "row 2, column '起始电压'"),
        (
            [HEADER, step("静置", "00.000", 3.7, 0), step("静置", "05.000", None, 0)],
            "data.not_a_number",
            "row 3",
        ),
        (
            [HEADER, step("静置", "05.000", 3.7, 0), step("静置", "00.000", 3.7, 0)],
            "data.time_backwards",
            "row 3",
        ),
        ([HEADER, step("静置", "xx", 3.7, 0)], "data.not_a_time", "row 2, column '绝对时间'"),
        ([HEADER, step("静置", "00.000", 3.7, 0, "5 s")], "data.not_a_time", "row 2, column '持续时间'"),
    ],
)
def test_a_bad_sheet_is_refused_by_row_and_column(
    tmp_path: Path, rows: list[list[Any]], code: str, words: str
) -> None:
    with pytest.raises(DataError) as caught:
        read_record(workbook(tmp_path / "bad.xlsx", rows))
    assert caught.value.code == code
    assert words in str(caught.value)
    assert "bad.xlsx" in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_a_cut_off_workbook_is_refused(tmp_path: Path, keep: float) -> None:
    data = FILE.read_bytes()
    short = tmp_path / "short.xlsx"
    short.write_bytes(data[: int(keep * len(data))])
    with pytest.raises(DataError, match=r"short\.xlsx is not a readable workbook"):
        read_record(short)
