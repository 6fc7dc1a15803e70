"""The files of gains: what is written reads back, and what was changed is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from station.diagnosis.adaptive.gains import Gains
from station.diagnosis.soh.model import ModelSet
from station.errors import DataError
from station.models.adoption import ENVIRONMENT, Adoptions
from station.models.gains import ARRAYS, HEADER, gains_of, load_gains, save_gains
from station.models.in_use import DEFAULT_FOLDER, load_in_use
from station.models.store import load_models, save_models


def test_gains_read_back_as_they_were_written(tmp_path: Path, models: ModelSet, gains: Gains) -> None:
    save_gains(gains, tmp_path)
    again = load_gains(tmp_path, models)
    assert again.types.keys() == gains.types.keys()
    for name, known in gains.types.items():
        assert again.types[name].level_factor == known.level_factor
        for history, gain in known.histories.items():
            other = again.types[name].histories[history]
            assert other.half_width == gain.half_width
            for level_V, learned in gain.learned.items():
                assert np.array_equal(other.learned[level_V].projection, learned.projection)
                assert other.learned[level_V].calibration == learned.calibration


def test_a_changed_number_or_array_is_refused(tmp_path: Path, models: ModelSet, gains: Gains) -> None:
    save_gains(gains, tmp_path)
    header = json.loads((tmp_path / HEADER).read_text(encoding="utf-8"))
    name = next(iter(header["types"]))
    header["types"][name]["carry"] = 9.0
    (tmp_path / HEADER).write_text(json.dumps(header), encoding="utf-8")
    with pytest.raises(DataError, match="has been changed"):
        load_gains(tmp_path, models)
    save_gains(gains, tmp_path)
    content = bytearray((tmp_path / ARRAYS).read_bytes())
    content[-1] ^= 1
    (tmp_path / ARRAYS).write_bytes(bytes(content))
    with pytest.raises(DataError, match="checksum"):
        load_gains(tmp_path, models)


def test_gains_of_other_models_and_missing_files_are_refused(
    tmp_path: Path, models: ModelSet, gains: Gains
) -> None:
    with pytest.raises(DataError, match="missing"):
        load_gains(tmp_path, models)
    save_gains(Gains(gains.types, "another", gains.info), tmp_path)
    with pytest.raises(DataError, match="other model files"):
        load_gains(tmp_path, models)


def test_gains_beside_a_candidate_are_adopted_with_it(
    tmp_path: Path, models: ModelSet, gains: Gains, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = next(iter(gains.types))
    save_models(replace(models, recipes={name: models.recipes[name]}), tmp_path / "candidate")
    made = load_models(tmp_path / "candidate")
    adoptions = Adoptions(tmp_path / "models", DEFAULT_FOLDER)
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "models"))

    plain = adoptions.adopt(tmp_path / "candidate", "Li Wei", "one type only")
    assert adoptions.gains_folder(plain.model_id) is None
    with pytest.raises(DataError, match="no gains"):
        gains_of(load_in_use())

    adoptions.back("Li Wei", "without gains")
    only = Gains({name: gains.types[name]}, str(made.info["arrays_sha256"]), gains.info)
    save_gains(only, tmp_path / "candidate")
    again = adoptions.adopt(tmp_path / "candidate", "Li Wei", "with gains")
    assert again.model_id == plain.model_id
    assert gains_of(load_in_use()).types.keys() == {name}
