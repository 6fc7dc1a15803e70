"""``station profile``: list, show, check, compare and keep test profiles, and their JSON Schema."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from station.cli.options import BenchOption, DataOption, JsonOption, WhoOption, WhyOption, data_folder
from station.cli.output import language, note, print_error, print_json, say

if TYPE_CHECKING:
    from station.service.profile_shelf import ProfileShelf

app = typer.Typer(help="Test profiles.", no_args_is_help=True)
VersionOption = Annotated[int | None, typer.Option("--version", help="Version [default: in use].", min=1)]


def _shelf(data: Path | None) -> ProfileShelf:
    from station.service.profile_shelf import ProfileShelf

    return ProfileShelf(data_folder(data))


@app.command("list")
def list_profiles(data: DataOption = None, json: JsonOption = False) -> None:
    """The profiles that ship, and the station's own, with the longest that each may take."""
    rows = _shelf(data).rows()
    if json:
        print_json({"profiles": rows})
        return
    from profiles.explaining.numbers import span

    widest = max(len(row["name"]) for row in rows)
    for row in rows:
        version = f"v{row['version']}" if row["own"] else ""
        longest = f"≤ {span(row['duration_s'], 'en')}" if row["duration_s"] is not None else "–"
        told = row["problem"] or row["title"][language()]
        say(f"{row['name']:{widest}} {longest:>11}  {version:4} {told}")


@app.command("show")
def show(name: str, version: VersionOption = None, data: DataOption = None) -> None:
    """Print a profile, as a start for your own."""
    say(_shelf(data).text(name, version).rstrip())


@app.command("versions")
def versions(name: str, data: DataOption = None, json: JsonOption = False) -> None:
    """Who wrote which version of an own profile, when and why."""
    rows = _shelf(data).versions(name)
    if json:
        print_json({"versions": rows})
        return
    for row in rows:
        say(f"v{row['number']:<4} {row['t_utc']}  {row['who']}: {row['why']}")


@app.command("save")
def save(
    file: Annotated[Path, typer.Argument(help="YAML file.")],
    who: WhoOption = "",
    why: WhyOption = "",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Keep a profile as the next version under the name it gives itself; tests are started with that one."""
    from station.records import open_records

    version = _shelf(data).save(_text_of(file), who, why, file.parent)
    told = {"name": version.name, "version": version.number, "who": version.who, "sha256": version.sha256}
    with open_records(data_folder(data)) as records:
        records.add_event("profile.saved", told, source="cli")
    if json:
        print_json(version.as_dict())
    else:
        say(f"{version.name} v{version.number}")


@app.command("check")
def check(
    profile: Annotated[str, typer.Argument(help="Name of a profile, or a YAML file.")],
    nominal_capacity: Annotated[float | None, typer.Option("--nominal-capacity", help="Ah.", min=0)] = None,
    bench: BenchOption = "",
    channel: Annotated[str, typer.Option("--channel", help="Channel whose limits to check against.")] = "",
    soc: Annotated[
        float | None, typer.Option("--soc", help="State of charge it begins at, 0 to 1.", min=0, max=1)
    ] = None,
    ask: Annotated[bool, typer.Option("--ask", help="Ask the bench's instruments what they can do.")] = False,
    cell_voltage: Annotated[
        float | None, typer.Option("--cell-voltage", help="V per cell, for the energy in Wh.", min=0)
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Check a profile: its fields, steps and limits against each other; with a capacity its charge and
    SOC window; with a bench which of its channels can run it, and why not."""
    import profiles

    limits = _limits(bench, channel)
    shelf = _shelf(data)
    own = profile not in profiles.builtin_names() and profile in shelf.own.names()
    path = None if own else profiles.locate(profile)
    text = shelf.text(profile) if path is None else _text_of(path)
    checked = profiles.check_text(
        text,
        profile,
        nominal_capacity_Ah=nominal_capacity,
        limits=limits if nominal_capacity else None,
        folder=None if path is None else path.parent,
        find=shelf.find,
    )
    if checked.problems:
        if not json:
            for more in checked.problems[1:]:
                print_error(more.code, str(more), more.remedy, more.params, 0, as_json=False)
        raise checked.problems[0]
    assert checked.profile is not None
    assert checked.plan is not None
    assert checked.timeline is not None
    found = checked.as_dict()
    report = {key: found[key] for key in ("ok", "name", "steps", "segments", "duration_s", "digest")}
    report["balance"], report["warnings"] = found["balance"], found["warnings"]
    for warning in checked.warnings:
        note(str(warning))
    assert checked.balance is not None
    if soc is not None and (why := checked.balance.fits(soc)):
        note(f"from {soc:.0%}: {why}")
        report["soc_window"] = why
    if bench and nominal_capacity:
        report["channels"] = _abilities(checked.profile, bench, nominal_capacity, channel, ask=ask)
    if nominal_capacity:
        report["current_max_A"] = checked.timeline.largest_A
        report["charge_Ah"] = checked.timeline.charge_Ah
        report["discharge_Ah"] = checked.timeline.discharge_Ah
    if cell_voltage and nominal_capacity:
        cells = _cells(bench, channel)
        charge_Wh, discharge_Wh = checked.balance.energy_Wh(cell_voltage, cells)
        report["energy"] = {
            "cell_V": cell_voltage, "series_cells": cells,
            "charge_Wh": charge_Wh, "discharge_Wh": discharge_Wh,
        }  # fmt: skip
    if json:
        print_json(report)
        return
    say(f"{report['name']}: good, {report['steps']} steps, at most {checked.plan.duration_s:.1f} s")
    if nominal_capacity:
        say(f"largest current at {nominal_capacity:g} Ah: {report['current_max_A']:.3g} A")
        say(f"at most {report['charge_Ah']:.3g} Ah charged, {report['discharge_Ah']:.3g} Ah discharged")
        if energy := report.get("energy"):
            at = f"{energy['series_cells']} × {energy['cell_V']:g} V"
            say(f"at {at}: {energy['charge_Wh']:.3g} Wh charged, {energy['discharge_Wh']:.3g} Wh discharged")
        window = report["balance"]
        left = f"{window['soc_left_min']:+.1%} to {window['soc_left_max']:+.1%}"
        say(f"left over at its end: {left} of the nominal capacity")
        say(f"SOC from where it begins: {window['soc_lowest']:+.1%} to {window['soc_highest']:+.1%}")
    for able in report.get("channels", ()):
        say(f"channel {able['channel']} ({able['driver']}): {'can run it' if able['able'] else 'not able'}")
        for line in (*able["problems"], *able["unknown"]):
            say(f"    {line}")


def _abilities(
    profile: Any, bench: str, nominal_capacity_Ah: float, channel: str, *, ask: bool
) -> list[dict[str, Any]]:
    from station.bench import load_bench
    from station.service.profile_bench import abilities, capabilities_of

    found = load_bench(bench)
    known = {one.id: capabilities_of(one) for one in found.channels} if ask else {}
    capabilities = {name: able for name, able in known.items() if able is not None}
    rows = abilities(profile, found, nominal_capacity_Ah, capabilities, only=channel)
    return [row.as_dict() for row in rows]


def _cells(bench: str, channel: str) -> int:
    """Cells in series of the channel; 1 without one."""
    if not bench or not channel:
        return 1
    from station.bench import load_bench

    return load_bench(bench).channel(channel).series_cells


def _text_of(path: Path) -> str:
    from profiles.yaml_file import read_text

    return read_text(path)


def _limits(bench: str, channel: str) -> Any:
    if not bench or not channel:
        return None
    import profiles
    from station.bench import load_bench
    from station.errors import UsageError

    try:
        limits = load_bench(bench).channel(channel).limits
    except KeyError as error:
        raise UsageError(
            f"bench {bench} has no channel {channel!r}", remedy="see: station bench check"
        ) from error
    return profiles.CurrentLimits(limits.charge_current_max_A, limits.discharge_current_max_A)


@app.command("schema")
def schema() -> None:
    """The JSON Schema (draft 7) of profile files, for editors."""
    from profiles.schema import profile_schema

    print_json(profile_schema())
