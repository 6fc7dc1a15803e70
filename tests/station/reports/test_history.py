"""Earlier results as facts, whatever is left of them."""

from __future__ import annotations

from typing import Any

import pytest

from station.reports.history import earlier_tests

ROW: dict[str, Any] = {
    "run_id": "r",
    "started_utc": "2025-04-01T10:00:00Z",
    "nominal_capacity_Ah": 20.0,
    "simulated": False,
}
SOH = {"estimate": 0.8, "low90": 0.78, "high90": 0.82}
OTHER = {"estimate": 0.7, "low90": 0.6, "high90": 0.8}


def only(result: Any) -> dict[str, Any]:
    (test,) = earlier_tests([{**ROW, "result": result}])
    return test


def test_what_the_pulses_said_counts_and_not_what_was_joined() -> None:
    assert only({"soh": SOH})["soh"] == SOH
    assert only({"soh": OTHER, "history": {"pulse_soh": SOH}})["soh"] == SOH
    abstained = {"soh": None, "abstained": True, "history": {"pulse_soh": None, "soh": OTHER}}
    assert "soh" not in only(abstained)


def test_a_measured_capacity_goes_before_pulses() -> None:
    test = only({"soh": SOH, "measured_soh": 0.81})
    assert (test["soh"]["estimate"], test["method"]) == (0.81, "capacity")


@pytest.mark.parametrize(
    "result",
    [
        {"soh": {"estimate": 2}},
        {"soh": "0.8"},
        {"soh": SOH, "blocks": [{"pulses": [{}]}]},
        {"soh": SOH, "history": {"known": {"bms": {"soh_pct": "x"}}}},
        {"history": 5},
        [],
    ],
)
def test_a_damaged_result_is_one_without_an_estimate(result: Any) -> None:
    test = only(result)
    assert (test["run_id"], "soh" in test) == ("r", False)
