"""The files of gains: what is written reads back, and what was changed is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from station.diagnosis.adaptive.gains import Gains
from station.diagnosis.soh.model import ModelSet
from station.errors import DataError
from station.models.gains import ARRAYS, HEADER, load_gains, save_gains


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
