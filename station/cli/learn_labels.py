"""``station learn label``, ``labels``, ``pulses``: measured capacities, and the pulse tests of the cells."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from station.cli.options import DataOption, JsonOption, data_folder
from station.cli.output import note, print_json, say

SimulatedOption = Annotated[
    bool, typer.Option("--simulated", help="From simulated benches, and nothing else; never mixed with real.")
]


def label(
    run: Annotated[str, typer.Argument(help="A finished capacity run, or the path of its run file.")],
    gain: Annotated[
        float,
        typer.Option("--current-gain", help="Largest gain error, a share.", min=0, max=0.1),
    ] = 0.002,
    offset_A: Annotated[
        float, typer.Option("--current-offset", help="Largest offset of the current, A.", min=0, max=100)
    ] = 0.02,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Take the label of a capacity run into the table; the accuracy defaults are assumed, not verified."""
    from station.diagnosis.capacity import CurrentAccuracy
    from station.models.labels import LabelTable, label_of_run

    folder = data_folder(data)
    found = label_of_run(_run_file(run, folder), CurrentAccuracy(gain, offset_A))
    LabelTable(folder).add(found)
    if json:
        print_json(found.as_dict())
    else:
        say(_line(found))


def labels(
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write them as .csv or .parquet.")] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """The labels of this station, oldest first."""
    from station.models.labels import LabelTable, write_labels

    found = LabelTable(data_folder(data)).labels()
    if out is not None:
        write_labels(found, out)
    if json:
        print_json({"labels": [item.as_dict() for item in found]})
        return
    for item in found:
        say(_line(item))


def pulses(
    out: Annotated[Path, typer.Option("-o", "--out", help="Pulse table to write, .parquet.")],
    data: DataOption = None,
    simulated: SimulatedOption = False,
    json: JsonOption = False,
) -> None:
    """Write the pulse table of all cells on record: of a labelled cell the nearest test before its capacity
    run, of any other the newest."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from station.errors import DataError
    from station.models.labels import LabelTable
    from station.records import open_records

    folder = data_folder(data)
    before = {item.cell_id: item.started_utc for item in LabelTable(folder).labels()}
    rows: list[dict[str, Any]] = []
    with open_records(folder) as records:
        runs = records.list_runs(limit=1_000_000)
        for cell in sorted({str(run["battery"]) for run in runs}):
            rows += _rows_of(cell, runs, before.get(cell), folder, simulated)
    if not rows:
        raise DataError(
            "no pulse test of a single cell with a named chemistry is on record",
            remedy="run rapid or reference on cells, with their chemistry",
            code="learn.no_pulses",
        )
    pq.write_table(pa.Table.from_pylist(rows), out)
    report = {"rows": len(rows), "cells": len({row["cell_id"] for row in rows}), "out": str(out)}
    if json:
        print_json(report)
    else:
        say(f"{report['rows']} rows of {report['cells']} cells → {out}")


def _rows_of(
    cell: str, runs: list[dict[str, Any]], before_utc: str | None, folder: Path, simulated: bool
) -> list[dict[str, Any]]:
    """Rows of the newest finished run of ``cell`` with pulses; runs come newest first."""
    from station.errors import DataError
    from station.reports.pulse_rows import pulse_rows

    for run in runs:
        if run["battery"] != cell or run["outcome"] != "completed" or bool(run["simulated"]) != simulated:
            continue
        if before_utc is not None and not _earlier(run["started_utc"], before_utc):
            continue
        file = folder / "runs" / str(run["run_id"]) / "run.parquet"
        if not file.is_file():
            continue
        try:
            rows = pulse_rows(file)
        except DataError as error:
            note(f"{run['run_id']}: left out: {error.message}")
            continue
        if rows:
            return rows
    return []


def _earlier(one_utc: str, other_utc: str) -> bool:
    from datetime import datetime

    return datetime.fromisoformat(one_utc) < datetime.fromisoformat(other_utc)


def _run_file(run: str, folder: Path) -> Path:
    path = Path(run)
    return path if path.is_file() else folder / "runs" / run / "run.parquet"


def _line(item: Any) -> str:
    temperature = "" if item.temperature_degC is None else f"  {item.temperature_degC:.1f} °C"
    simulated = "  (simulated)" if item.simulated else ""
    return (
        f"{item.cell_id:26} {item.capacity_Ah:9.4f} Ah "
        f"[{item.capacity_low_Ah:.4f}, {item.capacity_high_Ah:.4f}]  "
        f"SOH {100 * item.soh:.2f} %  {item.rate_C:.2g} C{temperature}  {item.run_id}{simulated}"
    )
