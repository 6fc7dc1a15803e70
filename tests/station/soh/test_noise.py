"""What a bench's noise does to the estimate: wider where it must be, never refused for it, never made up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from station.diagnosis.pulses.utable import UBlock
from station.diagnosis.soh import assess
from station.diagnosis.soh.conformal import coverage_by_cell
from station.diagnosis.soh.model import ModelSet
from station.diagnosis.soh.noise import CLEAN, LEVELS_V, Noise
from station.diagnosis.soh.rows import RowResults, estimate_rows
from station.diagnosis.tables import SUBSETS, Floats
from station.models.training.table import Labelled
from station.models.training.types import fit_lfp, fit_types
from tests.deep import usual_or_deep

from .helpers import inputs_of, nothing

BENCH = (6e-4, 0.8e-3, 0.3e-3, 0.2e-3)
FINE = (2.2e-4, 0.3e-3, 0.1e-3, 0.1e-3)
"""Noise of one sample as stated, and errors in V of first samples, last samples and rests as they are."""

OFFSET_V = 0.3e-3
TYPES = ["LFP 20 Ah", "LFP 35 Ah", "LFP 68 Ah", "LMO 10 Ah", "NMC 2.1 Ah", "NMC 21 Ah"]
COPIES = usual_or_deep(1, 4)
"""How often an instrument measures each row, with other errors."""


def measured(rows: Labelled, instrument: tuple[float, float, float, float], seed: int = 5) -> Labelled:
    """The rows ``COPIES`` times as an instrument would show them, with an offset common to each block."""
    _, first, last, rest = instrument
    sigma = np.where(np.arange(41) % 2 == 1, first, last)
    sigma[[0, 32]] = rest
    names = rows.__dataclass_fields__
    many = Labelled(*(np.concatenate([getattr(rows, name)] * COPIES) for name in names))
    draw = np.random.default_rng(seed)
    errors = draw.normal(size=many.voltages_V.shape) * sigma
    offset = draw.normal(size=(len(many.soh), 1)) * OFFSET_V
    return replace(many, voltages_V=many.voltages_V + errors + offset)


def estimated(
    models: ModelSet, rows: Labelled, noise_V: float, columns: tuple[int, ...] = SUBSETS["all"]
) -> RowResults:
    seen = np.full_like(rows.voltages_V, np.nan)
    seen[:, list(columns)] = rows.voltages_V[:, list(columns)]
    noise = [Noise.of(noise_V)] * len(rows.soh)
    return estimate_rows(models, inputs_of(rows, voltages_V=seen, noise=noise))


def coverage(results: RowResults, rows: Labelled) -> float:
    used = np.isfinite(results.soh)
    inside = (results.low90 <= rows.soh) & (rows.soh <= results.high90)
    return coverage_by_cell(inside[used], rows.cell_numbers()[used])


def mape(results: RowResults, rows: Labelled) -> float:
    return float(100 * np.nanmean(np.abs(results.soh - rows.soh) / rows.soh))


@pytest.mark.parametrize("instrument", [BENCH, FINE], ids=["bench", "fine"])
@pytest.mark.parametrize("subset", ["all", "first", "pair", "first_lasts", "pair_lasts"])
def test_unseen_cells_on_a_noisy_bench(
    models: ModelSet, unseen: Labelled, instrument: tuple[float, float, float, float], subset: str
) -> None:
    rows = unseen.where(unseen.width_s == 5.0)
    if subset.startswith("pair"):
        rows = rows.where(rows.chemistries == "LFP")
    rows = measured(rows, instrument)
    results = estimated(models, rows, instrument[0], SUBSETS[subset])
    assert np.isnan(results.soh).mean() <= 0.02
    assert coverage(results, rows) > 0.8
    assert mape(results, rows) < 4.0


@pytest.mark.parametrize("subset", ["pair", "pair_lasts"])
def test_short_screen_pair_on_a_noisy_bench(models: ModelSet, unseen: Labelled, subset: str) -> None:
    rows = measured(unseen.where((unseen.chemistries == "LFP") & (unseen.width_s == 0.7)), BENCH)
    results = estimated(models, rows, BENCH[0], (0, *SUBSETS[subset]))
    assert np.isnan(results.soh).mean() <= 0.02
    assert coverage(results, rows) > 0.8
    assert mape(results, rows) < 5.0


READ = {f"U{number}": (4e-4 if number % 2 == 0 else 1e-4) for number in range(33, 42)}
"""How well a 70 V class instrument's values are known when each is read from many samples."""


def test_values_read_from_many_samples_are_judged_by_what_was_learned_for_them(
    models: ModelSet, unseen: Labelled
) -> None:
    rows = measured(
        unseen.where((unseen.width_s == 5.0) & (unseen.chemistries == "LFP")), (6e-4, 4e-4, 1e-4, 1e-4)
    )
    seen = np.full_like(rows.voltages_V, np.nan)
    seen[:, list(SUBSETS["pair"])] = rows.voltages_V[:, list(SUBSETS["pair"])]
    seen[:, 0] = seen[:, 32]
    told = [Noise.of(6e-4, None, READ)] * len(rows.soh)
    results = estimate_rows(models, inputs_of(rows, voltages_V=seen, noise=told))
    untold = estimated(models, rows, 6e-4, SUBSETS["pair"])
    assert np.isnan(results.soh).mean() <= 0.02
    assert coverage(results, rows) > 0.8
    assert mape(results, rows) < mape(untold, rows)
    assert np.nanmean(results.high90 - results.low90) < 0.95 * np.nanmean(untold.high90 - untold.low90)


def test_which_values_count_as_read_from_many_samples() -> None:
    assert Noise.of(6e-4, None, READ).steadied
    assert not Noise.of(2e-4, None, READ).steadied  # a finer instrument has a level of its own
    assert not Noise.of(6e-4, None, {key: 3 * value for key, value in READ.items()}).steadied
    assert not Noise.of(6e-4).steadied


def test_knowing_the_noise_is_better_than_not(models: ModelSet, unseen: Labelled) -> None:
    rows = measured(unseen.where((unseen.chemistries == "LFP") & (unseen.width_s == 5.0)), BENCH)
    told = estimated(models, rows, BENCH[0])
    untold = estimated(models, rows, 0.0)
    assert mape(told, rows) < mape(untold, rows) - 0.3
    assert np.isnan(told.soh).sum() < np.isnan(untold.soh).sum()


@pytest.mark.parametrize("subset", ["all_lasts", "first_lasts", "pair_lasts"])
@pytest.mark.parametrize("width_s", [0.7, 5.0])
def test_last_samples_alone_without_noise(
    models: ModelSet, unseen: Labelled, subset: str, width_s: float
) -> None:
    rows = unseen.where((unseen.chemistries == "LFP") & (unseen.width_s == width_s))
    results = estimated(models, rows, 0.0, SUBSETS[subset])
    assert np.isnan(results.soh).mean() <= 0.02
    assert mape(results, rows) < 5.0


def test_no_noise_is_the_clean_estimate(models: ModelSet, unseen: Labelled) -> None:
    rows = unseen.where(unseen.width_s == 5.0)
    rows = rows.where(np.arange(len(rows.soh)) % usual_or_deep(4, 1) == 0)
    plain = estimate_rows(models, inputs_of(rows))
    for noise_V in (0.0, 3e-5, float("nan"), -1.0):
        told = estimated(models, rows, noise_V)
        np.testing.assert_array_equal(told.soh, plain.soh)
        np.testing.assert_array_equal(told.low90, plain.low90)


@pytest.mark.parametrize("name", ["LFP 68 Ah", "LMO 10 Ah"])
def test_intervals_grow_with_the_noise(models: ModelSet, unseen: Labelled, name: str) -> None:
    rows = unseen.where((unseen.types == name) & (unseen.width_s == 5.0))
    widths = []
    for noise_V in (0.0, LEVELS_V[0], LEVELS_V[1], 1.5e-3, 4e-3):
        results = estimated(models, rows, noise_V)
        widths.append(float(np.nanmedian(results.high90 - results.low90)))
    assert widths == sorted(widths)
    assert widths[-1] > 1.2 * widths[0]


@pytest.mark.parametrize("name", TYPES)
def test_more_noise_than_learned_widens(models: ModelSet, unseen: Labelled, name: str) -> None:
    rows = unseen.where((unseen.types == name) & (unseen.width_s == 5.0))
    learned, more, much = (estimated(models, rows, noise_V) for noise_V in (LEVELS_V[-1], 2e-3, 5e-3))
    used = np.isfinite(learned.soh) & np.isfinite(more.soh) & np.isfinite(much.soh)
    assert used.mean() > 0.95
    halves = [(results.high90 - results.low90)[used] for results in (learned, more, much)]
    assert np.mean(halves[1]) > np.mean(halves[0])
    assert np.mean(halves[2]) > np.mean(halves[1])


def test_gaps_and_noise_together(models: ModelSet, unseen: Labelled) -> None:
    rows = measured(unseen.where((unseen.chemistries == "LFP") & (unseen.width_s == 5.0)), BENCH)
    gaps = rows.voltages_V.copy()
    draw = np.random.default_rng(9).random(gaps.shape) < 0.1
    draw[:, 0] = False
    gaps[draw] = np.nan
    holed = estimated(models, replace(rows, voltages_V=gaps), BENCH[0])
    assert np.isnan(holed.soh).mean() <= 0.02
    assert coverage(holed, rows) > 0.8


VALUES = {
    "U34": 3.50845, "U35": 3.58892, "U36": 3.38526, "U37": 3.31087, "U39": 3.04776,
    "U40": 3.24920, "U41": 3.30218, "U1": 3.30325, "U33": 3.30325,
}  # fmt: skip
OTHER = {**VALUES, "U34": 3.5109, "U36": 3.38771, "U38": 3.10646, "U40": 3.24743}
LASTS = {name: VALUES[name] for name in ("U1", "U33", "U35", "U37", "U39", "U41")}


@pytest.mark.parametrize("values", [VALUES, OTHER, LASTS], ids=["one", "other", "lasts"])
@pytest.mark.parametrize("noise_V", [5e-4, 6e-4, 8e-4])
def test_a_measured_cell(models: ModelSet, values: dict[str, float], noise_V: float) -> None:
    """Two measurements of one cell (SOH 0.897) with a 70 V class source."""
    found = assess([UBlock(5.0, 1.5, values, True, noise_V)], 35.0, None, models)
    assert found.soh is not None
    assert found.soh.low90 < 0.897 < found.soh.high90
    assert found.recipe == "LFP 35 Ah"


@pytest.mark.parametrize("name", TYPES)
def test_foreign_types_stay_foreign(models: ModelSet, labelled: Labelled, name: str) -> None:
    rest = labelled.where((labelled.types != name) & (labelled.width_s == 5.0))
    recipes = {key: recipe for key, recipe in models.recipes.items() if key != name}
    without = replace(models, recipes=recipes, types=fit_types(rest), lfp_or_not=fit_lfp(rest))
    rows = labelled.where((labelled.types == name) & (labelled.width_s == 5.0))
    rows = measured(rows.where(np.arange(len(rows.soh)) % 4 == 0), BENCH)
    results = estimated(without, rows, BENCH[0])
    assert {reason.code for reason in results.reasons if reason} == {"unknown_type"}
    assert np.isnan(results.soh).all()
    noise = [Noise.of(BENCH[0])] * len(rows.soh)
    unnamed = estimate_rows(without, inputs_of(rows, nominal_capacity_Ah=nothing(rows), noise=noise))
    assert np.isnan(unnamed.soh).mean() >= 0.85


def test_rows_of_different_noise_do_not_disturb_each_other(models: ModelSet, unseen: Labelled) -> None:
    rows = unseen.where((unseen.types == "LFP 20 Ah") & (unseen.width_s == 5.0))
    kinds = [CLEAN, Noise.of(LEVELS_V[0]), Noise.of(LEVELS_V[1])]
    mixed = estimate_rows(models, inputs_of(rows, noise=[kinds[row % 3] for row in range(len(rows.soh))]))
    for number, kind in enumerate(kinds):
        alone: Floats = estimate_rows(models, inputs_of(rows, noise=[kind] * len(rows.soh))).soh
        np.testing.assert_allclose(mixed.soh[number::3], alone[number::3], atol=1e-9)
