"""Runs as a notebook opens them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from station.errors import DataError
from station.notebook import open_run

RUN = Path(__file__).parents[1] / "data" / "runs" / "lfp35_rapid.parquet"


def test_arrays_frame_and_table_of_a_run() -> None:
    run = open_run(RUN)
    assert run.time_s.shape == run.voltage_V.shape == run.current_A.shape
    assert run.duration_s > 100
    charged, discharged = run.charge_Ah
    assert charged == pytest.approx(discharged, rel=0.1)
    frame = run.frame()
    assert list(frame.columns) == ["voltage_V", "current_A", "temperature_degC", "segment"]
    assert frame["current_A"].to_numpy() == pytest.approx(run.current_A)
    assert np.nanmax(run.current_A) > 10
    table = run._repr_html_()
    assert table.startswith("<table>")
    assert f"{run.duration_s:.1f} s" in table


def test_what_is_no_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        open_run(tmp_path)
