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
    from station.messages import say as translate
    from station.service.bench_check import check_report

    checked = load_bench(bench)
    report = check_report(checked, connect=connect)
    rows: list[dict[str, Any]] = report["instruments"]
    for warning in report["warnings"]:
        warning["text"] = translate(warning["code"], warning["params"], language()).text
    if json:
        print_json(report)
        return
    say(
        f"{checked.name}: good, {len(checked.channels)} channels, "
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
    for warning in report["warnings"]:
        say(f"  ! {warning['text']}")


@app.command("schema")
def schema() -> None:
    """The JSON Schema (draft 7) of bench files, for editors."""
    from profiles.schema import to_draft7
    from station.bench import Bench

    print_json(to_draft7(Bench.model_json_schema(by_alias=True)))
