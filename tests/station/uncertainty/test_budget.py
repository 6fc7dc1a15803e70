"""Budgets against closed forms and against a simulated record whose errors are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from station.diagnosis.uncertainty import (
    Component,
    charge_budget,
    current_budget,
    facts_of_samples,
    rectangular,
    resistance_budget,
    soh_budget,
    voltage_budget,
)
from station.rawfiles import write_run_parquet
from station.reports.uncertainty import budget_of_run

STEP_V, NOISE_V, NOISE_A = 1e-3, 2e-3, 0.02


def record(seed: int) -> tuple[Any, Any, Any]:
    """Rest, 20 A discharge, rest, at 100 Hz: noise of known size, read in steps of 1 mV."""
    source = np.random.default_rng(seed)
    t = np.arange(0.0, 60.0, 0.01)
    current_A = np.where((t >= 20) & (t < 40), -20.0, 0.0)
    voltage_V = 3.3 + 1e-3 * current_A + source.normal(0, NOISE_V, len(t))
    return t, np.round(voltage_V / STEP_V) * STEP_V, current_A + source.normal(0, NOISE_A, len(t))


def test_the_record_tells_its_noise_steps_and_charge() -> None:
    facts = facts_of_samples(*record(1))
    assert facts.voltage_step_V == pytest.approx(STEP_V, rel=1e-6)
    assert facts.voltage_noise_V == pytest.approx(NOISE_V, rel=0.2)
    assert facts.current_noise_A == pytest.approx(NOISE_A, rel=0.1)
    assert facts.discharge_Ah == pytest.approx(20 * 20 / 3600, rel=0.02)
    assert (facts.edges, facts.edge_A) == (2, pytest.approx(20.0, rel=0.01))


def test_components_add_as_squares() -> None:
    facts = facts_of_samples(*record(2))
    calibration = [Component("calibration", 3e-3, "B", "certificate")]
    budget = voltage_budget(facts, calibration)
    resolution = rectangular("resolution", STEP_V, "").standard
    assert resolution == pytest.approx(STEP_V / 12**0.5)
    by_hand = (resolution**2 + facts.voltage_noise_V**2 + 3e-3**2) ** 0.5
    assert budget.standard == pytest.approx(by_hand, rel=1e-6)
    told = budget.as_dict()
    assert told["expanded"] == pytest.approx(2 * by_hand, rel=1e-6)
    assert (told["lower_bound"], voltage_budget(facts, []).as_dict()["lower_bound"]) == (False, True)


def test_the_resistance_budget_covers_what_many_pulses_show() -> None:
    """Resistances made of two readings each, with the same errors: their spread is what the budget says."""
    source = np.random.default_rng(3)
    facts = facts_of_samples(*record(3))
    voltage, current = voltage_budget(facts, []), current_budget(facts, [])
    u_V, u_A = voltage.standard, current.standard
    count = 20_000
    steps_V = 0.02 + source.normal(0, u_V, count) - source.normal(0, u_V, count)
    steps_A = 20.0 + source.normal(0, u_A, count) - source.normal(0, u_A, count)
    one = resistance_budget([1e-3], [20.0], voltage, current)
    assert one is not None
    assert one.standard == pytest.approx(float(np.std(steps_V / steps_A)), rel=0.05)
    assert resistance_budget([], [], voltage, current) is None


def test_a_lasting_error_of_the_current_acts_over_the_whole_charge() -> None:
    facts = facts_of_samples(*record(4))
    current = current_budget(facts, [Component("calibration", 0.03, "B", "certificate")])
    charge = charge_budget(facts, current)
    assert charge.standard == pytest.approx(0.03 * 20 / 3600, rel=0.05)
    assert charge.missing == ()


def test_soh_from_pulses_is_the_estimator_s_and_says_what_is_not_in_it() -> None:
    budget = soh_budget(0.8, 0.76, 0.84, capacity=None, nominal_capacity_Ah=35.0)
    assert budget.standard == pytest.approx(0.04 / 1.6449)
    assert budget.missing


def test_the_budget_of_a_run_file(tmp_path: Path) -> None:
    t, voltage_V, current_A = record(5)
    path = tmp_path / "run.parquet"
    columns = {"Test Time / s": t, "Voltage / V": voltage_V, "Current / A": current_A}
    rows = [
        {"quantity": q, "unit": "x", "reading": r, "reference": r + d, "uncertainty": 2e-3}
        for q, r, d in (("voltage", 3.0, 0.0), ("voltage", 4.0, 1e-3), ("current", 20.0, 0.0))
    ]
    calibration = {"due": "2027-01-01", "certificate": "K-7", "points": rows}
    metadata = {
        "channel": {"power": {"driver": "d", "calibration": calibration}},
        "nominal_capacity_Ah": 35.0,
    }
    write_run_parquet(path, columns, metadata)
    pulses = [{"current_A": -20.0, "resistance_ohm": {"1": r}} for r in (1.0e-3, 1.1e-3)]
    result = {"blocks": [{"pulses": pulses}], "soh": {"estimate": 0.8, "low90": 0.75, "high90": 0.85}}
    told = budget_of_run(path, result, 35.0)["quantities"]
    assert set(told) == {"voltage", "current", "resistance", "charge", "soh"}
    assert told["resistance"]["value"] == pytest.approx(1.05e-3)
    sources = {c["name"]: c for c in told["voltage"]["components"]}
    assert sources["calibration"]["standard"] == pytest.approx(1e-3)
    assert "K-7" in sources["calibration"]["source"]
    assert not told["voltage"]["lower_bound"]
    assert budget_of_run(tmp_path / "none.parquet", {}, 35.0)["reason"]
