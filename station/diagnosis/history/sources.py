"""Each thing known of the past as a statement on SOH with a width of its own, or why it says none."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from station.diagnosis.decision.days import day_number
from station.diagnosis.decision.parts import Figure
from station.diagnosis.history.ageing import full_cycles, years_of_use
from station.diagnosis.history.facts import YEAR_DAYS, EarlierTest, HistoryFacts
from station.diagnosis.history.rules import HistoryRules

Group = Literal["pulses", "ageing", "bms", "earlier"]
SOH_MAX, SOH_MIN = 1.05, 0.05
"""A prior says nothing outside: an extrapolation past it is no statement."""
HALF90_MAX = 0.5
"""Wider than this says nothing at all."""


@dataclass(frozen=True)
class Source:
    """``soh`` and ``half90`` (90 % half-width) are fractions, None where ``why`` says it is not used.

    ``group``: sources of one group rest on the same assumption and share one vote. ``same_method``: its
    error comes again in today's pulses.
    """

    name: str
    group: Group
    soh: float | None = None
    half90: float | None = None
    why: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    same_method: bool = False
    figures: tuple[Figure, ...] = ()

    @property
    def sigma(self) -> float:
        """Standard deviation of a used source; never zero."""
        assert self.half90 is not None
        return max(self.half90, 1e-3) / 1.645


def sources_of(facts: HistoryFacts, rules: HistoryRules) -> list[Source]:
    """Everything that is known, used or not, in a fixed order."""
    return [
        *_age(facts, rules),
        *_mileage(facts, rules),
        *_cycles(facts, rules),
        *_bms_soh(facts, rules),
        *_refused(facts),
        *(_earlier(test, facts, rules) for test in sorted(facts.earlier, key=lambda one: one.run_id)),
    ]


def _prior(
    name: str,
    fade: float,
    rules: HistoryRules,
    figures: tuple[Figure, ...],
    params: Mapping[str, Any],
    *,
    extra90: float = 0.0,
) -> Source:
    """An SOH of one minus what was lost, the wider the more was lost."""
    ageing = rules.ageing
    half90 = min(ageing.half90_base.value + ageing.half90_per_fade.value * fade + extra90, HALF90_MAX)
    soh = min(max(1.0 - fade, SOH_MIN), SOH_MAX)
    return Source(name, "ageing", soh, half90, params=dict(params), figures=figures)


def _age(facts: HistoryFacts, rules: HistoryRules) -> Iterator[Source]:
    age, intake, ageing = facts.age_years, facts.intake, rules.ageing
    if age is None:
        return
    if age < 0:
        yield Source("age", "ageing", why="made_in_future", params={"years": age})
        return
    stored, used = years_of_use(facts)
    rate = ageing.fade_per_year[intake.use or "unknown"]
    extra = ageing.climate_extra_per_year[intake.climate] if intake.climate else None
    per_year = rate.at(facts.chemistry) + (extra.value if extra else 0.0)
    fade = used * per_year + stored * ageing.storage_fade_per_year.at(facts.chemistry)
    figures = (rate, *([extra] if extra else []), ageing.storage_fade_per_year)
    params = {"years": age, "storage_years": stored, "use": intake.use or "unknown"}
    yield _prior("age", fade, rules, figures if stored else figures[:-1], params)


def _by_use(
    name: str,
    by_use: float,
    rate: Figure,
    facts: HistoryFacts,
    rules: HistoryRules,
    params: Mapping[str, Any],
) -> Source:
    """What use has taken, beside what time alone takes: a battery that is hardly driven ages as well.

    With an unknown age the statement is wider.
    """
    ageing, age = rules.ageing, facts.age_years
    calendar = ageing.storage_fade_per_year
    if age is None or age < 0:
        wider = ageing.half90_age_unknown
        return _prior(name, by_use, rules, (rate, wider), params, extra90=wider.value)
    return _prior(name, by_use + age * calendar.at(facts.chemistry), rules, (rate, calendar), params)


def _mileage(facts: HistoryFacts, rules: HistoryRules) -> Iterator[Source]:
    km = facts.intake.mileage_km
    if km is None:
        km = facts.bms.values.get("odometer_km")
    if km is None:
        return
    use = facts.intake.use or "unknown"
    if use == "storage" and km > 0:
        yield Source("mileage", "ageing", why="storage_never_drives", params={"km": km})
        return
    rate = rules.ageing.fade_per_100000_km[use]
    fade = km / 1e5 * rate.at(facts.chemistry)
    yield _by_use("mileage", fade, rate, facts, rules, {"km": km, "use": use})


def _cycles(facts: HistoryFacts, rules: HistoryRules) -> Iterator[Source]:
    found = full_cycles(facts)
    if found is None:
        if facts.bms.values.get("charge_throughput_Ah") is not None:
            yield Source("throughput", "ageing", why="capacity_unknown")
        return
    cycles, by = found
    rate = rules.ageing.fade_per_full_cycle
    fade = cycles * rate.at(facts.chemistry)
    yield _by_use("throughput", fade, rate, facts, rules, {"full_cycles": cycles, "by": by})


def _bms_soh(facts: HistoryFacts, rules: HistoryRules) -> Iterator[Source]:
    said = facts.bms.values.get("soh_pct")
    if said is not None:
        half90 = rules.bms.soh_half90
        yield Source(
            "bms_soh", "bms", said / 100.0, half90.value, params={"said_pct": said}, figures=(half90,)
        )


def _refused(facts: HistoryFacts) -> Iterator[Source]:
    """Values of the BMS that are no values: told, not used."""
    for name, why in sorted(facts.bms.refused.items()):
        yield Source("bms_soh" if name == "soh_pct" else name, "bms", why=why)


def _earlier(test: EarlierTest, facts: HistoryFacts, rules: HistoryRules) -> Source:
    name = f"earlier:{test.run_id}"
    params: dict[str, Any] = {"day": test.day, "method": test.method}
    why = _why_not(test, facts, rules)
    if why is not None:
        return Source(name, "earlier", why=why, params=params)
    assert test.soh is not None
    earlier = rules.earlier
    years = (day_number(facts.today) - day_number(test.day)) / YEAR_DAYS
    own = (test.soh.high90 - test.soh.low90) / 2.0
    half90 = math.sqrt(own**2 + earlier.half90_extra.value**2 + (years * earlier.half90_per_year.value) ** 2)
    soh = min(max(test.soh.estimate - years * earlier.fade_per_year.value, SOH_MIN), SOH_MAX)
    params |= {"said": test.soh.estimate, "years": years}
    figures = (earlier.fade_per_year, earlier.half90_per_year, earlier.half90_extra)
    return Source(name, "earlier", soh, half90, None, params, test.method == "pulses", figures)


def _why_not(test: EarlierTest, facts: HistoryFacts, rules: HistoryRules) -> str | None:
    if test.soh is None:
        return "no_estimate"
    if test.simulated != facts.simulated:
        return "simulation_differs"
    if day_number(test.day) > day_number(facts.today):
        return "in_future"
    nominal = facts.nominal_capacity_Ah
    if nominal is None:
        return "capacity_unknown"
    if abs(test.nominal_capacity_Ah / nominal - 1.0) > rules.earlier.capacity_tolerance.value:
        return "other_capacity"
    if (test.series_cells or 1) != (facts.series_cells or 1):
        return "other_level"
    return None
