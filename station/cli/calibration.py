"""``station calibration``: what is due, and entering a certificate."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from station.cli.options import DataOption, JsonOption, WhoOption, WhyOption, data_folder
from station.cli.output import print_json, say

app = typer.Typer(help="Calibration of the instruments of a bench.", no_args_is_help=True)
BenchFile = Annotated[str, typer.Option("--bench", help="Bench file, or the name of one that ships.")]


@app.command("list")
def list_calibrations(bench: BenchFile, data: DataOption = None, json: JsonOption = False) -> None:
    """Certificate, last good day and days left of every instrument."""
    from station.bench import calibrations_of, check_bench_text, load_bench

    files = _files(bench, data)
    now = check_bench_text(files.text(), str(files.path))[0] or load_bench(bench)
    rows = calibrations_of(now, datetime.datetime.now().astimezone().date())
    if json:
        print_json({"instruments": rows, "policy": now.calibration})
        return
    for row in rows:
        told = row["calibration"] or {"due": "", "certificate": ""}
        left = "" if row["days_left"] is None else f"{row['days_left']} d"
        say(
            f"{row['state']:8} {told['due']:10} {left:>8} {row['address']:42} {row['driver']:18} "
            f"{told['certificate']}".rstrip()
        )


@app.command("set")
def set_calibration(
    address: Annotated[str, typer.Argument(help="Address of the instrument, as in the bench file.")],
    bench: BenchFile,
    due: Annotated[str, typer.Option("--due", help="Last good day, as 2027-03-31.")],
    certificate: Annotated[str, typer.Option("--certificate", help="Its number.")] = "",
    done: Annotated[str, typer.Option("--done", help="Day of the calibration.")] = "",
    by: Annotated[str, typer.Option("--by", help="Laboratory or person.")] = "",
    points: Annotated[
        Path | None,
        typer.Option("--points", help="YAML list of {quantity, unit, reading, reference, uncertainty}."),
    ] = None,
    who: WhoOption = "",
    why: WhyOption = "",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Enter a certificate in the bench file; it counts from the next start of the service on."""
    from station.records import open_records

    wanted: dict[str, Any] = {"due": due, "certificate": certificate, "by": by}
    if done:
        wanted["done"] = done
    if points is not None:
        wanted["points"] = _points(points)
    files = _files(bench, data)
    version = files.calibrate(address, wanted, who, why or f"calibration {certificate}".strip())
    params = {"who": who, "address": address, "due": due, "certificate": certificate}
    with open_records(data_folder(data)) as records:
        records.add_event("calibration.entered", params, source="cli")
    if json:
        print_json({"path": str(files.path), "version": version.number})
    else:
        say(f"{files.path}: {address} due {due}; counts once the service is started with this file")


def _points(path: Path) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    from station.errors import DataError

    try:
        return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, YAMLError) as error:
        raise DataError(
            f"{path} is no list of points: {error}",
            remedy="give a YAML list",
            code="calibration.points",
            file=str(path),
        ) from error


def _files(bench: str, data: Path | None) -> Any:
    from station.bench import load_bench, locate_bench
    from station.service.bench_files import BenchFiles
    from station.service.config import ServiceConfig

    path = locate_bench(bench).resolve()
    return BenchFiles(ServiceConfig(load_bench(bench), data_folder(data), bench_file=path))
