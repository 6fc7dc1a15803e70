"""``station records``: look into the records database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from station.cli.options import DataOption, JsonOption, WhoOption, WhyOption, data_folder
from station.cli.output import language, print_json, say

app = typer.Typer(help="Records of batteries, runs and events.", no_args_is_help=True)


@app.command("list")
def list_runs(
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000)] = 50,
    interrupted: Annotated[
        bool, typer.Option("--interrupted", help="Only runs that can be resumed or closed.")
    ] = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """The newest runs."""
    from station.messages import word
    from station.records import open_records

    with open_records(data_folder(data)) as records:
        rows = records.list_runs(limit=limit, state="interrupted" if interrupted else None)
    if json:
        print_json({"runs": rows})
        return
    for row in rows:
        soh = f"SOH {row['soh'] * 100:.1f} %" if row.get("soh") is not None else ""
        say(
            f"{row['run_id']:32} {row['battery']:26} {row['channel']:4} {row['profile']:10} "
            f"{row['state']:12} {word(row.get('verdict') or '-', language()):11} "
            f"{row.get('grade') or '-':2} {soh}"
        )


@app.command("show")
def show(
    run_id: Annotated[str, typer.Argument(help="Run, as listed.")],
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """One run with its events, files and result; files are checked against their checksums."""
    from station.records import open_records

    with open_records(data_folder(data)) as records:
        row = records.show_run(run_id)
    if json:
        print_json(row)
        return
    for key, value in row.items():
        if key not in {"result", "events", "files"}:
            say(f"{key:22} {value}")
    past = (row["result"] or {}).get("history")
    if past:
        from station.cli.history_text import history_lines

        for line in history_lines(past, language(), brief=True):
            say(line)
    for file in row["files"]:
        say(f"file                   {file['path']}  sha256 {file['sha256']}  {file['check']}")
    for event in row["events"]:
        say(f"event                  {event['t_utc']} {event['level']:8} {event['code']}")


@app.command("verify")
def verify(data: DataOption = None, json: JsonOption = False) -> None:
    """Check the hash chain of all events, the checksums of all files, and all signed results against both."""
    from station.evidence.records_check import check_records
    from station.records import open_records

    with open_records(data_folder(data)) as records:
        report = check_records(records)
    if json:
        print_json(report)
    else:
        say(
            f"{report['events']} events chained, {report['files']} files checked, {report['signed']} of them "
            "signed, all good"
        )


@app.command("export-events")
def export_events(
    output: Annotated[Path, typer.Option("-o", "--output", help="Write here (.jsonl).")],
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """The whole event log as a signed file that 'station verify' checks without this database."""
    from station.evidence import export_events as write
    from station.evidence import station_key
    from station.records import open_records

    with open_records(data_folder(data)) as records:
        body = write(output, records.all_events(), station_key(data_folder(data)))
    if json:
        print_json({"file": str(output), **body})
    else:
        say(f"{output}: {body['count']} events")


@app.command("correct-code")
def correct_code(
    run_id: Annotated[str, typer.Argument(help="Run that was recorded under a wrong code.")],
    battery: Annotated[str, typer.Argument(help="The right code.")],
    who: WhoOption = "",
    why: WhyOption = "",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Put a run under the right code; the wrong one is kept with who, when and why."""
    from station.identity import correct_code as correct
    from station.records import open_records

    with open_records(data_folder(data)) as records:
        row = correct(records, run_id, battery, who=who, why=why)
    if json:
        print_json(row)
    else:
        say(f"{run_id}: {row['old']} → {row['new']}")


@app.command("changes")
def changes(
    key: Annotated[str | None, typer.Argument(help="Battery or run [default: all].")] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """What was corrected by whom, when and why, with the old value and the new one."""
    from station.records import open_records

    with open_records(data_folder(data)) as records:
        rows = records.changes(key=key)
    if json:
        print_json({"changes": rows})
        return
    for row in rows:
        say(
            f"{row['t_utc']} {row['record']} {row['key']} {row['field']}: {row['old']} → {row['new']}  "
            f"{row['who']}: {row['why']}"
        )


@app.command("bring-back")
def bring_back(
    revision: Annotated[str, typer.Option("--to", help="Revision that the older program knows.")],
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Take the database back for an older program; nothing is lost, this one brings it forward again."""
    import os

    from station.records import DATABASE_NAME
    from station.records.database import bring_back as go
    from station.records.database import sqlite_url

    url = os.environ.get("STATION_DATABASE_URL") or sqlite_url(data_folder(data) / DATABASE_NAME)
    go(url, revision)
    if json:
        print_json({"revision": revision})
    else:
        say(f"the records are at revision {revision}; any command of this program brings them forward again")
