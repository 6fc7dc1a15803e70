"""Resistance of every cell from one pulse pair, over 200 seeded packs: 100 of 96s LFP, 100 of 98s NMC, 1 mV.

Each is a pack of its own with three weak cells and a dead one, told by its family's frames and decoded by the
station's decoder; then packs of a family that rounds to 20 mV, which must be refused. ``CELLS_LINES=FILE``
in the environment keeps one line per pack, and what is there is not run again.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from station.diagnosis.cells import CellReport, Geometry, judge_cells
from station.models.rulebook import load_cell_rules
from tests.benchmarks.cell_packs import LFP_96, NMC_98, NMC_98_COARSE, PackKind, Pulsed, pulse_packs
from tests.benchmarks.table import Row

SEEDS = 100
COARSE_SEEDS = 10
PULSES = 2
BATCH = 10
WANTED_ERROR = 0.03


def judged(kind: PackKind, pulsed: Pulsed) -> CellReport:
    """The station's judgement of one recorded test."""
    return judge_cells(
        pulsed.time_s, pulsed.current_A, pulsed.sweeps, load_cell_rules(),
        Geometry.of(kind.modules, kind.cells), chemistry=kind.chemistry, pack_V=pulsed.pack_V,
    )  # fmt: skip


def held_against_truth(kind: PackKind, seed: int, pulsed: Pulsed, report: CellReport) -> dict[str, Any]:
    """What one run says, as plain figures."""
    found: dict[str, Any] = {"kind": kind.name, "seed": seed}
    ranking = report.ranking
    found["refused"] = report.refused or ("no ranking" if ranking is None else ranking.refused)
    found["weak_found"] = ranking is not None and sorted(ranking.weak_cells) == list(pulsed.weak)
    found["weak_missed"] = len(set(pulsed.weak) - set(ranking.weak_cells if ranking else ()))
    found["dead_found"] = report.states[(pulsed.dead or 1) - 1] == "dead" and report.states.count("dead") == 1
    for one in report.resistances:
        truth = pulsed.truth_ohm[one.at_s]
        seen = np.isfinite(truth) & np.isfinite(one.value_ohm)
        error = np.abs(one.value_ohm - truth)[seen]
        found[f"r{one.at_s:g}"] = {
            "cells": int(seen.sum()),
            "worst": float((error / truth[seen]).max()),
            "mean": float(((one.value_ohm - truth)[seen] / truth[seen]).mean()),
            "inside": float((error <= one.uncertainty_ohm[seen]).mean()),
            "stated": float(np.median(one.uncertainty_ohm[seen] / truth[seen])),
        }
    if report.alignment is not None:
        found["offset_error_s"] = report.alignment.offset_s - pulsed.offset_s(report.alignment.about_s)
    return found


def runs() -> list[dict[str, Any]]:
    """All runs, one dictionary each."""
    keep = os.environ.get("CELLS_LINES")
    file = Path(keep) if keep else None
    done = [json.loads(line) for line in file.read_text().splitlines()] if file and file.is_file() else []
    known = {(run["kind"], run["seed"]) for run in done}
    wanted = [
        (kind, list(range(start, start + BATCH)))
        for start in range(0, SEEDS, BATCH)
        for kind in (LFP_96, NMC_98, *((NMC_98_COARSE,) if start < COARSE_SEEDS else ()))
    ]
    for kind, seeds in wanted:
        seeds = [seed for seed in seeds if (kind.name, seed) not in known]
        for seed, pulsed in zip(seeds, pulse_packs(kind, seeds, pulses=PULSES) if seeds else (), strict=True):
            done.append(held_against_truth(kind, seed, pulsed, judged(kind, pulsed)))
            if file is not None:
                with file.open("a") as out:
                    out.write(json.dumps(done[-1]) + "\n")
    return done


def rows() -> list[Row]:
    """Shares of runs, and errors in percent."""
    done = runs()
    fine = [run for run in done if run["kind"] != NMC_98_COARSE.name]
    coarse = [run for run in done if run["kind"] == NMC_98_COARSE.name]
    found = []
    for kind in (LFP_96, NMC_98):
        mine = [run["r10"] for run in fine if run["kind"] == kind.name and "r10" in run]
        worst = [run["worst"] for run in mine]
        found += [
            _percent(f"worst cell's error at 10 s, {kind.name}, worst run", max(worst), 3.0),
            _percent(f"… 95th percentile of the runs, {kind.name}", float(np.percentile(worst, 95)), 3.0),
            _percent(f"… mean of all cells, {kind.name}", float(np.mean([r["mean"] for r in mine])), 1.0),
            _percent(f"… stated (k = 2), {kind.name}", float(np.median([r["stated"] for r in mine])), 5.0),
        ]
    off = [run["r10"]["worst"] > WANTED_ERROR for run in fine]
    some_outside = [run["r10"]["inside"] < 0.95 for run in fine]
    any_outside = [run["r10"]["inside"] < 1.0 for run in fine]
    ranked = [run["refused"] != "resolution" for run in coarse]
    found += [
        _share("packs with a cell more than 3 % off at 10 s", off, 10.0),
        _share("packs with more than 5 % of cells outside the stated uncertainty", some_outside, 10.0),
        _share("packs with any cell outside it", any_outside, 10.0),
        _share("packs whose weak cells are not named exactly", [not r["weak_found"] for r in fine], 5.0),
        _share("packs whose dead cell is not named, or another is", [not r["dead_found"] for r in fine], 0.0),
        _share("20 mV packs whose ranking is not refused for the resolution", ranked, 0.0),
    ]
    return found


def _percent(name: str, share: float, target: float) -> Row:
    return Row(name, 100 * share, "%", target)


def _share(name: str, wrong: list[bool], target: float) -> Row:
    return Row(f"{name}, of {len(wrong)}", 100 * sum(wrong) / max(len(wrong), 1), "%", target)
