"""What does not fit together, by name. Nothing here is averaged away."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from station.diagnosis.decision.days import day_number
from station.diagnosis.decision.facts import SohInterval
from station.diagnosis.history.facts import YEAR_DAYS, EarlierTest, HistoryFacts, whole_day
from station.diagnosis.history.names import COUNTERS
from station.diagnosis.history.read_bms import same_chemistry
from station.diagnosis.history.rules import ContradictionName, HistoryRules
from station.diagnosis.history.sources import Source

_CONFIRMED_LETTERS = ("B", "E")
"""What these type letters stand for is confirmed by real labels; the others are not verified."""


@dataclass(frozen=True)
class Contradiction:
    """``source`` is the source that it takes the weight from, if any."""

    name: ContradictionName
    params: dict[str, Any] = field(default_factory=dict)
    source: str | None = None


def contradictions_of(
    facts: HistoryFacts, sources: Sequence[Source], rules: HistoryRules
) -> list[Contradiction]:
    """All of them, in a fixed order."""
    found = [
        *_rises(facts, sources, rules),
        *_chemistry(facts),
        *_counters(facts, sources, rules),
        *_mileage(facts, sources, rules),
        *_label(facts, rules),
        *_abuse(facts, rules),
    ]
    # What is doubted already is not told a second time for what it says.
    told = {one.source for one in found}
    return [*found, *_outside(facts.soh, [one for one in sources if one.name not in told], rules)]


def _comparable(facts: HistoryFacts, sources: Sequence[Source]) -> list[EarlierTest]:
    """Earlier tests of what is taken for the same battery, oldest first.

    One without an SOH has counters all the same.
    """
    refused = {one.name for one in sources if one.why not in (None, "no_estimate")}
    tests = [test for test in facts.earlier if f"earlier:{test.run_id}" not in refused]
    return sorted(tests, key=lambda test: (test.day, test.run_id))


def _rises(facts: HistoryFacts, sources: Sequence[Source], rules: HistoryRules) -> Iterator[Contradiction]:
    """Capacity does not come back: an SOH that rose, or a resistance that fell, was not the same battery,
    not the same condition, or a measurement that failed."""
    said = facts.bms.values.get("soh_pct")
    for test in _comparable(facts, sources):
        params = {"run_id": test.run_id, "day": test.day}
        if facts.soh and test.soh and facts.soh.estimate - test.soh.estimate > rules.earlier.rise_max.value:
            rise = {"before": test.soh.estimate, "now": facts.soh.estimate}
            yield Contradiction("soh_rose", params | rise, f"earlier:{test.run_id}")
        before = test.bms.get("soh_pct")
        if said is not None and before is not None and (said - before) / 100 > rules.earlier.rise_max.value:
            yield Contradiction(
                "bms_soh_rose", params | {"before": before / 100, "now": said / 100}, "bms_soh"
            )
        fall = rules.earlier.resistance_fall_max.value
        now, then = facts.resistance_mohm, test.resistance_mohm
        if now and then and now < then * (1.0 - fall):
            yield Contradiction("resistance_fell", params | {"before": then, "now": now})


def _outside(
    pulses: SohInterval | None, sources: Sequence[Source], rules: HistoryRules
) -> Iterator[Contradiction]:
    used = [one for one in sources if one.why is None]
    k = rules.joining.k_sigma.value
    if pulses is None:
        for one, other in combinations(used, 2):
            assert one.soh is not None
            assert other.soh is not None
            if abs(one.soh - other.soh) > k * math.hypot(one.sigma, other.sigma):
                params = {"one": one.name, "other": other.name, "one_soh": one.soh, "other_soh": other.soh}
                yield Contradiction("sources_disagree", params)
        return
    sigma = (pulses.high90 - pulses.low90) / (2 * 1.645)
    for one in used:
        assert one.soh is not None
        if abs(one.soh - pulses.estimate) > k * math.hypot(one.sigma, sigma):
            yield Contradiction(
                "source_outside", {"one": one.name, "said": one.soh, "now": pulses.estimate}, one.name
            )


def _chemistry(facts: HistoryFacts) -> Iterator[Contradiction]:
    """Code letter, BMS, papers and pulses: each is a hint, and every two that differ are told."""
    said = [
        ("pulses", same_chemistry(facts.pulse_chemistry)),
        ("given", same_chemistry(facts.given_chemistry or facts.intake.chemistry)),
        ("bms", same_chemistry(facts.bms.chemistry)),
        ("letter", same_chemistry(facts.letter_chemistry)),
    ]
    known = [(by, name) for by, name in said if name is not None]
    for (by, one), (other_by, other) in combinations(known, 2):
        if one == other or _only_not_lfp(one, other):
            continue
        params = {"by": by, "one": one, "other_by": other_by, "other": other}
        doubtful = "letter" in (by, other_by) and facts.letter not in _CONFIRMED_LETTERS
        yield Contradiction("chemistry_letter_differs" if doubtful else "chemistry_differs", params)


def _only_not_lfp(one: str, other: str) -> bool:
    """``not-LFP`` agrees with everything but LFP."""
    return "not-LFP" in (one, other) and "LFP" not in (one, other)


def _counters(facts: HistoryFacts, sources: Sequence[Source], rules: HistoryRules) -> Iterator[Contradiction]:
    now, most = facts.bms.values, rules.bms.counters_ratio_max.value
    for test in _comparable(facts, sources):
        for name in COUNTERS:
            if name in now and now[name] < test.bms.get(name, -math.inf):
                params = {"counter": name, "before": test.bms[name], "now": now[name], "day": test.day}
                yield Contradiction("counter_backwards", params, _speaks_in(name, facts))
    pairs = [("charge_throughput_Ah", "discharge_throughput_Ah", 1.0)]
    if facts.nominal_capacity_Ah is not None:
        pairs.append(("charge_throughput_Ah", "cycle_count", facts.nominal_capacity_Ah))
    for one, other, scale in pairs:
        if one in now and other in now and not _alike(now[one], now[other] * scale, most):
            params = {"counter": one, "other": other, "now": now[one], "said": now[other]}
            yield Contradiction("counters_disagree", params)


def _speaks_in(counter: str, facts: HistoryFacts) -> str | None:
    """The source that a counter speaks in, if any."""
    if counter == "odometer_km":
        return "mileage" if facts.intake.mileage_km is None else None
    return (
        "throughput"
        if counter in ("cycle_count", "charge_throughput_Ah", "discharge_throughput_Ah")
        else None
    )


def _alike(one: float, other: float, most: float) -> bool:
    low, high = sorted((one, other))
    return high == 0 or (low > 0 and high / low <= most)


def _mileage(facts: HistoryFacts, sources: Sequence[Source], rules: HistoryRules) -> Iterator[Contradiction]:
    km, age = facts.intake.mileage_km, facts.age_years
    if km is None:
        return
    for test in _comparable(facts, sources):
        if test.mileage_km is not None and km < test.mileage_km:
            yield Contradiction(
                "mileage_backwards", {"before": test.mileage_km, "now": km, "day": test.day}, "mileage"
            )
    most = rules.ageing.km_per_year_max[facts.intake.use or "unknown"].value
    # The first months of a car may hold a long journey.
    if age is not None and age >= 0 and km > most * max(age, 0.25):
        yield Contradiction("mileage_implausible", {"now": km, "years": age, "limit": most}, "mileage")


def _label(facts: HistoryFacts, rules: HistoryRules) -> Iterator[Contradiction]:
    nominal = facts.nominal_capacity_Ah
    printed = (
        ("printed", facts.intake.printed_capacity_Ah),
        ("bms", facts.bms.values.get("nominal_capacity_Ah")),
    )
    for by, value in printed:
        if nominal and value and abs(value / nominal - 1.0) > rules.capacity_tolerance.value:
            yield Contradiction("capacity_differs", {"by": by, "said": value, "nominal": nominal})
    given, coded = facts.intake.made_on, facts.made_on
    if given is not None and coded is not None:
        days = abs(day_number(whole_day(given)) - day_number(whole_day(coded)))
        if days > rules.date_tolerance_days.value:
            yield Contradiction("date_differs", {"given": given, "code": coded, "days": days})
    years = facts.intake.age_years
    if years is not None and coded is not None:
        apart = abs(day_number(facts.today) - day_number(whole_day(coded)) - years * YEAR_DAYS)
        # People tell whole years.
        if apart > rules.date_tolerance_days.value + YEAR_DAYS:
            yield Contradiction("date_differs", {"given": f"{years:g} a", "code": coded, "days": apart})


def _abuse(facts: HistoryFacts, rules: HistoryRules) -> Iterator[Contradiction]:
    """What no rule of ageing knows: beyond its limits, or with faults, a battery ages in its own way."""
    values, chemistry = facts.bms.values, facts.chemistry
    for name, figure, sign in (
        ("cell_voltage_max_ever_V", rules.bms.cell_max_V, 1.0),
        ("cell_voltage_min_ever_V", rules.bms.cell_min_V, -1.0),
    ):
        limit = figure.by_chemistry.get(chemistry or "", figure.value)
        if name in values and sign * (values[name] - limit) > 0:
            yield Contradiction("cell_voltage_extreme", {"what": name, "now": values[name], "limit": limit})
    if len(facts.bms.faults) > rules.bms.faults_limit.value:
        yield Contradiction("bms_faults", {"faults": list(facts.bms.faults)})
