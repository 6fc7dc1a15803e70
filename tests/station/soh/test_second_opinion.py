"""The process local in the rest voltage, and intervals that hear both histories."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from station.diagnosis.soh.local import LocalKernel, LocalProcess
from station.diagnosis.soh.model import ModelSet
from station.models.training.crossval import OutOfFold, calibrate
from station.models.training.table import Labelled

KERNEL = LocalKernel(span=0.25, length=1.0, noise=0.03, share=0.5)


def test_slopes_that_turn_with_the_rest_voltage_are_followed_beyond_the_learned_rows() -> None:
    draw = np.random.default_rng(3)
    rest_V, pulse = draw.uniform(3.2, 3.4, 120), draw.normal(size=(120, 3))
    features = np.column_stack([rest_V, pulse])

    def target(rows: np.ndarray) -> np.ndarray:
        wanted: np.ndarray = 0.8 + 0.05 * (rows[:, 0] - 3.3) / 0.1 * rows[:, 1]
        return wanted

    process = LocalProcess(KERNEL, features, target(features), np.ones(120))
    asked = np.array([[3.22, 1.5, 0.0, 0.0], [3.38, 1.5, 0.0, 0.0], [3.3, 1.5, 0.0, 0.0]])
    np.testing.assert_allclose(process.predict(asked), target(asked), atol=0.015)


def test_a_heavy_row_pulls_as_that_many_rows() -> None:
    draw = np.random.default_rng(4)
    features, targets = draw.normal(size=(30, 4)), draw.normal(size=30)
    weights = np.ones(30)
    weights[5] = 3.0
    heavy = LocalProcess(KERNEL, features, targets, weights)
    repeated = np.r_[np.arange(30), 5, 5]
    thrice = LocalProcess(KERNEL, features[repeated], targets[repeated], np.ones(32))
    # Ranks of the rest voltage shift a little with the repeated row.
    np.testing.assert_allclose(heavy.predict(features), thrice.predict(features), atol=0.1)


def test_reference_tests_of_all_shipped_types_have_it_and_it_counts(
    models: ModelSet, unseen: Labelled
) -> None:
    for name, recipe in models.recipes.items():
        width = recipe.widths[5.0]
        with_it = [subset for subset, learned in width.subsets.items() if learned.local is not None]
        assert with_it == [next(iter(width.subsets))]
        rows = unseen.where((unseen.types == name) & (unseen.width_s == 5.0))
        learned = width.subsets[with_it[0]]
        alone = replace(width, subsets={with_it[0]: replace(learned, local=None)}, _fitted={})
        both = width.estimator(with_it[0]).predict(rows.voltages_V)
        one = alone.estimator(with_it[0]).predict(rows.voltages_V)
        assert 0.0 < np.abs(both.mean - one.mean).mean() < 0.03
        np.testing.assert_array_equal(both.scale, one.scale)


def test_with_both_histories_a_cells_ladder_has_one_vote_however_long(unseen: Labelled) -> None:
    rows = unseen.where((unseen.types == "LFP 20 Ah") & (unseen.width_s == 5.0))
    error = np.where(rows.single_charge, 0.03, 0.01)
    unseen_by = OutOfFold(
        rows.soh + error, np.full(len(error), 0.01), np.zeros(len(error)), np.zeros(len(error), dtype=int)
    )
    everything = np.ones(len(error), dtype=bool)
    singles = calibrate(rows, unseen_by, everything)
    both = calibrate(rows, unseen_by, everything, both_histories=True)
    assert both.factor == singles.factor  # 90 % of votes of two equal halves reach into the larger errors
    ladder_worse = replace(unseen_by, mean=rows.soh + np.where(rows.single_charge, 0.01, 0.03))
    assert calibrate(rows, ladder_worse, everything, both_histories=True).factor == both.factor
    assert calibrate(rows, ladder_worse, everything).factor < both.factor
