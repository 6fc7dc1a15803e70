"""Text tables whose columns a mapping file describes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from station.cli.main import invoke
from station.errors import DataError
from station.rawfiles import Recording, read_record
from tests.station.rawfiles import vendor_files as made

HEAD = "format: pulse-station/columns/1\n"
SIMPLE = HEAD + (
    "columns:\n"
    "  time: {column: zeit, unit: ms}\n"
    "  current: {column: strom, unit: mA, positive: discharge}\n"
    "  voltage: {column: spannung, unit: mV}\n"
    "  temperature: {column: temp, unit: degC}\n"
)


def table(unsigned: bool = False) -> str:
    rows = ["zeit,strom,spannung,temp,was"]
    for n in range(made.T.size):
        amps = -1000 * made.CURRENT[n]
        kind = "laden" if amps < 0 else "entladen" if amps > 0 else "pause"
        shown = abs(amps) if unsigned else amps
        rows.append(f"{made.T[n] * 1000:.0f},{shown},{made.VOLTAGE[n] * 1000},25.5,{kind}")
    return "\n".join(rows)


def mapped(tmp_path: Path, content: str | bytes, mapping: str) -> Recording:
    file, description = tmp_path / "own.csv", tmp_path / "own.yaml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    description.write_text(mapping, encoding="utf-8")
    return read_record(file, mapping=description)


def same_as_made(recording: Recording) -> None:
    samples = recording.samples
    assert samples is not None
    assert samples.time_s == pytest.approx(made.T)
    assert samples.current_A == pytest.approx(made.CURRENT)
    assert samples.voltage_V == pytest.approx(made.VOLTAGE)


def test_columns_units_and_sign_are_as_described(tmp_path: Path) -> None:
    recording = mapped(tmp_path, table(), SIMPLE + "nominal_capacity_Ah: 35\n")
    same_as_made(recording)
    assert recording.format == "csv-mapped"
    assert recording.nominal_capacity_Ah == 35
    assert recording.samples is not None
    assert recording.samples.temperature_degC is not None
    assert recording.samples.temperature_degC[0] == 25.5


def test_a_current_without_sign_needs_and_uses_the_kind(tmp_path: Path) -> None:
    unsigned = SIMPLE.replace("positive: discharge", "positive: unsigned")
    with pytest.raises(DataError, match="unsigned current needs") as caught:
        mapped(tmp_path, table(unsigned=True), unsigned)
    assert caught.value.code == "data.mapping"
    kind = "  kind: {column: was, charge: [laden], discharge: [entladen], rest: [pause]}\n"
    same_as_made(mapped(tmp_path, table(unsigned=True), unsigned + kind))


def test_a_wrong_sign_in_the_mapping_is_found_out_by_the_voltage(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="positive current discharges") as caught:
        mapped(tmp_path, table(), SIMPLE.replace("positive: discharge", "positive: charge"))
    assert caught.value.code == "data.sign"


def test_a_wrong_unit_in_the_mapping_is_found_out(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="reaches 3740 V") as caught:
        mapped(tmp_path, table(), SIMPLE.replace("unit: mV", "unit: V"))
    assert caught.value.code == "data.units"


def test_no_header_semicolons_decimal_commas_and_dates(tmp_path: Path) -> None:
    rows = [
        f"01.03.2024 10:00:{made.T[n]:04.1f};{made.CURRENT[n]};{made.VOLTAGE[n]}".replace(".", ",", 0)
        for n in range(made.T.size)
    ]
    text = "\n".join(row[:11] + row[11:].replace(".", ",") for row in rows)
    mapping = HEAD + (
        'delimiter: ";"\ndecimal: ","\nheader_line: 0\nencoding: cp1252\n'
        "columns:\n"
        '  time: {column: 1, unit: datetime, format: "%d.%m.%Y %H:%M:%S.%f"}\n'
        "  current: {column: 2, unit: A, positive: charge}\n"
        "  voltage: {column: 3, unit: V}\n"
    )
    same_as_made(mapped(tmp_path, text.encode("cp1252"), mapping))


def test_a_header_further_down_and_clock_times(tmp_path: Path) -> None:
    rows = [f"0:00:{made.T[n]:04.1f},{made.CURRENT[n]},{made.VOLTAGE[n]}" for n in range(made.T.size)]
    text = "device 7\n\n" + "t,i,u\n" + "\n".join(rows)
    mapping = HEAD + (
        "header_line: 3\ncolumns:\n  time: {column: t, unit: clock}\n"
        "  current: {column: i, unit: A, positive: charge}\n  voltage: {column: u, unit: V}\n"
    )
    same_as_made(mapped(tmp_path, text, mapping))


@pytest.mark.parametrize(
    ("old", "new", "code", "word"),
    [
        ("column: zeit", "column: uhr", "data.columns", "no column 'uhr'"),
        ("column: zeit", "column: 9", "data.columns", "no column 9"),
        ("unit: ms", "unit: weeks", "data.mapping", "columns.time.unit"),
        ("unit: ms", 'unit: datetime, format: "%Y"', "data.not_a_time", "line 2, column 'zeit': '0'"),
        ("positive: discharge", "positive: maybe", "data.mapping", "positive"),
        ("columns:", "colums:", "data.mapping", "colums"),
        ("columns:", "columns: [", "data.mapping", "own.yaml:"),
        ("format: pulse-station/columns/1", "format: other", "data.mapping", "format"),
        ("columns:", "header_line: 900\ncolumns:", "data.columns", "no column 'zeit'"),
        ("columns:", "encoding: klingon\ncolumns:", "data.corrupt", "klingon"),
        ("columns:", 'delimiter: "\\n"\ncolumns:', "data.mapping", "delimiter"),
    ],
)
def test_what_is_wrong_in_a_mapping_is_named(
    tmp_path: Path, old: str, new: str, code: str, word: str
) -> None:
    with pytest.raises(DataError) as caught:
        mapped(tmp_path, table(), SIMPLE.replace(old, new))
    assert caught.value.code == code
    assert word in str(caught.value)
    assert caught.value.remedy


def test_the_command_line_takes_a_mapping(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, description = tmp_path / "own.csv", tmp_path / "own.yaml"
    file.write_text(table(), encoding="utf-8")
    description.write_text(SIMPLE, encoding="utf-8")

    def run(*arguments: str) -> tuple[int, Any]:
        code = invoke(["diagnose", str(file), *arguments, "--json"])
        return code, json.loads(capsys.readouterr().out)

    code, answer = run("--mapping", str(description))
    assert (code, answer["source_format"]) == (3, "csv-mapped")
    assert [round(pulse["current_A"]) for pulse in answer["blocks"][0]["pulses"]] == [-20, 20]
    code, answer = run()
    assert (code, answer["error"]["code"]) == (6, "data.columns")
    assert "mapping" in answer["error"]["remedy"]
    code, answer = run("--mapping", str(tmp_path / "absent.yaml"))
    assert (code, answer["error"]["code"]) == (6, "data.mapping")
