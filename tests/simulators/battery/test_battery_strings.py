"""Modules and packs: sums, spread, parallel groups, speed."""

from __future__ import annotations

import sys
import timeit
from typing import Any

import numpy as np
import pytest

from simulators.battery import BatteryError, build_battery
from simulators.battery.dead_cells import DEAD_OHM

MODEL = {"kind": "model", "chemistry": "NMC", "nominal_capacity_Ah": 40.0, "soh": 0.8, "soc": 0.5}
MEASURED = {"kind": "measured", "chemistry": "LFP", "nominal_capacity_Ah": 20.0, "soc": 0.5}


def string(cell: dict[str, Any] | None, series: int, **more: object) -> dict[str, Any]:
    return {"kind": "string", "series": series, **({"cell": cell} if cell else {}), **more}


PULSES = ((40.0, 5.0), (0.0, 30.0), (-40.0, 5.0), (0.0, 30.0), (20.0, 1.0), (-20.0, 1.0), (0.0, 2.0))


@pytest.mark.parametrize("cell", [MODEL, MEASURED], ids=["model", "measured"])
def test_terminal_voltage_is_the_sum_of_cells_and_busbars(cell) -> None:  # type: ignore[no-untyped-def]
    battery = build_battery(string(cell, 14, busbar_resistance_ohm=0.002), seed=5)
    for current, seconds in PULSES:
        battery.advance(current, seconds)
        for now in (current, 0.0, 33.0):
            cells = battery.cell_voltages_V(now)
            assert len(cells) == battery.series_cells == 14
            assert battery.voltage_V(now) == pytest.approx(sum(cells) + 0.002 * now, abs=1e-9)
    assert np.ptp(battery.cell_voltages_V(40.0)) > 1e-4, "cells of a string are not equal"


@pytest.mark.parametrize(
    "cells",
    [
        [{**MODEL, "cell_id": "a"}, {**MODEL, "soh": 0.7}, {**MODEL, "soc": 0.45}],
        [{**MEASURED, "cell_id": f"LFP20-{n}", "history": "ladder"} for n in ("002", "006", "007")],
    ],
    ids=["model", "measured"],
)
def test_a_string_answers_as_its_cells_do_one_by_one(cells) -> None:  # type: ignore[no-untyped-def]
    fixed = [{**c, "resistance_growth": 1.4} if c["kind"] == "model" else c for c in cells]
    battery = build_battery({"kind": "string", "series": 3, "cells": fixed}, seed=5)
    singles = [build_battery(c, seed=0) for c in fixed]
    for current, seconds in (*PULSES, (20.0, 400.0), (0.0, 60.0), (50.0, 5.0)):
        battery.advance(current, seconds)
        for s in singles:
            s.advance(current, seconds)
        for now in (current, 0.0, -25.0):
            assert battery.cell_voltages_V(now) == pytest.approx(
                [s.voltage_V(now) for s in singles], abs=2e-4
            )
    assert battery.temperatures_degC() == pytest.approx([s.temperatures_degC()[0] for s in singles], abs=0.01)


@pytest.mark.parametrize("cell", [MODEL, MEASURED], ids=["model", "measured"])
def test_truth_is_that_of_the_weakest_group(cell) -> None:  # type: ignore[no-untyped-def]
    battery = build_battery(string(cell, 20), seed=5)
    truth = battery.truth()
    assert truth.soh == pytest.approx(truth.capacity_Ah / truth.nominal_capacity_Ah)
    assert len(truth.cell_ids) == 20
    singles = [
        build_battery({**cell, "cell_id": i, "history": "ladder"}, seed=0).truth().soh for i in truth.cell_ids
    ] if cell["kind"] == "measured" else [0.8]  # fmt: skip
    assert truth.soh <= min(singles) + 1e-12


def test_measured_cells_of_a_string_are_distinct_and_of_one_type() -> None:
    ids = build_battery(string(MEASURED, 40), seed=5).truth().cell_ids
    assert len(set(ids)) == 40
    assert {i.split("-")[0] for i in ids} == {"LFP20"}


@pytest.mark.parametrize("cell", [MODEL, MEASURED], ids=["model", "measured"])
def test_parallel_cells_add_capacity_and_share_current(cell) -> None:  # type: ignore[no-untyped-def]
    one = build_battery(string({**cell, "soc": 0.5}, 4, spread={"soc_pct": 0.0}), seed=5)
    two = build_battery(string({**cell, "soc": 0.5}, 4, parallel=2, spread={"soc_pct": 0.0}), seed=5)
    assert two.series_cells == 4
    assert len(two.truth().cell_ids) == 8
    assert two.truth().nominal_capacity_Ah == 2 * one.truth().nominal_capacity_Ah
    rises = []
    for battery, current in ((one, 20.0), (two, 40.0)):
        rest = battery.voltage_V(0.0)
        battery.advance(current, 5.0)
        rises.append(battery.voltage_V(current) - rest)
    assert rises[1] == pytest.approx(rises[0], rel=0.15)


def test_spread_of_zero_makes_equal_cells() -> None:
    spread = {"capacity_pct": 0, "resistance_pct": 0, "soc_pct": 0}
    battery = build_battery(string(MODEL, 6, spread=spread), seed=5)
    assert np.ptp(battery.cell_voltages_V(40.0)) == 0.0


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (string(None, 2), "either 'cell'"),
        (string(None, 2, cells=[MODEL]), "series \\* parallel = 2"),
        (string({**MEASURED, "history": "random"}, 2), "ladder"),
        (string({**MEASURED, "soc": "row:3"}, 2), "ladder"),
        (string({**MEASURED, "soc": 0.999}, 2), "soc"),
        (string(None, 1, parallel=2, cells=[MODEL, {**MEASURED}]), "model and measured"),
        (string(None, 1, parallel=2, cells=[MODEL, {**MODEL, "chemistry": "LFP"}]), "chemistry"),
        (string(MODEL, 0), "series"),
    ],
)
def test_impossible_strings_are_refused(config, words) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BatteryError, match=words):
        build_battery(config, seed=1)


def test_speed_against_budget() -> None:
    """Prints cost over budget; fails only far outside, so that a busy machine does not matter."""
    cases = {
        "model cell": ({**MODEL}, 15e-6),
        "measured cell": ({**MEASURED}, 15e-6),
        "96s model": (string(MODEL, 96), 150e-6),
        "96s measured": (string(MEASURED, 96), 150e-6),
    }
    for name, (config, budget_s) in cases.items():
        battery = build_battery(config, seed=1)

        def tick(battery: Any = battery) -> None:
            battery.advance(20.0, 0.001)
            battery.voltage_V(20.0)

        tick()
        cost_s = min(timeit.repeat(tick, number=200, repeat=3)) / 200
        sys.stdout.write(f"{name}: {cost_s * 1e6:.1f} us = {cost_s / budget_s:.2f} of the budget\n")
        assert cost_s < 5 * budget_s


def test_dead_cells_have_no_voltage_and_the_string_keeps_its_equations() -> None:
    cell = {"kind": "model", "chemistry": "LFP", "nominal_capacity_Ah": 100, "soh": 0.9, "soc": 0.5}
    pack = build_battery({"kind": "string", "series": 6, "cells": [cell] * 6, "dead": [3]}, seed=1)
    pack.advance(-50.0, 5.0)
    cells_V = pack.cell_voltages_V(-50.0)
    assert pack.series_cells == len(cells_V) == len(pack.temperatures_degC()) == 6
    assert cells_V[2] == pytest.approx(-50.0 * DEAD_OHM)
    assert min(cells_V[:2] + cells_V[3:]) > 3.0
    assert pack.voltage_V(-50.0) == pytest.approx(sum(cells_V))
    assert pack.current_for_voltage_A(pack.voltage_V(-50.0)) == pytest.approx(-50.0)
    with pytest.raises(BatteryError, match="dead"):
        build_battery({"kind": "string", "series": 2, "cells": [cell] * 2, "dead": [3]}, seed=1)
