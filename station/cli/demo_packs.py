"""The pack demo: simulated packs with weak cells and a dead one, whose places only the demo knows."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from station.cli.output import say
from station.messages.cells import cell_text

if TYPE_CHECKING:
    from station.bench import Bench

WEAK_GROWTH = (1.4, 1.7, 2.2)
"""Resistance of the planted cells over that of their neighbours."""
SPREAD = 0.03
HEALTHY_GROWTH = 1.3


@dataclass(frozen=True)
class Planted:
    """Cell numbers, from 1."""

    weak: list[int]
    dead: list[int]


def alone(bench: Bench, channel: str) -> Bench:
    """Nothing but the channel that is tested: three simulated packs at many times real time keep a computer
    busy. As it is where there is no such channel."""
    assert bench.simulation is not None  # the pack demo is simulated
    if channel not in bench.simulation.batteries:
        return bench
    kept = bench.channel(channel)
    batteries = {channel: bench.simulation.batteries[channel]}
    simulation = bench.simulation.model_copy(update={"batteries": batteries})
    return bench.model_copy(update={"channels": (kept,), "simulation": simulation})


def at_speed(bench: Bench, speed: float) -> Bench:
    """The drivers know how often the simulated packs send: else it would look like two packs on one bus."""
    channels = []
    for channel in bench.channels:
        bms = channel.bms
        if bms is not None:
            bms = bms.model_copy(update={"options": {**bms.options, "bus_speed": max(speed, 1.0)}})
        channels.append(channel.model_copy(update={"bms": bms}))
    return bench.model_copy(update={"channels": tuple(channels)})


def with_bad_cells(bench: Bench, seed: int) -> tuple[Bench, dict[str, Planted]]:
    """The bench with three weak cells in each pack, a dead one where the channel accepts one, and where they
    are by channel."""
    assert bench.simulation is not None  # the pack demo is simulated
    rng = random.Random(seed)
    batteries: dict[str, dict[str, Any]] = {}
    planted: dict[str, Planted] = {}
    for channel, battery in bench.simulation.batteries.items():
        count, base = int(battery["series"]), dict(battery["cell"])
        chosen = rng.sample(range(1, count + 1), len(WEAK_GROWTH) + 1)
        bad = chosen[: len(WEAK_GROWTH)]
        dead = chosen[len(WEAK_GROWTH) :][: bench.channel(channel).accept_dead_cells]
        cells = []
        for number in range(1, count + 1):
            more = WEAK_GROWTH[bad.index(number)] if number in bad else 1.0
            growth = HEALTHY_GROWTH * math.exp(SPREAD * rng.gauss(0, 1)) * more
            soc = float(base["soc"]) + 0.004 * rng.gauss(0, 1)
            cells.append({**base, "resistance_growth": round(growth, 5), "soc": round(soc, 5)})
        batteries[channel] = {"kind": "string", "series": count, "cells": cells, "dead": dead}
        planted[channel] = Planted(sorted(bad), dead)
    simulation = bench.simulation.model_copy(update={"batteries": batteries})
    return bench.model_copy(update={"simulation": simulation}), planted


def print_cells(result: dict[str, Any], planted: Planted, lang: str) -> bool:
    """What the station says of the cells, beside what the demo has planted; whether it found all and no
    other."""
    from station.messages.cell_map import sentences

    cells = result.get("cells")
    if not cells:
        say(cell_text(lang, "none"))
        return False
    for sentence in sentences(cells, lang):
        say(f"  {sentence}")
    ranking = cells.get("ranking") or {}
    weak = sorted(one["cell"] for one in ranking.get("weak_cells") or [])
    dead = [one["cell"] for one in cells["bad"]]
    say(cell_text(lang, "demo_weak", planted=planted.weak, found=weak))
    say(cell_text(lang, "demo_dead", planted=planted.dead, found=dead))
    return weak == planted.weak and dead == planted.dead
