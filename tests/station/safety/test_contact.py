from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from station.safety import ContactEvidence, ContactResult, evaluate_contact

# 2 A out of a 20 Ah cell with 2.2 mΩ.
GOOD = ContactEvidence(
    command_A=-2.0,
    current_before_A=0.01,
    current_during_A=-1.99,
    voltage_before_V=3.6800,
    voltage_during_V=3.6756,
    terminals_before_V=3.6801,
    terminals_during_V=3.6757,
    resolution_V=0.0001,
    resolution_A=0.001,
)


def judge(**change: Any) -> ContactResult:
    options = {"capacity": 20.0, "series": 1, "needs": True}
    options |= {key: change.pop(key) for key in list(change) if key in options}
    return evaluate_contact(
        replace(GOOD, **change),
        nominal_capacity_Ah=float(options["capacity"]),
        series_cells=int(options["series"]),
        contact_resistance_max_ohm=0.005,
        needs_terminals=bool(options["needs"]),
    )


def bad(result: ContactResult) -> list[str]:
    return [check.rule for check in result.checks if not check.ok]


def test_good_contact() -> None:
    result = judge()
    assert result.ok
    assert result.apparent_resistance_ohm == pytest.approx(0.0022)
    assert result.contact_resistance_ohm == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        ({"current_during_A": 0.01}, ["contact_current"]),
        ({"current_during_A": -0.99}, ["contact_current"]),
        ({"current_during_A": 2.0}, ["contact_current"]),
        # 20 mΩ of lead in the instrument's view only: its sense lead is off.
        ({"voltage_during_V": 3.6356}, ["contact_resistance"]),
        # Both see a step far beyond any 20 Ah cell: 100 mΩ.
        ({"voltage_during_V": 3.48, "terminals_during_V": 3.4801}, ["contact_plausible"]),
        # The voltage rises although charge is taken out.
        ({"voltage_during_V": 3.6900, "terminals_during_V": 3.6901}, ["contact_plausible"]),
        ({"terminals_during_V": None}, ["contact_evidence"]),
        ({"terminals_during_V": None, "needs": False}, []),
    ],
)
def test_what_is_found(change: dict[str, Any], rules: list[str]) -> None:
    assert bad(judge(**change)) == rules


def test_bounds_follow_capacity_and_cells() -> None:
    # 40 mΩ is plausible for 18650-like 2 Ah, not for 20 Ah.
    big = {"voltage_during_V": 3.600, "terminals_during_V": 3.6001}
    assert bad(judge(**big, capacity=20.0)) == ["contact_plausible"]
    assert bad(judge(**big, capacity=2.0)) == []
    assert bad(judge(**big, capacity=20.0, series=6)) == []
