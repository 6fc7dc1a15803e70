"""The rule set and the price table that ship, and a battery of which everything is known."""

from __future__ import annotations

import pytest

from station.diagnosis.decision import Facts, PriceTable, RuleSet, SohInterval
from station.models.rulebook import load_prices, load_rules


@pytest.fixture(scope="session")
def rules() -> RuleSet:
    return load_rules()


@pytest.fixture(scope="session")
def prices() -> PriceTable:
    return load_prices("example")


@pytest.fixture
def good(rules: RuleSet) -> Facts:
    return Facts(
        soh=SohInterval(estimate=0.9, low90=0.88, high90=0.92),
        chemistry="LFP",
        level="cell",
        history="known",
        cleared=tuple(rule.finding for rule in rules.safety),
        quantities={"resistance_growth": 0.1, "self_discharge_per_month": 0.01},
        nominal_capacity_Ah=100.0,
        series_cells=1,
        mass_kg=2.0,
        form="prismatic",
    )
