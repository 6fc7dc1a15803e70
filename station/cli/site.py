"""``station site``: the site that this station belongs to, and what it has been told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from station.cli.options import DataOption, JsonOption, data_folder
from station.cli.output import print_json, say
from station.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from station.sites.settings import SiteSettings

app = typer.Typer(
    help="Many stations, one site: what is told to it, and what it knows.", no_args_is_help=True
)
UrlOption = Annotated[str | None, typer.Option("--url", help="Database of a site [default: the one joined].")]


@app.command("join")
def join(
    url: Annotated[str, typer.Argument(help="As postgresql+psycopg://user:password@host/site.")],
    files: Annotated[
        str | None, typer.Option("--files", help="Where raw files go: a folder, or s3://bucket/prefix.")
    ] = None,
    files_options: Annotated[
        Path | None,
        typer.Option(
            "--files-options",
            help="YAML with endpoint_url, key, secret of the store; kept for this user only.",
        ),
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Belong to a site: its database and its store of raw files are tried first."""
    from station.evidence import station_key
    from station.sites.raw_files import RawFileStore
    from station.sites.settings import SiteSettings, read_options, write_settings
    from station.sites.store import SiteStore

    folder = data_folder(data)
    settings = SiteSettings(url, files, {} if files_options is None else read_options(files_options))
    with SiteStore.open(url) as site:
        counts = site.counts()
    if files is not None:
        RawFileStore(files, settings.options).check()
    write_settings(folder, settings)
    station = station_key(folder).key_id
    told = {"station": station, "site": settings.told, "files": files, "known": counts.get(station, 0)}
    if json:
        print_json(told)
        return
    say(f"station {station} belongs to {settings.told}, which knows {told['known']} of its runs")


@app.command("leave")
def leave(data: DataOption = None) -> None:
    """Belong to no site any more; what it was told stays there."""
    from station.sites.settings import write_settings

    write_settings(data_folder(data), None)


@app.command("status")
def status(data: DataOption = None, json: JsonOption = False) -> None:
    """What waits to be told, what was, and what the site will not take."""
    from station.evidence import station_key
    from station.records import open_records
    from station.sites.settings import read_settings

    folder = data_folder(data)
    settings = read_settings(folder)
    with open_records(folder) as records:
        outbox = records.outbox()
    told = {"station": station_key(folder).key_id, "site": settings and settings.told, **outbox}
    if json:
        print_json(told)
        return
    say(f"station {told['station']}, site {told['site'] or 'none'}")
    say(f"told {outbox['sent']}, waiting {outbox['waiting']}, oldest {outbox['oldest_utc'] or '-'}")
    for row in outbox["refused"]:
        say(f"refused {row['run_id']}: {row['reason']}")


@app.command("forward")
def forward(
    again: Annotated[bool, typer.Option("--again", help="Also what the site refused before.")] = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Tell the site now what waits; a running service does so by itself."""
    from station.evidence import station_key
    from station.records import open_records
    from station.sites.forward import forwarder_for

    folder = data_folder(data)
    settings = _joined(folder)
    with open_records(folder) as records:
        if again:
            records.send_again()
        done = forwarder_for(records, station_key(folder).key_id, settings).forward()
    if done.error is not None:
        raise done.error
    if json:
        print_json({"sent": done.sent, "new": done.new, "refused": done.refused})
    else:
        say(f"told {done.sent}, of which the site had not known {done.new}")
        for run_id, reason in done.refused.items():
            say(f"refused {run_id}: {reason}")
    if done.refused:
        raise typer.Exit(ExitCode.DATA)


@app.command("search")
def search(
    station: Annotated[str | None, typer.Option("--station")] = None,
    battery: Annotated[str | None, typer.Option("--battery")] = None,
    verdict: Annotated[str | None, typer.Option("--verdict")] = None,
    grade: Annotated[str | None, typer.Option("--grade")] = None,
    since: Annotated[str | None, typer.Option("--since", help="ISO 8601, UTC.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="ISO 8601, UTC, not included.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000)] = 50,
    url: UrlOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Runs of all stations of the site, newest first."""
    from station.sites.store import SiteStore

    with SiteStore.open(url or _joined(data_folder(data)).url) as site:
        rows = site.search(
            limit=limit,
            station=station,
            battery=battery,
            verdict=verdict,
            grade=grade,
            since=since,
            until=until,
        )
    if json:
        print_json({"runs": rows})
        return
    for row in rows:
        soh = f"SOH {row['soh'] * 100:.1f} %" if row["soh"] is not None else ""
        say(
            f"{row['station']:17} {row['run_id']:32} {row['battery']:26} {row['verdict'] or '-':11} "
            f"{row['grade'] or '-':2} {soh}"
        )


@app.command("verify")
def verify(url: UrlOption = None, data: DataOption = None, json: JsonOption = False) -> None:
    """Check every document that the site keeps against its checksum and identity."""
    from station.sites.store import SiteStore

    with SiteStore.open(url or _joined(data_folder(data)).url) as site:
        checked, counts = site.verify(), site.counts()
    if json:
        print_json({"checked": checked, "runs": counts})
        return
    say(f"{checked} documents are as they arrived")
    for station, count in sorted(counts.items()):
        say(f"{station:17} {count} runs")


@app.command("backup")
def backup(
    output: Annotated[Path, typer.Option("-o", "--output", help="File to write (.tar).")],
    url: UrlOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """The site's whole database in one signed file; back by: station restore FILE --into NEW --url URL."""
    from station.evidence.backup import backup as write

    folder = data_folder(data)
    told = write(folder, output, url=url or _joined(folder).url, alone=True)
    if json:
        print_json(told)
    else:
        say(f"{told['file']}: {told['bytes'] / 1e6:.1f} MB")


def _joined(folder: Path) -> SiteSettings:
    from station.sites.settings import read_settings

    settings = read_settings(folder)
    if settings is None:
        raise UsageError(
            "this station belongs to no site",
            remedy="join one: station site join URL",
            code="site.none",
        )
    return settings
