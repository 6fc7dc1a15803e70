"""Charge counted over samples, and the capacity that follows or the reason against it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.diagnosis.capacity import (
    CountedCharge,
    CurrentAccuracy,
    Discharge,
    MeasuredCapacity,
    Refusal,
    count_charge,
    measured_capacity,
)

EXACT = CurrentAccuracy(gain=0.0, offset_A=0.0)
T = np.arange(0.0, 3600.1, 0.2)


def test_an_hour_of_two_amperes() -> None:
    counted = count_charge(T, np.full(T.size, -2.0), CurrentAccuracy(gain=0.002, offset_A=0.02))
    assert counted.charge_Ah == pytest.approx(-2.0, rel=1e-9)
    assert counted.bound_Ah == pytest.approx(0.004 + 0.02 + 2 * 2 * 0.2 / 7200, rel=1e-6)
    assert counted.mean_A == pytest.approx(-2.0)


@given(gain=st.floats(-0.01, 0.01), offset_A=st.floats(-0.1, 0.1))
def test_the_truth_lies_inside_the_bound_of_a_wrong_instrument(gain: float, offset_A: float) -> None:
    truth = -2.0 - 0.5 * np.sin(T / 300)
    shown = truth * (1 + gain) + offset_A
    # The gain is one of the reading, so the bound allows for a hundredth of it again.
    counted = count_charge(T, shown, CurrentAccuracy(abs(gain) * 1.02, abs(offset_A) * 1.02))
    assert abs(counted.charge_Ah - float(np.trapezoid(truth, T)) / 3600) <= counted.bound_Ah + 1e-9


def test_a_gap_is_bridged_and_all_of_it_is_uncertain() -> None:
    keep = (T < 1000) | (T > 1060)
    counted = count_charge(T[keep], np.full(keep.sum(), -2.0), EXACT)
    assert counted.charge_Ah == pytest.approx(-2.0, rel=1e-6)
    assert counted.bridged_Ah == pytest.approx(2 * 60 / 3600, rel=0.02)
    assert counted.bound_Ah >= counted.bridged_Ah
    assert counted.longest_gap_s == pytest.approx(60, abs=0.5)


def test_rows_without_a_current_are_left_out_and_counted() -> None:
    current = np.full(T.size, -2.0)
    current[100:103] = np.nan
    counted = count_charge(T, current, EXACT)
    assert counted.missing_rows == 3
    assert counted.charge_Ah == pytest.approx(-2.0, rel=1e-6)


@pytest.mark.parametrize("times", [[0.0], [0.0, 2.0, 1.0]])
def test_what_cannot_be_counted_raises(times: list[float]) -> None:
    with pytest.raises(ValueError, match=r"counted from|backwards"):
        count_charge(np.array(times), np.ones(len(times)), EXACT)


COUNTED = CountedCharge(-10.0, 0.05, 18_000.0, 90_000, 0, 0.0, 0.0)
GOOD = Discharge(COUNTED, full_before=True, reached_empty=True, interrupted=False, temperature_degC=25.0)


def of(charge_Ah: float) -> Discharge:
    return replace(GOOD, counted=replace(COUNTED, charge_Ah=-charge_Ah))


def test_the_mean_of_the_last_three_that_agree() -> None:
    found = measured_capacity([of(8.0), of(10.0), of(10.1), of(10.2)], 12.0)
    assert isinstance(found, MeasuredCapacity)
    assert (found.capacity_Ah, found.used) == (pytest.approx(10.1), 3)
    assert found.high_Ah - found.capacity_Ah == pytest.approx(0.05 + 0.1)
    assert found.rate_C == pytest.approx(10.1 / 5 / 12)
    assert found.temperature_degC == 25.0


@pytest.mark.parametrize(
    ("discharges", "code"),
    [
        ([], "capacity.no_discharge"),
        ([replace(GOOD, full_before=False)], "capacity.not_full"),
        ([replace(GOOD, reached_empty=False)], "capacity.not_empty"),
        ([GOOD, replace(GOOD, interrupted=True)], "capacity.interrupted"),
        ([replace(GOOD, counted=replace(COUNTED, bridged_Ah=0.2))], "capacity.gaps"),
        ([replace(GOOD, counted=replace(COUNTED, charge_Ah=10.0))], "capacity.no_discharge"),
        ([of(10.0), of(10.4)], "capacity.not_repeatable"),
    ],
)
def test_why_there_is_no_capacity(discharges: list[Discharge], code: str) -> None:
    found = measured_capacity(discharges, 12.0)
    assert isinstance(found, Refusal)
    assert found.code == code
    assert found.text
