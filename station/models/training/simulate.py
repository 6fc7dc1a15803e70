"""Expected time and error of fixed and adaptive tests, from replays of recorded cells, as plain figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from station.diagnosis.adaptive.advice import Goal
from station.models.training.crossval import FOLDS
from station.models.training.gains import Residuals, learn_residuals
from station.models.training.joint import rests_of
from station.models.training.policy import (
    FIXED,
    REFERENCE,
    REFERENCE_S,
    Fold,
    Played,
    folds_of,
    play,
    play_fixed,
    reference_half_width,
    starts_of,
)
from station.models.training.table import file_sha256, read_labelled, stratified_folds

GRADES = (0.8, 0.7, 0.6, 0.5)
"""SOH limits of the rule set that ships."""

HALF_HOUR_S = 1800.0


def _width(share: float, budget_s: float) -> Callable[[Fold], Goal]:
    return lambda fold: Goal((), share * reference_half_width(fold), budget_s)


GOALS: Mapping[str, Callable[[Fold], Goal]] = {
    "as narrow as the reference": _width(1.0, REFERENCE_S),
    "5 % narrower": _width(0.95, REFERENCE_S),
    "10 % narrower": _width(0.9, REFERENCE_S),
    "20 % narrower, 30 min": _width(0.8, HALF_HOUR_S),
    "one grade": lambda _: Goal(GRADES, None, REFERENCE_S),
    "one grade, 30 min": lambda _: Goal(GRADES, None, HALF_HOUR_S),
}
"""What an adaptive test is asked for; widths refer to the usual interval of the reference test."""

JUDGED_BY = "5 % narrower"
"""The goal at which the adaptive test is held against the reference, the same for all types."""


def simulate_policy(
    table_path: Path, seed: int, learning_seed: int, cache: Path | None = None
) -> dict[str, Any]:
    """Replay all cells of a labelled table; figures per type, history of the rest, and protocol.

    ``seed`` draws the ladder steps that tests start from; ``cache`` keeps the predictions of unseen cells.
    Raises DataError for a table that cannot be read.
    """
    table = read_labelled(Path(table_path))
    types = {}
    with threadpool_limits(limits=1):
        for name in sorted(set(table.types.tolist())):
            rows = table.where(table.types == name)
            folds = stratified_folds(rows.cells.tolist(), rows.soh, FOLDS)
            residuals = learn_residuals(rests_of(rows), folds, learning_seed, (0.0,), cache)
            types[name] = simulate_type(residuals, seed)
    return {"table_sha256": file_sha256(Path(table_path)), "seed": seed, "folds": FOLDS, "types": types}


def simulate_type(residuals: Residuals, seed: int) -> dict[str, Any]:
    """Fixed protocols and goals of one type, on single charges (where there are any) and on the ladder."""
    starts, counts = starts_of(residuals, seed)
    third_C = float(np.median(residuals.rests.base.third_amplitude_C))
    folds = list(folds_of(residuals))
    played: dict[str, list[Played]] = {name: [] for name in (*FIXED, *GOALS)}
    for fold in folds:
        for row in sorted(fold.rows & starts.keys()):
            for name in FIXED:
                found = play_fixed(fold, starts[row], name)
                if found is not None:
                    played[name].append(found)
            for name, goal in GOALS.items():
                played[name].append(play(fold, starts[row], goal(fold), third_C))
    reference = {(one.cell, one.row): one for one in played[REFERENCE]}
    report: dict[str, Any] = {"cells": len(set(residuals.rests.base.cells.tolist())), "starts": counts}
    for kind, single in (("single charge", True), ("ladder", False)):
        if counts[kind]:
            report[kind] = {
                name: _figures([one for one in ones if one.single_charge == single], reference)
                | {"adaptive": name in GOALS}
                for name, ones in played.items()
                if any(one.single_charge == single for one in ones)
            }
    return report


def _figures(ones: Sequence[Played], reference: Mapping[tuple[str, int], Played]) -> dict[str, Any]:
    """Times in s, errors in percent, p95 and half-width in points, coverage in percent.

    ``against`` is the MAPE minus that of the reference on the same starts, with its standard error over
    cells (starts of one cell count as one).
    """
    error = np.array([abs(one.soh - one.truth) for one in ones])
    truth = np.array([one.truth for one in ones])
    times = np.array([one.time_s for one in ones])
    covered = np.array([abs(one.soh - one.truth) <= one.half_width for one in ones])
    apart: dict[str, list[float]] = {}
    for one in ones:
        other = reference[one.cell, one.row]
        mine, theirs = abs(one.soh - one.truth), abs(other.soh - other.truth)
        apart.setdefault(one.cell, []).append(100 * (mine - theirs) / one.truth)
    sums = np.array([sum(values) for values in apart.values()])
    difference = float(sums.sum() / len(ones))
    counts = np.array([len(values) for values in apart.values()])
    off = sums - difference * counts
    return {
        "starts": len(ones),
        "time_mean_s": float(times.mean()),
        "time_p90_s": float(np.quantile(times, 0.9)),
        "mape": float(100 * np.mean(error / truth)),
        "p95": float(100 * np.quantile(error, 0.95)),
        "coverage": float(100 * covered.mean()),
        "half_width": float(100 * np.mean([one.half_width for one in ones])),
        "against": difference,
        "against_error": float(np.sqrt((off**2).sum()) / len(ones)),
        "reasons": dict(sorted(Counter(one.reason for one in ones).items())),
        "ways": [
            [" > ".join(way), count] for way, count in Counter(one.actions for one in ones).most_common(3)
        ],
    }


def table_text(report: Mapping[str, Any]) -> str:
    """The figures as lines for a terminal."""
    lines = []
    for name, found in report["types"].items():
        lines.append(f"{name}: {found['cells']} cells, starts {found['starts']}")
        for kind in ("single charge", "ladder"):
            for protocol, figure in found.get(kind, {}).items():
                lines.append(
                    f"  {kind:13} {'adaptive: ' if figure['adaptive'] else ''}{protocol:32} "
                    f"{figure['time_mean_s']:6.0f} s (p90 {figure['time_p90_s']:5.0f})  "
                    f"MAPE {figure['mape']:5.2f} %  p95 {figure['p95']:5.2f}  "
                    f"covered {figure['coverage']:5.1f} %"
                )
    return "\n".join(lines)
