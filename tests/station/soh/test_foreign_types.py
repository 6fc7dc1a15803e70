"""Cells of no learned type, and cells that are not what they are said to be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from station.diagnosis.soh.model import ModelSet
from station.diagnosis.soh.recognise import FOREIGN_MIN, lfp_features
from station.diagnosis.soh.rows import estimate_rows
from station.models.training.table import Labelled
from station.models.training.types import fit_lfp, fit_types

from .helpers import inputs_of, nothing

TYPES = ["LFP 20 Ah", "LFP 35 Ah", "LFP 68 Ah", "LMO 10 Ah", "NMC 2.1 Ah", "NMC 21 Ah"]


def without(models: ModelSet, name: str, labelled: Labelled) -> ModelSet:
    rest = labelled.where((labelled.types != name) & (labelled.width_s == 5.0))
    recipes = {key: recipe for key, recipe in models.recipes.items() if key != name}
    return replace(models, recipes=recipes, types=fit_types(rest), lfp_or_not=fit_lfp(rest))


@pytest.mark.parametrize("name", TYPES)
def test_unknown_type_abstains_and_says_what_to_measure(
    models: ModelSet, labelled: Labelled, name: str
) -> None:
    rows = labelled.where((labelled.types == name) & (labelled.width_s == 5.0))
    results = estimate_rows(without(models, name, labelled), inputs_of(rows))
    assert np.isnan(results.soh).all()
    assert {reason.code for reason in results.reasons if reason} == {"unknown_type"}
    assert {reason.next_measurement for reason in results.reasons if reason} == {"capacity"}
    assert not {"NMC", "LMO"} & set(results.chemistry), "no three-way label for a type never learned"


@pytest.mark.parametrize("name", TYPES)
def test_unknown_type_without_capacity_mostly_abstains(
    models: ModelSet, labelled: Labelled, name: str
) -> None:
    rows = labelled.where((labelled.types == name) & (labelled.width_s == 5.0))
    results = estimate_rows(
        without(models, name, labelled), inputs_of(rows, nominal_capacity_Ah=nothing(rows))
    )
    assert np.isnan(results.soh).mean() >= 0.9


def test_wrong_nominal_capacity_is_noticed(models: ModelSet, unseen: Labelled) -> None:
    rows = unseen.where(unseen.types == "LMO 10 Ah")
    said = np.full(len(rows.soh), 21.0)
    results = estimate_rows(models, inputs_of(rows, nominal_capacity_Ah=said))
    assert np.isnan(results.soh).mean() > 0.95
    assert {reason.code for reason in results.reasons if reason} <= {"foreign_pattern", "type_contradicts"}


def test_other_pulse_width_of_a_type_learned_at_one(models: ModelSet, unseen: Labelled) -> None:
    rows = unseen.where(unseen.types == "NMC 21 Ah")
    results = estimate_rows(models, inputs_of(rows, width_s=np.full(len(rows.soh), 1.0)))
    assert {reason.code for reason in results.reasons if reason} == {"width_not_learned"}


def test_capacity_of_a_type_with_another_chemistry_is_unknown(models: ModelSet, unseen: Labelled) -> None:
    rows = unseen.where((unseen.types == "LFP 20 Ah") & (unseen.width_s == 5.0))
    results = estimate_rows(models, inputs_of(rows, chemistry_hint="NMC"))
    assert {reason.code for reason in results.reasons if reason} == {"unknown_type"}


@pytest.mark.parametrize("name", TYPES)
def test_lfp_or_not_of_a_type_never_learned(labelled: Labelled, name: str) -> None:
    rows = labelled.where((labelled.types == name) & (labelled.width_s == 5.0))
    rest = labelled.where((labelled.types != name) & (labelled.width_s == 5.0))
    share = fit_lfp(rest).probabilities(lfp_features(rows.voltages_V))[:, 0]
    stated = np.maximum(share, 1.0 - share) >= FOREIGN_MIN
    right = (share > 0.5) == (rows.chemistries[0] == "LFP")
    assert stated.mean() >= 0.94
    assert right[stated].mean() >= 0.95


def test_lfp_or_not_over_all_types_never_learned(models: ModelSet) -> None:
    right, stated = models.info["types"]["pooled"]
    assert right >= 98.0
    assert stated >= 95.0
