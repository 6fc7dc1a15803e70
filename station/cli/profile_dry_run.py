"""``station profile dry-run``: a profile played by the real engine on a simulated bench."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from station.cli.options import BenchOption, DataOption, JsonOption, data_folder
from station.cli.output import language, note, print_json, progress, progress_done, say

if TYPE_CHECKING:
    from station.dryrun import DryRun


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("dry-run")(dry_run)


def dry_run(
    profile: Annotated[str, typer.Argument(help="Name of a profile, or a YAML file.")],
    bench: BenchOption = "demo",
    channel: Annotated[str, typer.Option("--channel", help="Channel [default: the first].")] = "",
    cell: Annotated[
        str,
        typer.Option(
            "--cell",
            help="LFP, NMC, LMO, a measured cell such as LFP35-037, or a YAML/JSON battery "
            "[default: the bench's own].",
        ),
    ] = "",
    nominal_capacity: Annotated[
        float | None, typer.Option("--nominal-capacity", help="Ah of a modelled cell [default: 20].", min=0)
    ] = None,
    soc: Annotated[float | None, typer.Option("--soc", help="Of the cell, 0 to 1.", min=0, max=1)] = None,
    soh: Annotated[float | None, typer.Option("--soh", help="Of a modelled cell.", min=0.05, max=1.2)] = None,
    chemistry: Annotated[
        str | None, typer.Option("--chemistry", help="What the station is told [default: nothing].")
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option("--speed", help="Times real time [default: exact, where it is short].", min=1, max=1000),
    ] = None,
    full_sampling: Annotated[
        bool, typer.Option("--full-sampling", help="As many samples as the profile asks for.")
    ] = False,
    picture: Annotated[
        Path | None, typer.Option("--picture", help="Write the timeline: FILE.svg or FILE.png.")
    ] = None,
    answer: Annotated[
        list[str] | None,
        typer.Option(
            "--answer", help="NAME=VALUE, to a question of the profile [default: what it says itself]."
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Chooses what is random.")] = 1,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Run a profile on a simulated bench: timeline, duration, Ah, extremes, what could trip.

    Ends by itself and leaves nothing behind. Exit code 0 when the profile was played to its end.
    """
    from station.bench import load_bench
    from station.dryrun import cell_model
    from station.dryrun import dry_run as run
    from station.service.profile_shelf import ProfileShelf

    loaded = load_bench(bench)
    place = channel or loaded.channels[0].id
    battery = None
    if cell:
        known = {one.id: one for one in loaded.channels}
        battery = cell_model(
            cell, known.get(place, loaded.channels[0]), capacity_Ah=nominal_capacity, soh=soh, soc=soc
        )
    found = run(
        ProfileShelf(data_folder(data)).read(profile),
        loaded,
        channel=place,
        battery=battery,
        chemistry=chemistry,
        speed=speed,
        full_sampling=full_sampling,
        seed=seed,
        answers=_answers(answer or []),
        on_state=None if json else _progress,
    )
    progress_done()
    if picture is not None:
        _draw(found, picture)
    if json:
        print_json({**found.as_dict(), "picture": str(picture) if picture else None})
    else:
        _show(found, picture)
    return 0 if found.completed else int((found.error or {}).get("exit_code", 70))


def _answers(given: list[str]) -> dict[str, float]:
    from station.errors import UsageError

    found = {}
    for one in given:
        name, _, value = one.partition("=")
        try:
            found[name.strip()] = float(value)
        except ValueError as error:
            raise UsageError(
                f"--answer {one}: no number stands behind the name",
                remedy="write it as NAME=VALUE, such as --answer room_degC=21",
                code="dryrun.answer",
                given=one,
            ) from error
    return found


def _progress(state: dict[str, Any]) -> None:
    progress(f"{state.get('state', '')} {(state.get('progress') or 0) * 100:3.0f} %")


def _draw(found: DryRun, path: Path) -> None:
    from station.dryrun.picture import picture
    from station.errors import UsageError

    try:
        picture(found).save(path)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path}: {error}",
            remedy="give a file that ends in .svg or .png, in a folder that can be written",
            code="dryrun.picture",
            file=str(path),
        ) from error


def _show(found: DryRun, picture: Path | None) -> None:
    from station.dryrun.terminal import drawing

    for line in drawing(found):
        say(line)
    totals = found.totals()
    if totals:
        planned = f"the steps at most {found.planned_s:.1f} s, the rest checks and shutdown"
        say(f"duration   {totals['duration_s']:.1f} s ({planned})")
        say(f"charged    {totals['charge_Ah']:.4g} Ah, {totals['charge_Wh']:.4g} Wh")
        say(f"discharged {totals['discharge_Ah']:.4g} Ah, {totals['discharge_Wh']:.4g} Wh")
        say(f"voltage    {totals['voltage_min_V']:.4f} … {totals['voltage_max_V']:.4f} V")
        say(f"current    {totals['current_min_A']:.4g} … {totals['current_max_A']:.4g} A")
    if found.margins:
        say("nearest to a limit:")
        for margin in found.margins[:6]:
            at = "" if margin.t_s is None else f" at {margin.t_s:.1f} s"
            mark = "  ← near" if margin.near else ""
            say(
                f"  {margin.name:24} {margin.nearest:9.4g} of {margin.limit:.4g} {margin.unit} "
                f"({margin.source}){at}{mark}"
            )
    from station.messages import say as translate

    for event in found.warnings():
        told = translate(event["code"], event.get("params", {}), language(), fallback=event["code"])
        say(f"{event['level']} [{event['code']}] at {event['t']:.1f} s: {told.text}")
    if found.error is not None:
        error = found.error
        told = translate(
            error["code"],
            error["params"],
            language(),
            fallback=error["message"],
            fallback_remedy=error["remedy"],
        )
        note(f"ended early [{error['code']}]: {told.text}")
        note(f"  → {told.remedy}")
    elif picture is not None:
        note(f"picture: {picture}")
