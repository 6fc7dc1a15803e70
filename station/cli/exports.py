"""``station export``: runs as files for others."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

import typer

from station.cli.options import DataOption, JsonOption, data_folder
from station.cli.output import print_json, say


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export")(export)


def export(
    runs: Annotated[list[str], typer.Argument(help="Runs on record.")],
    form: Annotated[
        Literal["bdf-csv", "bdf-parquet", "xlsx", "json", "passport"],
        typer.Option("--format", help="Kind of file."),
    ] = "bdf-csv",
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write into.")] = Path(),
    institution: Annotated[
        str, typer.Option("--institution", help="First part of the file's name.")
    ] = "PulseStation",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Write runs as BDF tables, workbooks, JSON, or battery-passport fields. Changed raw data are refused."""
    from station.exports.run import export_run
    from station.records import open_records
    from station.records.files import write_whole

    with suppress(OSError):  # what follows says what is wrong
        output.mkdir(parents=True, exist_ok=True)
    written = []
    with open_records(data_folder(data)) as records:
        for run_id in runs:
            name, content = export_run(records, run_id, form, institution=institution)
            write_whole(output / name, content)
            written.append({"run_id": run_id, "file": str(output / name), "bytes": len(content)})
    if json:
        print_json({"files": written})
    else:
        for file in written:
            say(str(file["file"]))
