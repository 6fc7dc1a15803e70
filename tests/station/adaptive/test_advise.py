"""The whole way from voltages to advice, on cells that the shipped models have not seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from station.diagnosis.adaptive import ActionKind, Goal, Limits
from station.diagnosis.adaptive.advice import Action
from station.diagnosis.adaptive.advise import advise
from station.diagnosis.adaptive.gains import Gains
from station.diagnosis.adaptive.kinds import PARTS, Kind
from station.diagnosis.adaptive.measured import Measured, nothing_measured
from station.diagnosis.soh.model import ModelSet
from station.diagnosis.soh.noise import LEVELS_V, Noise
from station.diagnosis.soh.rows import RowInputs
from station.models.training.table import Labelled

LIMITS = Limits(2.5, 2.5)
NARROW = Goal((), 0.001, 100000.0)
PULSES = Limits(2.5, 2.5, (ActionKind.PULSE_PAIR, ActionKind.PULSE_BLOCK))


def rows_of(unseen: Labelled, cell: str, *kinds: Kind, charge: bool = True) -> RowInputs:
    """Rows of one rest of a cell, each with what a kind holds."""
    here = unseen.where((unseen.cells == cell) & (unseen.single_charge == charge))
    voltages = np.full((len(kinds), 41), np.nan)
    for number, kind in enumerate(kinds):
        row = here.voltages_V[np.flatnonzero(here.width_s == kind.width_s)[0]]
        voltages[number, list(PARTS[kind.part])] = row[list(PARTS[kind.part])]
        voltages[number, 0] = row[PARTS[kind.part][0]]
    count = len(kinds)
    return RowInputs(
        voltages,
        np.array([kind.width_s for kind in kinds]),
        np.full(count, here.third_amplitude_C[0]),
        np.full(count, here.nominal_capacity_Ah[0]),
    )


def single_charge_cells(unseen: Labelled) -> list[str]:
    return sorted(set(unseen.cells[unseen.single_charge].tolist()))


def test_before_the_first_pulse_the_screen_pair_is_asked_for(models: ModelSet, gains: Gains) -> None:
    told = advise(nothing_measured(20.0), 0.0, Goal((), 0.025), LIMITS, models, gains)
    assert told.soh is None
    assert told.action is not None
    assert (told.action.currents_C, told.action.duration_s) == ((2.5,), 0.7)
    other = advise(nothing_measured(10.0), 0.0, Goal((), 0.025), LIMITS, models, gains).action
    assert other is not None
    assert (other.currents_C, other.duration_s) == ((0.5, 1.0), 5.0)


def test_an_unknown_type_gets_the_block_first_and_then_no_estimate(
    models: ModelSet, gains: Gains, unseen: Labelled
) -> None:
    first = advise(nothing_measured(None), 0.0, NARROW, LIMITS, models, gains).action
    assert first is not None
    assert first.currents_C == (0.5, 1.0, 1.5, 2.0, 2.5)
    rows = rows_of(unseen, single_charge_cells(unseen)[0], Kind(5.0, "all"))
    foreign = replace(rows, nominal_capacity_Ah=np.array([55.0]))
    told = advise(foreign, 800.0, NARROW, LIMITS, models, gains)
    assert (told.reason, told.cause, told.action) == ("adaptive.no_estimate", "unknown_type", None)


@pytest.mark.parametrize("noise_V", [0.0, *LEVELS_V])
def test_each_step_is_asked_in_turn_and_holds_most_unseen_cells(
    models: ModelSet, gains: Gains, unseen: Labelled, noise_V: float
) -> None:
    draw = np.random.default_rng(3)
    inside = total = 0
    for cell in single_charge_cells(unseen):
        done: list[Kind] = [Kind(0.7, "pair"), Kind(5.0, "pair"), Kind(5.0, "low")]
        for count in (1, 2, 3):
            rows = rows_of(unseen, cell, *done[:count])
            noise = [Noise.of(noise_V)] * count
            shaken = rows.voltages_V + draw.normal(size=rows.voltages_V.shape) * Noise.of(noise_V).sigma_V()
            told = advise(replace(rows, voltages_V=shaken, noise=noise), 0.0, NARROW, PULSES, models, gains)
            assert told.low90 is not None
            assert told.high90 is not None
            truth = float(unseen.soh[(unseen.cells == cell) & unseen.single_charge][0])
            inside += told.low90 <= truth <= told.high90
            total += 1
    assert total == 30
    assert inside >= 21  # 30 intervals of ten cells: far below 90 % would be wrong intervals


def test_more_pulses_narrow_the_interval_on_average(models: ModelSet, gains: Gains, unseen: Labelled) -> None:
    steps = [Kind(0.7, "pair"), Kind(5.0, "pair"), Kind(5.0, "low")]
    means = []
    for count in (1, 3):
        halves = []
        for cell in single_charge_cells(unseen):
            told = advise(rows_of(unseen, cell, *steps[:count]), 0.0, NARROW, PULSES, models, gains)
            assert told.half_width is not None
            halves.append(told.half_width)
        means.append(float(np.mean(halves)))
    assert means[1] < 0.85 * means[0]


def test_rows_in_any_order_and_a_profile_of_other_pulses_are_read(
    models: ModelSet, gains: Gains, unseen: Labelled
) -> None:
    cell = single_charge_cells(unseen)[0]
    one = advise(
        rows_of(unseen, cell, Kind(0.7, "pair"), Kind(5.0, "pair")), 0.0, NARROW, LIMITS, models, gains
    )
    other = advise(
        rows_of(unseen, cell, Kind(5.0, "pair"), Kind(0.7, "pair")), 0.0, NARROW, LIMITS, models, gains
    )
    assert one.soh == pytest.approx(other.soh)
    rare = advise(rows_of(unseen, cell, Kind(1.0, "pair")), 0.0, NARROW, LIMITS, models, gains)
    assert rare.soh is not None


def test_a_new_level_asks_for_its_pulses_and_is_not_shifted_again(
    models: ModelSet, gains: Gains, unseen: Labelled
) -> None:
    cell = next(cell for cell in single_charge_cells(unseen) if cell.startswith("LFP68"))
    rows = rows_of(unseen, cell, Kind(0.7, "pair"), Kind(5.0, "pair"), Kind(5.0, "low"), charge=False)
    before: Action | None = advise(Measured(rows), 342.0, NARROW, LIMITS, models, gains).action
    assert before is not None
    assert before.kind is ActionKind.SHIFT_SOC
    after = advise(Measured(rows, at_level=1, shifted=0.05), 1122.0, NARROW, LIMITS, models, gains).action
    assert after is not None
    assert after.kind is ActionKind.PULSE_PAIR


def test_levels_that_do_not_fit_their_rows_are_refused(unseen: Labelled) -> None:
    rows = rows_of(unseen, single_charge_cells(unseen)[0], Kind(5.0, "pair"))
    with pytest.raises(ValueError, match="2 levels for 1 rows"):
        Measured(rows, (0, 1))
