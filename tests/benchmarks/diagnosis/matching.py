"""Groups out of all cells of the data: the spread inside them against chance and against sorting."""

from __future__ import annotations

from typing import Any

import numpy as np

from station.diagnosis.matching import Part, by_capacity, by_chance, match
from station.models.training.table import Labelled, read_labelled
from tests.benchmarks.diagnosis.place import TABLE

SIZE = 4
RESISTANCE_SOC_PCT = 50.0


def measure() -> list[dict[str, Any]]:
    """Per type with at least three groups: mean spread of capacity and resistance inside a group, percent."""
    table = read_labelled(TABLE)
    table = table.where((table.width_s == 5.0) & ~table.single_charge)
    return [
        entry
        for name in sorted(set(table.types.tolist()))
        if (entry := _of_type(name, table.where(table.types == name))) is not None
    ]


def parts_of(rows: Labelled) -> list[Part]:
    """Each cell once (its best state): measured capacity, and resistance of the 1 C charge pulse after 5 s
    at the level nearest to 50 % of nominal."""
    parts = []
    for cell in sorted(set(rows.cells.tolist())):
        here = rows.where(rows.cells == cell)
        here = here.where(here.soh == here.soh.max())
        row = int(np.argmin(np.abs(here.soc_nominal_pct - RESISTANCE_SOC_PCT)))
        nominal = float(here.nominal_capacity_Ah[row])
        rise = float(here.voltages_V[row, 10] - here.voltages_V[row, 8])
        parts.append(Part(cell, float(here.soh[row]) * nominal, rise / nominal))
    return parts


def _of_type(name: str, rows: Labelled) -> dict[str, Any] | None:
    parts = parts_of(rows)
    groups = len(parts) // SIZE
    if groups < 2:
        return None
    place = {part.code: number for number, part in enumerate(parts)}
    chosen = match(parts, groups=groups, size=SIZE)
    matched = [[place[code] for code in members] for members in chosen.groups]
    chance = [_spreads(parts, by_chance(parts, groups, SIZE, seed=seed)) for seed in range(20)]
    return {
        "type": name,
        "cells": len(parts),
        "groups": groups,
        "chance": np.mean(chance, axis=0).tolist(),
        "sorted": _spreads(parts, by_capacity(parts, groups, SIZE)),
        "matched": _spreads(parts, matched),
    }


def _spreads(parts: list[Part], groups: list[list[int]]) -> list[float]:
    """Mean over groups of (max − min) of capacity and of resistance, in percent of the stock's median."""
    values = np.array([[part.capacity_Ah, part.resistance_ohm] for part in parts])
    ranges = [np.ptp(values[members], axis=0) for members in groups]
    share: list[float] = (100 * np.mean(ranges, axis=0) / np.median(values, axis=0)).tolist()
    return share
