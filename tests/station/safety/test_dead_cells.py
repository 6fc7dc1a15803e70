"""A pack with a dead cell is pulsed only where its bench accepts it; that cell keeps a limit of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.safety.checks.battery import cells_in_window
from station.safety.running.dead_cells import DeadCells
from station.safety.sample import Sample
from tests.station.safety.test_check_families import PACK

SOUND = (3.65,) * 95
AT_REST = Sample(1.0, 1e9, 350.0, 0.0, 0.0, 0)


def test_a_dead_cell_is_refused_unless_the_bench_accepts_it() -> None:
    dead = replace(PACK, cell_voltages_V=(0.01, *SOUND))
    refused = cells_in_window(dead)
    assert (refused.ok, refused.facts["cell"]) == (False, 1)
    accepted = cells_in_window(replace(dead, accept_dead_cells=1))
    assert (accepted.ok, accepted.event, accepted.level) == (True, "engine.dead_cell_accepted", "warning")
    assert accepted.facts == {"cells": "1"}


@pytest.mark.parametrize("cells_V", [(-0.4, *SOUND), (0.9, *SOUND), (0.01, 0.01, *SOUND[1:])])
def test_a_reversed_an_empty_and_a_second_dead_cell_are_refused_all_the_same(
    cells_V: tuple[float, ...],
) -> None:
    assert not cells_in_window(replace(PACK, cell_voltages_V=cells_V, accept_dead_cells=1)).ok


def test_while_running_it_may_not_get_a_voltage_and_no_other_may_die() -> None:
    rule = DeadCells(1)
    told = (0.0, *SOUND)
    assert rule.living(told) == (None, *SOUND)
    assert rule.living(told) is rule.living(told)
    assert rule.check_cells((-0.09, *SOUND), AT_REST) is None
    tripped = rule.check_cells((0.8, *SOUND), AT_REST)
    assert tripped is not None
    assert (tripped.code, tripped.params["cell"]) == ("safety.dead_cell", 1)
    later = (0.0, 0.0, *SOUND[1:])
    assert rule.living(later) == (None, 0.0, *SOUND[1:])
    unaccepted = DeadCells(0)
    assert unaccepted.living(told) is told
