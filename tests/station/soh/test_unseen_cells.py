"""The shipped models on cells that their fit has not seen."""

from __future__ import annotations

import numpy as np
import pytest

from station.diagnosis.soh.conformal import coverage_by_cell
from station.diagnosis.soh.model import ModelSet
from station.diagnosis.soh.rows import estimate_rows
from station.models.training.table import Labelled

from .helpers import inputs_of, nothing


def mape(soh: np.ndarray, rows: Labelled) -> float:
    return float(100 * np.nanmean(np.abs(soh - rows.soh) / rows.soh))


def test_error_and_coverage_on_unseen_cells(models: ModelSet, unseen: Labelled) -> None:
    rows = unseen.where(unseen.width_s == 5.0)
    results = estimate_rows(models, inputs_of(rows))
    used = np.isfinite(results.soh)
    assert used.mean() > 0.97
    assert mape(results.soh, rows) < 3.0
    covered = (results.low90 <= rows.soh) & (rows.soh <= results.high90)
    assert coverage_by_cell(covered[used], rows.cell_numbers()[used]) > 0.8


@pytest.mark.parametrize(("width_s", "limit"), [(0.03, 6.0), (0.7, 5.0), (5.0, 3.5)])
def test_one_pair_alone_is_enough_for_lfp(
    models: ModelSet, unseen: Labelled, width_s: float, limit: float
) -> None:
    rows = unseen.where((unseen.chemistries == "LFP") & (unseen.width_s == width_s))
    alone = np.full_like(rows.voltages_V, np.nan)
    alone[:, 33:] = rows.voltages_V[:, 33:]
    alone[:, 0] = rows.voltages_V[:, 32]
    results = estimate_rows(models, inputs_of(rows, voltages_V=alone))
    assert np.isfinite(results.soh).mean() > 0.95
    assert mape(results.soh, rows) < limit


def test_a_pair_alone_says_nothing_about_types_learned_without_it(models: ModelSet, unseen: Labelled) -> None:
    rows = unseen.where(unseen.chemistries != "LFP")
    alone = np.full_like(rows.voltages_V, np.nan)
    alone[:, 0] = rows.voltages_V[:, 0]
    alone[:, 33:] = rows.voltages_V[:, 1:9]
    results = estimate_rows(models, inputs_of(rows, voltages_V=alone))
    assert {reason.code for reason in results.reasons if reason} == {"subset_not_learned"}
    assert {reason.next_measurement for reason in results.reasons if reason} == {"reference"}


def test_half_of_the_voltages_gives_nearly_the_same(models: ModelSet, unseen: Labelled) -> None:
    rows = unseen.where((unseen.chemistries == "LFP") & (unseen.width_s == 5.0))
    half = rows.voltages_V.copy()
    half[:, 21:] = np.nan
    results = estimate_rows(models, inputs_of(rows, voltages_V=half))
    assert np.isfinite(results.soh).mean() > 0.95
    assert mape(results.soh, rows) < 4.0


def test_random_gaps_are_filled_and_widen_the_interval(models: ModelSet, unseen: Labelled) -> None:
    rows = unseen.where(unseen.width_s == 5.0)
    gaps = rows.voltages_V.copy()
    draw = np.random.default_rng(7).random(gaps.shape) < 0.1
    draw[:, 0] = False
    gaps[draw] = np.nan
    whole = estimate_rows(models, inputs_of(rows))
    holed = estimate_rows(models, inputs_of(rows, voltages_V=gaps))
    both = np.isfinite(whole.soh) & np.isfinite(holed.soh)
    assert both.mean() > 0.95
    assert mape(holed.soh[both], rows.where(both)) < mape(whole.soh[both], rows.where(both)) + 1.0
    # LMO, NMC and LFP 68 Ah have an estimator of fewer samples whose interval is narrower; it steps in there.
    lfp = both & np.isin(rows.types, ["LFP 20 Ah", "LFP 35 Ah"])
    assert np.mean((holed.high90 - holed.low90)[lfp]) > np.mean((whole.high90 - whole.low90)[lfp])


@pytest.mark.parametrize("missing", [1, 3, 8, 15])
def test_some_of_the_larger_pulses_missing_costs_less_than_all_of_them(
    models: ModelSet, unseen: Labelled, missing: int
) -> None:
    rows = unseen.where((unseen.chemistries == "LFP") & (unseen.width_s == 5.0))
    some, none = rows.voltages_V.copy(), rows.voltages_V.copy()
    some[:, np.random.default_rng(missing).choice(np.arange(21, 41), missing, replace=False)] = np.nan
    none[:, 21:] = np.nan
    narrow, wide = (estimate_rows(models, inputs_of(rows, voltages_V=values)) for values in (some, none))
    assert np.isfinite(narrow.soh).all()
    assert mape(narrow.soh, rows) < mape(wide.soh, rows) + 0.1
    assert np.mean(narrow.high90 - narrow.low90) < np.mean(wide.high90 - wide.low90)
    covered = (narrow.low90 <= rows.soh) & (rows.soh <= narrow.high90)
    assert coverage_by_cell(covered, rows.cell_numbers()) > 0.8


def test_type_is_found_without_nominal_capacity(models: ModelSet, unseen: Labelled) -> None:
    rows = unseen.where(unseen.width_s == 5.0)
    results = estimate_rows(models, inputs_of(rows, nominal_capacity_Ah=nothing(rows)))
    right = [
        seen == truth for seen, truth in zip(results.recipes, rows.types, strict=True) if seen is not None
    ]
    assert len(right) > 0.9 * len(rows.soh)
    assert np.mean(right) > 0.98
    chemistry = [a == b for a, b in zip(results.chemistry, rows.chemistries, strict=True)]
    assert np.mean(chemistry) > 0.93


def test_soc_is_not_an_input(models: ModelSet) -> None:
    assert not [name for name in inputs_of.__annotations__ if "soc" in name]
    text = repr({**models.info, "figures": None})
    assert "soc_nominal" not in text
