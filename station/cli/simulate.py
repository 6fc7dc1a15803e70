"""``station simulate``: the whole simulated bench on loopback, for any program to talk to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from station.cli.options import JsonOption
from station.cli.output import note, print_json, say


def simulate(
    bench: Annotated[str, typer.Argument(help="Bench file, or the name of one that ships.")] = "demo",
    speed: Annotated[float, typer.Option("--speed", help="Times real time.", min=0.1, max=1000)] = 1.0,
    seed: Annotated[int, typer.Option("--seed", help="Chooses the random batteries.")] = 1,
    free_ports: Annotated[
        bool, typer.Option("--free-ports", help="Choose free ports; write them with --write-bench.")
    ] = False,
    write: Annotated[
        Path | None, typer.Option("--write-bench", help="Write a bench file with the addresses in use.")
    ] = None,
    scenario: Annotated[
        Path | None, typer.Option("--scenario", help="Faults and their moments, YAML or JSON.")
    ] = None,
    json: JsonOption = False,
) -> int:
    """Start the simulated bench and print its addresses; Ctrl-C ends it."""
    from station.bench import load_bench
    from station.cli.inject import play
    from station.service.bench_check import places
    from station.simulation import SimulatedBench, with_free_ports, write_bench

    loaded = load_bench(bench)
    if free_ports:
        loaded = with_free_ports(loaded)
    with SimulatedBench(loaded, speed=speed, seed=seed) as running:
        if scenario is not None:
            play(loaded, scenario)
        if write is not None:
            write_bench(loaded, write)
        rows = [
            {"place": place, "driver": ref.driver, "address": ref.address}
            for place, ref in places(loaded)
            if ref.address
        ]
        control = loaded.simulation.control if loaded.simulation else ""
        if json:
            print_json(
                {
                    "bench": loaded.name,
                    "speed": speed,
                    "control": control,
                    "pid": running.pid,
                    "instruments": rows,
                }
            )
        else:
            for row in rows:
                say(f"{row['place']:22} {row['driver']:18} {row['address']}")
            say(f"{'control':22} {'json lines':18} {control}")
            note("running; Ctrl-C ends it")
        try:
            running.wait()
        except KeyboardInterrupt:
            note("ending")
    return 0
