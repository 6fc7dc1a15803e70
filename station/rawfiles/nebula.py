"""Reads the XLSX export of Nebula cyclers: step layer (工步层) and, where present, record sheets (记录层).

The step layer has one row per step with first and last voltage and current, which is all that a pulse step in
such a file says. Record sheets have one row per sample. Both are recognised by their headers.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from station.errors import DataError
from station.rawfiles.checks import check_samples
from station.rawfiles.clock_text import clock_seconds, instant
from station.rawfiles.columns import HEADER_HELP, split_header
from station.rawfiles.recording import Recording, SampleTable, SocStep, StepTable
from station.rawfiles.sheets import Row

#: Columns of the step layer that must be there, by header without unit.
STEP_COLUMNS = ("状态", "绝对时间", "起始电压", "结束电压", "起始电流", "结束电流", "持续时间")
RECORD_COLUMNS = ("电压", "电流", "绝对时间")
#: Pulse steps are logged at 100 Hz: their first sample comes one interval after the edge.
FIRST_SAMPLE_S = 0.01
#: Steps at least this long that charge or discharge set the SOC or measure the capacity, in s.
LONG_STEP_S = 60.0
#: Names of exported sessions carry chemistry, capacity and battery code.
NAME = re.compile(r"^(?P<chemistry>[A-Z]{3})_C_(?P<capacity>\d+(?:\.\d+)?)_.*?(?:ID_(?P<code>[^.]+))?$")

#: Near enough to every record for microseconds to survive in a float.
ORIGIN = dt.datetime(2020, 1, 1)


def is_nebula(sheets: Sequence[tuple[str, list[Row]]]) -> bool:
    """True when a sheet begins with the headers of a step layer or a record layer."""
    for _, rows in sheets:
        names = {split_header(str(cell))[0] for cell in rows[0] if cell is not None} if rows else set()
        if names.issuperset(STEP_COLUMNS) or names.issuperset(RECORD_COLUMNS):
            return True
    return False


def read_nebula(
    path: Path, sheets: Sequence[tuple[str, list[Row]]], *, nominal_capacity_Ah: float | None
) -> Recording:
    """Read the sheets of a Nebula workbook. Raises DataError naming file, sheet, row and column."""
    source = path.name
    steps: StepTable | None = None
    states: list[str] = []
    sampled: list[tuple[str, list[Row]]] = []
    headers: list[str] = []
    for title, rows in sheets:
        if not rows:
            continue
        names = {split_header(str(cell))[0]: n for n, cell in enumerate(rows[0]) if cell is not None}
        if all(name in names for name in STEP_COLUMNS) and steps is None:
            steps, states = _steps(rows, names, f"{source}, sheet {title}")
        elif all(name in names for name in RECORD_COLUMNS):
            sampled.append((title, rows))
        else:
            headers.append(f"{title}: {', '.join(map(str, list(names)[:6]))}")
    samples = _samples(sampled, source) if sampled else None
    if steps is None and samples is None:
        seen = "; ".join(headers) or "empty"
        raise DataError(
            f"{source} has neither a step sheet nor a record sheet of a Nebula cycler ({seen})",
            remedy=f"export the step layer (工步层), or a CSV: {HEADER_HELP}",
            code="data.columns",
            file=source,
        )
    metadata, hint = _from_name(path.stem)
    nominal = nominal_capacity_Ah if nominal_capacity_Ah is not None else hint
    notes = []
    if nominal_capacity_Ah is None and hint is not None:
        notes.append(f"nominal capacity {hint:g} Ah taken from the file name")
    if samples is not None:
        check_samples(
            samples,
            source=source,
            nominal_capacity_Ah=nominal,
            where=lambda row: f"record row {row + 1}",
            headers={"time": "绝对时间", "current": "电流(A)", "voltage": "电压(V)"},
        )
    calibration = _calibration(steps, states) if steps is not None else None
    if steps is not None and not bool(np.all(steps.completed)):
        cut = int(np.count_nonzero(~steps.completed))
        notes.append(f"{cut} steps were ended early by a protection or by hand")
    return Recording(
        samples=samples,
        steps=steps,
        source=str(path),
        format="nebula-xlsx",
        nominal_capacity_Ah=nominal,
        measured_capacity_Ah=-float(steps.charge_Ah[calibration])
        if steps is not None and calibration is not None
        else None,
        metadata=metadata,
        soc_steps=_soc_steps(steps, calibration) if steps is not None else (),
        notes=tuple(notes),
    )


def _cell_number(row: Row, column: int, name: str, number: int, source: str) -> float:
    value = row[column] if column < len(row) else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        return float(str(value))
    except ValueError:
        raise DataError(
            f"{source}, row {number}, column {name!r}: {value!r} is not a number",
            remedy="export the sheet again; every step needs its voltages and currents",
            code="data.not_a_number",
            file=source,
            row=f"row {number}",
            column=name,
            value=str(value),
        ) from None


def _cell_time(row: Row, column: int, name: str, number: int, source: str) -> float:
    """Seconds of a date and time, on any common origin."""
    value = row[column] if column < len(row) else None
    when = instant(value)
    if when is None:
        raise DataError(
            f"{source}, row {number}, column {name!r}: {value!r} is no date and time",
            remedy="export the sheet with absolute times (YYYY-MM-DD hh:mm:ss.ms)",
            code="data.not_a_time",
            file=source,
            row=f"row {number}",
            column=name,
        )
    return (when - ORIGIN.replace(tzinfo=when.tzinfo)).total_seconds()


def _steps(rows: list[Row], names: dict[str, int], source: str) -> tuple[StepTable, list[str]]:
    table: list[list[float]] = []
    states: list[str] = []
    completed: list[bool] = []
    for number, row in enumerate(rows[1:], start=2):
        if all(cell is None for cell in row):
            continue
        state = str(row[names["状态"]] or "")
        seconds = clock_seconds(row[names["持续时间"]])
        if seconds is None:
            raise DataError(
                f"{source}, row {number}, column '持续时间': {row[names['持续时间']]!r} is no duration",
                remedy="export the sheet with durations as h:min:s.ms",
                code="data.not_a_time",
                file=source,
                row=f"row {number}",
                column="持续时间",
            )
        cells = {
            name: _cell_number(row, names[name], name, number, source)
            for name in ("起始电压", "结束电压", "起始电流", "结束电流", "充电容量", "放电容量", "开始温度1")
            if name in names
        }
        # Some exports give discharge currents as magnitudes; the state says the direction.
        sign = -1.0 if "放电" in state else 1.0
        first, last = sign * abs(cells["起始电流"]), sign * abs(cells["结束电流"])
        if "充电容量" in cells and "放电容量" in cells:
            charge = abs(cells["充电容量"]) - abs(cells["放电容量"])
        else:
            charge = 0.5 * (first + last) * seconds / 3600.0
        begun = _cell_time(row, names["绝对时间"], "绝对时间", number, source)
        if table and begun < table[-1][0]:
            raise DataError(
                f"{source}, row {number}, column '绝对时间': the step starts before the one above it",
                remedy="sort the sheet by step number and check the cycler's clock",
                code="data.time_backwards",
                file=source,
                row=f"row {number}",
                column="绝对时间",
            )
        table.append(
            [
                begun,
                seconds,
                cells["起始电压"],
                cells["结束电压"],
                first,
                last,
                charge,
                cells.get("开始温度1", np.nan),
            ]
        )
        states.append(state)
        completed.append(str(row[names["结果"]]) == "完成" if "结果" in names else True)
    if not table:
        raise DataError(
            f"{source} has a header but no steps",
            remedy="export the test again",
            code="data.empty",
            file=source,
        )
    data = np.array(table).T
    return (
        StepTable(
            start_s=data[0] - data[0][0],
            duration_s=data[1],
            start_voltage_V=data[2],
            end_voltage_V=data[3],
            start_current_A=data[4],
            end_current_A=data[5],
            charge_Ah=data[6],
            completed=np.array(completed),
            temperature_degC=data[7] if bool(np.any(np.isfinite(data[7]))) else None,
            first_sample_s=FIRST_SAMPLE_S,
        ),
        states,
    )


def _samples(sheets: list[tuple[str, list[Row]]], source: str) -> SampleTable:
    time: list[float] = []
    current: list[float] = []
    voltage: list[float] = []
    warm: list[float] = []
    for title, rows in sheets:
        names = {split_header(str(cell))[0]: n for n, cell in enumerate(rows[0]) if cell is not None}
        heat = next((names[name] for name in ("温度1", "温度") if name in names), None)
        place = f"{source}, sheet {title}"
        for number, row in enumerate(rows[1:], start=2):
            if all(cell is None for cell in row):
                continue
            time.append(_cell_time(row, names["绝对时间"], "绝对时间", number, place))
            current.append(_cell_number(row, names["电流"], "电流(A)", number, place))
            voltage.append(_cell_number(row, names["电压"], "电压(V)", number, place))
            warm.append(np.nan if heat is None else _cell_number(row, heat, "温度(℃)", number, place))
    seconds = np.array(time)
    degrees = np.array(warm)
    return SampleTable(
        seconds - seconds[0] if seconds.size else seconds,
        np.array(current),
        np.array(voltage),
        degrees if bool(np.any(np.isfinite(degrees))) else None,
    )


def _calibration(steps: StepTable, states: list[str]) -> int | None:
    """Row of the last full discharge: the long charge before it went on at constant voltage."""
    found, full = None, False
    for row, state in enumerate(states):
        if float(steps.duration_s[row]) < LONG_STEP_S:
            continue
        if "充电" in state:
            ends_low = abs(float(steps.end_current_A[row])) < 0.3 * abs(float(steps.start_current_A[row]))
            full = bool(steps.completed[row]) and ("CV" in state or ends_low)
        elif "放电" in state:
            if full and bool(steps.completed[row]):
                found = row
            full = False
    return found


def _soc_steps(steps: StepTable, calibration: int | None) -> tuple[SocStep, ...]:
    first = 0 if calibration is None else calibration + 1
    return tuple(
        SocStep(float(steps.start_s[row]), float(steps.duration_s[row]), float(steps.charge_Ah[row]))
        for row in range(first, steps.start_s.size)
        if steps.duration_s[row] >= LONG_STEP_S and abs(float(steps.end_current_A[row])) > 0.0
    )


def _from_name(stem: str) -> tuple[dict[str, Any], float | None]:
    match = NAME.match(stem)
    if match is None:
        return {}, None
    metadata = {"chemistry_in_name": match["chemistry"]}
    if match["code"]:
        metadata["battery_code"] = match["code"]
    return metadata, float(match["capacity"])
