"""``station bench``: check a bench file, export its JSON Schema."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from station.cli.options import JsonOption
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
    """Check a bench file, its drivers and addresses; with --connect ask each instrument who it is."""
    from station.bench import load_bench
    from station.cli.bench_check import check_drivers

    checked = load_bench(bench)
    rows = check_drivers(checked, connect=connect)
    report: dict[str, Any] = {
        "ok": True,
        "name": checked.name,
        "simulated": checked.simulation is not None,
        "channels": [channel.id for channel in checked.channels],
        "instruments": rows,
    }
    if json:
        print_json(report)
        return
    say(
        f"{checked.name}: good, {len(checked.channels)} channels, "
        f"{'simulated' if checked.simulation else 'real'}"
    )
    for channel in checked.channels:
        say(f"  {channel.id}: {getattr(channel.name, language())} ({channel.level})")
    for row in rows:
        say(f"    {row['place']:22} {row['driver']:18} {row['address'] or '':42} {row.get('identity', '')}")


@app.command("schema")
def schema() -> None:
    """The JSON Schema (draft 7) of bench files, for editors."""
    from profiles.schema import to_draft7
    from station.bench import Bench

    print_json(to_draft7(Bench.model_json_schema(by_alias=True)))
