"""Rows and histories: what a row can be read as, and how long it takes."""

from __future__ import annotations

import numpy as np
import pytest

from station.diagnosis.adaptive.actions import missing
from station.diagnosis.adaptive.joint import into_features
from station.diagnosis.adaptive.kinds import (
    Kind,
    fill_rests,
    history_of,
    history_text,
    history_time_s,
    kinds_of_row,
    ordered,
    with_inside,
)


def test_a_history_reads_back_from_its_text() -> None:
    text = "5:low+5:pair+0.7:pair"
    assert history_text(history_of(text)) == text
    with pytest.raises(ValueError, match="names no part"):
        history_of("5:unheard")


def test_times_are_those_of_the_protocol() -> None:
    assert history_time_s(history_of("5:all")) == pytest.approx(800.0)
    assert history_time_s(history_of("5:pair+0.7:pair")) == pytest.approx(182.4)
    assert history_time_s(with_inside(Kind(5.0, "all"))) == pytest.approx(800.0)


def test_a_row_is_read_as_all_that_it_holds() -> None:
    present = np.zeros(41, dtype=bool)
    present[:21] = True
    parts = {kind.part for kind in kinds_of_row(5.0, present, [5.0])}
    assert parts == {"first", "half", "low", "third"}
    assert kinds_of_row(2.0, present, [5.0]) == set()


def test_narrow_pulses_come_first_and_parts_of_a_block_are_not_run_twice() -> None:
    run = missing(history_of("5:low+5:pair+0.7:pair"), frozenset())
    assert run == [Kind(0.7, "pair"), Kind(5.0, "pair"), Kind(5.0, "low")]
    assert missing(with_inside(Kind(5.0, "all")), frozenset()) == [Kind(5.0, "all")]


def test_a_pair_measured_alone_has_its_rest_voltage_under_both_names() -> None:
    row = np.full((1, 41), np.nan)
    row[0, :9] = 3.3
    row[0, 33:] = 3.4
    assert fill_rests(row)[0, 32] == pytest.approx(3.3)
    assert np.isnan(fill_rests(row)[0, 16])
    assert np.isnan(row[0, 32])


def test_features_do_not_see_an_offset_beyond_the_first_rest_voltage() -> None:
    kinds = ordered(history_of("5:pair+0.7:pair"))
    into = into_features(kinds)
    assert into.shape == (18, 17)
    moved = np.ones(18) @ into
    assert moved[0] == pytest.approx(1.0)
    assert np.allclose(moved[1:], 0.0)
