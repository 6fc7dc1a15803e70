"""What an adviser is told of a test in progress: which rows, and at which level of SOC."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from station.engine.record.runfile import finalise, recording_of
from station.rawfiles import Recording, read_record
from station.reports.interim import decided_segments, measured_so_far, shifts_s
from tests.station.engine.test_adaptive import Question, enough, go_on, pair, part, plan, stand_with


def recorded(folder: Path, rounds: dict[int, list[dict[str, Any]]]) -> Recording:
    """A run of a 20 Ah cell whose adaptive step is answered with ``rounds``, as it stands in its journal."""

    def answer(question: Question) -> Any:
        parts = rounds.get(question["round"])
        return enough(question) if parts is None else go_on(question, parts)

    stand, _ = stand_with(folder, answer)
    assert stand.run(plan=plan()).outcome.outcome == "completed"
    return recording_of(stand.journal)


SHIFT = [part("soc_shift", 20.0, 150.0), part("rest", 0.0, 6.0)]
BUDGET = {1: pair(20.0, 1.0, 3.0), 2: SHIFT, 3: pair(20.0, 1.0, 3.0)}


def test_rows_before_and_after_a_change_of_soc_lie_on_two_levels(tmp_path: Path) -> None:
    recording = recorded(tmp_path, BUDGET)
    measured = measured_so_far(recording, nominal_capacity_Ah=20.0, chemistry=None, shifted=0.04)
    widths = dict(zip(measured.levels, measured.rows.width_s.tolist(), strict=False))
    assert set(measured.levels) == {0, 1}
    assert widths[0] == 1.0
    assert measured.current_level == 1
    assert measured.shifted == 0.04


def test_behind_a_change_of_soc_the_battery_stands_on_a_new_level(tmp_path: Path) -> None:
    recording = recorded(tmp_path, {1: pair(20.0, 1.0, 3.0), 2: SHIFT})
    samples = recording.samples
    assert samples is not None
    # As the journal stood when it was asked: nothing behind the shift and its rest.
    assert samples.step is not None
    shift_index = decided_segments(recording)[4]["index"]
    until = int((samples.step == shift_index + 2).nonzero()[0][-1]) + 1
    before = Recording(
        type(samples)(*(column[:until] for column in vars(samples).values())),
        None, recording.source, recording.format, recording.nominal_capacity_Ah, metadata=recording.metadata,
    )  # fmt: skip
    measured = measured_so_far(before, nominal_capacity_Ah=20.0, chemistry=None)
    assert set(measured.levels) == {0}
    assert measured.current_level == 1


def test_a_run_file_tells_the_same_as_the_journal(tmp_path: Path) -> None:
    recording = recorded(tmp_path, BUDGET)
    filed = read_record(finalise(tmp_path))
    assert shifts_s(filed) == pytest.approx(shifts_s(recording))
    assert decided_segments(filed) == decided_segments(recording)
    assert len(shifts_s(filed)) == 1


def test_nothing_measured_yet_says_only_the_capacity(tmp_path: Path) -> None:
    recording = recorded(tmp_path, {})
    samples = recording.samples
    assert samples is not None
    first = Recording(
        type(samples)(*(column[:200] for column in vars(samples).values())),
        None, recording.source, recording.format, recording.nominal_capacity_Ah, metadata=recording.metadata,
    )  # fmt: skip
    measured = measured_so_far(first, nominal_capacity_Ah=20.0, chemistry="nmc")
    assert measured.rows.nominal_capacity_Ah.tolist() == [20.0]
    assert measured.rows.chemistry_hint == "NMC"
    assert decided_segments(recording) == []
