"""Model files: checked, plain, and written again by learning."""

from __future__ import annotations

import json
import pickle
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet
import pytest

from station.diagnosis.soh.model import ModelSet
from station.diagnosis.soh.rows import estimate_rows
from station.errors import DataError
from station.models.in_use import DEFAULT_FOLDER
from station.models.store import ARRAYS, HEADER, load_models
from station.models.training import learn
from station.models.training.card import model_card
from station.models.training.table import Labelled, file_sha256, held_out, read_labelled

from .conftest import TABLE
from .helpers import inputs_of

FOLDER = DEFAULT_FOLDER


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in (ARRAYS, HEADER):
        shutil.copy(FOLDER / name, tmp_path / name)
    return tmp_path


def test_shipped_files_are_plain_arrays() -> None:
    with zipfile.ZipFile(FOLDER / ARRAYS) as archive:
        for name in archive.namelist():
            with archive.open(name) as member:
                np.lib.format.read_array(member, allow_pickle=False)
    text = (FOLDER / HEADER).read_bytes() + (FOLDER / ARRAYS).read_bytes()
    assert pickle.PROTO + b"\x04" + pickle.FRAME not in text


def test_shipped_models_are_learned_from_the_shipped_table(models: ModelSet) -> None:
    assert models.info["training_table_sha256"] == file_sha256(TABLE)


def test_model_card_belongs_to_the_shipped_models(models: ModelSet) -> None:
    card = (TABLE.parents[2] / "docs" / "model-card.md").read_text(encoding="utf-8")
    assert models.info["arrays_sha256"] in card
    assert models.info["training_table_sha256"] in card
    assert card == model_card(models)


def test_changed_arrays_are_refused(copy: Path) -> None:
    content = bytearray((copy / ARRAYS).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / ARRAYS).write_bytes(content)
    with pytest.raises(DataError, match=r"soh-models\.npz is damaged"):
        load_models(copy)


def test_changed_header_is_refused(copy: Path) -> None:
    header = json.loads((copy / HEADER).read_text(encoding="utf-8"))
    header["recipes"]["LFP 20 Ah"]["widths"][0]["subsets"]["all"]["calibration"]["factor"] = 0.1
    (copy / HEADER).write_text(json.dumps(header), encoding="utf-8")
    with pytest.raises(DataError, match="has been changed") as caught:
        load_models(copy)
    assert caught.value.remedy


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "other"}'])
def test_damaged_header_is_refused(copy: Path, content: str) -> None:
    (copy / HEADER).write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"soh-models\.json is damaged"):
        load_models(copy)


def test_missing_file_is_named(copy: Path) -> None:
    (copy / ARRAYS).unlink()
    with pytest.raises(DataError, match=r"soh-models\.npz"):
        load_models(copy)


def test_shipped_fit_has_not_seen_demonstration_and_excluded_cells(
    models: ModelSet, labelled: Labelled
) -> None:
    left_out = models.info["held_out_cells"]
    for name, cells in left_out.items():
        assert cells == held_out(labelled.cells[labelled.types == name].tolist(), 0.06)
    away = {cell for cells in left_out.values() for cell in cells} | {"LMO10-016"}
    for name, recipe in models.recipes.items():
        for width, model in recipe.widths.items():
            here = labelled.where((labelled.types == name) & (labelled.width_s == width))
            kept = here.where(~np.isin(here.cells, sorted(away)))
            assert len(kept.soh) < len(here.soh)
            np.testing.assert_array_equal(model.soh, kept.soh)


@pytest.fixture(scope="module")
def small_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some cells of two types."""
    table = pa.parquet.read_table(TABLE)
    table = table.filter(pc.equal(table.column("pulse_width_s"), 5.0))
    cells = [f"LMO10-{n:03}" for n in range(1, 40)] + [f"NMC21-{n:03}" for n in range(3, 30)]
    file = tmp_path_factory.mktemp("learn") / "table.parquet"
    pa.parquet.write_table(table.filter(pc.is_in(table.column("cell_id"), pa.array(cells))), file)
    return file


def test_learning_writes_models_that_work_and_is_repeatable(small_table: Path, tmp_path: Path) -> None:
    report = learn(small_table, tmp_path / "a")
    again = learn(small_table, tmp_path / "b")
    assert report == again
    models = load_models(tmp_path / "a")
    assert set(models.recipes) == {"LMO 10 Ah", "NMC 21 Ah"}
    for figure in report["figures"]["LMO 10 Ah"]:
        assert figure["mape"] < figure["trivial_mape"] / 2
        assert 75 <= figure["coverage"] <= 100
    rows = read_labelled(small_table)
    cells = [cell for cells in models.info["held_out_cells"].values() for cell in cells]
    results = estimate_rows(models, inputs_of(rows.where(np.isin(rows.cells, cells))))
    assert np.isfinite(results.soh).mean() > 0.7
    assert "LMO 10 Ah" in (tmp_path / "a" / "model-card.md").read_text(encoding="utf-8")


def test_learning_refuses_an_unlabelled_table(small_table: Path, tmp_path: Path) -> None:
    bare = pa.parquet.read_table(small_table).drop_columns(["capacity_Ah"])
    pa.parquet.write_table(bare, tmp_path / "bare.parquet")
    with pytest.raises(DataError, match="capacity_Ah"):
        learn(tmp_path / "bare.parquet", tmp_path / "out")
    assert not (tmp_path / "out").exists()
