"""``station inject``: faults on a simulated bench that runs, at once or at a moment; or a scenario file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from station.cli.options import BenchOption, JsonOption
from station.cli.output import print_json, say
from station.errors import InstrumentFault, UsageError


def inject(
    bench: BenchOption,
    fault: Annotated[str | None, typer.Argument(help="Name of the fault; see --list.")] = None,
    channel: Annotated[str | None, typer.Option("--channel", help="Channel of the bench.")] = None,
    instrument: Annotated[
        str | None, typer.Option("--instrument", help="Its kind; left out: where the fault belongs.")
    ] = None,
    value: Annotated[str | None, typer.Option("--value", help="How much of it.")] = None,
    end: Annotated[bool, typer.Option("--end", help="End this fault instead.")] = False,
    moment: Annotated[
        str,
        typer.Option(
            "--moment", help="now, output_on, output_off, rise, fall, cutoff_closed or cutoff_open."
        ),
    ] = "now",
    count: Annotated[int, typer.Option("--count", help="The how-many-th such moment.", min=1)] = 1,
    after_s: Annotated[float, typer.Option("--after", help="Seconds after it.", min=0)] = 0.0,
    for_s: Annotated[float | None, typer.Option("--for", help="Seconds it lasts.", min=0.001)] = None,
    scenario: Annotated[Path | None, typer.Option("--scenario", help="Play a file of faults.")] = None,
    known: Annotated[bool, typer.Option("--list", help="What can go wrong on this bench.")] = False,
    clear: Annotated[bool, typer.Option("--clear", help="End all faults, forget those that wait.")] = False,
    json: JsonOption = False,
) -> int:
    """Begin or end a fault on a simulated bench while it runs."""
    from station.bench import ask_simulation, load_bench

    loaded = load_bench(bench)
    if known:
        return _list(ask_simulation(loaded, {"op": "faults"})["faults"], json)
    if clear:
        ask_simulation(loaded, {"op": "clear_faults"})
        done: dict[str, Any] = {"cleared": True}
    elif scenario is not None:
        done = {"armed": play(loaded, scenario)}
    elif fault is None or channel is None:
        raise UsageError(
            "a fault and its channel are needed",
            remedy="give FAULT and --channel; --list shows the faults, --scenario plays a file",
            code="usage.fault",
        )
    else:
        chosen = {"name": fault, "value": False if end else _number(value)}
        if instrument is not None:
            chosen["instrument"] = instrument
        request: dict[str, Any] = {"op": "fault", "channel": channel, **chosen}
        if not end and (moment != "now" or after_s or for_s):
            when = {"moment": moment, "count": count, "after_s": after_s}
            request = {"op": "arm", "label": fault, "channel": channel, "when": when, "fault": chosen}
            request |= {} if for_s is None else {"for_s": for_s}
        _ask(loaded, request)
        done = {key: value for key, value in request.items() if key != "op"}
    if json:
        print_json(done)
    else:
        say("done: " + ", ".join(f"{key} {value}" for key, value in done.items()))
    return 0


def play(bench: Any, scenario: Path) -> int:
    """Arm every fault of a scenario file on the running bench; returns how many. Raises UsageError."""
    from simulators.scenario import ScenarioError, load_scenario
    from station.bench import ask_simulation

    try:
        loaded = load_scenario(scenario)
        for index, request in enumerate(loaded.requests()):
            try:
                ask_simulation(bench, {"op": "arm", **request})
            except InstrumentFault as refusal:
                if refusal.code != "bench.simulation":
                    raise
                raise loaded.refused(index, refusal.params["reason"]) from refusal
    except ScenarioError as error:
        raise UsageError(
            f"{error.file}:{error.line}: {error.field or 'file'}: {error.problem}",
            remedy=error.remedy,
            code="usage.scenario",
            file=error.file,
            line=error.line,
            field=error.field,
        ) from error
    return len(loaded.steps)


def _ask(bench: Any, request: dict[str, Any]) -> None:
    from station.bench import ask_simulation

    try:
        ask_simulation(bench, request)
    except InstrumentFault as refusal:
        if refusal.code != "bench.simulation":
            raise
        raise UsageError(
            refusal.params["reason"], remedy="station inject --list shows what there is", code="usage.fault"
        ) from refusal


def _number(text: str | None) -> bool | float | str:
    """True when nothing was given, a number where it is one, else the text."""
    if text is None:
        return True
    try:
        return float(text)
    except ValueError:
        return text


def _list(faults: Any, json: bool) -> int:
    if json:
        print_json({"faults": faults})
        return 0
    for fault in faults:
        place = " ".join(part for part in (fault["channel"], fault["instrument"] or "wiring") if part)
        active = "" if fault["active"] is False else f"  ACTIVE: {fault['active']}"
        say(f"{place:20} {fault['name']:22} {fault['meaning']}{active}")
    return 0
