"""``station profile``: list, show and check test profiles, and their JSON Schema."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from station.cli.options import BenchOption, JsonOption
from station.cli.output import language, print_json, say

app = typer.Typer(help="Test profiles.", no_args_is_help=True)


@app.command("list")
def list_profiles(json: JsonOption = False) -> None:
    """The profiles that ship."""
    import profiles

    rows: list[dict[str, Any]] = []
    for name in profiles.builtin_names():
        profile = profiles.load(name)
        duration_s = profiles.resolve(profile, nominal_capacity_Ah=1.0).duration_s
        rows.append({"name": name, "title": profile.title.model_dump(), "duration_s": duration_s})
    if json:
        print_json({"profiles": rows})
        return
    for row in rows:
        say(f"{row['name']:12} {row['duration_s']:6.0f} s  {row['title'][language()]}")


@app.command("check")
def check(
    profile: Annotated[str, typer.Argument(help="Name of a built-in profile, or a YAML file.")],
    nominal_capacity: Annotated[float | None, typer.Option("--nominal-capacity", help="Ah.", min=0)] = None,
    bench: BenchOption = "",
    channel: Annotated[str, typer.Option("--channel", help="Channel whose limits to check against.")] = "",
    json: JsonOption = False,
) -> None:
    """Check a profile: its fields, and with a capacity and a channel its currents and duration."""
    import profiles

    checked = profiles.load(profile)
    limits = _limits(bench, channel)
    plan = profiles.resolve(
        checked,
        nominal_capacity_Ah=nominal_capacity or 1.0,
        limits=limits if nominal_capacity else None,
        file=profile,
    )
    report: dict[str, Any] = {
        "ok": True,
        "name": checked.name,
        "steps": len(checked.steps),
        "segments": len(plan.segments),
        "duration_s": round(plan.duration_s, 3),
        "digest": plan.digest,
    }
    if nominal_capacity:
        report["current_max_A"] = max(abs(current_A) for current_A, _ in plan.bounds())
    if json:
        print_json(report)
        return
    say(f"{checked.name}: good, {report['steps']} steps, {plan.duration_s:.1f} s")
    if nominal_capacity:
        say(f"largest current at {nominal_capacity:g} Ah: {report['current_max_A']:.3g} A")


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
