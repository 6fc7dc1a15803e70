"""``station backup``, ``restore``, ``retention``: a data folder kept, brought back, and kept in bounds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from station.cli.options import DataOption, JsonOption, WhoOption, WhyOption, data_folder
from station.cli.output import print_json, say


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("retention")(retention)


def backup(
    output: Annotated[Path, typer.Option("-o", "--output", help="File to write (.tar).")],
    with_key: Annotated[
        bool, typer.Option("--with-key", help="The signing key, too: keep the file as safe as the key.")
    ] = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Database, runs and settings in one signed file; tests may run meanwhile."""
    import os

    from station.evidence.backup import backup as write

    url = os.environ.get("STATION_DATABASE_URL")
    told = write(data_folder(data), output, with_key=with_key, url=url)
    if json:
        print_json(told)
    else:
        say(f"{told['file']}: {told['files']} files, {told['bytes'] / 1e6:.1f} MB")


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    into: Annotated[Path, typer.Option("--into", help="New data folder; must be empty.")],
    url: Annotated[
        str | None,
        typer.Option("--url", help="Empty database that takes the records, instead of the folder."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Bring a backup back into an empty folder; every file and every event is checked."""
    from station.evidence.backup import restore as read

    told = read(file, into.expanduser().resolve(), url=url)
    if json:
        print_json(told)
    else:
        say(f"{into}: {told['files']} files and {told['events']} events, by {told['key_id']}")


def retention(
    older_than: Annotated[float, typer.Option("--older-than", min=0, help="Days since the test ended.")],
    backup_file: Annotated[
        Path | None, typer.Option("--apply", help="Remove what this backup holds; without it only list.")
    ] = None,
    who: WhoOption = "",
    why: WhyOption = "",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Raw files of old tests: list them, or remove those that a checked backup holds. Records always stay."""
    from station.evidence.retention import apply, due
    from station.records import open_records

    with open_records(data_folder(data)) as records:
        if backup_file is None:
            files = due(records, older_than)
            if json:
                print_json({"files": files})
                return
            for file in files:
                say(f"{file['path']}  {file['bytes'] / 1e6:.2f} MB")
            return
        told = apply(records, older_than, backup_file, who=who, why=why)
    if json:
        print_json(told)
    else:
        say(f"{told['removed']} removed ({told['bytes'] / 1e6:.1f} MB), {told['kept']} not in the backup")
