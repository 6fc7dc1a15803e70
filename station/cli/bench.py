"""``station bench``: check a bench file, look for instruments, export the JSON Schema."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from station.cli.options import DataOption, JsonOption, data_folder
from station.cli.output import language, print_json, say

app = typer.Typer(help="Bench files.", no_args_is_help=True)


@app.command("list")
def list_benches(json: JsonOption = False) -> None:
    """The bench files that ship."""
    from station.bench import builtin_benches

    names = builtin_benches()
    if json:
        print_json({"benches": names})
    else:
        say("\n".join(names))


@app.command("check")
def check(
    bench: Annotated[str, typer.Argument(help="Bench file, or the name of one that ships.")],
    connect: Annotated[
        bool, typer.Option("--connect", help="Ask every instrument who it is; energises nothing.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Check a bench file, its drivers and addresses; with --connect ask each instrument who it is.

    Each instrument that does not answer, or is another one than expected, is told; it then ends with code 4.
    """
    from drivers.errors import DriverError
    from station.bench import load_bench, locate_bench
    from station.errors import ExitCode
    from station.messages import say as translate
    from station.service.bench_check import check_report

    checked = load_bench(bench)
    try:
        report = check_report(checked, connect=connect)
    except DriverError as error:  # it names the instrument; of the file it cannot know
        error.message = f"{locate_bench(bench)}: {error.message}"
        error.args = (error.message,)
        raise
    rows: list[dict[str, Any]] = report["instruments"]
    for warning in report["warnings"]:
        warning["text"] = translate(warning["code"], warning["params"], language()).text
    if json:
        print_json(report)
        if not report["ok"]:
            raise typer.Exit(ExitCode.INSTRUMENT)
        return
    wrong = sum("problem" in row for row in rows)
    verdict = f"the file is good, {wrong} of its instruments are not" if wrong else "good"
    say(
        f"{checked.name}: {verdict}, {len(checked.channels)} channels, "
        f"{'simulated' if checked.simulation else 'real'}"
    )
    for channel in checked.channels:
        fitted = [
            *(["cut-off"] if channel.cutoff else []),
            *(["pre-charge"] if channel.cutoff and channel.cutoff.precharge else []),
            *(["insulation"] if channel.insulation else []),
        ]
        say(
            f"  {channel.id}: {getattr(channel.name, language())} ({channel.level})"
            f"{': ' if fitted else ''}{', '.join(fitted)}"
        )
    for row in rows:
        date = row["calibration"]["due"] if row["calibration"] else ""
        say(
            f"    {row['place']:22} {row['driver']:18} {row['address'] or '':42} {date:10} "
            f"{row.get('identity', '')}".rstrip()
        )
        if problem := row.get("problem"):
            say(f"      ✗ {problem['message']}\n        {problem['remedy']}")
        if row.get("firmware"):
            say(f"      firmware {row['firmware']}")
        if row.get("protections"):
            say(f"      {_able(row['protections'])}")
    for warning in report["warnings"]:
        say(f"  ! {warning['text']}")
    if wrong:
        raise typer.Exit(ExitCode.INSTRUMENT)


def _able(what: dict[str, Any]) -> str:
    """Ranges and what turns the output off by itself, in one line."""
    ranges = ", ".join(
        f"{what[name][0]:g} to {what[name][1]:g} {unit}"
        for name, unit in (("voltage_V", "V"), ("current_A", "A"), ("power_W", "W"))
        if what.get(name)
    )
    timers = [name for name in ("watchdog_s", "load_on_timer_s") if what.get(name)]
    own = ", ".join(f"{name.removesuffix('_s').replace('_', ' ')} {what[name]}" for name in timers)
    return f"{ranges}; {own or 'no watchdog of its own'}"


@app.command("discover")
def discover(
    lan: Annotated[
        list[str] | None,
        typer.Argument(help="Hosts or addresses to ask *IDN?; DRIVER=ADDRESS asks by that driver."),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="visa, serial or can [default: all of them].")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write a bench file to edit here.")
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Look for instruments; they are asked *IDN? and nothing else, and none that a test uses."""
    from station.bench.discover import discover as look
    from station.bench.draft import draft_bench
    from station.service.in_use import addresses_in_use

    left = addresses_in_use(data_folder(data))
    found = look(lan or (), kinds=only or ("visa", "serial", "can"), leave=left)
    if output is not None:
        output.write_text(draft_bench(found), encoding="utf-8")
    if json:
        print_json({"found": [one.as_dict() for one in found]})
        return
    for one in found:
        who = " ".join(filter(None, (one.identity or {}).values())) or one.note
        say(f"{one.kind:7} {one.state:9} {one.address:44} {one.driver or '':16} {who}".rstrip())
    if not found:
        say("nothing found: name a host or an address to ask, such as: station bench discover 192.168.1.20")
    if output is not None:
        say(f"{output}: a draft to edit; then: station bench check {output} --connect")


@app.command("geometry")
def geometry(
    source: Annotated[str, typer.Argument(help="Geometry file, or a bench file.")],
    channel: Annotated[str, typer.Option("--channel", help="Of a bench file [default: all].")] = "",
    cells: Annotated[
        int, typer.Option("--cells", help="Cells in series, where the file does not say it.", min=0)
    ] = 0,
    json: JsonOption = False,
) -> None:
    """How the modules and cells of a pack lie, as its heat map will show them."""
    from station.cli.geometry import show_geometries

    show_geometries(source, channel, cells, json=json)


@app.command("schema")
def schema() -> None:
    """The JSON Schema (draft 7) of bench files, for editors."""
    from profiles.schema import to_draft7
    from station.bench import Bench

    print_json(to_draft7(Bench.model_json_schema(by_alias=True)))
