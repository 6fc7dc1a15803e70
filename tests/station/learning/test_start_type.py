"""A cell type from few labelled cells: learned, calibrated, abstaining, compared and adopted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from station.cli.main import invoke
from station.diagnosis.adaptive import Goal, Limits
from station.diagnosis.adaptive.advise import advise
from station.diagnosis.adaptive.gains import Gains
from station.diagnosis.adaptive.measured import nothing_measured
from station.diagnosis.soh.gaussian_process import Kernel
from station.diagnosis.soh.model import Calibration, Learned, ModelSet, Recipe
from station.diagnosis.soh.rows import RowInputs, estimate_rows
from station.diagnosis.tables import COLUMNS, SUBSETS
from station.errors import DataError, UsageError
from station.models.adoption import Adoptions
from station.models.cards import curves, learning_points
from station.models.compare import compare
from station.models.gains import load_default_gains, load_gains, save_gains
from station.models.in_use import load_in_use
from station.models.store import load_models, save_models
from station.models.training.card import curve_table
from station.models.training.curve import learning_curve
from station.models.training.few_cells import expected_of, relatives_of
from station.models.training.fitting import fit_subset, fit_width
from station.models.training.onboarding import propose_cells
from station.models.training.seen import seen_cells
from station.models.training.start import start_type
from station.models.training.table import Labelled, read_labelled, stratified_folds
from station.models.training.types import fit_lfp, fit_types

TABLE = Path(__file__).parents[3] / "data" / "pulsebat" / "pulses.parquet"
NEW, CELLS = "NMC 21 Ah", 14
"""Never learned by the base of these tests; the smallest type, so that learning it is quick."""


@pytest.fixture(scope="module")
def table() -> Labelled:
    """Every sixth row at 5 s: enough here, and quick."""
    rows = read_labelled(TABLE)
    rows = rows.where(rows.width_s == 5.0)
    return rows.where((np.arange(len(rows.soh)) % 6 == 0) | (rows.types == NEW))


def quick_recipe(rows: Labelled) -> Recipe:
    """Learned without any search: good enough to be there."""
    subset = "all" if np.isfinite(rows.voltages_V).all() else "first"
    lengths, variance = np.full(len(SUBSETS[subset]), 5.0), float(rows.soh.var())
    kernel = Kernel(lengths, 0.3 * variance, 0.6 * variance, 0.05 * variance)
    calibration = Calibration(2.0, 0.005, 3.0, 2.0, 0.03)
    model = fit_width(rows, {subset: fit_subset(rows, subset, kernel, calibration)}, {})
    first = (str(rows.types[0]), str(rows.chemistries[0]), float(rows.nominal_capacity_Ah[0]))
    return Recipe(*first, float(rows.third_amplitude_C[0]), {5.0: model})


@pytest.fixture(scope="module")
def base(table: Labelled) -> ModelSet:
    """Four types that are known; the new one and LFP 20 Ah are not."""
    known = ("LFP 35 Ah", "LFP 68 Ah", "LMO 10 Ah", "NMC 2.1 Ah")
    rest = table.where(np.isin(table.types, known))
    recipes = {name: quick_recipe(table.where(table.types == name)) for name in known}
    return ModelSet(recipes, fit_types(rest), fit_lfp(rest), {"model_id": "base"})


@pytest.fixture(scope="module")
def new_rows(table: Labelled) -> Labelled:
    rows = table.where(table.types == NEW)
    # Five SOC levels of each cell are enough here.
    place = np.array([int(np.sum(rows.cells[:n] == cell)) for n, cell in enumerate(rows.cells)])
    return rows.where(place < 5)


@pytest.fixture(scope="module")
def picked(new_rows: Labelled) -> list[str]:
    return [item.cell for item in propose_cells(new_rows, CELLS)]


@pytest.fixture(scope="module")
def candidate(
    base: ModelSet, new_rows: Labelled, picked: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    models, started = start_type(base, new_rows.where(np.isin(new_rows.cells, picked)))
    assert (started.name, started.cells, started.relatives) == (NEW, sorted(picked), ["NMC 2.1 Ah"])
    folder = tmp_path_factory.mktemp("candidate")
    save_models(models, folder)
    return folder


@pytest.fixture(scope="module")
def running(base: ModelSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("running")
    save_models(base, folder)
    return folder


def inputs(rows: Labelled) -> RowInputs:
    return RowInputs(rows.voltages_V, rows.width_s, rows.third_amplitude_C, rows.nominal_capacity_Ah)


def test_cells_never_seen_are_judged_well_and_inside_their_intervals(
    candidate: Path, new_rows: Labelled, picked: list[str]
) -> None:
    unseen = new_rows.where(~np.isin(new_rows.cells, picked))
    found = estimate_rows(load_models(candidate), inputs(unseen))
    given = np.isfinite(found.soh)
    assert given.mean() > 0.8
    truth = unseen.soh[given]
    error = np.abs(found.soh[given] - truth) / truth
    assert 100 * error.mean() < 2.5  # predicting the mean misses by more, and the text of the page says 1.1
    inside = (found.low90[given] <= truth) & (truth <= found.high90[given])
    assert inside.mean() > 0.75
    assert {found.recipes[n] for n in np.flatnonzero(given)} == {NEW}


def test_types_known_before_are_judged_as_before(candidate: Path, base: ModelSet, table: Labelled) -> None:
    rows = table.where(table.types == "LMO 10 Ah")
    before, after = estimate_rows(base, inputs(rows)), estimate_rows(load_models(candidate), inputs(rows))
    both = np.isfinite(before.soh) & np.isfinite(after.soh)
    assert both.mean() > 0.9
    assert after.soh[both] == pytest.approx(before.soh[both], abs=1e-9)


def test_it_abstains_outside_what_it_learned(candidate: Path, table: Labelled) -> None:
    foreign = table.where(table.types == "LFP 20 Ah")
    models = load_models(candidate)
    mislabelled = replace(inputs(foreign), nominal_capacity_Ah=np.full(len(foreign.soh), 21.0))
    assert np.isnan(estimate_rows(models, mislabelled).soh).mean() > 0.95
    assert np.isnan(estimate_rows(models, inputs(foreign)).soh).all()


def test_a_start_keeps_its_learning_curve_and_shows_it(candidate: Path, running: Path) -> None:
    points = learning_points({"candidate": candidate})[NEW]
    assert [point["cells"] for point in points] == [7, 10, 14]  # a quarter is too few to learn from
    assert all(0.0 < point["mape"] < 10.0 and point["half_width"] > 0.0 for point in points)
    assert len({point["mape"] for point in points}) == len(points)
    assert "| NMC 21 Ah | 7: " in curve_table(load_models(candidate).info)
    assert learning_points({"running": running}) == {}


def test_a_point_with_fewer_cells_learns_from_fewer_of_the_same(table: Labelled) -> None:
    rows = table.where(table.types == "LMO 10 Ah")
    folds = stratified_folds(rows.cells.tolist(), rows.soh, 5)
    fold = np.array([folds[cell] for cell in rows.cells])
    seen: dict[int, list[set[str]]] = {}

    def fit(inside: Labelled, number: int) -> Learned:
        cells = set(inside.cells.tolist())
        assert not cells & set(rows.cells[fold == number].tolist()), "a judged cell was learned from"
        seen.setdefault(number, []).append(cells)
        variance = float(rows.soh.var())
        kernel = Kernel(np.full(21, 5.0), 0.3 * variance, 0.6 * variance, 0.05 * variance)
        return fit_subset(inside, "first", kernel)

    points = learning_curve(rows, "first", folds, fit)
    whole = len(set(rows.cells.tolist()))
    assert [point["cells"] for point in points] == [round(share * whole) for share in (0.25, 0.5, 0.75)]
    assert points[0]["mape"] > points[-1]["mape"]
    for small, half, large in seen.values():
        assert small < half < large
        assert len(half) == pytest.approx(0.5 * 0.8 * whole, abs=1)
    header = {"learning_curve": {"LMO 10 Ah": points}, "figures": {}}
    assert curves(header) == {}, "a curve without the type's own figures is no curve"


def test_a_start_has_several_views_that_survive_the_file(candidate: Path) -> None:
    learned = load_models(candidate).recipes[NEW].widths[5.0].subsets["first"]
    assert [len(kernel.lengths) for kernel in learned.kernels] == [21, 16, 8]
    assert sum(learned.shares) == pytest.approx(1.0)
    assert min(learned.shares) >= 0.0


def test_slopes_are_those_of_the_mixture(candidate: Path, new_rows: Labelled) -> None:
    model = load_models(candidate).recipes[NEW].widths[5.0]
    # Ridge and second opinion have no say in slopes.
    learned = replace(model.subsets["first"], shares=(0.5, 0.3, 0.2, 0.0), local=None)
    estimator = replace(model, subsets={"first": learned}, _fitted={}).estimator("first")
    rows = new_rows.voltages_V[:3]
    slope = estimator.slopes(rows)[:, 7]
    step = np.zeros(41)
    step[7] = 1e-6
    numeric = (estimator.predict(rows + step).mean - estimator.predict(rows - step).mean) / 2e-6
    assert slope == pytest.approx(numeric, rel=1e-3, abs=1e-6)


def test_relatives_are_of_the_same_chemistry_or_all_others(base: ModelSet) -> None:
    assert [r.name for r in relatives_of(base, "LFP")] == ["LFP 35 Ah", "LFP 68 Ah"]
    assert len(relatives_of(base, "LTO")) == len(base.recipes)
    expected = expected_of(relatives_of(base, "LFP"), "all", 5.0)
    assert expected is not None
    assert expected.shape == (41 + 3,)
    assert expected_of(relatives_of(base, "NMC"), "all", 5.0) is None


@pytest.mark.parametrize(
    ("change", "code"),
    [("few", "learn.few_cells"), ("known", "learn.type_known"), ("two", "learn.several_types")],
)
def test_what_cannot_be_started(
    base: ModelSet, table: Labelled, new_rows: Labelled, change: str, code: str
) -> None:
    rows = {
        "few": new_rows.where(np.isin(new_rows.cells, sorted(set(new_rows.cells.tolist()))[:9])),
        "known": table.where(table.types == "LMO 10 Ah"),
        "two": table.where(np.isin(table.types, [NEW, "LMO 10 Ah"])),
    }[change]
    with pytest.raises(DataError) as error:
        start_type(base, rows)
    assert error.value.code == code


def test_a_proposal_says_why_and_counts_what_is_labelled(new_rows: Labelled, picked: list[str]) -> None:
    first, *others = propose_cells(new_rows, 5)
    assert first.near is None
    assert all(item.near in {first.cell, *(other.cell for other in others)} for item in others)
    more = propose_cells(new_rows, 3, labelled=picked)
    assert not {item.cell for item in more} & set(picked)
    assert [item.distance for item in more] == sorted((item.distance for item in more), reverse=True)


def test_seen_cells_are_found_by_name_and_by_voltage(
    candidate: Path, new_rows: Labelled, picked: list[str]
) -> None:
    models = load_models(candidate)
    assert seen_cells(models, new_rows) == set(picked)
    renamed = replace(new_rows, cells=np.array([f"x-{cell}" for cell in new_rows.cells]))
    assert seen_cells(models, renamed) == {f"x-{cell}" for cell in picked}


def test_a_comparison_is_of_cells_unseen_by_both(
    candidate: Path, running: Path, new_rows: Labelled, picked: list[str]
) -> None:
    found = compare(load_models(candidate), load_models(running), new_rows)
    assert not set(found.cells) & set(picked)
    assert found.seen == sorted(picked)
    assert found.running.abstained == 100.0
    assert found.running.mape is None
    assert found.difference is None
    assert found.candidate.mape is not None
    assert found.candidate.abstained < 20.0
    same = compare(load_models(candidate), load_models(candidate), new_rows)
    assert (same.difference, same.difference_low90, same.difference_high90) == (0.0, 0.0, 0.0)
    assert same.shared_cells == len(same.cells)


def test_a_comparison_without_unseen_cells_is_refused(
    candidate: Path, running: Path, new_rows: Labelled, picked: list[str]
) -> None:
    with pytest.raises(DataError) as error:
        compare(load_models(candidate), load_models(running), new_rows.where(np.isin(new_rows.cells, picked)))
    assert error.value.code == "compare.none_unseen"


def test_adopted_and_back_with_who_and_why(
    candidate: Path, running: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adoptions = Adoptions(tmp_path / "models", running, now=lambda: "2026-01-01T00:00:00Z")
    assert NEW not in adoptions.load().recipes
    with pytest.raises(UsageError) as error:
        adoptions.adopt(candidate, "", "because")
    assert error.value.code == "adopt.unsigned"
    assert adoptions.in_use() == "shipped"
    done = adoptions.adopt(candidate, "Li Wei", "better on 20 cells")
    assert (done.former, done.who, done.why) == ("shipped", "Li Wei", "better on 20 cells")
    assert adoptions.load().info["model_id"] == done.model_id == adoptions.in_use()
    monkeypatch.setenv("STATION_MODELS", str(tmp_path / "models"))
    assert load_in_use().info["model_id"] == done.model_id
    back = adoptions.back("Li Wei", "drift")
    assert (back.model_id, adoptions.in_use()) == ("shipped", "shipped")
    assert NEW not in adoptions.load().recipes
    assert [item.model_id for item in adoptions.log()] == [done.model_id, "shipped"]
    assert adoptions.back("Li Wei", "again").model_id == done.model_id


def test_files_changed_after_adoption_are_not_used(candidate: Path, running: Path, tmp_path: Path) -> None:
    adoptions = Adoptions(tmp_path, running)
    done = adoptions.adopt(candidate, "a", "b")
    header = tmp_path / "sets" / done.model_id / "soh-models.json"
    header.write_text(header.read_text(encoding="utf-8").replace("NMC", "LMO"), encoding="utf-8")
    with pytest.raises(DataError) as error:
        adoptions.load()
    assert error.value.code == "adopt.changed"
    adoptions.back("a", "damaged")
    assert adoptions.load().info["model_id"] == load_models(running).info["model_id"]


@pytest.mark.parametrize("line", [0, 1])
def test_a_log_that_was_edited_is_not_believed(
    candidate: Path, running: Path, tmp_path: Path, line: int
) -> None:
    adoptions = Adoptions(tmp_path, running)
    adoptions.adopt(candidate, "a", "b")
    adoptions.back("a", "c")
    path = tmp_path / "adoptions.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[line] = lines[line].replace('"who": "a"', '"who": "z"')
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    # The last line has nobody behind it to witness it; every other edit breaks the chain.
    if line == 0:
        with pytest.raises(DataError) as error:
            adoptions.in_use()
        assert error.value.code == "adopt.log_damaged"
    else:
        assert adoptions.log()[-1].who == "z"


def write_table(path: Path, rows: Labelled) -> None:
    """The columns that ``station learn`` reads."""
    columns = {name: rows.voltages_V[:, number] for number, name in enumerate(COLUMNS)}
    about = {
        "chemistry": rows.chemistries, "nominal_capacity_Ah": rows.nominal_capacity_Ah, "cell_id": rows.cells,
        "random_soc": rows.single_charge, "capacity_Ah": rows.soh * rows.nominal_capacity_Ah,
        "pulse_width_s": rows.width_s, "third_amplitude_C": rows.third_amplitude_C,
    }  # fmt: skip
    pq.write_table(pa.table({**about, **columns}), path)


def test_the_commands(
    candidate: Path, running: Path, new_rows: Labelled, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", str(tmp_path)]
    cells = tmp_path / "cells.parquet"
    write_table(cells, new_rows)
    compared = [
        "learn",
        "compare",
        "--candidate",
        str(candidate),
        "--running",
        str(running),
        "--cells",
        str(cells),
    ]
    assert invoke([*compared, *data, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["cells"]
    assert found["candidate"]["model_id"] == load_models(candidate).info["model_id"]
    assert invoke(["learn", "adopt", str(candidate), "--who", "a", "--why", "b", *data]) == 0
    assert invoke(["learn", "adopt", "--log", *data, "--json"]) == 0
    log = json.loads(capsys.readouterr().out.split("\n", 1)[1])
    assert log["in_use"] == found["candidate"]["model_id"]
    assert invoke(["learn", "adopt", "--back", "--who", "a", "--why", "c", *data]) == 0
    assert invoke(["learn", "adopt", *data]) == 2
    proposed = ["learn", "propose", "--pulses", str(cells), "--type", NEW, "--count", "3"]
    assert invoke([*proposed, *data, "--json"]) == 0
    capsys.readouterr()
    assert invoke(["learn", "propose", "--pulses", str(cells), "--type", "LTO 5 Ah", *data]) == 2


def test_a_type_is_started_from_two_tables(
    running: Path,
    new_rows: Labelled,
    picked: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pulses, labels, out = tmp_path / "pulses.parquet", tmp_path / "labels.csv", tmp_path / "candidate"
    write_table(pulses, replace(new_rows, soh=np.full(len(new_rows.soh), np.nan)))
    lines = ["cell_id,nominal_capacity_Ah,capacity_Ah"]
    for cell in picked[:10]:
        soh = float(new_rows.soh[new_rows.cells == cell][0])
        lines.append(f"{cell},21,{21 * soh:.4f}")
    labels.write_text("\n".join(lines) + "\n", encoding="utf-8")
    shipped, known = load_default_gains(), load_models(running)
    save_gains(Gains({"LMO 10 Ah": shipped.types["LMO 10 Ah"]}, str(known.info["arrays_sha256"])), running)
    read = ["--pulses", str(pulses), "--labels", str(labels), "--base", str(running)]
    command = ["learn", "start-type", *read]
    assert invoke([*command, "-o", str(out), "--json"]) == 0
    started = json.loads(capsys.readouterr().out)
    assert (started["name"], started["cells"]) == (NEW, sorted(picked[:10]))
    models = load_models(out)
    info = models.info
    assert info["learned_cells"][NEW] == sorted(picked[:10])
    assert info["started"][NEW]["base"] == load_models(running).info["model_id"]
    assert len(info["sources"]["labels_sha256"]) == 64
    # The adaptive test goes on with the new type, and with those that it knew before.
    gains = load_gains(out, models)
    assert gains.types.keys() == {"LMO 10 Ah", NEW}
    first = advise(nothing_measured(21.0), 0.0, Goal((), 0.001), Limits(2.5, 2.5), models, gains).action
    assert first is not None
    unseen = new_rows.where(~np.isin(new_rows.cells, picked[:10]))
    errors = []
    for row in range(0, len(unseen.soh), 5):
        one = inputs(unseen.where(np.arange(len(unseen.soh)) == row))
        told = advise(one, 480.0, Goal((), 0.2), Limits(2.5, 2.5), models, gains)
        if told.soh is not None:
            assert told.reason == "adaptive.narrow_enough"
            errors.append(abs(told.soh - unseen.soh[row]))
    assert len(errors) > 15
    assert np.mean(errors) < 0.03
    # Cells without a label are for the comparison.
    compared = ["learn", "compare", "--candidate", str(out), "--running", str(running)]
    assert invoke([*compared, "--cells", str(pulses), "--labels", str(labels)]) == 6
