"""From pulse blocks to one statement."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from station.diagnosis.pulses.utable import UBlock
from station.diagnosis.soh import Interval, Reason, assess, combine
from station.diagnosis.soh.model import ModelSet
from station.diagnosis.tables import COLUMNS
from station.models.training.table import Labelled


def block(rows: Labelled, row: int, *, columns: range = range(41), standalone: bool = False) -> UBlock:
    values = {
        COLUMNS[column]: float(rows.voltages_V[row, column])
        for column in columns
        if np.isfinite(rows.voltages_V[row, column])
    }
    return UBlock(float(rows.width_s[row]), float(rows.third_amplitude_C[row]), values, standalone)


@pytest.fixture
def cell(unseen: Labelled) -> Labelled:
    """All widths of one single-charge rest of one unseen cell."""
    rows = unseen.where((unseen.types == "LFP 68 Ah") & unseen.single_charge)
    return rows.where(rows.cells == rows.cells[0])


def test_one_block(models: ModelSet, cell: Labelled) -> None:
    row = int(np.argmax(cell.width_s))
    found = assess([block(cell, row)], 68.0, None, models)
    assert not found.abstained
    assert found.reason is None
    assert found.soh is not None
    assert found.soh.low90 < found.soh.estimate < found.soh.high90
    assert abs(found.soh.estimate - cell.soh[row]) < 0.08
    assert found.chemistry.label == "LFP"
    assert found.recipe == "LFP 68 Ah"


def test_standalone_pair_with_u33_only(models: ModelSet, cell: Labelled) -> None:
    row = int(np.argmax(cell.width_s))
    found = assess([block(cell, row, columns=range(32, 41), standalone=True)], 68.0, "lfp", models)
    assert found.soh is not None
    assert abs(found.soh.estimate - cell.soh[row]) < 0.08


def test_of_several_widths_the_longest_decides(models: ModelSet, cell: Labelled) -> None:
    blocks = [block(cell, row) for row in range(len(cell.soh))]
    longest = max(blocks, key=lambda one: one.pulse_width_s)
    assert len(blocks) == 10
    assert assess(blocks, 68.0, None, models).soh == assess([longest], 68.0, None, models).soh


def test_mostly_foreign_widths_overrule_a_fitting_one(models: ModelSet, cell: Labelled) -> None:
    good = block(cell, int(np.argmax(cell.width_s)))
    odd = {name: voltage + 0.3 for name, voltage in good.values.items()}
    foreign = [UBlock(width, 1.5, odd, False) for width in (0.5, 1.0)]
    found = assess([*foreign, good], 68.0, None, models)
    assert found.reason is not None
    assert found.reason.code == "foreign_pattern"


def test_steps_of_a_coarse_instrument_are_no_foreign_battery(models: ModelSet, cell: Labelled) -> None:
    good = block(cell, int(np.argmax(cell.width_s)))
    steps = np.random.default_rng(1)
    odd = {
        name: round((voltage + steps.normal(0, 0.02)) / 0.02) * 0.02 for name, voltage in good.values.items()
    }
    for noise_V, code in ((0.006, "voltage_too_coarse"), (0.0, "foreign_pattern")):
        found = assess([replace(good, values=odd, noise_V=noise_V)], 68.0, None, models)
        assert found.soh is None
        assert found.reason is not None
        assert found.reason.code == code
        assert found.next_measurement == "capacity"


def test_unlearned_width_beside_a_learned_one_does_no_harm(models: ModelSet, cell: Labelled) -> None:
    row = int(np.argmax(cell.width_s))
    good = block(cell, row)
    odd = UBlock(9.0, 1.5, good.values, False)
    assert assess([good, odd], 68.0, None, models).soh == assess([good], 68.0, None, models).soh


def test_nothing_measured(models: ModelSet) -> None:
    found = assess([], 20.0, None, models)
    assert found.abstained
    assert found.reason == Reason("no_blocks")
    assert found.next_measurement == "rapid"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"U2": 3.3, "U3": 3.31, "U4": 3.3, "U5": 3.3, "U6": 3.2}, "no_ocv"),
        ({"U1": 3.3, "U2": 3.31}, "no_pulses"),
        ({f"U{n}": 3300.0 for n in range(1, 42)}, "voltage_out_of_range"),
    ],
)
def test_unusable_blocks(models: ModelSet, values: dict[str, float], code: str) -> None:
    found = assess([UBlock(5.0, 1.5, values, False)], 20.0, None, models)
    assert found.soh is None
    assert found.reason is not None
    assert found.reason.code == code
    assert found.reason.text
    assert found.next_measurement


@pytest.mark.parametrize("nominal", [0.0, -3.0, float("inf")])
def test_impossible_nominal_capacity(models: ModelSet, cell: Labelled, nominal: float) -> None:
    found = assess([block(cell, 0)], nominal, None, models)
    assert found.reason is not None
    assert found.reason.code == "nominal_capacity_invalid"


def test_combining_does_not_shrink_with_the_number_of_blocks() -> None:
    one = Interval(0.8, 0.76, 0.84)
    many = combine([one] * 11)
    assert isinstance(many, Interval)
    assert many.high90 - many.low90 == pytest.approx(0.08)


def test_combining_widens_when_blocks_scatter() -> None:
    found = combine([Interval(0.76, 0.72, 0.80), Interval(0.84, 0.80, 0.88)])
    assert isinstance(found, Interval)
    assert found.estimate == pytest.approx(0.8)
    assert found.high90 - found.low90 > 0.08


def test_combining_refuses_contradiction_and_silence() -> None:
    apart = combine([Interval(0.55, 0.53, 0.57), Interval(0.95, 0.93, 0.97)])
    assert isinstance(apart, Reason)
    assert apart.code == "blocks_disagree"
    few = combine([Interval(0.8, 0.76, 0.84), None, None])
    assert isinstance(few, Reason)
    assert few.code == "too_few_blocks"
    assert combine([]) == Reason("no_blocks")
