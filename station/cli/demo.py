"""``station demo``: the simulated bench and the main job on it, in one command."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from station.cli.options import JsonOption
from station.cli.output import language, note, print_json, say
from station.messages.cells import cell_text

if TYPE_CHECKING:
    from station.bench import Bench
    from station.cli.demo_packs import Planted


def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="No window: run one test in the terminal.")
    ] = False,
    speed: Annotated[float, typer.Option("--speed", help="Times real time.", min=0.1, max=1000)] = 1.0,
    channel: Annotated[str, typer.Option("--channel", help="Channel of the demo bench.")] = "1",
    profile: Annotated[str, typer.Option("--profile", help="Test profile; rapid, of packs pack.")] = "",
    pack: Annotated[
        bool,
        typer.Option(
            "--pack",
            help="Packs with bad cells: LFP on channel 1, NMC on 2, one told in 20 mV steps on 3.",
        ),
    ] = False,
    seed: Annotated[int, typer.Option("--seed", help="Where the bad cells of the pack demo are.")] = 1,
    data: Annotated[Path, typer.Option("--data", help="Folder for records and runs.")] = Path("demo-data"),
    lang: Annotated[str, typer.Option("--lang", help="zh or en.")] = "",
    fullscreen: Annotated[
        bool, typer.Option("--fullscreen", help="The window covers the whole screen.")
    ] = False,
    connection: Annotated[
        bool,
        typer.Option("--connection", help="Ask the checklist before connecting question by question."),
    ] = False,
    json: JsonOption = False,
) -> int:
    """Start the simulated bench; open the window, or without a display run a test and print the verdict."""
    from station.bench import load_bench, locate_bench
    from station.simulation import SimulatedBench, with_free_ports, write_bench

    data = data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    headless = headless or not _has_display()
    profile = profile or ("pack" if pack else "rapid")
    bench = with_free_ports(load_bench(str(locate_bench("pack-demo" if pack else "demo"))))
    planted: dict[str, Planted] = {}
    if pack:
        from station.cli.demo_packs import alone, at_speed, with_bad_cells

        bench, planted = with_bad_cells(alone(bench, channel) if headless else bench, seed)
        bench = at_speed(bench, speed)
    bench = without_people(bench) if headless else with_checklist(bench, full=connection)
    bench_file = data / f"demo-bench-{os.getpid()}.yaml"
    write_bench(bench, bench_file)
    try:
        with SimulatedBench(bench, speed=speed):
            note(cell_text(language(), "demo_running", speed=speed, file=bench_file))
            note(cell_text(language(), "demo_nameplates", told=_nameplates(bench)))
            if headless:
                return _headless(bench_file, bench, data, channel, profile, json, planted.get(channel))
            from station.cli.ui import open_window

            return open_window(str(bench_file), data, lang or language(), fullscreen=fullscreen)
    finally:
        bench_file.unlink(missing_ok=True)


def without_people(bench: Bench) -> Bench:
    """No label: the bench ends with its only test. No checklist: nobody is there to answer it."""
    quiet = tuple(printer.model_copy(update={"automatic": ()}) for printer in bench.printers)
    return bench.model_copy(update={"printers": quiet})


def with_checklist(bench: Bench, *, full: bool) -> Bench:
    """Before connecting: the start itself confirms, so that it stays at three actions; or every question.

    Photos are looked for in ``photos-inbox`` of the data folder.
    """
    from station.bench import Connection

    mode: Literal["full", "short"] = "full" if full else "short"
    asked = Connection(cell=mode, module=mode, pack=mode, photos="photos-inbox")
    return bench.model_copy(update={"connection": asked})


def _nameplates(bench: Any) -> str:
    """What a person would read on the batteries: channel, chemistry, capacity of one series group."""
    from station.bench import ask_simulation

    told = []
    for channel in bench.channels:
        truth = ask_simulation(bench, {"op": "truth", "channel": channel.id})
        facts = {"channel": channel.id, "chemistry": truth["chemistry"], "Ah": truth["nominal_capacity_Ah"]}
        told.append(cell_text(language(), "demo_nameplate", **facts))
    return ("，" if language() == "zh" else ", ").join(told)


def _has_display() -> bool:
    if platform.system() != "Linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _headless(
    bench_file: Path,
    bench: Any,
    data: Path,
    channel: str,
    profile: str,
    as_json: bool,
    planted: Planted | None = None,
) -> int:
    from station.bench import ask_simulation
    from station.cli.run import print_result, run_test
    from station.service.client import RunRequest

    truth = ask_simulation(bench, {"op": "truth", "channel": channel})
    request = RunRequest(
        channel=channel,
        profile=profile,
        battery=f"DEMO-{channel}-{os.getpid()}",
        nominal_capacity_Ah=float(str(truth["nominal_capacity_Ah"])),
        chemistry=None,
    )
    result = run_test(str(bench_file), data, request, end_service=True)
    true_soh = float(str(truth["soh"]))
    soh = result.get("soh")
    inside = soh["low90"] <= true_soh <= soh["high90"] if soh else None
    # Only the simulator knows this; the station was told no more than what stands on the label.
    told = {"soh": true_soh, "capacity_Ah": truth["capacity_Ah"], "inside_interval": inside}
    if planted is not None:
        told |= {"weak_cells": planted.weak, "dead_cells": planted.dead}
    if as_json:
        print_json({**result, "simulated_truth": told})
    else:
        print_result(result)
        lang = language()
        key = {True: "demo_inside", False: "demo_outside", None: "demo_no_interval"}[inside]
        say(cell_text(lang, "demo_truth", soh=true_soh * 100, where=cell_text(lang, key)))
        if planted is not None:
            from station.cli.demo_packs import print_cells

            print_cells(result, planted, lang)
        say(f"records    {data / 'station.sqlite'}")
    return int(result.get("exit_code", 70))
