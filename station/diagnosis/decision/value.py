"""Residual value: the better of the best reuse and the best recycling, net, with an interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from station.diagnosis.decision.days import day_number
from station.diagnosis.decision.facts import Facts
from station.diagnosis.decision.grading import Grading
from station.diagnosis.decision.money import Band, band, costs, exactly
from station.diagnosis.decision.price_table import PriceTable, Recycling, ReusePrice
from station.diagnosis.decision.rule_set import RuleSet
from station.diagnosis.decision.uses import UseResult


@dataclass(frozen=True)
class Offer:
    """One use or route. ``net`` is None where ``missing`` names the fact that it needs."""

    kind: Literal["reuse", "recycling"]
    name: str
    net: Band | None
    missing: str | None = None
    conditional: bool = False


@dataclass(frozen=True)
class ValueResult:
    """``better`` is the offer with the highest net value; None while reuse is undecided or nothing is known.

    ``certain``: no other offer's interval reaches above the lower end of the better one.
    ``stale``: the table was older than its own ``max_age_days`` on the day of the decision.
    """

    currency: str
    example: bool
    age_days: int
    stale: bool
    rated_kWh: float | None
    remaining_kWh: Band | None
    offers: tuple[Offer, ...]
    better: Offer | None
    certain: bool
    reason: str | None


def judge_value(
    facts: Facts,
    rules: RuleSet,
    grading: Grading,
    uses: Sequence[UseResult],
    prices: PriceTable,
    decided_on: str,
) -> ValueResult:
    """Price every use that fits (or fits on conditions) and every recycling route of the chemistry."""
    rated_kWh = _rated_kWh(facts, rules)
    remaining = _remaining(facts, rated_kWh)
    status = {use.use: use.status for use in uses}
    offers = [
        _reuse(price, facts, rules, grading, rated_kWh, remaining, status[price.use] == "conditional")
        for price in prices.reuse
        if status.get(price.use) in ("fits", "conditional")
    ]
    offers += [_recycling(route, facts, rated_kWh) for route in prices.recycling if _takes(route, facts)]
    better, certain, reason = _better(offers, grading)
    age_days = day_number(decided_on) - day_number(prices.dated)
    return ValueResult(
        prices.currency,
        prices.example,
        age_days,
        not 0 <= age_days <= prices.max_age_days,
        rated_kWh,
        remaining,
        tuple(offers),
        better,
        certain,
        reason,
    )


def _rated_kWh(facts: Facts, rules: RuleSet) -> float | None:
    """Rated energy: as given, else capacity times the chemistry's nominal voltage times cells in series."""
    if facts.rated_energy_Wh is not None:
        return facts.rated_energy_Wh / 1e3
    figure = rules.nominal_cell_voltage_V.get(facts.chemistry or "")
    if facts.nominal_capacity_Ah is None or facts.series_cells is None or figure is None:
        return None
    return facts.nominal_capacity_Ah * facts.series_cells * figure.value / 1e3


def _remaining(facts: Facts, rated_kWh: float | None) -> Band | None:
    if facts.soh is None or rated_kWh is None:
        return None
    soh = facts.soh
    return Band(max(0.0, soh.low90), max(0.0, soh.estimate), max(0.0, soh.high90)).times(exactly(rated_kWh))


def _reuse(
    price: ReusePrice,
    facts: Facts,
    rules: RuleSet,
    grading: Grading,
    rated_kWh: float | None,
    remaining: Band | None,
    conditional: bool,
) -> Offer:
    if remaining is None:
        return Offer("reuse", price.use, None, "rated_energy_Wh", conditional)
    spent = costs(price.costs, facts, rated_kWh)
    if isinstance(spent, str):
        return Offer("reuse", price.use, None, spent, conditional)
    income = remaining.times(band(price.per_remaining_kWh)).times(_factor(price, rules, grading))
    return Offer("reuse", price.use, income - spent, None, conditional)


def _factor(price: ReusePrice, rules: RuleSet, grading: Grading) -> Band:
    """The factor of the grade, with those of the grades that the SOH interval leaves open."""
    assert grading.index is not None  # only judged batteries have a use that fits
    factors = [price.grade_factor.get(grade.grade, 1.0) for grade in rules.grades]
    ends = factors[min(grading.best, grading.index) : max(grading.worst_by_soh, grading.index) + 1]
    return Band(min(ends), factors[grading.index], max(ends))


def _takes(route: Recycling, facts: Facts) -> bool:
    if facts.chemistry not in route.chemistries:
        return False
    return not route.forms or facts.form in route.forms


def _recycling(route: Recycling, facts: Facts, rated_kWh: float | None) -> Offer:
    if route.per_tonne is not None:
        if facts.mass_kg is None:
            return Offer("recycling", route.route, None, "mass_kg")
        income = band(route.per_tonne).times(exactly(facts.mass_kg / 1e3))
    elif rated_kWh is None:
        return Offer("recycling", route.route, None, "rated_energy_Wh")
    elif route.per_rated_kWh is not None:
        income = band(route.per_rated_kWh).times(exactly(rated_kWh))
    else:
        income = exactly(0.0)
        for _, metal in sorted(route.metals.items()):  # one order, one rounding
            paid_kg = rated_kWh * metal.kg_per_rated_kWh * metal.paid_share
            income += band(metal.price_per_kg).times(exactly(paid_kg))
    spent = costs(route.costs, facts, rated_kWh)
    if isinstance(spent, str):
        return Offer("recycling", route.route, None, spent)
    return Offer("recycling", route.route, income - spent)


def _better(offers: Sequence[Offer], grading: Grading) -> tuple[Offer | None, bool, str | None]:
    """The best offer, whether that is certain, and why there is none."""
    if grading.verdict == "no_verdict":
        return None, False, "no_verdict"
    priced = [(offer, offer.net) for offer in offers if offer.net is not None]
    if not priced:
        return None, False, "missing_facts" if offers else "no_offer"
    best, net = max(priced, key=lambda pair: pair[1].value)
    others = [band.high for offer, band in priced if offer is not best]
    unpriced = any(offer.net is None for offer in offers)
    return best, not unpriced and not best.conditional and all(high <= net.low for high in others), None
