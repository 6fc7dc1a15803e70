"""A record puts its rows in order, counts what it did, and refuses what cannot be put in order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from station.diagnosis.pulses import Record


def test_clean_rows_stay_as_they_are() -> None:
    t = np.arange(10.0)
    record = Record(t, t * 0.5, t + 3.0, step=np.arange(10))
    assert np.array_equal(record.time_s, t)
    assert record.step is not None
    assert record.size == 10
    assert record.notes == type(record.notes)()


def test_rows_cannot_be_changed_afterwards() -> None:
    t = np.arange(10.0)
    record = Record(t, t, t)
    with pytest.raises(ValueError, match="read-only"):
        record.voltage_V[0] = 1.0
    t[0] = -1.0  # the caller's own array stays theirs
    assert record.time_s[0] == 0.0


def test_missing_and_shuffled_rows_are_counted() -> None:
    t = np.arange(1000.0)
    current, volts = np.zeros(1000), np.full(1000, 3.7)
    volts[5] = np.nan
    current[7] = np.inf
    t[[500, 501]] = t[[501, 500]]
    record = Record(t, current, volts)
    assert (record.notes.missing_rows, record.notes.unsorted_rows) == (2, 1)
    assert record.size == 998
    assert np.all(np.diff(record.time_s) > 0)


def test_a_clock_that_restarts_is_refused() -> None:
    t = np.concatenate((np.arange(100.0), np.arange(50.0)))
    with pytest.raises(ValueError, match="runs backwards at row 100"):
        Record(t, np.zeros(150), np.ones(150))


def test_columns_must_match_and_hold_something() -> None:
    with pytest.raises(ValueError, match="voltage_V"):
        Record(np.arange(3.0), np.zeros(3), np.zeros(2))
    with pytest.raises(ValueError, match="at least 2"):
        Record([0.0, np.nan], [0.0, 0.0], [3.0, 3.0])
    with pytest.raises(ValueError, match="dimension"):
        Record(np.zeros((2, 2)), np.zeros((2, 2)), np.zeros((2, 2)))


@given(arrays(np.float64, 60, elements=st.floats(0.0, 5.0)), st.integers(0, 2**32 - 1))
def test_whatever_the_rows_the_time_rises_or_the_record_is_refused(jitter: np.ndarray, seed: int) -> None:
    rng = np.random.default_rng(seed)
    t = np.round(np.arange(60.0) + jitter * 0.25, 1)
    volts = rng.normal(3.7, 0.1, 60)
    volts[rng.integers(0, 60, 3)] = np.nan
    current = rng.normal(size=60)
    finite = t[np.isfinite(volts)]
    if np.count_nonzero(finite < np.maximum.accumulate(finite)) > 2:
        with pytest.raises(ValueError, match="backwards"):
            Record(t, current, volts)
        return
    record = Record(t, current, volts)
    assert np.all(np.diff(record.time_s) > 0)
    assert np.all(np.isfinite(record.voltage_V))
    assert record.size + record.notes.missing_rows + record.notes.duplicate_rows == 60
