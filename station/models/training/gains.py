"""What recorded cells teach of a test's next step: residuals of histories, the table of their intervals."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from station.diagnosis.adaptive.belief import over_levels
from station.diagnosis.adaptive.gains import Gains, HistoryGain, TypeGains
from station.diagnosis.adaptive.joint import JointLearned
from station.diagnosis.adaptive.kinds import History, history_of, history_text
from station.diagnosis.soh.combine import Interval
from station.diagnosis.soh.conformal import cell_weights, factor
from station.diagnosis.soh.model import Calibration, ModelSet
from station.diagnosis.soh.noise import LEVELS_V
from station.diagnosis.tables import Bools, Floats
from station.errors import DataError
from station.models.gains import save_gains
from station.models.training.crossval import COVERAGE, FOLDS, OutOfFold, calibration_rows, independent
from station.models.training.joint import (
    Rests,
    find_joint_kernel,
    fit_joint,
    joint_out_of_fold,
    judged_rests,
    rests_of,
)
from station.models.training.table import Labelled, stratified_folds

HISTORIES = (
    "0.03:pair",
    "0.1:pair",
    "0.7:pair",
    "0.7:pair+0.1:pair",
    "3:pair",
    "3:pair+0.7:pair",
    "5:pair",
    "5:pair+0.7:pair",
    "5:low+5:pair+0.7:pair",
    "5:all",
    "5:first",
)
HISTORIES_TO_U21 = ("5:half", "5:half+5:third", "5:first")
"""What is learned of types recorded at all widths, and of those recorded at 5 s and up to U21."""

PLANNED = (
    "0.7:pair",
    "5:pair+0.7:pair",
    "5:low+5:pair+0.7:pair",
    "5:half",
    "5:half+5:third",
)
"""What is advised, each a step on from the one before: the pulses of the screen and rapid profiles and one
more; 0.5 C with 1 C, and the third amplitude, where no more was recorded."""

LEVEL_STEP, MOST_LEVELS = 0.05, 3
"""The learned ladder charges by 5 % of the nominal capacity."""

STEP_TOLERANCE_PCT = 1.0


@dataclass(frozen=True)
class Residuals:
    """Out-of-fold predictions of a type's rests by history and noise level."""

    rests: Rests
    folds: Mapping[str, int]
    unseen: Mapping[tuple[History, float], OutOfFold]

    @property
    def histories(self) -> list[History]:
        """All histories, in the order they were judged in."""
        return list(dict.fromkeys(history for history, _ in self.unseen))


def learn_residuals(
    rests: Rests,
    folds: Mapping[str, int],
    seed: int,
    levels_V: tuple[float, ...] = (0.0, *LEVELS_V),
    cache: Path | None = None,
    histories: Sequence[History] | None = None,
) -> Residuals:
    """Judge every rest by every history, each time by a fit that has not seen the cell.

    ``cache`` keeps predictions in a folder, to go on after a break; keys hold the voltages and labels.
    ``histories``: other ones than those of the menu.
    """
    found = {}
    for history in menu(rests) if histories is None else histories:
        for level_V in levels_V:
            found[history, level_V] = _remembered(rests, history, folds, seed, level_V, cache)
    return Residuals(rests, folds, found)


def _remembered(
    rests: Rests,
    history: History,
    folds: Mapping[str, int],
    seed: int,
    level_V: float,
    cache: Path | None,
) -> OutOfFold:
    if cache is None:
        return joint_out_of_fold(rests, history, folds, seed, level_V)
    key = hashlib.sha256(f"{history_text(history)}/{level_V:g}/{seed}".encode())
    for width, table in sorted(rests.tables_V.items()):
        key.update(f"{width:g}".encode() + np.ascontiguousarray(table).tobytes())
    key.update(rests.base.soh.tobytes() + "".join(rests.base.cells.tolist()).encode())
    file = cache / f"{key.hexdigest()[:20]}.npy"
    if not file.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        made = joint_out_of_fold(rests, history, folds, seed, level_V)
        np.save(file, np.array([made.mean, made.scale, made.distance, made.fold]), allow_pickle=False)
    mean, scale, distance, fold = np.load(file, allow_pickle=False)
    return OutOfFold(mean, scale, distance, fold.astype(np.int64))


def type_gains(
    residuals: Residuals,
    keep: Bools,
    learned: Mapping[History, Mapping[float, JointLearned]] | None = None,
) -> TypeGains:
    """The table of a type from the kept rests."""
    base = residuals.rests.base
    halves = calibrated_halves(residuals, keep)
    use = keep & calibration_rows(base)
    gains = {}
    for history in residuals.histories:
        levels = {}
        for (other, level_V), half in halves.items():
            if other == history:
                repeated = np.tile(use, len(half) // len(use))
                levels[level_V] = float(np.median(half[repeated]))
        error = np.abs(residuals.unseen[history, 0.0].mean - base.soh)[use]
        gains[history] = HistoryGain(
            levels,
            float(100 * np.mean(error / base.soh[use])),
            float(np.quantile(error, 0.95)),
            {} if learned is None else learned.get(history, {}),
            history_text(history) in PLANNED,
        )
    carry, spread = _carry(residuals, halves, gains, use)
    low, high = np.quantile(base.soh[keep], (0.05, 0.95))
    return TypeGains(
        gains, float(low), float(high), carry, spread, _level_factors(residuals, halves, keep), LEVEL_STEP
    )


def menu(rests: Rests) -> list[History]:
    """The histories that are learned of a type."""
    whole = [history_of(text) for text in HISTORIES]
    if all(rests.holds(history) for history in whole):
        return whole
    return [history for text in HISTORIES_TO_U21 if rests.holds(history := history_of(text))]


def calibrated_halves(residuals: Residuals, keep: Bools) -> dict[tuple[History, float], Floats]:
    """Half-width of every rest by every history and noise level, calibrated on the kept rests."""
    halves = {}
    for key, calibration in calibrations(residuals, keep).items():
        scale = residuals.unseen[key].scale
        halves[key] = calibration.factor * np.sqrt(scale**2 + calibration.floor**2)
    return halves


def calibrations(residuals: Residuals, keep: Bools) -> dict[tuple[History, float], Calibration]:
    """Interval factors from the kept rests, one vote per cell: a size for each history, one shape for all.

    A 90 % quantile of some tens of cells is uncertain by a tenth, and a test that weighs many such intervals
    against each other would stop at those that came out too narrow. So a history's size is its mean absolute
    residual on all rests, ladder and single charges weighing alike, and the quantile is taken once per
    noise level, of all histories' residuals in units of their size, on the rests that a station meets.
    """
    scores: dict[float, list[Floats]] = {}
    cells: dict[float, list[NDArray[np.int64]]] = {}
    found: dict[tuple[History, float], tuple[float, float, float]] = {}
    for (history, level_V), unseen in residuals.unseen.items():
        judged = judged_rests(residuals.rests.base, level_V)
        kept = np.tile(keep, len(judged.soh) // len(keep))
        meant = kept & calibration_rows(judged)
        floor = float(np.median(unseen.scale[meant]))
        scale = np.sqrt(unseen.scale**2 + floor**2)
        relative, numbers = np.abs(unseen.mean - judged.soh) / scale, judged.cell_numbers()
        parts = [kept & judged.single_charge, kept & ~judged.single_charge]
        sizes = [np.average(relative[p], weights=cell_weights(numbers[p])) for p in parts if p.any()]
        size = float(np.mean(sizes))
        scores.setdefault(level_V, []).append(relative[meant] / size)
        cells.setdefault(level_V, []).append(numbers[meant])
        found[history, level_V] = (floor, size, float(np.median(scale[meant])))
    shape = {
        level_V: factor(
            np.concatenate(scores[level_V]),
            np.concatenate(cells[level_V]),
            COVERAGE,
            independent(residuals.rests.base.where(keep & calibration_rows(residuals.rests.base))),
        )
        for level_V in scores
    }
    return {
        key: Calibration(
            shape[key[1]] * size, floor, float("inf"), float("inf"), shape[key[1]] * size * usual
        )
        for key, (floor, size, usual) in found.items()
    }


def _carry(
    residuals: Residuals,
    halves: Mapping[tuple[History, float], Floats],
    gains: Mapping[History, HistoryGain],
    use: Bools,
) -> tuple[float, float]:
    """How a cell's half-width at one history, relative to the median, tells that at a longer one."""
    before: list[Floats] = []
    after: list[Floats] = []
    for history in residuals.histories:
        for longer in residuals.histories:
            if history < longer:
                for chosen, values in ((history, before), (longer, after)):
                    values.append(np.log(halves[chosen, 0.0][use] / gains[chosen].half_width[0.0]))
    if not before:
        return 1.0, 0.1
    x, y = np.concatenate(before), np.concatenate(after)
    slope = float(x @ y / max(float(x @ x), 1e-12))
    return slope, max(float((y - slope * x).std()), 0.02)


def _level_factors(
    residuals: Residuals, halves: Mapping[tuple[History, float], Floats], keep: Bools
) -> dict[int, float]:
    """Half-width of the mean of several levels of one state over the mean of theirs, all from the ladder."""
    base = residuals.rests.base
    single = TypeGains({frozenset(): HistoryGain({0.0: 1.0}, 0.0, 0.0)}, 0, 1, 1, 0.1, {}, LEVEL_STEP)
    medians = [float(np.median(halves[one, 0.0][keep])) for one in residuals.histories]
    history = residuals.histories[int(np.argmin(medians))]
    mean, half = residuals.unseen[history, 0.0].mean, halves[history, 0.0]
    numbers = base.cell_numbers()
    factors: dict[int, float] = {}
    for count in range(1, MOST_LEVELS + 1):
        scores: list[float] = []
        cells: list[int] = []
        for climb in climbs(base, count, keep):
            intervals = [Interval(mean[row], mean[row] - half[row], mean[row] + half[row]) for row in climb]
            joined = over_levels(intervals, single)
            if isinstance(joined, Interval):
                away = abs(joined.estimate - base.soh[climb[0]])
                scores.append(float(away / (joined.high90 - joined.estimate)))
                cells.append(int(numbers[climb[0]]))
        if scores:
            factors[count] = factor(np.array(scores), np.array(cells), independent=len(scores))
    first = factors.get(1, 1.0)
    return {count: min(1.0, value / first) for count, value in factors.items()}


def climbs(base: Labelled, count: int, keep: Bools) -> list[list[int]]:
    """Rows of one state of a cell at ``count`` ladder levels one step apart, for every start there is."""
    states: dict[tuple[str, float], dict[int, int]] = {}
    step = 100 * LEVEL_STEP
    for row in np.flatnonzero(keep & ~base.single_charge):
        place = base.soc_nominal_pct[row] / step
        if np.isfinite(place) and abs(place - round(place)) * step <= STEP_TOLERANCE_PCT:
            states.setdefault((str(base.cells[row]), float(base.soh[row])), {})[round(place)] = int(row)
    return [
        [levels[start + number] for number in range(count)]
        for levels in states.values()
        for start in sorted(levels)
        if all(start + number in levels for number in range(count))
    ]


def write_gains(rows: Labelled, models: ModelSet, out_dir: Path, cache: Path | None = None) -> Gains:
    """Learn the gains that go with model files from the rows these were learned from, and write them."""
    seed = int(models.info["seed"])
    residuals = {}
    left_out = [cell for cells in models.info["held_out_cells"].values() for cell in cells]
    with threadpool_limits(limits=1):
        for name in models.recipes:
            here = rows.where(rows.types == name)
            if not len(here.soh):
                raise DataError(
                    f"the table has no rows of {name}, which the models know",
                    remedy="give the table that all these models were learned from; a type started on site "
                    "gets its gains where it is started (station learn start-type)",
                    type=name,
                )
            folds = stratified_folds(here.cells.tolist(), here.soh, FOLDS)
            residuals[name] = learn_residuals(rests_of(here), folds, seed, cache=cache)
        gains = learn_gains(residuals, models, seed, {*left_out, *models.info["excluded_cells"]})
    save_gains(gains, out_dir)
    return gains


def learn_gains(
    residuals: Mapping[str, Residuals], models: ModelSet, seed: int, unshipped: set[str]
) -> Gains:
    """Gains of all types with the joint estimators that ship, calibrated without the cells that do not."""
    types = {}
    for name, found in residuals.items():
        keep = ~np.isin(found.rests.base.cells, sorted(unshipped))
        learned: dict[History, dict[float, JointLearned]] = {}
        inside, calibrated = found.rests.where(keep), calibrations(found, keep)
        for history, level_V in found.unseen:
            kernel = find_joint_kernel(inside, history, seed, level_V)
            learned.setdefault(history, {})[level_V] = fit_joint(
                inside, history, kernel, level_V, calibrated[history, level_V]
            )
        types[name] = type_gains(found, keep, learned)
    info: dict[str, Any] = {"seed": seed, "training_table_sha256": models.info.get("training_table_sha256")}
    return Gains(types, str(models.info["arrays_sha256"]), info)
