"""Residual value."""

from __future__ import annotations

from typing import Any

import pytest

from station.diagnosis.decision import Facts, PriceTable, RuleSet, SohInterval, evaluate
from station.diagnosis.decision.value import ValueResult

QUOTED = {"evidence": "quotation", "source": "buyer X, offer 17"}


def price(value: float, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    return {"value": value, "low": low, "high": high, **QUOTED}


def table(**parts: Any) -> PriceTable:
    head = {
        "format": "pulse-station/prices/1",
        "name": "own",
        "version": "1",
        "example": False,
        "dated": "2026-11-20",
        "max_age_days": 30,
        "currency": "CNY",
    }
    return PriceTable.model_validate({**head, **parts})


def value(facts: Facts, rules: RuleSet, prices: PriceTable, day: str = "2026-11-27") -> ValueResult:
    found = evaluate(facts, rules, prices, decided_on=day).value
    assert found is not None
    return found


STORAGE = {
    "use": "energy_storage",
    "per_remaining_kWh": price(400, 300, 500),
    "grade_factor": {"A": 1.0, "B": 0.5},
    "costs": {"per_rated_kWh": price(50, 40, 60), "per_kg": price(2), "per_battery": price(3)},
}
SCRAP = {
    "route": "scrap",
    "title": {"zh": "废料", "en": "scrap"},
    "chemistries": ["LFP"],
    "per_tonne": price(8000),
    "costs": {"per_kg": price(1)},
}


def test_reuse_is_remaining_energy_times_price_times_factor_minus_costs(good: Facts, rules: RuleSet) -> None:
    # 100 Ah x 3.2 V = 0.32 kWh; SOH 0.88 / 0.9 / 0.92, all grade A.
    found = value(good, rules, table(reuse=[STORAGE], recycling=[SCRAP]))
    assert found.rated_kWh == pytest.approx(0.32)
    reuse, scrap = found.offers
    assert reuse.net is not None
    assert reuse.net.value == pytest.approx(0.32 * 0.9 * 400 - (0.32 * 50 + 2 * 2 + 3))
    assert reuse.net.low == pytest.approx(0.32 * 0.88 * 300 - (0.32 * 60 + 2 * 2 + 3))
    assert reuse.net.high == pytest.approx(0.32 * 0.92 * 500 - (0.32 * 40 + 2 * 2 + 3))
    assert scrap.net is not None
    assert scrap.net.value == pytest.approx(2 / 1000 * 8000 - 2)
    assert found.better == reuse
    assert found.certain
    assert (found.stale, found.age_days, found.example) == (False, 7, False)


def test_an_interval_over_two_grades_widens_the_value(good: Facts, rules: RuleSet) -> None:
    facts = good.model_copy(update={"soh": SohInterval(estimate=0.81, low90=0.78, high90=0.84)})
    (offer,) = value(facts, rules, table(reuse=[STORAGE])).offers
    assert offer.net is not None
    # The lower end is grade B, which this buyer pays half for.
    assert offer.net.low == pytest.approx(0.32 * 0.78 * 300 * 0.5 - (0.32 * 60 + 7))


def test_recycling_wins_where_it_pays_more_and_certainty_is_told(good: Facts, rules: RuleSet) -> None:
    dear = {**SCRAP, "per_tonne": price(60_000, 30_000, 90_000)}
    found = value(good, rules, table(reuse=[STORAGE], recycling=[dear]))
    assert found.better is not None
    assert found.better.kind == "recycling"
    assert not found.certain  # the intervals overlap


def test_metal_is_paid_on_rated_energy(good: Facts, rules: RuleSet) -> None:
    metal = {"kg_per_rated_kWh": 0.086, "paid_share": 0.5, "price_per_kg": price(300), **QUOTED}
    route = {**SCRAP, "per_tonne": None, "metals": {"Li": metal}, "costs": {}}
    old = good.model_copy(update={"soh": SohInterval(estimate=0.4, low90=0.38, high90=0.42)})
    for facts in (good, old):
        (offer,) = value(facts, rules, table(recycling=[route])).offers
        assert offer.net is not None
        assert offer.net.value == pytest.approx(0.32 * 0.086 * 0.5 * 300)


def test_what_is_missing_is_named_and_never_guessed(good: Facts, rules: RuleSet) -> None:
    no_mass = good.model_copy(update={"mass_kg": None})
    found = value(no_mass, rules, table(reuse=[STORAGE], recycling=[SCRAP]))
    assert [offer.missing for offer in found.offers] == ["mass_kg", "mass_kg"]
    assert (found.better, found.reason) == (None, "missing_facts")
    no_energy = good.model_copy(update={"nominal_capacity_Ah": None})
    found = value(no_energy, rules, table(reuse=[STORAGE], recycling=[SCRAP]))
    assert [offer.missing for offer in found.offers] == ["rated_energy_Wh", None]
    assert not found.certain


def test_without_a_verdict_nothing_is_called_better(good: Facts, rules: RuleSet) -> None:
    found = value(good.model_copy(update={"soh": None}), rules, table(reuse=[STORAGE], recycling=[SCRAP]))
    assert [offer.kind for offer in found.offers] == ["recycling"]
    assert (found.better, found.reason) == (None, "no_verdict")


@pytest.mark.parametrize(
    ("day", "stale"), [("2026-12-20", False), ("2026-12-21", True), ("2026-11-19", True)]
)
def test_old_and_future_prices_are_told(good: Facts, rules: RuleSet, day: str, stale: bool) -> None:
    assert value(good, rules, table(recycling=[SCRAP]), day).stale is stale


def test_the_example_is_marked_as_nobodys_prices(prices: PriceTable, good: Facts, rules: RuleSet) -> None:
    assert value(good, rules, prices).example
    figures = [entry.per_remaining_kWh for entry in prices.reuse]
    assert {figure.evidence for figure in figures} == {"example"}
    assert all("made up" in figure.source for figure in figures)
    printed = [route.per_tonne for route in prices.recycling if route.per_tonne is not None]
    assert {(figure.evidence, figure.dated) for figure in printed} == {("weak_source", "2025-09-15")}
