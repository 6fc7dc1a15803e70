"""The join: weights that are told, widths that history cannot buy, abstentions that stay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.diagnosis.history import HistoryRules, judge_history
from tests.station.history.conftest import earlier, facts


def outcome(rules: HistoryRules, *args: Any, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = judge_history(facts(*args, **more), rules)["outcome"]
    return found


def weight(found: dict[str, Any], name: str) -> float:
    return float(next(one["weight"] for one in found["sources"] if one["name"] == name))


def width(soh: dict[str, float]) -> float:
    return soh["high90"] - soh["low90"]


def test_without_a_past_the_pulses_stand_as_they_are(rules: HistoryRules) -> None:
    found = outcome(rules)
    assert found["soh"] == pytest.approx({"estimate": 0.83, "low90": 0.80, "high90": 0.86})
    assert (found["basis"], found["confidence"], found["factor"]) == ("pulses", "pulses_alone", 1.0)
    assert weight(found, "pulses") == 1.0


def test_a_past_that_agrees_narrows_and_pulls_by_its_precision(rules: HistoryRules) -> None:
    found = outcome(rules, 0.83, 0.05, bms={"soh_pct": 88})
    # Precisions by hand: 1/0.05² and 1/0.10², in units that cancel.
    share = (1 / 0.10**2) / (1 / 0.10**2 + 1 / 0.05**2)
    assert weight(found, "bms_soh") == pytest.approx(share)
    assert found["soh"]["estimate"] == pytest.approx(0.83 + share * 0.05)
    assert found["soh"]["high90"] == pytest.approx(0.83 + share * 0.05 + 0.05 * (1 - share) ** 0.5)
    # The end that it pulls away from moves in by a fifth of the half-width and no further.
    assert found["soh"]["low90"] == pytest.approx(0.78 + 0.2 * 0.05)
    assert found["confidence"] == "supported"


def test_sources_on_one_assumption_share_one_vote(rules: HistoryRules) -> None:
    alone = outcome(rules, intake={"age_years": 5, "use": "private"})
    both = outcome(rules, intake={"age_years": 5, "use": "private", "mileage_km": 70_000})
    assert weight(both, "age") < weight(alone, "age")
    # Two independent statements of about the same width would weigh twice as much as one.
    assert weight(both, "age") + weight(both, "mileage") < 1.1 * weight(alone, "age")


def test_earlier_pulses_share_todays_error_and_buy_no_width(rules: HistoryRules) -> None:
    found = outcome(rules, 0.83, 0.03, earlier=[earlier(0.84)])
    assert weight(found, "earlier:run-2026-01-01") > 0.1
    assert found["factor"] >= 1.0
    measured = outcome(rules, 0.83, 0.03, earlier=[earlier(0.84, method="capacity")])
    assert measured["factor"] < 1.0


def test_history_only_is_named_and_wide(rules: HistoryRules) -> None:
    found = outcome(rules, None, bms={"soh_pct": 88}, intake={"age_years": 4})
    assert (found["basis"], found["confidence"]) == ("history_only", "history_only")
    assert found["pulse_soh"] is None
    assert width(found["soh"]) >= 2 * rules.joining.history_only_half90_min.value
    assert sum(one["weight"] for one in found["sources"]) == pytest.approx(1.0)


def test_nothing_known_is_nothing(rules: HistoryRules) -> None:
    found = outcome(rules, None)
    assert (found["basis"], found["confidence"], found["soh"]) == ("none", "none", None)


intakes = st.fixed_dictionaries(
    {},
    optional={
        "age_years": st.floats(0, 20),
        "mileage_km": st.floats(0, 600_000),
        "use": st.sampled_from(["private", "taxi", "bus", "storage"]),
        "climate": st.sampled_from(["temperate", "hot", "cold"]),
    },
)
signals = st.fixed_dictionaries(
    {},
    optional={
        "soh_pct": st.none() | st.floats() | st.integers(-5, 300),
        "cycle_count": st.none() | st.floats() | st.integers(0, 70_000),
        "charge_throughput_Ah": st.floats(),
        "faults": st.lists(st.text(max_size=5), max_size=3),
    },
)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], deadline=None)
@given(
    estimate=st.none() | st.floats(0.4, 1.05),
    half90=st.floats(0.0, 0.2),
    bms=signals,
    intake=intakes,
    before=st.lists(st.floats(0.3, 1.1), max_size=3),
)
def test_the_past_never_goes_further_than_the_rules_say(
    rules: HistoryRules,
    estimate: float | None,
    half90: float,
    bms: dict[str, Any],
    intake: dict[str, Any],
    before: list[float],
) -> None:
    tests = [earlier(value, f"2025-0{number + 1}-01") for number, value in enumerate(before)]
    found = outcome(rules, estimate, half90, bms=bms, intake=intake, earlier=tests)
    assert (found["basis"] == "pulses") == (estimate is not None)
    joined = found["soh"]
    if joined is None:
        return
    assert sum(one["weight"] for one in found["sources"]) == pytest.approx(1.0)
    assert joined["low90"] <= joined["estimate"] <= joined["high90"]
    assert all(one["weight"] == 0 for one in found["sources"] if one["why"] is not None)
    if estimate is None:
        return
    least = (
        1.0 if any(one["widening"] for one in found["contradictions"]) else 1 - rules.joining.narrow_max.value
    )
    assert found["factor"] >= least - 1e-9
    most = rules.joining.narrow_max.value * half90 + 1e-9
    assert joined["low90"] <= max(0.0, estimate - half90 + most)
    assert joined["high90"] >= estimate + half90 - most
    assert weight(found, "pulses") >= 1 - rules.joining.weight_max.value - 1e-12


def covered(rules: HistoryRules, sigma: float, said_by_bms: Any) -> tuple[float, float, float]:
    """Shares of 400 batteries whose true SOH lies in the interval, and the mean width over that of pulses."""
    draw = np.random.default_rng(7)
    inside, alone, factors = 0, 0, []
    for _ in range(400):
        true = draw.uniform(0.65, 0.95)
        estimate = true + draw.normal(0, sigma)
        found = outcome(rules, estimate, 1.645 * sigma, bms={"soh_pct": said_by_bms(true, draw)})
        inside += found["soh"]["low90"] <= true <= found["soh"]["high90"]
        alone += abs(estimate - true) <= 1.645 * sigma
        factors.append(found["factor"])
    return inside / 400, alone / 400, float(np.mean(factors))


@pytest.mark.parametrize("sigma", [0.02, 0.04])
def test_a_bms_that_always_says_100_costs_no_coverage(rules: HistoryRules, sigma: float) -> None:
    joined, alone, _ = covered(rules, sigma, lambda _true, _draw: 100)
    assert joined >= alone - 0.01


def test_a_bms_as_good_as_its_figure_narrows_and_keeps_coverage(rules: HistoryRules) -> None:
    joined, alone, factor = covered(
        rules, 0.04, lambda true, draw: 100 * min(1.0, true + draw.normal(0, 0.06))
    )
    assert joined >= alone - 0.01
    assert factor < 1.0
